"""A coordinator's folder, a real door in a process of its own, and a stand-in for the SuperLink."""

import hashlib
import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from enrolling import FEDERATION
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from fedtranslate.config.coordinator import CoordinatorSettings
from fedtranslate.federation.coordinator.founding import found
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.federation.membership.requests import Action, Signed

WAIT_SECONDS = 30.0
Body = bytes | str | Iterable[bytes] | None
_PROGRAM = """
import sys
from fedtranslate.federation.gateway.__main__ import main
sys.exit(main())
"""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def new_coordinator(root: Path, **changes: object) -> tuple[CoordinatorPlace, CoordinatorSettings]:
    """Make the folder of a coordinator with ports that are free."""
    values: dict[str, object] = {
        "federation": FEDERATION,
        "organisation": "Trade AG",
        **{name: free_port() for name in ("port", "link_port", "gateway_port", "page_port")},
        "invite_days": 7,
    }
    lines = (f"{key} = {json.dumps(value)}\n" for key, value in (values | changes).items())
    place = CoordinatorPlace(root)
    return place, found(place, "".join(lines), int(time.time())).settings


@dataclass
class Upstream:
    """Stands in for the SuperLink: says what came, and answers everywhere."""

    seen: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    """Raw path and headers of each request."""

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST"])])

    async def _answer(self, request: Request) -> Response:
        self.seen.append((request.scope["raw_path"], dict(request.headers)))
        name = request.url.path.rpartition("/")[2]
        if name == "echo":
            return Response(await request.body(), headers={"x-own": "kept"})
        if name == "flood":
            return StreamingResponse(_flood())
        if name == "cut":
            return StreamingResponse(_cut(), headers={"content-length": "100"})
        digest, size = hashlib.sha256(), 0
        async for piece in request.stream():
            digest.update(piece)
            size += len(piece)
        return JSONResponse({"size": size, "sha256": digest.hexdigest()}, status_code=201)


async def _flood() -> AsyncIterator[bytes]:
    for _ in range(64):
        yield bytes(1024 * 1024)


async def _cut() -> AsyncIterator[bytes]:
    yield b"half"
    raise ConnectionResetError


@contextmanager
def upstream_at(
    place: CoordinatorPlace, settings: CoordinatorSettings, key: Path | None = None
) -> Iterator[Upstream]:
    """Run the stand-in with the coordinator's certificate."""
    upstream = Upstream()
    config = uvicorn.Config(
        upstream.app(),
        port=settings.link_port,
        ssl_certfile=place.server_certificate,
        ssl_keyfile=key or place.server_key,
        log_level="critical",
        ws="none",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    _until(lambda: server.started)
    try:
        yield upstream
    finally:
        server.should_exit = True
        thread.join(10)


class Door:
    """A door that runs."""

    def __init__(self, place: CoordinatorPlace, settings: CoordinatorSettings) -> None:
        self.place = place
        self.settings = settings
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str, patch: str = "") -> None:
        """Start it; ``patch`` is Python that runs in its process first."""
        program = f"{patch}\n{_PROGRAM}"
        with (self.place.logs / "gateway.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", program, str(self.place.root), *options],
                stderr=log,
                env={**os.environ, "HTTPS_PROXY": "http://127.0.0.1:1"},
            )
        behind = "--behind" in options
        port = self.settings.gateway_port if behind else self.settings.port
        wait_for_port(port, self.process)

    @property
    def log(self) -> str:
        return (self.place.logs / "gateway.log").read_text()

    def stop(self) -> int:
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(WAIT_SECONDS)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.place.ca_certificate)

    def connect(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(
            "127.0.0.1", self.settings.port, context=self.context(), timeout=WAIT_SECONDS
        )

    def ask(
        self, method: str, path: str, body: Body = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Return status and body of the answer to one request."""
        with closing(self.connect()) as connection:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()

    def post(self, action: Action, outer: Signed) -> tuple[int, dict[str, Any]]:
        status, body = self.ask("POST", f"/v1/sites/{action}", outer.model_dump_json())
        return status, json.loads(body)

    def socket(self) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", self.settings.port), WAIT_SECONDS)
        return self.context().wrap_socket(plain, server_hostname="127.0.0.1")

    def raw(self, request: bytes) -> bytes:
        """Send bytes as they are; return all that comes back, even if the door shuts in between."""
        answer = b""
        with self.socket() as connection:
            with suppress(ConnectionError, ssl.SSLEOFError):
                connection.sendall(request)
            with suppress(ConnectionError, ssl.SSLEOFError):
                while piece := connection.recv(65536):
                    answer += piece
        return answer


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    def is_open() -> bool:
        assert process.poll() is None, "the program has ended"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    _until(is_open)


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.02)
