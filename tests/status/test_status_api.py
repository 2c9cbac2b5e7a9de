"""The interface of the status page: who gets what, under which name, and how soon."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from example_place import NOW, TOKEN, at, example, put_round, put_run, served, tell, write
from starlette.testclient import TestClient

from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.status import stream
from fedtranslate.status.app import status_app

READING = ("/api/snapshot", "/api/runs/elm", "/api/events")
OPEN = ("/", "/page.css", "/page.js", "/health")
BEARER = {"Authorization": f"Bearer {TOKEN}"}
WRONG = {"Authorization": "Bearer another"}


class Clock:
    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def place(tmp_path: Path) -> CoordinatorPlace:
    return example(tmp_path)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(place: CoordinatorPlace, clock: Clock) -> TestClient:
    return TestClient(status_app(place, TOKEN, clock=clock), base_url="http://localhost:9446")


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """Return a client of a coordinator that no test changes."""
    place = example(tmp_path_factory.mktemp("calm"))
    return TestClient(status_app(place, TOKEN, clock=Clock()), base_url="http://localhost:9446")


def test_the_snapshot_tells_of_sites_runs_releases_and_events(calm: TestClient) -> None:
    told = calm.get("/api/snapshot").json()
    assert (told["federation"], told["organisation"]) == ("grove", "Grove Ltd.")
    assert [site["name"] for site in told["sites"]] == ["alder", "birch", "cedar"]
    assert told["sites"][2]["reason"] == "it did not answer in time"
    assert [(run["name"], run["state"]) for run in told["runs"]] == [
        ("elm", "running"),
        ("oak", "completed"),
    ]
    assert told["runs"][0]["sent_bytes"] == 3 * 3 * 210_000
    assert told["runs"][0]["received_bytes"] == 8 * 200_000
    assert [release["in_use"] for release in told["releases"]] == [True, False]
    assert told["events"][0]["text"] == "Round 3 joined the adapters of alder, birch."
    assert told["events"][0]["number"] == told["last_event"]


def test_a_run_is_told_round_by_round(calm: TestClient) -> None:
    told = calm.get("/api/runs/elm").json()
    assert told["numbers"] == [0, 1, 2, 3]
    assert told["losses"][3] is None
    cedar = told["by_site"][2]
    assert cedar["took_part"] == [False, True, True, False]
    assert cedar["received"] == [None, 200_000, 200_000, None]
    assert cedar["left_out"] == [{"round": 3, "reason": "it did not answer in time"}]
    assert all(len(site["losses"]) == 4 for site in told["by_site"])


def test_events_are_told_from_a_number_on(calm: TestClient) -> None:
    last = calm.get("/api/snapshot").json()["last_event"]
    told = calm.get("/api/events", params={"after": last - 2}).json()
    assert [event["number"] for event in told["events"]] == [last - 1, last]
    assert calm.get("/api/events", params={"after": last}).json()["events"] == []
    earlier = calm.get("/api/events", params={"before": 3}).json()["events"]
    assert [event["number"] for event in earlier] == [2, 1]
    of_oak = calm.get("/api/events", params={"run": "oak", "limit": 3}).json()["events"]
    assert [event["run"] for event in of_oak] == ["oak"] * 3


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "limit=0", "limit=100000", f"after={10**30}"]
)
def test_absurd_numbers_are_refused(calm: TestClient, query: str) -> None:
    assert calm.get(f"/api/events?{query}").status_code == 422


def test_what_has_not_changed_is_not_sent_again(
    client: TestClient, place: CoordinatorPlace
) -> None:
    first = client.get("/api/snapshot")
    known = {"If-None-Match": first.headers["etag"]}
    assert client.get("/api/snapshot", headers=known).status_code == 304
    assert client.get("/api/snapshot", headers=known | BEARER).status_code == 200
    put_round(place.run("elm"), 4)
    assert client.get("/api/snapshot", headers=known).status_code == 200


@pytest.mark.parametrize("path", READING)
def test_what_is_read_is_brief_without_the_token_and_whole_with_it(
    client: TestClient, place: CoordinatorPlace, path: str
) -> None:
    reason = "cannot reach 10.1.2.3:9443. More of it"
    put_round(place.run("elm"), 4, left_out={"birch": reason})
    tell(place.run("elm"), "left-out", 4, f"Site birch is left out: {reason}.", at(1))
    brief, whole = client.get(path), client.get(path, headers=BEARER)
    assert (brief.status_code, whole.status_code) == (200, 200)
    assert "10.1.2.3" not in brief.text
    assert "cannot reach" in brief.text
    assert "cannot reach 10.1.2.3:9443. More of it" in whole.text


@pytest.mark.parametrize("path", READING)
@pytest.mark.parametrize(
    "given",
    [
        "Bearer another",
        "Bearer",
        "Bearer ",
        "",
        f"Basic {TOKEN}",
        TOKEN,
        f"Bearer {TOKEN}x",
        "Bearer \xff",
    ],
)
def test_a_wrong_token_is_refused_everywhere(client: TestClient, path: str, given: str) -> None:
    answer = client.get(path, headers={"Authorization": given.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert TOKEN not in answer.text


@pytest.mark.parametrize("path", OPEN)
@pytest.mark.parametrize("headers", [{}, BEARER, WRONG])
def test_the_page_itself_needs_no_token(
    calm: TestClient, path: str, headers: dict[str, str]
) -> None:
    assert calm.get(path, headers=headers).status_code == 200


def test_stopping_needs_the_token(client: TestClient, place: CoordinatorPlace) -> None:
    wish = place.run("elm") / "stop-requested"
    assert client.post("/api/runs/elm/stop").status_code == 401
    assert client.post("/api/runs/elm/stop", headers=WRONG).status_code == 401
    assert not wish.exists()
    answer = client.post("/api/runs/elm/stop", headers=BEARER)
    assert (answer.status_code, answer.json()) == (202, {"run": "elm", "state": "stopping"})
    assert wish.is_file()
    assert client.get("/api/runs/elm").json()["state"] == "stopping"
    assert client.post("/api/runs/elm/stop", headers=BEARER).status_code == 202


def test_a_run_that_is_over_cannot_be_stopped(client: TestClient, place: CoordinatorPlace) -> None:
    answer = client.post("/api/runs/oak/stop", headers=BEARER)
    assert answer.status_code == 409
    assert answer.json()["error"] == "The run oak is completed: there is nothing to stop."
    assert not (place.run("oak") / "stop-requested").exists()


def test_without_a_token_of_its_own_the_page_takes_none(place: CoordinatorPlace) -> None:
    client = TestClient(status_app(place, ""), base_url="http://localhost")
    for given in ("Bearer ", "Bearer", "Bearer x"):
        headers = {"Authorization": given}
        assert client.post("/api/runs/elm/stop", headers=headers).status_code == 401
    assert client.get("/api/snapshot").status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "..",
        "%2e%2e",
        "..%2f..%2fsecrets",
        "%2fetc",
        "elm%00",
        "elm%2f..%2foak",
        "ELM",
        "e" * 5000,
        "%ff",
    ],
)
def test_no_name_leads_out_of_the_runs(
    client: TestClient, place: CoordinatorPlace, name: str
) -> None:
    before = sorted(place.root.rglob("*"))
    assert client.get(f"/api/runs/{name}").status_code in (404, 307)
    assert client.post(f"/api/runs/{name}/stop", headers=BEARER).status_code in (404, 405)
    # The register's own files come and go with every look.
    assert [p for p in sorted(place.root.rglob("*")) if "members" not in p.name] == [
        p for p in before if "members" not in p.name
    ]


def test_a_link_in_the_place_of_the_request_is_not_followed(
    client: TestClient, place: CoordinatorPlace, tmp_path: Path
) -> None:
    (place.run("elm") / "stop-requested").symlink_to(tmp_path / "made-by-the-page")
    client.post("/api/runs/elm/stop", headers=BEARER)
    assert not (tmp_path / "made-by-the-page").exists()


def test_many_wrong_tokens_shut_the_door_for_a_minute(client: TestClient, clock: Clock) -> None:
    for _ in range(10):
        assert client.get("/api/snapshot", headers=WRONG).status_code == 401
    assert client.get("/api/snapshot", headers=BEARER).status_code == 429
    assert client.get("/api/snapshot").status_code == 200
    clock.now += 61
    assert client.get("/api/snapshot", headers=BEARER).status_code == 200


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:9446", "[::1]:9446", "LOCALHOST:1", "fed.grove.example:9446"]
)
def test_its_own_names_are_answered(calm: TestClient, host: str) -> None:
    assert calm.get("/api/snapshot", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example:9446", 421),
        ("grove.example", 421),
        ("10.0.0.1", 421),
        ("", 400),
        ("localhost@evil.example", 400),
        ("localhost/evil", 400),
        ("localhost:port", 400),
    ],
)
@pytest.mark.parametrize("path", ["/", "/health", "/api/snapshot", "/api/stream", "/nowhere"])
def test_no_other_host_is_answered(calm: TestClient, host: str, status: int, path: str) -> None:
    answer = calm.get(path, headers={"Host": host})
    assert answer.status_code == status
    assert "grove" not in answer.text


def test_another_page_can_change_nothing(client: TestClient, place: CoordinatorPlace) -> None:
    for origin in ("https://evil.example", "null", "http://localhost:1"):
        answer = client.post("/api/runs/elm/stop", headers=BEARER | {"Origin": origin})
        assert answer.status_code == 403
    assert not (place.run("elm") / "stop-requested").exists()
    own = {"Origin": "http://localhost:9446"}
    assert client.post("/api/runs/elm/stop", headers=BEARER | own).status_code == 202


@pytest.mark.parametrize(
    "path", [*OPEN, *READING, "/nowhere", "/api/runs/none", "/api/events?after=x"]
)
def test_every_answer_keeps_itself_to_the_page(calm: TestClient, path: str) -> None:
    headers = calm.get(path).headers
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", [*OPEN, *READING, "/api/stream"])
def test_nothing_else_can_be_changed(calm: TestClient, method: str, path: str) -> None:
    assert calm.request(method, path, headers=BEARER).status_code == 405


def test_there_is_no_other_page(calm: TestClient) -> None:
    for path in ("/docs", "/redoc", "/openapi.json", "/templates/page.html.j2", "/page.html.j2"):
        assert calm.get(path).status_code == 404


def test_hostile_names_are_text_in_the_page(tmp_path: Path) -> None:
    place = CoordinatorPlace(tmp_path)
    place.settings.write_text(
        'federation = "grove"\norganisation = "<script>alert(1)</script> & \\"co\\""\n', "utf-8"
    )
    text = TestClient(status_app(place, TOKEN), base_url="http://localhost").get("/").text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


def test_damaged_settings_break_nothing(place: CoordinatorPlace) -> None:
    place.settings.write_text("federation = [", "utf-8")
    client = TestClient(status_app(place, TOKEN), base_url="http://localhost")
    assert client.get("/").status_code == 200
    told = client.get("/api/snapshot").json()
    assert told["problems"] == ["coordinator.toml is missing or wrong."]
    assert len(told["runs"]) == 2


# What follows needs a real connection.


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
def port(place: CoordinatorPlace) -> Iterator[int]:
    with served(place) as found:
        yield found


def test_a_new_event_is_told_within_a_second(place: CoordinatorPlace, port: int) -> None:
    listener = Listener(port)
    listener.wait(1)
    assert listener.events[0][1]["events"] == []
    began = time.monotonic()
    tell(place.run("elm"), "evaluated", 3, "At 10.0.0.1:5 it is evaluated.", at(2), loss=1.5)
    listener.wait(2)
    when, told, _ = listener.events[1]
    assert when - began < 1
    (event,) = told["events"]
    assert (event["kind"], event["text"]) == ("evaluated", "At … it is evaluated.")
    listener.close()


def test_who_comes_again_is_told_what_was_missed(place: CoordinatorPlace, port: int) -> None:
    listener = Listener(port)
    listener.wait(1)
    mark = listener.events[0][2]
    listener.close()
    tell(place.run("elm"), "evaluated", 3, "Missed.", at(2))
    again = Listener(port, {"Last-Event-ID": mark})
    again.wait(1)
    assert [event["text"] for event in again.events[0][1]["events"]] == ["Missed."]
    again.close()
    stranger = Listener(port, {"Last-Event-ID": "ffffffff-1"})
    stranger.wait(1)
    assert stranger.events[0][1]["events"] == []
    stranger.close()


def test_changes_of_files_are_told_too(place: CoordinatorPlace, port: int) -> None:
    listener = Listener(port)
    listener.wait(1)
    write(place.run("elm") / "status.json", {"state": "completed", "reason": ""})
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


def test_the_server_ends_while_somebody_listens(place: CoordinatorPlace) -> None:
    with served(place) as port:
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


def test_a_listener_that_reads_nothing_holds_up_nobody(place: CoordinatorPlace, port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as stuck:
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        stuck.sendall(b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        listener = Listener(port)
        listener.wait(1)
        for number in range(5):
            put_run(place, f"ash-{number}", 1)
            listener.wait(len(listener.events) + 1)
        listener.close()
