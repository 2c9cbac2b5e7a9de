"""The door: what a request may ask for is decided by its very bytes, before anything reads them.

Nothing is normalised: a path that would have to be is refused.
"""

import re
import time
from collections.abc import Callable
from typing import Any

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from fedtranslate.federation.gateway.accesslog import Access, AccessLog
from fedtranslate.federation.gateway.exchange import (
    TooSlowError,
    address_of,
    reply,
    values_of,
)
from fedtranslate.federation.gateway.proxy import pass_on
from fedtranslate.federation.membership.requests import PATH

FLEET = r"/v1/fleet(?:/[A-Za-z0-9_-]{1,64}){1,4}"
SITES = rf"{PATH}/[a-z]{{1,16}}"
_HEALTH = f"{PATH}/health".encode()
_FLEET, _SITES = re.compile(FLEET.encode()), re.compile(SITES.encode())


class Door:
    """An ASGI application.

    Args:
        sites: Answers ``/v1/sites/*``.
        log: Is told of every request.
        link: Makes the client of the SuperLink; None where nginx passes its messages on.
    """

    def __init__(
        self,
        sites: ASGIApp,
        log: AccessLog,
        link: Callable[[], httpx.AsyncClient] | None = None,
    ) -> None:
        self._sites = sites
        self._log = log
        self._link = link
        self._client: httpx.AsyncClient | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        counts = _Counts(receive, send)
        started = time.monotonic()
        is_passed = bool(
            _FLEET.fullmatch(scope["raw_path"]) and self._client and not scope["query_string"]
        )
        try:
            if is_misframed(scope):
                await reply(counts.send, 400, "The length of the request is ambiguous.")
            elif scope["method"] not in ("GET", "POST"):
                await reply(counts.send, 403, "This is not open to the outside.")
            elif is_passed and self._client:
                await pass_on(self._client, scope, counts.receive, counts.send)
            elif _SITES.fullmatch(scope["raw_path"]):
                await self._sites(scope, counts.receive, counts.send)
            else:
                await reply(counts.send, 403, "This is not open to the outside.")
        except TooSlowError:
            pass
        finally:
            seconds = time.monotonic() - started
            self._log.note(
                Access(
                    address_of(scope),
                    scope["method"],
                    scope["raw_path"],
                    counts.status,
                    counts.received,
                    counts.sent,
                    seconds,
                    is_passed or scope["raw_path"] == _HEALTH,
                )
            )

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        if self._link:
            self._client = self._link()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if self._client:
            await self._client.aclose()
        await send({"type": "lifespan.shutdown.complete"})


def is_misframed(scope: Scope) -> bool:
    """Tell whether two readers of a request could see its end in two places."""
    lengths = values_of(scope, b"content-length")
    codings = values_of(scope, b"transfer-encoding")
    return (
        len(lengths) + len(codings) > 1
        or any(not (value.isdigit() and len(value) < 16) for value in lengths)
        or any(value.lower() != b"chunked" for value in codings)
        or bool(codings and scope["http_version"] != "1.1")
    )


class _Counts:
    """Receive and send of a request, with what went through."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self.status, self.received, self.sent = 499, 0, 0  # 499: gone before an answer

    async def receive(self) -> Any:  # noqa: ANN401 - ASGI's
        message = await self._receive()
        self.received += len(message.get("body", b""))
        return message

    async def send(self, message: Any) -> None:  # noqa: ANN401 - ASGI's
        self.status = message.get("status", self.status)
        self.sent += len(message.get("body", b""))
        await self._send(message)
