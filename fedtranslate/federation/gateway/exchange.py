"""What all parts of the door share: reading a body with limits, and short answers.

Scope, receive and send are ASGI's.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

from starlette.types import Receive, Scope, Send

PIECE_SECONDS = 30
"""Longest pause between pieces of a body, in either direction."""
_GRACE_SECONDS = 30
_SLOWEST = 1024
"""Bytes a second, on average and after the grace: who is slower is holding the line."""


class TooLargeError(Exception):
    """A body is larger than is allowed."""


class TooSlowError(Exception):
    """A body comes too slowly, or its reader takes too long."""


class GoneError(Exception):
    """The client has gone away."""


async def pieces(receive: Receive, limit: int) -> AsyncIterator[bytes]:
    """Yield the body of a request as it comes.

    Raises:
        TooLargeError: It has more than ``limit`` bytes.
        TooSlowError: It takes too long.
        GoneError: It ends early.
    """
    started, received, more = time.monotonic(), 0, True
    while more:
        try:
            async with asyncio.timeout(PIECE_SECONDS):
                message = await receive()
        except TimeoutError:
            raise TooSlowError from None
        if message["type"] == "http.disconnect":
            raise GoneError
        body = message.get("body", b"")
        received += len(body)
        more = message.get("more_body", False)
        elapsed = time.monotonic() - started
        if received > limit:
            raise TooLargeError
        if more and elapsed > _GRACE_SECONDS and received < elapsed * _SLOWEST:
            raise TooSlowError
        if body:
            yield body


async def deliver(send: Send, message: Mapping[str, Any]) -> None:
    """Send a part of an answer.

    Raises:
        TooSlowError: The client does not take it.
    """
    try:
        async with asyncio.timeout(PIECE_SECONDS):
            await send(dict(message))
    except TimeoutError:
        raise TooSlowError from None


async def reply(send: Send, status: int, text: str) -> None:
    """Answer with a sentence, and end the connection: the rest of the body is not wanted."""
    content = json.dumps({"message": text}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
        (b"connection", b"close"),
    ]
    await deliver(send, {"type": "http.response.start", "status": status, "headers": headers})
    await deliver(send, {"type": "http.response.body", "body": content})


def values_of(scope: Scope, name: bytes) -> list[bytes]:
    """Return all values of a header."""
    return [value for key, value in scope["headers"] if key == name]


def address_of(scope: Scope) -> str:
    """Return the address of the client."""
    return str(scope["client"][0]) if scope.get("client") else "?"
