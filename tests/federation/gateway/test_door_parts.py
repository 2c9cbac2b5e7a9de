"""Parts of the door for themselves: counting failures, the log, what it loads."""

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.federation.gateway import limits
from fedtranslate.federation.gateway.accesslog import Access, AccessLog, line_of
from fedtranslate.federation.gateway.door import is_misframed
from fedtranslate.federation.gateway.limits import Failures, network_of


class Clock:
    """Time that passes when it is told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_failures_are_forgiven_up_to_a_number_and_after_a_time() -> None:
    clock = Clock()
    failures = Failures(3, 60, clock)
    for _ in range(3):
        failures.count("10.0.0.1")
    assert not failures.is_blocked("10.0.0.1")
    failures.count("10.0.0.1")
    assert failures.is_blocked("10.0.0.1")
    assert not failures.is_blocked("10.0.0.2")
    clock.now += 61
    assert not failures.is_blocked("10.0.0.1")


def test_an_ipv6_network_counts_as_one_address() -> None:
    failures = Failures(1, 60, Clock())
    failures.count("2001:db8::1")
    failures.count("2001:db8::2")
    assert failures.is_blocked("2001:db8::3")
    assert not failures.is_blocked("2001:db8:0:1::3")
    assert network_of("::ffff:10.0.0.1") == "10.0.0.1"


def test_memory_of_failures_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_MAX_ADDRESSES", 100)
    failures = Failures(3, 60, Clock())
    for number in range(1000):
        for _ in range(5):
            failures.count(f"10.0.{number // 250}.{number % 250}")
    assert len(failures._times) == 100
    assert sum(map(len, failures._times.values())) <= 400


def access(status: int = 200, *, size: int = 0, routine: bool = False) -> Access:
    return Access("10.0.0.1", "POST", b"/v1/x", status, size, 0, 0.5, routine)


def test_routine_is_no_line_but_large_or_failed_messages_are() -> None:
    lines: list[str] = []
    log = AccessLog(lines.append, Clock())
    log.note(access(routine=True))
    assert lines == []
    log.note(access(routine=True, size=100_000))
    log.note(access(502, routine=True))
    log.note(access())
    assert lines == [
        "10.0.0.1 POST /v1/x 200 in=100000 out=0 500ms",
        "10.0.0.1 POST /v1/x 502 in=0 out=0 500ms",
        "10.0.0.1 POST /v1/x 200 in=0 out=0 500ms",
    ]


def test_refused_requests_are_counted_when_they_are_too_many_to_write() -> None:
    lines: list[str] = []
    clock = Clock()
    log = AccessLog(lines.append, clock)
    for _ in range(500):
        log.note(access(403))
    assert len(lines) == 60
    clock.now += 60
    log.note(access(403))
    assert lines[60:] == [
        "440 more refused requests in that minute",
        "10.0.0.1 POST /v1/x 403 in=0 out=0 500ms",
    ]


@given(st.binary(max_size=300))
def test_whatever_a_stranger_asks_for_is_one_plain_line(path: bytes) -> None:
    shown = line_of(Access("::1", "GET", path, 403, 0, 0, 0.0, False))
    assert shown.isascii()
    assert shown.isprintable()
    assert len(shown) < 700


@pytest.mark.parametrize(
    ("headers", "version", "misframed"),
    [
        ([], "1.1", False),
        ([(b"content-length", b"3")], "1.1", False),
        ([(b"transfer-encoding", b"chunked")], "1.1", False),
        ([(b"transfer-encoding", b"chunked")], "1.0", True),
        ([(b"transfer-encoding", b"gzip")], "1.1", True),
        ([(b"content-length", b"3"), (b"content-length", b"3")], "1.1", True),
        ([(b"content-length", b"3"), (b"transfer-encoding", b"chunked")], "1.1", True),
        ([(b"content-length", b"+3")], "1.1", True),
        ([(b"content-length", b"9" * 30)], "1.1", True),
        ([(b"content-length", "٣".encode())], "1.1", True),
    ],
)
def test_a_length_is_plain_or_refused(
    headers: list[tuple[bytes, bytes]], version: str, misframed: bool
) -> None:
    assert is_misframed({"headers": headers, "http_version": version}) is misframed


def test_the_door_loads_no_source_code_no_model_and_no_flower() -> None:
    program = (
        "import json, sys, fedtranslate.federation.gateway.__main__\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    loaded = set(json.loads(done.stdout))
    assert "uvicorn" in loaded
    assert not loaded & {"torch", "flwr", "transformers", "numpy", "fedtranslate.corpus"}
    assert not loaded & {"fedtranslate.languages", "fedtranslate.prompts", "fedtranslate.records"}
