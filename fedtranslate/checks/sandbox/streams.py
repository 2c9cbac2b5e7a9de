"""Feed a program and gather what it says, never more than was agreed."""

import contextlib
import os
import selectors
import subprocess
from typing import IO

_CHUNK = 1 << 16


class Streams:
    """The pipes of one process, and the news that it has ended."""

    def __init__(self, process: subprocess.Popen[bytes], stdin: bytes, output_bytes: int) -> None:
        self._process = process
        self._left = memoryview(stdin)
        self._most = output_bytes
        self._selector = selectors.DefaultSelector()
        self._texts: dict[int, bytearray] = {}
        self._pipes: list[IO[bytes]] = []
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                self._add(pipe, selectors.EVENT_READ)
                self._texts[pipe.fileno()] = bytearray()
        if process.stdin is not None:
            self._add(process.stdin, selectors.EVENT_WRITE)
        self._end = _open_process(process.pid)
        if self._end is not None:
            self._selector.register(self._end, selectors.EVENT_READ)

    @property
    def is_overfull(self) -> bool:
        """Whether one of the streams holds more than is wanted."""
        return any(len(text) > self._most for text in self._texts.values())

    @property
    def texts(self) -> list[bytes]:
        """What was said on standard output and error, as far as it is wanted."""
        return [bytes(text[: self._most]) for text in self._texts.values()]

    def step(self, seconds: float) -> bool:
        """Read and write for at most ``seconds``; tell whether the process has ended."""
        if self._end is None:
            seconds = min(seconds, 0.01)
        for key, _ in self._selector.select(max(0.0, seconds)):
            if key.fd == self._end:
                return True
            self._move(key)
        return self._end is None and self._process.poll() is not None

    def close(self) -> None:
        """Read what is there, and close the pipes; the processes must be dead."""
        for key in list(self._selector.get_map().values()):
            if key.fd in self._texts:
                while not self.is_overfull and self._read(key):
                    pass
        for pipe in self._pipes:
            with contextlib.suppress(OSError):
                pipe.close()
        self._selector.close()
        if self._end is not None:
            os.close(self._end)

    def _add(self, pipe: IO[bytes], event: int) -> None:
        os.set_blocking(pipe.fileno(), False)
        self._pipes.append(pipe)
        self._selector.register(pipe, event)

    def _move(self, key: selectors.SelectorKey) -> None:
        if key.fd in self._texts:
            if not self._read(key):
                self._selector.unregister(key.fileobj)
            return
        try:
            self._left = self._left[os.write(key.fd, self._left[:_CHUNK]) :]
        except BlockingIOError:
            return
        except OSError:
            self._left = self._left[:0]
        if not self._left and self._process.stdin is not None:
            self._selector.unregister(key.fileobj)
            self._process.stdin.close()

    def _read(self, key: selectors.SelectorKey) -> bool:
        """Read a piece; tell whether there may be more."""
        try:
            piece = os.read(key.fd, _CHUNK)
        except BlockingIOError:
            return False
        self._texts[key.fd] += piece
        return bool(piece)


def _open_process(pid: int) -> int | None:
    """Return a descriptor that can be read when the process ends; None where there are none."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None
