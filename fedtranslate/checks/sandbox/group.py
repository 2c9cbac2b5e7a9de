"""Control groups: limits of memory and processes that the kernel holds over a whole run.

They can be had by root where the tree of groups can be written, and by users to whom systemd has
delegated theirs.  Elsewhere the limits are looked up now and then, see ``usage``, and a user's
processes are held by the limit of their number.

Both versions of the kernel's interface are known.  A group is made beside that of this process in
version 2, which allows none below a group with processes, and below it in version 1.

Reference: cgroups(7).
"""

import contextlib
import itertools
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fedtranslate.checks.sandbox.limits import SPARE_PROCESSES, Limits

_PREFIX = "fedtranslate"
_TRIAL_SECONDS = 10.0
_REMOVAL_SECONDS = 2.0
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Parent:
    """A group of the tree in which others can be made."""

    folder: Path
    version: int


@dataclass(frozen=True, slots=True)
class Group:
    """The groups of one run: one in version 2, one for each kind of limit in version 1."""

    folders: Sequence[Path]

    def entering(self, argv: Sequence[str]) -> list[str]:
        """Return a command that enters the group and then becomes ``argv``."""
        # A thread that enters version 1 alone waits for no lock of the whole machine.
        version_1 = [folder / "tasks" for folder in self.folders]
        doors = [
            str(door if door.exists() else door.with_name("cgroup.procs")) for door in version_1
        ]
        steps = [f'echo 0 > "${number}"' for number in range(1, len(doors) + 1)]
        script = " && ".join([*steps, f"shift {len(doors)}", 'exec "$@"'])
        return ["/bin/sh", "-c", script, "sh", *doors, *argv]

    def has_run_out_of_memory(self) -> bool:
        """Tell whether the kernel has killed one of its processes for memory."""
        for folder in self.folders:
            for name in ("memory.events", "memory.oom_control"):
                words = _read(folder / name).split()
                if "oom_kill" in words and words[words.index("oom_kill") + 1] != "0":
                    return True
        return False

    def kill(self) -> None:
        """Kill all its processes, also those that were made meanwhile."""
        until = time.monotonic() + _REMOVAL_SECONDS
        while pids := _read(self.folders[0] / "cgroup.procs").split():
            for pid in pids:
                with contextlib.suppress(OSError):
                    os.kill(int(pid), signal.SIGKILL)
            if time.monotonic() > until:
                break
            time.sleep(0.001)

    def remove(self) -> None:
        """Remove the group, whose processes must be dead."""
        until = time.monotonic() + _REMOVAL_SECONDS
        for folder in self.folders:
            while not _is_removed(folder) and time.monotonic() < until:
                time.sleep(0.002)


def make_group(limits: Limits) -> Group | None:
    """Make a group with the limits of a run; None where there can be none."""
    parents = _parents()
    return _make(parents, limits) if parents else None


def can_make_groups() -> bool:
    """Tell whether the kernel holds memory and processes of whole runs here."""
    return bool(_parents())


def _make(parents: Sequence[Parent], limits: Limits) -> Group | None:
    name = f"{_PREFIX}-{os.getpid()}-{next(_numbers)}"
    group = Group([parent.folder / name for parent in parents])
    try:
        for parent, folder in zip(parents, group.folders, strict=True):
            folder.mkdir()
            for file, value in _settings(parent.version, limits).items():
                if (folder / file).exists():
                    (folder / file).write_text(value)
    except OSError:
        group.remove()
        return None
    return group


def _settings(version: int, limits: Limits) -> dict[str, str]:
    settings: dict[str, str] = {}
    if limits.processes is not None:
        settings["pids.max"] = str(limits.processes + SPARE_PROCESSES)
    if limits.resident_bytes is not None:
        most = str(limits.resident_bytes)
        if version == 1:
            settings |= {"memory.limit_in_bytes": most, "memory.memsw.limit_in_bytes": most}
        else:
            settings |= {"memory.max": most, "memory.swap.max": "0", "memory.oom.group": "1"}
    return settings


@cache
def _parents() -> tuple[Parent, ...]:
    """Return where groups are made, tried once; nothing where that is not possible."""
    found = _version_2() or _version_1()
    if not found:
        return ()
    for parent in found:
        _remove_stale(parent.folder)
    group = _make(found, Limits())
    if group is None:
        return ()
    try:
        done = subprocess.run(
            group.entering(["true"]), capture_output=True, timeout=_TRIAL_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    finally:
        group.remove()
    return found if done.returncode == 0 else ()


def _version_2() -> tuple[Parent, ...]:
    for own, mount in _memberships(""):
        for folder in (mount / own.parent.relative_to("/"), mount):
            passed_on = _read(folder / "cgroup.subtree_control").split()
            if {"memory", "pids"} <= set(passed_on) and _is_ours(folder):
                return (Parent(folder, 2),)
    return ()


def _version_1() -> tuple[Parent, ...]:
    found = []
    for kind in ("pids", "memory"):
        for own, mount in _memberships(kind):
            places = (mount / own.relative_to("/"), mount)
            found += [Parent(folder, 1) for folder in places if _is_ours(folder)][:1]
    return tuple(found) if len(found) == 2 else ()


def _memberships(kind: str) -> list[tuple[Path, Path]]:
    """Return the group of this process and where its tree is mounted; ``""`` is version 2."""
    own = None
    for line in _read(Path("/proc/self/cgroup")).splitlines():
        _, kinds, name = line.split(":", 2)
        if kind in kinds.split(","):
            own = Path(os.path.normpath(name))
    if own is None:
        return []
    mounts = []
    for line in _read(Path("/proc/self/mountinfo")).splitlines():
        left, _, right = line.partition(" - ")
        system, _, options = right.split(" ", 2)
        if (system == "cgroup2") if not kind else (system == "cgroup" and kind in options):
            mounts.append(Path(left.split()[4]))
    return [(own, mount) for mount in mounts]


def _is_ours(folder: Path) -> bool:
    return all(os.access(one, os.W_OK) for one in (folder, folder / "cgroup.procs"))


def _remove_stale(parent: Path) -> None:
    """Remove groups of processes that were killed before they could do it themselves."""
    for folder in parent.glob(f"{_PREFIX}-*-*"):
        owner = folder.name.split("-")[1]
        if owner.isdigit() and not Path("/proc", owner).exists():
            _is_removed(folder)


def _is_removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
