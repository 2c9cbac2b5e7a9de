"""Waits: they grow, they are bounded, and a pause is no failure of the questions in it."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.migration.engines.pacing import (
    Advice,
    Breaker,
    Gate,
    asked_wait,
    delay_before,
)


@given(st.integers(0, 10**6), st.integers())
def test_no_wait_is_longer_than_half_a_minute(again: int, seed: int) -> None:
    assert 0.25 <= delay_before(again, random.Random(seed)) <= 30


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("0", 0),
        ("12.5", 12.5),
        ("-3", 0),
        ("inf", 300),
        ("nan", None),
        ("Wed, 21 Oct 2026 07:28:30 GMT", 30),
        ("Wed, 21 Oct 2026 07:00:00 GMT", 0),
        ("Wed, 21 Oct 99999 07:28:00 GMT", None),
        ("tomorrow", None),
        ("", None),
    ],
)
def test_a_server_may_ask_for_seconds_or_for_a_date(
    header: str | None, seconds: float | None
) -> None:
    assert asked_wait(header, "Wed, 21 Oct 2026 07:28:00 GMT", 5.0) == seconds


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_header_is_too_odd(header: str, date: str) -> None:
    wait = asked_wait(header, date, 1e9)
    assert wait is None or 0 <= wait <= 300


@given(st.lists(st.floats(0, 5), min_size=2, max_size=30), st.floats(1, 600))
def test_turns_are_never_nearer_than_the_rate(gaps: list[float], rate: float) -> None:
    now = 0.0
    gate = Gate(rate, lambda: now)
    turns = []
    for gap in gaps:
        now += gap
        turns.append(now + gate.turn())
    assert all(b - a >= 60 / rate - 1e-9 for a, b in pairwise(turns))


def test_a_gate_is_closed_for_the_longest_that_was_asked() -> None:
    now = 0.0
    gate = Gate(None, lambda: now)
    assert (gate.turn(), gate.turn(), gate.closed_for()) == (0, 0, 0)
    gate.close_for(5)
    gate.close_for(2)
    now = 1.0
    assert gate.closed_for() == 4


def test_a_breaker_pauses_once_and_then_stops() -> None:
    now = 0.0
    breaker = Breaker(3, 10, lambda: now)
    assert [breaker.failed(0) for _ in range(4)] == [
        Advice.LEAVE,
        Advice.LEAVE,
        Advice.REPEAT,
        Advice.REPEAT,
    ]
    assert breaker.pausing() == 10
    now = 10.0
    assert breaker.pausing() == 0
    assert breaker.failed(9.9) is Advice.REPEAT
    assert breaker.failed(10.0) is Advice.STOP


def test_an_answer_makes_all_failures_forgotten() -> None:
    breaker = Breaker(2, 10, lambda: 0.0)
    for _ in range(5):
        assert breaker.failed(0) is Advice.LEAVE
        breaker.succeeded()
    breaker.failed(0)
    breaker.failed(0)
    breaker.succeeded()
    assert breaker.pausing() == 0
    assert breaker.failed(0) is Advice.LEAVE
