"""The line between the coordinator and a site: packets that get lost, come late or never come.

Both ends are TUN devices, each in a network of its own, and this process carries the packets from
one to the other.  So what the programs meet is what TCP makes of a bad line, and the kernel needs
no module for it.
"""

import fcntl
import heapq
import os
import selectors
import struct
import subprocess
import threading
import time
from contextlib import suppress
from itertools import count
from random import Random

HUB = "10.77.0.1"
"""The coordinator's address, the same for every site."""
_TUN = "/dev/net/tun"
_SET_DEVICE = 0x400454CA
_PLAIN_PACKETS = 0x0001 | 0x1000
_PACKET_BYTES = 65_536
_IDLE_SECONDS = 0.2


class Line:
    """A line to one site, whose network is that of the process ``holder``.

    Args:
        number: Of the site, from 1 to 250.
        holder: A process in the site's network, which has nothing but its loopback.
        rng: Which packets get lost.
    """

    def __init__(self, number: int, holder: int, rng: Random) -> None:
        self.loss = 0.0
        """Share of the packets that get lost, in each direction."""
        self.delay = 0.0
        """Seconds that each packet takes, in each direction."""
        self.is_whole = True
        """Whether anything gets through at all."""
        self._rng = rng
        address = f"10.77.{number}.1"
        names = (f"hub{number}", f"site{number}")
        self._near, self._far = (_device(name) for name in names)
        _ip("address", "add", f"10.77.{number}.2/32", "dev", names[0])
        _ip("link", "set", names[0], "up")
        _ip("route", "add", f"{address}/32", "dev", names[0])
        _ip("link", "set", names[1], "netns", str(holder))
        inside = ("nsenter", f"--net=/proc/{holder}/ns/net", "--")
        _ip("address", "add", f"{address}/32", "dev", names[1], inside=inside)
        _ip("link", "set", names[1], "up", inside=inside)
        _ip("route", "add", "default", "dev", names[1], "src", address, inside=inside)
        self._goes_on = True
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def mend(self) -> None:
        """Let everything through, at once."""
        self.loss, self.delay, self.is_whole = 0.0, 0.0, True

    def close(self) -> None:
        """Take the line away."""
        self._goes_on = False
        self._thread.join()
        os.close(self._near)
        os.close(self._far)

    def _carry(self) -> None:
        other = {self._near: self._far, self._far: self._near}
        waiting: list[tuple[float, int, int, bytes]] = []
        numbers = count()
        with selectors.DefaultSelector() as ready:
            for end in other:
                ready.register(end, selectors.EVENT_READ)
            while self._goes_on:
                pause = waiting[0][0] - time.monotonic() if waiting else _IDLE_SECONDS
                for key, _ in ready.select(min(max(pause, 0.0), _IDLE_SECONDS)):
                    for packet in _packets(key.fd):
                        if self.is_whole and self._rng.random() >= self.loss:
                            due = time.monotonic() + self.delay
                            heapq.heappush(waiting, (due, next(numbers), other[key.fd], packet))
                while waiting and waiting[0][0] <= time.monotonic():
                    _, _, end, packet = heapq.heappop(waiting)
                    # A queue that is full loses a packet, as any router's does.
                    with suppress(OSError):
                        os.write(end, packet)


def _device(name: str) -> int:
    descriptor = os.open(_TUN, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    fcntl.ioctl(descriptor, _SET_DEVICE, struct.pack("16sH14x", name.encode(), _PLAIN_PACKETS))
    return descriptor


def _packets(descriptor: int) -> list[bytes]:
    found: list[bytes] = []
    with suppress(BlockingIOError, OSError):
        while len(found) < 64:
            found.append(os.read(descriptor, _PACKET_BYTES))
    return found


def _ip(*arguments: str, inside: tuple[str, ...] = ()) -> None:
    subprocess.run([*inside, "ip", *arguments], check=True, capture_output=True)
