"""Deliver a finished migration from its journal: in place, as a branch, or as a patch."""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Literal

from fedtranslate.checks.project import check_project
from fedtranslate.errors import CheckError
from fedtranslate.migration.delivery.branch import Check, Delivered, deliver
from fedtranslate.migration.delivery.message import Wording
from fedtranslate.migration.delivery.patch import Patched, write_patch
from fedtranslate.migration.delivery.shards import Shard, shards
from fedtranslate.migration.delivery.writing import file_digest
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.plan import DELIVERED
from fedtranslate.migration.scan import CODE, RESOURCE
from fedtranslate.migration.settings import MigrationSettings
from fedtranslate.migration.states import FileState
from fedtranslate.records import CompileState

CHANGED = "its source has changed since it was migrated; migrate again"


def deliver_in_place(
    journal: Journal,
    settings: MigrationSettings,
    *,
    branch: str,
    shard_by: Literal["package", "size"] = "package",
    shard_size: int = 400,
    build: bool = True,
    say: Callable[[str], None] = lambda _: None,
) -> Delivered:
    """Commit a finished migration to a new branch of its repository, and check that out.

    Files of people are never overwritten: within one language only what is as it was when it was
    migrated, else only what an earlier delivery wrote and nobody has changed.

    Args:
        journal: Open to write.
        settings: What was asked for.
        branch: Its name.
        shard_by: How commits are cut.
        shard_size: Most changed lines, by size.
        build: Whether each commit is built; it is not where the target as a whole does not build.
        say: Told what happens, in sentences.

    Raises:
        MigrationError: As of ``deliver``.
        ConfigError: As of ``shards``.
    """
    cut = shards(journal, shard_by, shard_size)
    return deliver(
        settings.repository,
        settings.out,
        cut,
        branch,
        check=_check(journal, settings, say) if build else None,
        replaces=_replaces(journal, settings, cut),
        describe=Wording(journal, settings),
        say=say,
    )


def write_patch_of(journal: Journal, settings: MigrationSettings, path: Path) -> Patched:
    """Write what a finished migration changes in its repository as one patch.

    Raises:
        MigrationError: As of ``write_patch``.
    """
    names, left_out = [], []
    for file in journal.files("state != ?", (FileState.FAILED,)):
        if file.role == RESOURCE and file.target == file.path:
            continue
        now = file_digest(settings.repository / file.target)
        if settings.is_edit and now not in (file.hash, file_digest(settings.out / file.target)):
            left_out.append((file.target, CHANGED))
            continue
        names.append(file.target)
    patched = write_patch(settings.repository, settings.out, names, path)
    return Patched(patched.files, tuple(sorted((*patched.left_out, *left_out))))


def _replaces(
    journal: Journal, settings: MigrationSettings, cut: Sequence[Shard]
) -> Mapping[str, Collection[str]]:
    """Return which contents each file may take the place of."""
    if settings.is_edit:
        return {file.target: {file.hash} for file in journal.files("role = ?", (CODE,))}
    known: dict[str, list[str]] = journal.fact(DELIVERED) or {}
    before = {path: {"", *digests} for path, digests in known.items()}
    # Noted before anything is written: after a crash nobody takes our own file for another's.
    for path in (path for shard in cut for path in shard.files):
        digest = file_digest(settings.out / path)
        if digest and digest not in known.setdefault(path, []):
            known[path].append(digest)
    journal.note({DELIVERED: known})
    return before


def _check(
    journal: Journal, settings: MigrationSettings, say: Callable[[str], None]
) -> Check | None:
    """Return what builds a commit; None where building tells nothing."""
    whole = journal.fact("whole")
    if whole is None or whole["build"]["state"] != CompileState.COMPILED:
        say("Commits are not built one by one, since the target as a whole does not build here.")
        return None
    told: set[str] = set()

    def check(folder: Path) -> str:
        try:
            verdict = check_project(
                folder, settings.target, class_path=settings.class_path, jobs=settings.jobs
            )
        except CheckError as error:
            return str(error)
        if verdict.state is CompileState.COMPILED:
            return ""
        if verdict.state is CompileState.NOT_CHECKED:
            if verdict.reason not in told:
                say(f"Whether commits build is not known: {verdict.reason}")
            told.add(verdict.reason)
            return ""
        first = next(iter(verdict.problems), None)
        where = f"{first.path}:{first.problem.line}: {first.problem.message}" if first else ""
        return where or verdict.state.value

    return check
