"""A server in a thread that answers as it is told, well or badly."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[["Handler", dict[str, Any]], None]


class Handler(BaseHTTPRequestHandler):
    """Hands what was asked to the answer of its server, and keeps it."""

    protocol_version = "HTTP/1.1"
    server: "Served"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        asked = json.loads(body)
        with self.server.lock:
            self.server.under_way += 1
            self.server.most = max(self.server.most, self.server.under_way)
            self.server.asked.append(asked)
            self.server.headers.append(dict(self.headers))
            self.server.paths.append(self.path)
        try:
            with suppress(OSError):
                self.server.answer(self, asked)
        finally:
            with self.server.lock:
                self.server.under_way -= 1

    def send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def say(self, *texts: str, **more: object) -> None:
        """Answer as the protocol wants it."""
        choices = [{"message": {"content": t}, "finish_reason": "stop", **more} for t in texts]
        self.send(200, json.dumps({"choices": choices}).encode())

    def refuse(
        self, status: int, message: str = "no", headers: dict[str, str] | None = None
    ) -> None:
        self.send(status, json.dumps({"error": {"message": message}}).encode(), headers)

    def log_message(self, *_: object) -> None: ...


class Served(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, answer: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.lock = threading.Lock()
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.under_way = self.most = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, *_: object) -> None: ...


@contextmanager
def serving(answer: Answer) -> Iterator[Served]:
    server = Served(answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Time:
    """A clock that jumps when somebody sleeps."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self.lock:
            self.now += seconds
            self.slept.append(seconds)
        time.sleep(0)


def code_of(asked: dict[str, Any]) -> str:
    """Return the unit in a question, which is its last paragraph."""
    text: str = asked["messages"][0]["content"]
    return text.rpartition("\n\n")[2]


def echo(handler: Handler, asked: dict[str, Any]) -> None:
    """Answer each question well: by the unit in it, in capitals."""
    handler.say(*[code_of(asked).upper()] * asked.get("n", 1))
