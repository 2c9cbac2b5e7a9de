"""Watch a run by its journal while it goes on elsewhere: in a thread or in other processes."""

import time
from collections.abc import Callable
from pathlib import Path

from fedtranslate.federation.coordinator.journal import EVENTS_FILE, Event, read_events

_POLL_SECONDS = 0.05


class Follower:
    """Passes on the events of a run that are written from now on."""

    def __init__(self, run_folder: Path, on_event: Callable[[Event], None] | None) -> None:
        path = run_folder / EVENTS_FILE
        self._folder = run_folder
        self._offset = path.stat().st_size if path.exists() else 0
        self._on_event = on_event

    def catch_up(self) -> None:
        """Pass on what is new."""
        for event, offset in read_events(self._folder, self._offset):
            self._offset = offset
            if self._on_event is not None:
                self._on_event(event)

    def until(self, is_over: Callable[[], bool], every_seconds: float = _POLL_SECONDS) -> None:
        """Pass on events until ``is_over``, and those of the last moment."""
        while not is_over():
            self.catch_up()
            time.sleep(every_seconds)
        self.catch_up()
