"""One line for each request that somebody may want to read about later.

Bodies and headers are never in it, so neither are tokens.  Two kinds of requests would fill a
disk: those that come every few seconds, as small messages of sites do and questions whether the
door is there, are left out; and those that were refused are written up to so many a minute, and
counted from there.
"""

from collections.abc import Callable
from dataclasses import dataclass

_REFUSALS_A_MINUTE = 60
_LARGE_BYTES = 65_536
_PATH_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Access:
    """A request that was answered."""

    address: str
    method: str
    path: bytes
    status: int
    received: int
    """Bytes of the body."""
    sent: int
    seconds: float
    is_routine: bool
    """Whether such come all the time: messages to the SuperLink, and questions for health."""


class AccessLog:
    """Writes lines.

    Args:
        write: Takes a line without its end.
        clock: Gives seconds that never go back.
    """

    def __init__(self, write: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._write = write
        self._clock = clock
        self._minute = -1
        self._refused = 0

    def note(self, access: Access) -> None:
        """Write about a request, if it is worth a line."""
        small = max(access.received, access.sent) < _LARGE_BYTES
        if access.status >= 400:
            self._note_refused(access)
        elif not access.is_routine or not small:
            self._write(line_of(access))

    def _note_refused(self, access: Access) -> None:
        minute = int(self._clock() // 60)
        if minute != self._minute:
            more = self._refused - _REFUSALS_A_MINUTE
            if more > 0:
                self._write(f"{more} more refused requests in that minute")
            self._minute, self._refused = minute, 0
        self._refused += 1
        if self._refused <= _REFUSALS_A_MINUTE:
            self._write(line_of(access))


def line_of(access: Access) -> str:
    """Return the line of a request; what strangers wrote into it cannot break it."""
    path = access.path[:_PATH_CHARACTERS].decode("ascii", "backslashreplace")
    shown = "".join(c if " " < c < "\x7f" else "?" for c in path)
    return (
        f"{access.address} {access.method[:10]} {shown} {access.status}"
        f" in={access.received} out={access.sent} {access.seconds * 1000:.0f}ms"
    )
