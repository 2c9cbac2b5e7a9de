"""What a program sees: which files and folders, and which variables.

Nothing is there but the system's programs and libraries, the few files of /etc that they read, the
toolchain of the program, what the caller names as readable, and the one folder in which the program
may write.  The home, /root, /var, /run, /srv, /mnt and the files of others in /tmp are not there.

A symbolic link leads to what is itself visible, and nowhere else.

Not hidden: the system's folders themselves, /opt and /usr/local among them.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fedtranslate.checks.sandbox.job import Job
from fedtranslate.checks.sandbox.toolchains import PASSED_ON, SYSTEM, Toolchain, toolchain
from fedtranslate.errors import CheckError

READABLE = "FEDTRANSLATE_SANDBOX_READABLE"
"""The variable that names more readable paths, parted by colons, for toolchains in odd places."""

_ETC = (
    "alternatives",
    "dotnet",
    "gnucobol*",
    "gradle",
    "java*",
    "ld.so.*",
    "localtime",
    "maven*",
    "mono",
    "nsswitch.conf",
    "perl",
    "php*",
)
READ_ONLY_PROC = ("sys", "irq", "bus", "fs", "acpi", "scsi")
"""What root could change in a /proc of its own, even without capabilities: settings of the kernel,
such as the program that it starts when another crashes."""
MASKED_PROC = ("sysrq-trigger", "kcore", "keys", "timer_list", "mtrr")
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")


@dataclass(frozen=True, slots=True)
class Shown:
    """A file or folder of this machine that is visible inside."""

    source: Path
    place: Path
    """Where it appears."""
    is_writable: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """The files that a program sees; whatever is not listed is not there."""

    shown: Sequence[Shown]
    """Outer ones first."""
    links: Sequence[tuple[Path, str]]
    files: Mapping[str, bytes]
    """Small files that are made up."""
    environment: Mapping[str, str]


def view(job: Job) -> View:
    """Return what the program of a job sees.

    Raises:
        CheckError: The whole file system is named as readable.
    """
    tools = toolchain(job.argv[0], os.environ)
    named = [Path(one) for one in os.environ.get(READABLE, "").split(":") if one]
    places: dict[Path, Shown] = {}
    for path in (*tools.folders, *named, *job.readable):
        places |= {shown.place: shown for shown in _both(path) if not _is_system(shown.place)}
    places |= {shown.place: shown for shown in _both(job.folder, is_writable=True)}
    system, links = _system()
    return View(
        shown=sorted((*system, *places.values()), key=lambda shown: len(shown.place.parts)),
        links=[*links, *tools.links],
        files=_made_up(job.folder),
        environment=environment(job, tools),
    )


def environment(job: Job, tools: Toolchain) -> dict[str, str]:
    """Return the variables of a job: a few of this process, and the job's own."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    own = {"LANG": "C.UTF-8", "HOME": str(job.folder), "TMPDIR": str(job.folder)}
    return {**kept, **dict(tools.variables), **own, **job.environment}


@cache
def _system() -> tuple[list[Shown], list[tuple[Path, str]]]:
    """Return the folders of the system, and those that are links, such as /bin."""
    folders: list[Path] = []
    links: list[tuple[Path, str]] = []
    for folder in SYSTEM:
        if folder.is_symlink():
            links.append((folder, str(folder.readlink())))
        elif folder.is_dir():
            folders.append(folder)
    for pattern in _ETC:
        folders += [path for path in sorted(Path("/etc").glob(pattern)) if path.exists()]
    return [Shown(folder.resolve(), folder) for folder in folders], links


def _both(path: Path, *, is_writable: bool = False) -> list[Shown]:
    """Return a path under the name it was given and under its real name; none if it is nowhere."""
    absolute = Path(os.path.normpath(path.absolute()))
    real = absolute.resolve()
    if real == Path("/"):
        raise CheckError(
            f"Compilers cannot be let into {path}: that is the whole machine.",
            hint="Name the folders that they need.",
        )
    return [Shown(real, place, is_writable) for place in {real, absolute} if real.exists()]


def _is_system(place: Path) -> bool:
    """Tell whether a path is visible anyhow."""
    return any(place.is_relative_to(folder) for folder in SYSTEM)


def _made_up(folder: Path) -> dict[str, bytes]:
    user = f"user:x:{os.getuid()}:{os.getgid()}::{folder}:/bin/sh\n"
    return {
        "/etc/passwd": user.encode("utf-8", "surrogateescape"),
        "/etc/group": f"user:x:{os.getgid()}:\n".encode(),
        "/etc/hosts": b"127.0.0.1 localhost\n::1 localhost\n",
    }
