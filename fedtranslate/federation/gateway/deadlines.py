"""HTTP/1.1 with deadlines for those who say nothing, and bounds for those who are too many.

uvicorn waits for ever for the first letter of a request, and asyncio for half a minute for the
last word of TLS, which clients that rest do not say; ``DeadlineProtocol`` does neither.
"""

import asyncio
from collections import Counter
from typing import Any, ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol

from fedtranslate.federation.gateway.limits import network_of

HEAD_SECONDS = 15.0
"""For the head of a request, from its first letter or from the connection on."""
HEAD_BYTES = 16_384
IDLE_SECONDS = 120
"""Between two requests."""
MAX_CONNECTIONS = 1_000
MAX_CONNECTIONS_OF_ONE = 250
"""Of one address: many sites may share one."""
_PARTING_SECONDS = 1.0
_PARTINGS = 20


class DeadlineProtocol(H11Protocol):
    """HTTP/1.1 that ends connections which hold the line, or are too many."""

    open_by_address: ClassVar[Counter[str]] = Counter()
    _deadline: asyncio.TimerHandle | None = None
    _parting: asyncio.TimerHandle | None = None
    _address = ""

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - asyncio's
        """Take the connection, or end it."""
        super().connection_made(transport)
        self._address = network_of(self.client[0] if self.client else "")
        self.open_by_address[self._address] += 1
        if (
            self.open_by_address[self._address] > MAX_CONNECTIONS_OF_ONE
            or len(self.connections) > MAX_CONNECTIONS
        ):
            transport.abort()
        else:
            self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_waiting()
        if self._parting is not None:
            self._parting.cancel()
        self.open_by_address[self._address] -= 1
        if self.open_by_address[self._address] <= 0:
            del self.open_by_address[self._address]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; between requests, the first letter of the next starts its time."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self._deadline is None:
            self._wait_for_head()

    def on_response_complete(self) -> None:
        """Leave the time between requests to uvicorn; it begins anew with each."""
        self._stop_waiting()
        super().on_response_complete()
        self._part()

    def shutdown(self) -> None:
        """End the connection, after the answer that is under way."""
        super().shutdown()
        self._part()

    def timeout_keep_alive_handler(self) -> None:
        """End a connection that rests."""
        super().timeout_keep_alive_handler()
        self._part()

    def _part(self, left: int = _PARTINGS) -> None:
        """Cut a connection that was ended, once what it still had to say is out."""
        if not self.transport.is_closing() or (left == _PARTINGS and self._parting is not None):
            return
        if left == 0 or (left < _PARTINGS and self.transport.get_write_buffer_size() == 0):
            self.transport.abort()
        else:
            self._parting = self.loop.call_later(_PARTING_SECONDS, self._part, left - 1)

    def _wait_for_head(self) -> None:
        self._deadline = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.abort()
