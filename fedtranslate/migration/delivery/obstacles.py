"""Which files a repository would not take, and why, found out before anything is written."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from fedtranslate.migration.delivery.git import Git, listed
from fedtranslate.migration.delivery.writing import blocked, unsafe

_LINK_MODE = "160000"


def obstacles(git: Git, root: Path, paths: Sequence[str]) -> dict[str, str]:
    """Return why files cannot be committed, by path; those that can are not in it.

    Args:
        git: In ``root``.
        root: The repository, or the folder of it that is migrated.
        paths: Relative to ``root``.
    """
    found = {path: why for path in paths if (why := unsafe(path) or blocked(root, path))}
    names, modules = _tracked(git)
    for path in paths:
        if path in found:
            continue
        alike = names.setdefault(_folded(path), [path])
        if module := next((above for above in _above(path) if above in modules), ""):
            found[path] = f"it lies in the submodule {module}; migrate that by itself"
        elif other := next((one for one in alike if one != path), ""):
            found[path] = f"its name differs from that of {other} in case only"
    found.update(_ignored(git, [path for path in paths if path not in found]))
    return found


def _tracked(git: Git) -> tuple[dict[str, list[str]], set[str]]:
    """Return the tracked paths by their folded form, and the submodules."""
    names: dict[str, list[str]] = {}
    modules = set()
    for entry in git.run("ls-files", "--stage", "-z").names:
        mode, _, path = entry.partition("\t")
        names.setdefault(_folded(path), []).append(path)
        if mode.startswith(_LINK_MODE):
            modules.add(path)
    return names, modules


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


def _above(path: str) -> Iterator[str]:
    parts = path.split("/")
    return ("/".join(parts[:length]) for length in range(1, len(parts) + 1))


def _ignored(git: Git, paths: Iterable[str]) -> dict[str, str]:
    """Return which files git ignores, by which rule; those that it tracks it does not."""
    words = ("check-ignore", "-z", "--stdin", "--verbose")
    answer = git.ask(*words, given=listed(f"./{path}" for path in paths))  # so that none is magic
    if answer.code not in (0, 1):
        raise git.failure(words, answer.words)
    fields = answer.names
    found = {}
    for file, line, pattern, path in zip(
        fields[::4], fields[1::4], fields[2::4], fields[3::4], strict=True
    ):
        if not pattern.startswith("!"):
            found[path.removeprefix("./")] = f"git ignores it, by {pattern!r} in {file}:{line}"
    return found
