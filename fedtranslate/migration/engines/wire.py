"""One connection to an endpoint, which neither a slow nor a talkative server can hold for long."""

import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Self

import httpx

from fedtranslate.errors import ConfigError

LARGEST = 4 << 20
"""Bytes of a reply, for each answer that was asked for."""
_TO_CONNECT = 20.0
"""Seconds that connecting may take."""


class WireError(Exception):
    """No reply came; the message says why, as a sentence."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    """Names in lower case."""


def address(url: str, *, is_chat: bool) -> httpx.URL:
    """Return where questions go: ``/chat/completions`` or ``/completions`` below ``url``.

    Args:
        url: As in ``http://localhost:8000/v1``; the full address is understood, too.
        is_chat: Whether conversations are sent, or texts to go on from.

    Raises:
        ConfigError: It is no http or https address, or has a user name in it.
    """
    try:
        whole = httpx.URL(url.strip())
    except (httpx.InvalidURL, ValueError):
        whole = httpx.URL("")
    if whole.scheme not in ("http", "https") or not whole.host:
        raise ConfigError(
            "The address of the endpoint is no http or https address.",
            hint="Write it as in http://localhost:8000/v1.",
        )
    if whole.userinfo:
        raise ConfigError(
            "The address of the endpoint has a user name or a password in it.",
            hint="Give the API key by itself.",
        )
    path = whole.path.rstrip("/").removesuffix("/completions").removesuffix("/chat")
    return whole.copy_with(path=path + ("/chat/completions" if is_chat else "/completions"))


def checked_key(key: str) -> str:
    """Return an API key without blanks around it.

    Raises:
        ConfigError: It cannot be sent; the message does not show it.
    """
    key = key.strip()
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigError(
            "The API key has characters in it that no key has, such as blanks or line ends.",
            hint="Copy it again.",
        )
    return key


class Line:
    """One connection, for one thread.

    Args:
        headers: Sent with every question.
        timeout: Seconds from the question to the last byte of its reply.
    """

    def __init__(self, headers: Mapping[str, str], timeout: float) -> None:
        self._timeout = timeout
        self._socket: socket.socket | None = None
        self._client = httpx.Client(
            headers={**headers, "Accept-Encoding": "identity", "User-Agent": "fedtranslate"},
            timeout=httpx.Timeout(timeout, connect=min(timeout, _TO_CONNECT)),
            follow_redirects=False,
            trust_env=False,
            verify=_trusted(),
            limits=httpx.Limits(max_connections=1),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def post(self, where: httpx.URL, content: bytes, largest: int) -> Reply:
        """Send ``content``, which is JSON, and return the reply, of ``largest`` bytes at most.

        Raises:
            WireError: There is no whole reply within the time, or it is too large.
        """
        # The library's limits are for each read, so a trickle of bytes would never end.
        is_over = threading.Event()
        watch = threading.Timer(self._timeout, self._hang_up, (is_over,))
        watch.daemon = True
        watch.start()
        try:
            return self._post(where, content, largest)
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError) as error:
            late = is_over.is_set() or isinstance(error, httpx.TimeoutException)
            raise WireError(self._timed_out() if late else _in_words(error)) from None
        finally:
            watch.cancel()

    def _post(self, where: httpx.URL, content: bytes, largest: int) -> Reply:
        with self._client.stream(
            "POST",
            where,
            content=content,
            headers={"Content-Type": "application/json"},
            extensions={"trace": self._trace},
        ) as response:
            headers = MappingProxyType({k.lower(): v for k, v in response.headers.items()})
            if headers.get("content-encoding", "identity") != "identity":
                # A few bytes can be packed gigabytes.
                raise WireError("The endpoint sent a compressed reply, which was not asked for.")
            body = bytearray()
            for chunk in response.iter_raw():
                body += chunk
                if len(body) > largest:
                    raise WireError(f"The endpoint's reply is larger than {largest >> 20} MiB.")
            return Reply(response.status_code, bytes(body), headers)

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._socket = info["return_value"].get_extra_info("socket")

    def _hang_up(self, is_over: threading.Event) -> None:
        is_over.set()
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _timed_out(self) -> str:
        return f"The endpoint gave no whole reply within {self._timeout:g} seconds."


@cache
def _trusted() -> ssl.SSLContext:
    """Return whom to trust, which takes long to read."""
    return httpx.create_ssl_context(trust_env=False)


def _in_words(error: Exception) -> str:
    if isinstance(error, httpx.ConnectError):
        return f"The endpoint cannot be reached: {str(error).rstrip('.') or 'no connection'}."
    if isinstance(error, httpx.RemoteProtocolError):
        return "The endpoint broke off, or does not speak HTTP."
    return f"The connection to the endpoint failed ({type(error).__name__})."
