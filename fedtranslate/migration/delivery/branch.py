"""Commit a finished migration to a new branch, shard by shard, in the work tree of people.

What is committed is found again by a line at the end of each commit's message, so a delivery that
was killed goes on with the first shard that has no commit.  Nothing but the files of the migration
is ever added, and no other branch is touched.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from fedtranslate.errors import MigrationError
from fedtranslate.migration.delivery.git import quoted
from fedtranslate.migration.delivery.obstacles import obstacles
from fedtranslate.migration.delivery.record import (
    Record,
    forget_record,
    read_record,
    write_record,
)
from fedtranslate.migration.delivery.shards import Shard
from fedtranslate.migration.delivery.undoing import undo
from fedtranslate.migration.delivery.worktree import (
    check_work_tree,
    half_done,
    head_branch,
    work_tree,
)
from fedtranslate.migration.delivery.writing import file_digest, put, refused

Check: TypeAlias = Callable[[Path], str]
"""Builds a folder; returns why it does not build, "" when it does."""
Describe: TypeAlias = Callable[[Sequence[Shard], Collection[str]], str]
"""Returns the message of a commit, from the shards in it and the paths that it changes."""

TRAILER = "Fedtranslate-Shard"
_TRAILER_LINE = re.compile(rf"^{TRAILER}: \d+/\d+ ([0-9a-f]{{64}})$", re.MULTILINE)
_NEW = frozenset({""})


@dataclass(frozen=True, slots=True)
class Delivered:
    """What came of a delivery."""

    branch: str
    shards: int
    """How many there are, those that were committed before among them."""
    commits: tuple[str, ...] = ()
    """Made by this call, the first first."""
    left_out: tuple[tuple[str, str], ...] = ()
    """Files that were not delivered, and why."""
    unbuilt: str = ""
    """Why the last commit does not build; empty when it does, or nothing was built."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A shard, with what makes it this one."""

    shard: Shard
    number: int
    digests: Mapping[str, str]
    """SHA-256 of each file as it will be; "" where the output has none."""

    @property
    def hash(self) -> str:
        """Return what its commit is known by."""
        text = "".join(f"{path}\0{self.digests[path]}\0" for path in sorted(self.digests))
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def files_of(shards: Sequence[Shard], _: Collection[str]) -> str:
    """Return a message that names shards alone."""
    return "Migrate " + ", ".join(quoted(shard.name) for shard in shards)


def deliver(
    repository: Path,
    out_tree: Path,
    shards: Sequence[Shard],
    branch: str,
    *,
    check: Check | None = None,
    replaces: Mapping[str, Collection[str]] | None = None,
    describe: Describe = files_of,
    say: Callable[[str], None] = lambda _: None,
) -> Delivered:
    """Commit the files of ``shards`` to a new branch, which is checked out then.

    A shard that does not build is committed together with the next; what does not build in the end
    is committed nevertheless, and told.

    Args:
        repository: A work tree's top, or a folder in it.
        out_tree: Where the files are taken from.
        shards: In the order of their commits.
        branch: Its name; it may exist only if an earlier delivery of the same made it.
        check: Says whether the repository builds; None to leave that.
        replaces: By path, SHA-256 of contents that may be overwritten, "" for a file that is new.
            A path that is not in it must be new.
        describe: Words the commits.
        say: Told what happens, in sentences.

    Raises:
        MigrationError: The work tree or the branch cannot be used, or git or a hook refused.
    """
    return _Delivery(repository, out_tree, branch, check, replaces or {}, describe, say).run(shards)


class _Delivery:
    def __init__(
        self,
        repository: Path,
        out_tree: Path,
        branch: str,
        check: Check | None,
        replaces: Mapping[str, Collection[str]],
        describe: Describe,
        say: Callable[[str], None],
    ) -> None:
        self._root = repository
        self._out = out_tree
        self._branch = branch
        self._check = check
        self._replaces = replaces
        self._describe = describe
        self._say = say
        self._git = work_tree(repository)
        self._left_out: dict[str, str] = {}
        self._total = 0

    def run(self, shards: Sequence[Shard]) -> Delivered:
        check_work_tree(self._root)
        self._total = len(shards)
        parts = [
            _Part(shard, number, {path: self._digest(path) for path in shard.files})
            for number, shard in enumerate(shards, start=1)
        ]
        if not parts and read_record(self._git) is None:
            self._say("There is nothing to commit, so no branch is made.")
            return Delivered(self._branch, 0)
        done = self._begin(parts)
        todo = [part for part in parts if part.hash not in done]
        if done:
            self._say(f"{len(parts) - len(todo)} of {len(parts)} shards are committed already.")
        paths = [path for part in todo for path in part.shard.files]
        self._left_out = obstacles(self._git, self._root, paths)
        commits, unbuilt = self._commit_all(todo)
        forget_record(self._git)
        for path, why in sorted(self._left_out.items()):
            self._say(f"{quoted(path)} is left out: {why}.")
        left_out = tuple(sorted(self._left_out.items()))
        return Delivered(self._branch, len(parts), tuple(commits), left_out, unbuilt)

    def _digest(self, path: str) -> str:
        place = self._out / path
        return "" if place.is_symlink() else file_digest(place)

    def _begin(self, parts: Sequence[_Part]) -> set[str]:
        """Check out the branch, made anew or as it was left; return the hashes of its shards."""
        git, branch = self._git, self._branch
        if branch.startswith("-") or git.ask("check-ref-format", f"refs/heads/{branch}").code != 0:
            raise MigrationError(f"No branch can be called {branch!r}.", hint="Give another name.")
        record, head = read_record(git), head_branch(git)
        if record is not None and record.branch != branch and record.branch == head:
            raise MigrationError(
                f"A delivery to the branch {head} is under way.",
                hint="Go on with that branch, or switch to the one you came from first.",
            )
        undo(git, half_done(git))
        tip = git.ask("rev-parse", "--quiet", "--verify", f"refs/heads/{branch}^{{commit}}")
        if record is not None and record.branch != branch:
            record = None
        found = self._found(record, parts) if tip.code == 0 else set()
        if found == {part.hash for part in parts} and tip.code == 0:
            return found
        prefix = git.run("rev-parse", "--show-prefix").line
        files = {prefix + path: digest for part in parts for path, digest in part.digests.items()}
        base = record.base if record is not None else ""
        if tip.code != 0 or not base:
            base = git.run("rev-parse", "HEAD").line
        write_record(git, Record(branch, base, files))
        if tip.code != 0:
            git.run("switch", "--quiet", "--no-track", "--create", branch)
            self._say(f"The branch {branch} is made, from {head}.")
        elif head != branch:
            git.run("switch", "--quiet", "--no-guess", branch)
        return found

    def _found(self, record: Record | None, parts: Sequence[_Part]) -> set[str]:
        """Return which shards the branch has, which is there already.

        Raises:
            MigrationError: It is not of this delivery.
        """
        wanted = {part.hash for part in parts}
        span = ["--max-count", str(2 * len(parts) + 100), f"refs/heads/{self._branch}"]
        if record is not None:
            span = [f"{record.base}..refs/heads/{self._branch}"]
        log = self._git.run("log", "--format=%B", *span, "--")
        there = set(_TRAILER_LINE.findall(log.out.decode("utf-8", "replace")))
        if record is None and not there & wanted:
            raise MigrationError(
                f"The branch {self._branch} exists already.",
                hint="Give another name with --branch.",
            )
        if record is not None and there - wanted:
            raise MigrationError(
                f"The branch {self._branch} has shards of another state of the migration.",
                hint="Give another name with --branch.",
            )
        return there & wanted

    def _commit_all(self, todo: Sequence[_Part]) -> tuple[list[str], str]:
        commits: list[str] = []
        group: list[_Part] = []
        why = ""
        for part in todo:
            is_changed = self._write(part)
            if not (is_changed or group):
                self._say(f"{self._name(part)} is there already.")
                continue
            group.append(part)
            if is_changed:
                why = self._check(self._root) if self._check else ""
            if not why:
                commits += self._commit(group)
                group = []
            elif part is not todo[-1]:
                self._say(f"{self._name(part)} does not build; it is joined with the next.")
        if group:
            commits += self._commit(group)
            self._say(f"What is left is committed, and does not build: {why}")
        return commits, why if group else ""

    def _name(self, part: _Part) -> str:
        return f"Shard {part.number}/{self._total} ({quoted(part.shard.name)})"

    def _write(self, part: _Part) -> bool:
        """Write the files of a shard; tell whether any was not so before."""
        is_changed = False
        for path, digest in part.digests.items():
            if path in self._left_out:
                continue
            why = refused(self._root, path, digest, self._replaces.get(path, _NEW))
            if not digest:
                why = "the output has no such file"
            if why:
                self._left_out[path] = why
                continue
            try:
                is_changed |= put(self._out / path, self._root, path, digest)
            except OSError as error:
                raise MigrationError(
                    f"{self._root / path} cannot be written: {error.strerror}.",
                    hint="Run again when it can; what is committed is kept.",
                ) from None
        return is_changed

    def _commit(self, group: Sequence[_Part]) -> list[str]:
        """Commit the files of a group; return the commit, or nothing when git sees no change."""
        git = self._git
        if (head := head_branch(git)) != self._branch:
            raise MigrationError(
                f"The work tree was switched to {head} meanwhile.",
                hint="Switch back and run again.",
            )
        paths = [path for part in group for path in part.digests if path not in self._left_out]
        git.on(paths, "add")
        staged = git.run(
            "diff", "--cached", "--name-only", "--no-renames", "--relative", "-z"
        ).names
        everything = git.run("diff", "--cached", "--name-only", "--no-renames", "-z").names
        if len(everything) > len(staged) or set(staged) - set(paths):
            raise MigrationError(
                f"Other files were staged in {self._root} meanwhile.",
                hint="Unstage them with git restore --staged, and run again.",
            )
        if not staged:
            return []
        message = self._message(group, staged)
        answer = git.ask("commit", "--quiet", "--cleanup=whitespace", "-F", "-", given=message)
        if answer.code != 0:
            raise git.failure(["commit"], answer.words, _REFUSED)
        commit = git.run("rev-parse", "HEAD").line
        self._say(f"{', '.join(map(self._name, group))}: commit {commit[:12]}.")
        return [commit]

    def _message(self, group: Sequence[_Part], staged: Collection[str]) -> bytes:
        text = self._describe([part.shard for part in group], set(staged)).strip()
        lines = [f"{TRAILER}: {part.number}/{self._total} {part.hash}" for part in group]
        return (text + "\n\n" + "\n".join(lines) + "\n").encode("utf-8", "replace")


_REFUSED = (
    "The files are written and staged. Where a hook refused, do what it asks for and commit them"
    " yourself, or change the hook; then run again to go on."
)
