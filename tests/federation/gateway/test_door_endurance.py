"""The door under those who mean harm, and under kill -9."""

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from doors import Door, new_coordinator, upstream_at
from enrolling import Asker

from fedtranslate.federation.coordinator.members import Members
from fedtranslate.federation.membership.requests import Action

MB = 1024 * 1024


def now() -> int:
    return int(time.time())


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Door]:
    """A door that is not started yet."""
    opened = Door(*new_coordinator(tmp_path / "coordinator"))
    yield opened
    opened.kill()


def seconds_until_closed(connection: socket.socket, piece: bytes, pause: float) -> float:
    """Send ``piece`` again and again; return how long the other end puts up with it."""
    started = time.monotonic()
    connection.settimeout(pause)
    while time.monotonic() - started < 20:
        try:
            if piece:
                connection.sendall(piece)
            if not connection.recv(4096):
                break
        except TimeoutError:
            continue
        except OSError:
            break
    return time.monotonic() - started


def test_who_says_nothing_or_dribbles_a_head_is_cut_off(door: Door) -> None:
    with door.socket() as silent:
        assert seconds_until_closed(silent, b"", 0.2) < 5
    with door.socket() as dribbling:
        dribbling.sendall(b"POST /v1/fleet/echo HTTP/1.1\r\n")
        assert seconds_until_closed(dribbling, b"X-A: b\r\n", 0.2) < 5
    with door.socket() as second:
        second.sendall(b"GET /v1/sites/health HTTP/1.1\r\nHost: a\r\n\r\n")
        assert second.recv(4096)
        assert seconds_until_closed(second, b"G", 0.2) < 5


@pytest.mark.usefixtures("upstream")
def test_who_dribbles_a_body_is_cut_off_and_the_superlink_is_free_again(door: Door) -> None:
    head = b"POST /v1/fleet/push HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"
    with door.socket() as connection:
        connection.sendall(head)
        assert seconds_until_closed(connection, b"", 0.5) < 8
    with door.socket() as connection:
        connection.sendall(head.replace(b"fleet/push", b"sites/join"))
        assert seconds_until_closed(connection, b"", 0.5) < 8
    assert door.ask("POST", "/v1/fleet/echo", b"hi") == (200, b"hi")


@pytest.mark.usefixtures("upstream")
def test_who_does_not_read_the_answer_is_cut_off(door: Door) -> None:
    started = time.monotonic()
    with door.socket() as connection:
        connection.sendall(b"GET /v1/fleet/flood HTTP/1.1\r\nHost: a\r\n\r\n")
        time.sleep(4)  # what fits into the buffers is there; nobody reads the rest
        read = 0
        with suppress(OSError, ssl.SSLError):
            while piece := connection.recv(MB):
                read += len(piece)
    assert read < 60 * MB
    assert time.monotonic() - started < 15


def test_a_head_without_end_is_refused(door: Door) -> None:
    answer = door.raw(b"GET /v1/sites/health HTTP/1.1\r\nX: " + b"a" * 200_000)
    assert answer == b"" or answer.split()[1] == b"400"


def test_noise_instead_of_tls_or_http_harms_nobody(door: Door) -> None:
    for noise in (b"GET / HTTP/1.1\r\n\r\n", os.urandom(4096)):
        with socket.create_connection(("127.0.0.1", door.settings.port), 10) as plain:
            plain.sendall(noise)
            with suppress(OSError):
                plain.recv(4096)
    assert door.raw(os.urandom(2048) + b"\r\n\r\n").split()[1] == b"400"
    assert door.ask("GET", "/v1/sites/health")[0] == 200


def test_200_mb_in_pieces_of_5_mib_pass_in_bounded_memory(fresh: Door) -> None:
    fresh.start()
    assert fresh.process is not None
    piece = os.urandom(5 * MB)
    with upstream_at(fresh.place, fresh.settings):
        for _ in range(2):  # what a first request loads does not count
            assert fresh.ask("POST", "/v1/fleet/echo", piece) == (200, piece)
        before = memory_of(fresh.process.pid)
        errors: list[object] = []

        def transfer() -> None:
            with closing(fresh.connect()) as connection:
                for _ in range(10):
                    connection.request("POST", "/v1/fleet/echo", piece)
                    answer = connection.getresponse()
                    if answer.read() != piece:
                        errors.append(answer.status)

        threads = [threading.Thread(target=transfer) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        after = memory_of(fresh.process.pid)
    assert errors == []
    assert after["VmHWM"] - before["VmRSS"] < 25 * MB
    assert after["VmRSS"] - before["VmRSS"] < 15 * MB


def memory_of(pid: int) -> dict[str, int]:
    """Return the bytes a process holds (VmRSS), and held at most (VmHWM)."""
    text = Path(f"/proc/{pid}/status").read_text()
    return {name: int(size) * 1024 for name, size in re.findall(r"^(\w+):\s+(\d+) kB", text, re.M)}


def test_a_site_whose_answer_was_killed_asks_again_and_is_in(fresh: Door) -> None:
    site = Asker()
    with Members(fresh.place.members) as members:
        site.invited(members, now(), approves=True)
    fresh.start(
        patch="import os, signal\n"
        "from fedtranslate.federation.gateway import enrolment\n"
        "asked = enrolment.answer\n"
        "def answer(*given):\n"
        "    asked(*given)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "enrolment.answer = answer\n"
    )
    with pytest.raises((OSError, ssl.SSLError)):
        fresh.post(Action.JOIN, site.ask(Action.JOIN, now())[1])
    fresh.kill()
    fresh.start()
    status, answer = fresh.post(Action.JOIN, site.ask(Action.JOIN, now())[1])
    assert (status, answer["state"]) == (200, "approved")
    status, answer = fresh.post(Action.JOIN, Asker(token=site.token).ask(Action.JOIN, now())[1])
    assert (status, answer["refused"]) == (403, "invite-used")


def test_of_two_joins_at_once_one_is_in(door: Door) -> None:
    site = Asker("pair")
    with Members(door.place.members) as members:
        site.invited(members, now())
    askers = [Asker("pair", token=site.token) for _ in range(4)]
    barrier, answers = threading.Barrier(len(askers)), []

    def join(asker: Asker) -> None:
        outer = asker.ask(Action.JOIN, now())[1]
        barrier.wait()
        answers.append(door.post(Action.JOIN, outer))

    threads = [threading.Thread(target=join, args=(asker,)) for asker in askers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status for status, _ in answers) == [200, 403, 403, 403]


def test_a_request_is_answered_once_and_a_late_clock_is_told(door: Door) -> None:
    site = Asker("once")
    with Members(door.place.members) as members:
        site.approved(members, now())
    outer = site.ask(Action.STATUS, now())[1]
    assert door.post(Action.STATUS, outer)[0] == 200
    assert door.post(Action.STATUS, outer)[1]["refused"] == "replayed"
    status, answer = door.post(Action.STATUS, site.ask(Action.STATUS, now() - 3600)[1])
    assert (status, answer["refused"]) == (403, "clock")
    assert abs(answer["time"] - now()) < 10


def test_an_address_with_many_refused_requests_has_to_wait(fresh: Door) -> None:
    fresh.start()
    site = Asker()
    with Members(fresh.place.members) as members:
        site.approved(members, now())
    for _ in range(31):
        assert fresh.ask("POST", "/v1/sites/join", b"noise")[0] == 400
    status, answer = fresh.post(Action.STATUS, site.ask(Action.STATUS, now())[1])
    assert (status, answer["refused"]) == (503, "busy")
    assert fresh.ask("GET", "/v1/sites/health")[0] == 200


def test_the_log_holds_no_tokens_and_strangers_cannot_fill_it(fresh: Door) -> None:
    fresh.start()
    site = Asker()
    with Members(fresh.place.members) as members:
        site.invited(members, now())
    fresh.post(Action.JOIN, site.ask(Action.JOIN, now())[1])
    fresh.ask("GET", f"/v1/sites/join?token={site.token}")
    fresh.raw(b"GET /\x1b[31m HTTP/1.1\r\nHost: a\r\n\r\n")
    for _ in range(150):
        fresh.ask("GET", "/v1/control/x")
    assert fresh.stop() == 0
    assert site.token not in fresh.log
    assert "POST /v1/sites/join 200" in fresh.log
    assert "\x1b" not in fresh.log
    assert len(fresh.log.splitlines()) < 70 + 60  # a minute may turn meanwhile


def test_the_register_being_unusable_is_told_without_its_place(fresh: Door) -> None:
    fresh.start()
    fresh.place.members.write_bytes(b"no database" * 1000)
    status, answer = fresh.post(Action.STATUS, Asker().ask(Action.STATUS, now())[1])
    assert (status, answer["refused"]) == (503, "busy")
    assert str(fresh.place.root) not in json.dumps(answer)
    assert "members.db is damaged" in fresh.log


def test_a_request_that_is_under_way_is_answered_after_sigterm(fresh: Door) -> None:
    fresh.start()
    assert fresh.process is not None
    with upstream_at(fresh.place, fresh.settings), closing(fresh.connect()) as connection:
        connection.putrequest("POST", "/v1/fleet/echo")
        connection.putheader("Content-Length", "10")
        connection.endheaders(b"first")
        time.sleep(0.3)
        fresh.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        connection.send(b"after")
        assert connection.getresponse().read() == b"firstafter"
        assert fresh.process.wait(10) == 0  # though the client does not hang up


def test_sigterm_ends_connections_that_rest_at_once(fresh: Door) -> None:
    fresh.start()
    assert fresh.process is not None
    with closing(fresh.connect()) as connection:
        connection.request("GET", "/v1/sites/health")
        assert connection.getresponse().read()
        fresh.process.send_signal(signal.SIGTERM)
        assert fresh.process.wait(8) == 0


def test_a_folder_that_is_none_is_told_in_a_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fedtranslate.federation.gateway", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "is not the folder of a coordinator" in done.stderr
    assert "Traceback" not in done.stderr


def test_one_address_cannot_take_all_connections(fresh: Door) -> None:
    fresh.start(
        patch="from fedtranslate.federation.gateway import deadlines\n"
        "deadlines.MAX_CONNECTIONS_OF_ONE = 3\n"
    )
    held = [fresh.socket() for _ in range(3)]
    with suppress(OSError), fresh.socket() as fourth:
        fourth.sendall(b"GET /v1/sites/health HTTP/1.1\r\nHost: a\r\n\r\n")
        assert fourth.recv(100) == b""
    for connection in held:
        connection.close()
    time.sleep(0.3)
    assert fresh.ask("GET", "/v1/sites/health")[0] == 200
