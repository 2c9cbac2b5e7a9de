"""When to ask next: not too often, not when asked to wait, and not while nothing comes back.

Time is given from outside, in seconds on a clock that only goes forward.
"""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum

LONGEST_WAIT = 300.0
"""Seconds that a server may ask to wait; whoever wants more gets these."""
_FIRST, _LONGEST = 0.5, 30.0
"""Seconds of the first wait before asking again, and of the longest."""


def delay_before(again: int, chance: random.Random) -> float:
    """Return how long to wait before the ``again``-th repetition, counted from 0, in seconds.

    It doubles each time, and between half and all of it is waited, so that many who failed
    together do not come back together.
    """
    return float(min(_LONGEST, _FIRST * 2 ** min(again, 16)) * (0.5 + chance.random() / 2))


def asked_wait(header: str | None, now: str | None, wall: float) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks to wait; None if it says nothing.

    Args:
        header: Seconds, or a date.
        now: The ``Date`` header of the same reply, by whose clock a date is meant.
        wall: The time here, in seconds since 1970, for want of that.
    """
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        date = _moment(header)
        if date is None:
            return None
        seconds = date - (_moment(now or "") or wall)
    if seconds != seconds:  # NaN
        return None
    return min(max(0.0, seconds), LONGEST_WAIT)


def _moment(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


class Gate:
    """Says how long each of many askers has to wait for its turn.

    Args:
        per_minute: Questions in a minute at most, evenly spaced; None for as many as come.
        clock: The time, in seconds.
    """

    def __init__(self, per_minute: float | None, clock: Callable[[], float]) -> None:
        self._space = 60.0 / per_minute if per_minute else 0.0
        self._clock = clock
        self._lock = threading.Lock()
        self._next = self._closed_until = -float("inf")

    def turn(self) -> float:
        """Take a turn; return in how many seconds it comes."""
        with self._lock:
            now = self._clock()
            turn = max(now, self._next)
            self._next = turn + self._space
            return turn - now

    def closed_for(self) -> float:
        """Return for how many seconds nobody may ask, whoever's turn it is."""
        with self._lock:
            return max(0.0, self._closed_until - self._clock())

    def close_for(self, seconds: float) -> None:
        """Let nobody ask for so many seconds."""
        with self._lock:
            self._closed_until = max(self._closed_until, self._clock() + seconds)


class Advice(StrEnum):
    """What to do about a question that was not answered."""

    LEAVE = "leave"
    """Take the failure as its answer."""
    REPEAT = "repeat"
    """Ask it again after the pause."""
    STOP = "stop"
    """The endpoint does not come back: stop asking."""


@dataclass(slots=True)
class _State:
    failures: int = 0
    resumes: float | None = None
    """When the pause ends; None where there was none since the last answer."""


class Breaker:
    """Tells an endpoint that is down from questions that fail.

    After ``most`` failures in a row there is a pause, and what fails within it is asked again
    when it ends.  The next failure after that ends all asking.

    Args:
        most: So many failures in a row begin the pause; fewer are those of the questions.
        pause: In seconds.
        clock: The time, in seconds.
    """

    def __init__(self, most: int, pause: float, clock: Callable[[], float]) -> None:
        self._most, self._pause, self._clock = most, pause, clock
        self._lock = threading.Lock()
        self._state = _State()
        self.has_answered = False

    def succeeded(self) -> None:
        """Note an answer."""
        with self._lock:
            self._state = _State()
            self.has_answered = True

    def failed(self, begun: float) -> Advice:
        """Note that a question, first asked at ``begun``, was not answered in spite of retries."""
        with self._lock:
            state = self._state
            if state.resumes is not None:
                return Advice.STOP if begun >= state.resumes else Advice.REPEAT
            state.failures += 1
            if state.failures < self._most:
                return Advice.LEAVE
            state.resumes = self._clock() + self._pause
            return Advice.REPEAT

    def pausing(self) -> float:
        """Return for how many more seconds the pause lasts."""
        with self._lock:
            return max(0.0, (self._state.resumes or -float("inf")) - self._clock())

    def renew(self) -> None:
        """Forget that asking has ended, for somebody who wants to try once more."""
        with self._lock:
            if self._state.resumes is not None:
                self._state = _State()
