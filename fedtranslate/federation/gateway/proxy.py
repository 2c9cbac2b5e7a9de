"""Pass Flower's messages on to the SuperLink, as they come, in both directions.

A request is read and written anew, so that no trick of framing reaches the SuperLink; its body is
held a few pieces at a time.
"""

import ssl
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import httpx
from starlette.types import Receive, Scope, Send

from fedtranslate.federation.gateway.exchange import (
    PIECE_SECONDS,
    GoneError,
    TooLargeError,
    TooSlowError,
    address_of,
    deliver,
    pieces,
    reply,
    values_of,
)

MAX_BODY = 64 * 1024 * 1024
"""Of a request.  SuperNodes send adapters in pieces of 5 MiB."""
_CONNECTIONS = 256
_KEPT_SECONDS = 3
"""uvicorn at the SuperLink closes connections that rest for 5."""
_HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer"
    b" transfer-encoding upgrade".split()
)
_NOT_PASSED = _HOP_BY_HOP | frozenset(
    b"host expect forwarded x-forwarded-for x-forwarded-host x-forwarded-proto x-real-ip".split()
)
_NOT_RETURNED = _HOP_BY_HOP | {b"server", b"date"}


def link_client(port: int, authority: Path) -> httpx.AsyncClient:
    """Return a client of the SuperLink on loopback that trusts ``authority`` and no other."""
    context = ssl.create_default_context(cafile=authority)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return httpx.AsyncClient(
        base_url=f"https://127.0.0.1:{port}",
        verify=context,
        trust_env=False,  # a proxy of the environment is for the outside
        follow_redirects=False,
        timeout=httpx.Timeout(120, connect=5, write=PIECE_SECONDS, pool=30),
        limits=httpx.Limits(
            max_connections=_CONNECTIONS,
            max_keepalive_connections=32,
            keepalive_expiry=_KEPT_SECONDS,
        ),
    )


async def pass_on(client: httpx.AsyncClient, scope: Scope, receive: Receive, send: Send) -> None:
    """Pass a request on, and its answer back.

    Answers 413 to a body above ``MAX_BODY``, 408 to one that comes too slowly, and 502, 503 or 504
    when the SuperLink is not there: SuperNodes try again after these.
    """
    declared = values_of(scope, b"content-length")
    if declared and int(declared[0]) > MAX_BODY:
        return await reply(send, 413, "The body is too large.")
    try:
        response = await client.send(_request(client, scope, receive), stream=True)
    except TooLargeError:
        return await reply(send, 413, "The body is too large.")
    except TooSlowError:
        return await reply(send, 408, "The body comes too slowly.")
    except GoneError:
        return None
    except httpx.PoolTimeout:
        return await reply(send, 503, "The coordinator has too much to do.")
    except httpx.ReadTimeout:
        return await reply(send, 504, "The SuperLink does not answer.")
    except httpx.HTTPError:
        return await reply(send, 502, "The SuperLink cannot be reached.")
    try:
        await _return(response, send)
    except (httpx.HTTPError, TooSlowError):
        return None  # cut off; the client sees that by the length
    finally:
        await response.aclose()
    return None


def _request(client: httpx.AsyncClient, scope: Scope, receive: Receive) -> httpx.Request:
    has_body = values_of(scope, b"content-length") or values_of(scope, b"transfer-encoding")
    content: AsyncIterator[bytes] | None = pieces(receive, MAX_BODY) if has_body else None
    headers = _kept(scope["headers"], _NOT_PASSED)
    headers.append((b"x-forwarded-for", address_of(scope).encode()))
    path = scope["raw_path"].decode("ascii")
    request = client.build_request(scope["method"], path, headers=headers, content=content)
    for name in ("accept", "accept-encoding", "user-agent"):
        if not values_of(scope, name.encode()):
            del request.headers[name]  # httpx has put its own
    return request


async def _return(response: httpx.Response, send: Send) -> None:
    headers = _kept(response.headers.raw, _NOT_RETURNED)
    start = {"type": "http.response.start", "status": response.status_code, "headers": headers}
    await deliver(send, start)
    async for piece in response.aiter_raw():
        await deliver(send, {"type": "http.response.body", "body": piece, "more_body": True})
    await deliver(send, {"type": "http.response.body", "body": b""})


def _kept(
    headers: Iterable[tuple[bytes, bytes]], dropped: frozenset[bytes]
) -> list[tuple[bytes, bytes]]:
    """Return the headers that travel on; those that ``Connection`` names do not."""
    lowered = [(name.lower(), value) for name, value in headers]
    named = {
        part.strip().lower()
        for name, value in lowered
        if name == b"connection"
        for part in value.split(b",")
    }
    # A length that Connection names would be a way to take it off.
    named.discard(b"content-length")
    return [(name, value) for name, value in lowered if name not in dropped | named]
