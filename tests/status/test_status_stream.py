"""The stream of the status page, over a real connection."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from example_place import at, put_run, served, tell, write

from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.status import stream


class Listener:
    """Reads a stream in a thread of its own."""

    def __init__(self, port: int, headers: dict[str, str] | None = None) -> None:
        self.events: list[tuple[float, dict[str, Any], str]] = []
        self._news = threading.Condition()
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False)
        self._thread = threading.Thread(target=self._read, args=(headers or {},), daemon=True)
        self._thread.start()

    def _read(self, headers: dict[str, str]) -> None:
        mark = ""
        try:
            with self._client.stream("GET", "/api/stream", headers=headers, timeout=30) as answer:
                assert answer.headers["content-type"].startswith("text/event-stream")
                for line in answer.iter_lines():
                    if line.startswith("id: "):
                        mark = line[4:]
                    if line.startswith("data: "):
                        with self._news:
                            told = json.loads(line[6:])
                            self.events.append((time.monotonic(), told, mark))
                            self._news.notify_all()
        except httpx.HTTPError:
            return

    def wait(self, count: int, seconds: float = 10) -> None:
        with self._news:
            assert self._news.wait_for(lambda: len(self.events) >= count, seconds), self.events

    def close(self) -> None:
        self._client.close()


@pytest.fixture
def port(grove: CoordinatorPlace) -> Iterator[int]:
    with served(grove) as found:
        yield found


def test_a_new_event_is_told_within_a_second(grove: CoordinatorPlace, port: int) -> None:
    listener = Listener(port)
    listener.wait(1)
    assert listener.events[0][1]["events"] == []
    began = time.monotonic()
    tell(grove.run("elm"), "evaluated", 3, "At 10.0.0.1:5 it is evaluated.", at(2), loss=1.5)
    listener.wait(2)
    when, told, _ = listener.events[1]
    assert when - began < 1
    (event,) = told["events"]
    assert (event["kind"], event["text"]) == ("evaluated", "At … it is evaluated.")
    listener.close()


def test_who_comes_again_is_told_what_was_missed(grove: CoordinatorPlace, port: int) -> None:
    listener = Listener(port)
    listener.wait(1)
    mark = listener.events[0][2]
    listener.close()
    tell(grove.run("elm"), "evaluated", 3, "Missed.", at(2))
    again = Listener(port, {"Last-Event-ID": mark})
    again.wait(1)
    assert [event["text"] for event in again.events[0][1]["events"]] == ["Missed."]
    again.close()
    stranger = Listener(port, {"Last-Event-ID": "ffffffff-1"})
    stranger.wait(1)
    assert stranger.events[0][1]["events"] == []
    stranger.close()


def test_changes_of_files_are_told_too(grove: CoordinatorPlace, port: int) -> None:
    listener = Listener(port)
    listener.wait(1)
    write(grove.run("elm") / "status.json", {"state": "completed", "reason": ""})
    listener.wait(2)
    assert listener.events[1][1]["version"] > listener.events[0][1]["version"]
    listener.close()


def knock(port: int) -> tuple[socket.socket, bytes]:
    """Ask for the stream, and return the connection with the first line of the answer."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
    answer = b""
    while b"retry" not in answer:
        answer += connection.recv(4096)
    return connection, answer


def test_so_many_can_listen_and_no_more(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MAX_LISTENERS", 3)
    connections = [knock(port)[0] for _ in range(3)]
    full, answer = knock(port)
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 10" in answer
    connections.pop().close()
    end = time.monotonic() + 10
    while answer.startswith(b"HTTP/1.1 503 ") and time.monotonic() < end:
        full.close()
        full, answer = knock(port)
    assert answer.startswith(b"HTTP/1.1 200 ")
    for connection in (*connections, full):
        connection.close()


def test_the_server_ends_while_somebody_listens(grove: CoordinatorPlace) -> None:
    with served(grove) as port:
        connection, _ = knock(port)
        began = time.monotonic()
    assert time.monotonic() - began < 3
    assert connection.recv(1 << 20)
    connection.close()


def test_a_listener_hears_a_beat_while_nothing_happens(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "_BEAT_SECONDS", 0.2)
    listener = Listener(port)
    listener.wait(3)
    assert [told for _, told, _ in listener.events[1:3]] == [{}, {}]
    listener.close()


def test_a_listener_that_reads_nothing_holds_up_nobody(grove: CoordinatorPlace, port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as stuck:
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        stuck.sendall(b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        listener = Listener(port)
        listener.wait(1)
        for number in range(5):
            put_run(grove, f"ash-{number}", 1)
            listener.wait(len(listener.events) + 1)
        listener.close()
