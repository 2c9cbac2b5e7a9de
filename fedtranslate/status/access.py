"""Who may ask what: names of the host, the token, and headers that keep the page to itself."""

import hashlib
import hmac
import re
from collections import OrderedDict
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?")
_TRIES = 10
_TRIES_SECONDS = 60.0
_MAX_CLIENTS = 1_000
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class AccessError(Exception):
    """A request that is not answered; ``status`` is HTTP's."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Keeper:
    """Knows the token, and how often each client was wrong.

    Args:
        token: Empty where there is none; then none is right.
        clock: Gives seconds, from any time on.
    """

    def __init__(self, token: str, clock: Callable[[], float]) -> None:
        self._digest = _digest(token) if token else b""
        self._clock = clock
        self._wrong: OrderedDict[str, list[float]] = OrderedDict()

    def has_token(self, authorization: str | None, client: str) -> bool:
        """Tell whether a request came with the token; one without any is no wrong try.

        Raises:
            AccessError: The token is wrong, or the client was wrong too often within a minute: then
                the right token is not looked at either.
        """
        if authorization is None:
            return False
        now = self._clock()
        wrong = [at for at in self._wrong.pop(client, []) if now - at < _TRIES_SECONDS]
        if wrong:
            self._wrong[client] = wrong
        if len(wrong) >= _TRIES:
            raise AccessError(429, "The token was wrong too often. Wait a minute.")
        scheme, _, given = authorization.partition(" ")
        is_right = hmac.compare_digest(_digest(given.strip()), self._digest)
        if scheme.lower() == "bearer" and is_right:
            return True
        self._wrong[client] = [*wrong, now]
        while len(self._wrong) > _MAX_CLIENTS:
            self._wrong.popitem(last=False)
        raise AccessError(401, "The token is wrong.")

    def need(self, authorization: str | None, client: str) -> None:
        """Let only requests with the token through.

        Raises:
            AccessError: It is missing or wrong.
        """
        if not self.has_token(authorization, client):
            raise AccessError(401, "This needs the token of the status page.")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


class Guard:
    """Around the whole application: answers only to its own names, and sets the headers.

    A name of somebody else's that leads to this machine (DNS rebinding) is refused, and so is
    what changes something on behalf of another page.

    Args:
        app: What it guards.
        names: Gives the names besides those of loopback.
    """

    def __init__(self, app: ASGIApp, names: Callable[[], tuple[str, ...]]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # there are no web sockets here
            await send({"type": "websocket.close", "code": 1000})
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        headers = Headers(scope=scope)
        problem = self._problem(headers, scope["method"])
        if problem is not None:
            status, message = problem
            await JSONResponse({"error": message}, status)(scope, receive, with_headers)
            return
        await self._app(scope, receive, with_headers)

    def _problem(self, headers: Headers, method: str) -> tuple[int, str] | None:
        hosts = headers.getlist("host")
        match = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        if match is None:
            return 400, "The Host header is missing or malformed."
        if match.group(1).lower() not in _LOOPBACK | _bracketed(self._names()):
            return 421, "This host is not called so; 'names' in coordinator.toml lists its names."
        origin = headers.get("origin")
        if method not in ("GET", "HEAD") and origin is not None:
            _, _, host = origin.partition("://")
            if host.lower() != hosts[0].lower():
                return 403, "Only the page itself may change something."
        return None


def _bracketed(names: tuple[str, ...]) -> frozenset[str]:
    """Return the names as they stand in a Host header: in lower case, IPv6 in brackets."""
    return frozenset(f"[{name}]".lower() if ":" in name else name.lower() for name in names)
