"""Tell those who watch at once when something has changed: server-sent events.

One task looks at the folder for all listeners, and only while there are any.  A listener is told
that something is new and the newest events, never a backlog, so a slow one takes no memory.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

from starlette.concurrency import run_in_threadpool

from fedtranslate.status.documents import event_document
from fedtranslate.status.snapshot import Watched

MAX_LISTENERS = 32
_LOOK_SECONDS = 0.4
_BEAT_SECONDS = 15.0
_LIFE_SECONDS = 3600.0
"""After which a listener has to come again, so that none that is gone is kept for ever."""
_MOST_EVENTS = 50


class Broadcast:
    """The listeners, and the task that looks for them.

    Args:
        watched: What is looked at.
        clock: The time, in seconds since 1970.
        is_ending: Tells when the server wants to end, which it cannot while somebody listens.
    """

    def __init__(
        self, watched: Watched, clock: Callable[[], float], is_ending: Callable[[], bool]
    ) -> None:
        self._watched = watched
        self._clock = clock
        self._is_ending = is_ending
        self._listeners: set[asyncio.Event] = set()
        self._task: asyncio.Task[None] | None = None
        self._state = (0, 0)
        """Version of the folder, and the number of the last event."""

    @property
    def is_full(self) -> bool:
        """Tell whether nobody more can listen."""
        return len(self._listeners) >= MAX_LISTENERS

    async def listen(self, after: int | None = None) -> AsyncIterator[str]:
        """Yield what is new, in the format of server-sent events.

        Args:
            after: The number of the last event that the listener knows; None starts with those
                that are still to come.
        """
        news = asyncio.Event()
        self._listeners.add(news)
        loop = asyncio.get_running_loop()
        end = loop.time() + _LIFE_SECONDS
        try:
            await self._look()
            if self._task is None:
                self._task = asyncio.create_task(self._watch())
            told, number = 0, self._state[1] if after is None else min(after, self._state[1])
            yield "retry: 2000\n\n"
            while loop.time() < end and not self._is_ending():
                news.clear()
                version, last = self._state
                if version != told:
                    yield self._message(version, last, number)
                    told, number = version, last
                try:
                    async with asyncio.timeout(_BEAT_SECONDS):
                        await news.wait()
                except TimeoutError:
                    yield "event: beat\ndata: {}\n\n"
        finally:
            self._listeners.discard(news)
            if not self._listeners and self._task is not None:
                self._task.cancel()
                self._task = None

    def _message(self, version: int, last: int, after: int) -> str:
        events = self._watched.events_before(last + 1, _MOST_EVENTS)
        document: dict[str, Any] = {
            "start": self._watched.start,
            "version": version,
            "last_event": last,
            "events": [
                event_document(one, whole=False) for one in reversed(events) if one.number > after
            ],
        }
        mark = f"{self._watched.start}-{last}"
        return f"id: {mark}\nevent: change\ndata: {json.dumps(document)}\n\n"

    async def _look(self) -> None:
        version, found = await run_in_threadpool(self._watched.look, self._clock())
        self._state = (version, found.last_event)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            before = self._state
            with suppress(OSError):
                await self._look()
            if self._state != before or self._is_ending():
                for news in self._listeners:
                    news.set()
