"""Whether a git work tree can take a migration, and where that lies until it does."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fedtranslate.errors import MigrationError
from fedtranslate.migration.delivery.git import Git, quoted
from fedtranslate.migration.delivery.record import Record, read_record
from fedtranslate.migration.delivery.writing import file_digest
from fedtranslate.migration.scratch import scratch_name

_FOLDER = "fedtranslate"
_UNDER_WAY = {
    "rebase-merge": ("a rebase", "git rebase --continue or git rebase --abort"),
    "rebase-apply": ("a rebase", "git rebase --continue or git rebase --abort"),
    "MERGE_HEAD": ("a merge", "git merge --continue or git merge --abort"),
    "CHERRY_PICK_HEAD": ("a cherry-pick", "git cherry-pick --continue or --abort"),
    "REVERT_HEAD": ("a revert", "git revert --continue or --abort"),
    "BISECT_LOG": ("a bisection", "git bisect reset"),
}
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Dirt:
    """A path that is other than in the last commit."""

    status: str
    """Two letters, as ``git status --porcelain`` gives them."""
    path: str
    """Relative to the top of the work tree."""


def check_work_tree(repository: Path) -> None:
    """Make sure that ``repository`` takes commits, and that no work of people is in the way.

    What a delivery that was killed has left behind is not in the way: the next one undoes it.

    Args:
        repository: The top of a git work tree, or a folder in it.

    Raises:
        MigrationError: It is not so; the error says what to do.
    """
    git = work_tree(repository)
    _refuse_operations(git)
    head_branch(git)
    if git.ask("rev-parse", "--quiet", "--verify", "HEAD^{commit}").code != 0:
        raise MigrationError(f"{repository} has no commit yet.", hint="Commit your files first.")
    prefix = git.run("rev-parse", "--show-prefix").line
    if prefix and git.ask("check-ignore", "--quiet", ".").code == 0:
        raise MigrationError(
            f"git ignores {repository}.", hint="Name a folder that it tracks, or use --out."
        )
    _refuse_without_identity(git)
    ours = {dirt.path for dirt in half_done(git)}
    others = [dirt for dirt in dirty(git) if dirt.path not in ours]
    if others:
        raise _unclean(git, others)


def migration_folder(repository: Path) -> Path:
    """Return where the output of a migration in place lies: in the git folder, out of sight.

    Each folder of a work tree has its own.

    Raises:
        MigrationError: ``repository`` is in no git work tree.
    """
    git = work_tree(repository)
    prefix = git.run("rev-parse", "--show-prefix").line
    own = f"-{hashlib.sha256(prefix.encode('utf-8', 'surrogateescape')).hexdigest()[:12]}"
    name = _FOLDER + (own if prefix else "")
    return (git.folder / git.run("rev-parse", "--git-path", name).line).resolve()


def delivery_under_way(repository: Path) -> str:
    """Return the branch of a delivery that has begun and not ended; "" where there is none.

    It must be ended before the migration is planned anew, since the work tree is half migrated.
    """
    record = read_record(work_tree(repository))
    return "" if record is None else record.branch


def work_tree(repository: Path) -> Git:
    """Return git in ``repository``.

    Raises:
        MigrationError: It is in no work tree.
    """
    if not repository.is_dir():
        raise MigrationError(f"There is no folder {repository}.")
    git = Git(repository)
    answer = git.ask("rev-parse", "--is-inside-work-tree")
    if answer.code == 0 and answer.line == "true":
        return git
    told = answer.words or "it has no files of its own, such as a bare repository"
    raise MigrationError(
        f"{repository} is no git work tree: {told}\n",
        hint="Give a folder in a git work tree, or leave --in-place out and give --out.",
    )


def head_branch(git: Git) -> str:
    """Return the branch that HEAD is on.

    Raises:
        MigrationError: It is on none.
    """
    answer = git.ask("symbolic-ref", "--quiet", "HEAD")
    if answer.code != 0:
        raise MigrationError(
            f"HEAD of {git.folder} is detached: it is on no branch.",
            hint="Run git switch BRANCH, or git switch -c NAME to make one here.",
        )
    return answer.line.removeprefix("refs/heads/")


def dirty(git: Git) -> list[Dirt]:
    """Return what is not as in the last commit, untracked files among it."""
    words = ("status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames")
    return [Dirt(name[:2], name[3:]) for name in git.run(*words).names]


def half_done(git: Git) -> list[Dirt]:
    """Return what a delivery that was killed has left in the work tree, and nobody has changed."""
    record = read_record(git)
    if record is None or head_branch(git) != record.branch:
        return []
    top = Path(git.run("rev-parse", "--show-toplevel").line)
    scratch = set(_scratch_paths(record))
    return [
        dirt
        for dirt in dirty(git)
        if dirt.path in scratch or _is_ours(record.files.get(dirt.path), top / dirt.path)
    ]


def _is_ours(digest: str | None, place: Path) -> bool:
    return bool(digest) and not place.is_symlink() and file_digest(place) == digest


def _scratch_paths(record: Record) -> Iterator[str]:
    for path in record.files:
        name = PurePosixPath(path)
        yield str(name.with_name(scratch_name(name.name)))


def _refuse_operations(git: Git) -> None:
    for name, (what, how) in _UNDER_WAY.items():
        if (git.folder / git.run("rev-parse", "--git-path", name).line).exists():
            raise MigrationError(
                f"{what.capitalize()} is under way in {git.folder}.", f"End it: {how}."
            )


def _refuse_without_identity(git: Git) -> None:
    for who in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
        answer = git.ask("-c", "user.useConfigOnly=true", "var", who)
        if answer.code != 0:
            raise MigrationError(
                f"git does not know who commits in {git.folder}.",
                hint="Run git config user.name NAME and git config user.email ADDRESS.",
            )


def _unclean(git: Git, others: list[Dirt]) -> MigrationError:
    modules = submodules(git)
    named = [
        f"{'submodule ' if dirt.path in modules else ''}{quoted(dirt.path)}"
        for dirt in others[:_SHOWN]
    ]
    more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
    return MigrationError(
        f"The work tree of {git.folder} is not clean: {', '.join(named)}{more}.",
        hint="Commit or stash what is changed (git stash --include-untracked), then run again.",
    )


def submodules(git: Git) -> set[str]:
    """Return the paths of submodules, relative to the top of the work tree."""
    listing = git.run("ls-files", "--stage", "-z", "--full-name", "--", ":/")
    return {
        path
        for mode, _, path in (entry.partition("\t") for entry in listing.names)
        if mode.startswith("160000 ")
    }
