"""Look again and again whether a program uses too much, beside whoever waits for its end.

To read /proc may take as long as the program likes: some of its files wait for locks of the
process that they tell of, and a storm of forks holds those for minutes.  So the looks have a thread
of their own, and a limit of time counts even while one hangs.
"""

import threading
import time
from collections.abc import Callable

from fedtranslate.checks.sandbox.limits import Stop

LOOK_SECONDS = 0.02
_LOOK_SHARE = 0.05
"""How much of the time may go into looking."""
_END_SECONDS = 10.0


class Lookout:
    """Looks until it finds something or is closed.

    Args:
        look: Returns the limit that is exceeded, if any.
    """

    def __init__(self, look: Callable[[], Stop | None]) -> None:
        self.found: Stop | None = None
        """The limit that was found to be exceeded, if any."""
        self._look = look
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look no more.  What hangs is free when the program is dead: end that first."""
        self._is_over.set()
        self._thread.join(_END_SECONDS)

    def _go_on(self) -> None:
        pause = LOOK_SECONDS
        while self.found is None and not self._is_over.wait(pause):
            start = time.monotonic()
            self.found = self._look()
            pause = max(LOOK_SECONDS, (time.monotonic() - start) / _LOOK_SHARE)
