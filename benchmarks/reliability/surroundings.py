"""What a federation on one machine stands in: a network and a small disk for each party.

All of it lies in namespaces of this process alone: nothing on the machine changes, and nothing is
left when the process has ended, however it ended.
"""

import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

import psutil

from benchmarks.reliability.wire import HUB, Line

_INSIDE = "FEDTRANSLATE_IN_NAMESPACES"
_TOOLS = ("unshare", "nsenter", "ip", "mount")
_APART = (
    "unshare", "--map-root-user", "--net", "--mount", "--pid", "--mount-proc", "--fork",
    "--kill-child=SIGKILL",
)  # fmt: skip
_FIRST = ("sh", "-c", '"$@" & wait $!', "sh")
"""The first process of the namespace: it takes leave of orphans, which Python does not."""
_TRIAL = "ip link set lo up && ip tuntap add dev trial mode tun && mount -t tmpfs none /mnt"
_DISK_BYTES = 192 * 2**20
_FILLER = "filler"
_WORK_SECONDS = 0.01


def enter(module: str, arguments: Sequence[str]) -> None:
    """Go on as ``python -m module`` in namespaces of its own, where this machine allows that."""
    if _INSIDE in os.environ or not possible():
        return
    command = [*_APART, *_FIRST, sys.executable, "-m", module, *arguments]
    os.execvpe(command[0], command, {**os.environ, _INSIDE: "1"})


def possible() -> bool:
    """Tell whether this machine lets its users have networks and disks of their own."""
    if not all(map(shutil.which, _TOOLS)):
        return False
    done = subprocess.run([*_APART, "sh", "-c", _TRIAL], capture_output=True, check=False)
    return done.returncode == 0


class Surroundings:
    """A line to each site, and a disk for each party that can be filled.

    Args:
        root: Folder of the federation; each party's folder in it is a disk of its own.
        coordinator: Name of the coordinator's folder.
        sites: Names of the sites.
        rng: Which packets get lost.
    """

    address = HUB

    def __init__(self, root: Path, coordinator: str, sites: Sequence[str], rng: Random) -> None:
        self._root = root
        self._holders: dict[str, subprocess.Popen[bytes]] = {}
        self.lines: dict[str, Line] = {}
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        subprocess.run(["ip", "address", "add", f"{HUB}/32", "dev", "lo"], check=True)
        for name in (coordinator, *sites):
            (root / name).mkdir(parents=True)
            disk = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_BYTES}", "none", str(root / name)]
            subprocess.run(disk, check=True)
        for number, site in enumerate(sites, 1):
            holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
            self._holders[site] = holder
            _wait_for_network(holder.pid)
            subprocess.run([*self.inside(site), "ip", "link", "set", "lo", "up"], check=True)
            self.lines[site] = Line(number, holder.pid, rng)

    @classmethod
    def here(
        cls, root: Path, coordinator: str, sites: Sequence[str], rng: Random
    ) -> "Surroundings | None":
        """Return surroundings if this process is in namespaces of its own."""
        return cls(root, coordinator, sites, rng) if _INSIDE in os.environ else None

    def inside(self, site: str) -> list[str]:
        """Return what comes before a command that a site runs."""
        return ["nsenter", f"--net=/proc/{self._holders[site].pid}/ns/net", "--"]

    def fill(self, folder: str) -> None:
        """Leave no room on a party's disk."""
        with (self._root / folder / _FILLER).open("wb", buffering=0) as file:
            piece = 2**20
            while piece:
                try:
                    file.write(bytes(piece))
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    piece //= 2

    def clear(self, folder: str) -> None:
        """Give a party's disk its room back."""
        (self._root / folder / _FILLER).unlink(missing_ok=True)

    def mend(self) -> None:
        """Mend every line, and clear every disk."""
        for line in self.lines.values():
            line.mend()
        for folder in self._root.iterdir():
            if folder.is_dir():
                self.clear(folder.name)

    def close(self) -> None:
        """Take the lines away."""
        for line in self.lines.values():
            line.close()
        for holder in self._holders.values():
            holder.kill()
            holder.wait()


@contextmanager
def slowed(processes: Callable[[], Iterator[int]], times: float) -> Iterator[None]:
    """Let processes work a ``times``-th of the time only, as on a machine that is so much slower.

    Args:
        processes: Which ones; asked again and again.
        times: How much slower, above 1.
    """
    is_over = threading.Event()

    def hold() -> None:
        while not is_over.is_set():
            held = [pid for pid in processes() if _told(pid, signal.SIGSTOP)]
            is_over.wait(_WORK_SECONDS * (times - 1))
            for pid in held:
                _told(pid, signal.SIGCONT)
            time.sleep(_WORK_SECONDS)

    thread = threading.Thread(target=hold, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def with_children(pid: int) -> Iterator[int]:
    """Yield a process and all below it."""
    yield pid
    with suppress(psutil.Error):
        for child in psutil.Process(pid).children(recursive=True):
            yield child.pid


def _told(pid: int, number: signal.Signals) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
        return True
    return False


def _wait_for_network(pid: int) -> None:
    own = Path("/proc/self/ns/net").readlink()
    while Path(f"/proc/{pid}/ns/net").readlink() == own:
        time.sleep(_WORK_SECONDS)
