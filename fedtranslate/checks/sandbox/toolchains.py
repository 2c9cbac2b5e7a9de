"""Where the files of a compiler lie, when they lie outside the system's own folders.

A toolchain under the home, such as those of rustup, pyenv, nvm or SDKMAN, is found from the path of
its program, link by link, and from the variables that name one.  What is found is that toolchain's
own folder: never the home, and never a folder around it.
"""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_SYSTEM = "/usr /bin /sbin /lib /lib32 /lib64 /libx32 /opt /nix/store /gnu/store"
SYSTEM = tuple(map(Path, _SYSTEM.split()))
"""The folders of the system's programs; they are visible to every program."""

_HOMES = {"JAVA_HOME", "GOROOT", "DOTNET_ROOT", "KOTLIN_HOME", "RUSTUP_HOME", "PYENV_ROOT"}
_LISTS = {"MONO_PATH", "LD_LIBRARY_PATH", "NODE_PATH"}
_SELECTORS = {"MONO_CFG_DIR", "RUSTUP_TOOLCHAIN", "PYENV_VERSION", "PATH"}
PASSED_ON = tuple(sorted(_HOMES | _LISTS | _SELECTORS))
"""The variables of this process that programs get; everything else is kept from them."""

_INTERPRETERS = ("java", "node", "python3", "mono", "ruby", "php")
"""What a script may start by name."""
_BINARIES = {"bin", "sbin", "shims", ".bin"}
_NEVER = {".local", ".config", ".cache", ".ssh"}
_MAX_LINKS = 20


@dataclass(frozen=True, slots=True)
class Toolchain:
    """What must be visible for a program to run, besides the system's folders."""

    folders: tuple[Path, ...] = ()
    links: tuple[tuple[Path, str], ...] = ()
    """Symbolic links that lie in folders which must not be visible, and where they point."""
    variables: tuple[tuple[str, str], ...] = ()


def toolchain(program: str, environment: Mapping[str, str]) -> Toolchain:
    """Return the toolchain of a program that is called by name or absolute path.

    Args:
        program: The first word of a command.
        environment: The variables of this process.
    """
    relevant = {
        name: environment[name] for name in (*PASSED_ON, "CARGO_HOME") if name in environment
    }
    home = environment.get("HOME") or str(Path.home())
    return _toolchain(program, tuple(sorted(relevant.items())), Path(home))


@lru_cache(maxsize=256)
def _toolchain(program: str, variables: tuple[tuple[str, str], ...], home: Path) -> Toolchain:
    known = dict(variables)
    paths = list(_paths(program, known.get("PATH", os.defpath)))
    folders: dict[Path, None] = {}
    links: dict[Path, str] = {}
    added: dict[str, str] = {}
    for path in paths:
        root = _root(path)
        if _is_system(path):
            continue
        if root.name == ".cargo" or str(root) == known.get("CARGO_HOME"):
            rustup = Path(known.get("RUSTUP_HOME", home / ".rustup"))
            folders |= dict.fromkeys((root / "bin", root / "registry", root / "git", rustup))
            added["RUSTUP_HOME"] = str(rustup)
        elif not _is_too_wide(root, home):
            folders |= dict.fromkeys((root, *_base_of_virtual_environment(root)))
        elif path.is_symlink():
            links[path] = str(path.readlink())
        else:
            folders[path] = None
    named = [known[name] for name in sorted(_HOMES & known.keys())]
    named += [one for name in sorted(_LISTS & known.keys()) for one in known[name].split(":")]
    for one in map(Path, named):
        if one.is_absolute() and not _is_system(one) and not _is_too_wide(one, home):
            folders[one] = None
    present = tuple(folder for folder in folders if folder.exists())
    return Toolchain(present, tuple(links.items()), tuple(added.items()))


def _paths(program: str, search: str) -> Iterator[Path]:
    """Yield the program, every link on the way to it, and likewise what a script starts."""
    found = shutil.which(program, path=search)
    if found is None:
        return
    yield from _chain(Path(found).absolute())
    if not (words := _first_words(Path(found))):
        return
    named = [Path(word).name if word.endswith("/env") else word for word in words]
    for word in (*(word for word in named if word != "env"), *_INTERPRETERS):
        if (interpreter := shutil.which(word, path=search)) is not None:
            yield from _chain(Path(interpreter).absolute())


def _chain(path: Path) -> Iterator[Path]:
    for _ in range(_MAX_LINKS):
        yield path
        if not path.is_symlink():
            break
        path = Path(os.path.normpath(path.parent / path.readlink()))
    yield path.resolve()


def _first_words(script: Path) -> Sequence[str]:
    """Return the words after ``#!``; none when it is no script."""
    try:
        with script.open("rb") as stream:
            first = stream.read(200).split(b"\n")[0]
    except OSError:
        return ()
    return first[2:].decode("utf-8", "replace").split() if first.startswith(b"#!") else ()


def _root(program: Path) -> Path:
    folder = program.parent
    return folder.parent if folder.name in _BINARIES else folder


def _base_of_virtual_environment(root: Path) -> list[Path]:
    """Return the folder of the Python that a virtual environment was made of."""
    try:
        said = (root / "pyvenv.cfg").read_text("utf-8", "replace")
    except OSError:
        return []
    homes = [line.partition("=")[2].strip() for line in said.splitlines() if "=" in line]
    bases = [Path(home) for home in homes if home.endswith("/bin")]
    return [base.parent for base in bases if not _is_system(base)]


def _is_system(path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in SYSTEM)


def _is_too_wide(folder: Path, home: Path) -> bool:
    """Tell whether a folder holds more than a toolchain."""
    return home.is_relative_to(folder) or (folder.parent == home and folder.name in _NEVER)
