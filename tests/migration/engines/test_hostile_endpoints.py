"""An endpoint that behaves badly: each misdeed costs a request at most, and is said in words."""

import json
import socket
import time
from typing import Any

import pytest
from endpoint_server import Answer, Handler, Time, echo, serving

from fedtranslate.errors import EngineError
from fedtranslate.migration.engines import endpoint, wire
from fedtranslate.migration.engines.base import Candidate, Request
from fedtranslate.migration.engines.endpoint import EndpointEngine

PAIR = ("java", "csharp")
REQUESTS = [Request(f"int a{n};", PAIR) for n in range(30)]
KEY = "sk-a-very-secret-key"


def ask(answer: Answer, **options: Any) -> tuple[Candidate, int]:  # noqa: ANN401
    """Return the one answer to one request, and how many questions it took."""
    time_ = Time()
    plan = {"retries": 2, "api_key": KEY, "sleep": time_.sleep, "clock": time_.clock, **options}
    with serving(answer) as server:
        ((candidate,),) = EndpointEngine(server.url, "m", **plan).write(REQUESTS[:1])
        return candidate, len(server.asked)


def sends(body: bytes, status: int = 200, **headers: str) -> Answer:
    return lambda handler, _: handler.send(status, body, headers)


def chooses(choice: object) -> Answer:
    return sends(json.dumps({"choices": [choice]}).encode())


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (sends(b"<!doctype html><title>Welcome</title>"), "a web page"),
        (sends(b"{"), "no valid JSON"),
        (sends(b"\xff\xfe\x00"), "no valid JSON"),
        (sends(b"[" * 100_000), "no valid JSON"),
        (sends(b'{"choices": [{"text": ' + b"9" * 9000 + b"}]}"), "no valid JSON"),
        (sends(b""), "no valid JSON"),
        (sends(b"[]"), "JSON, but no object"),
        (sends(b"{}"), "no choices"),
        (sends(b'{"choices": []}'), "no choices"),
        (sends(b'{"choices": "many"}'), "no choices"),
        (sends(b'{"error": {"message": "out of\\n memory."}}'), "says: out of memory."),
        (sends(b'{"error": 7}'), "no choices"),
        (sends(b"oops", 500), "failed (HTTP 500)."),
        (sends(b'{"error": "overloaded"}', 529), "failed (HTTP 529): overloaded."),
        (lambda h, _: h.refuse(429, "slow down"), "too many questions (HTTP 429): slow down."),
        (lambda h, _: setattr(h, "close_connection", True), "broke off"),
        (lambda h, _: h.wfile.write(b"hello, who is there?\r\n\r\n"), "broke off"),
    ],
)
def test_what_may_pass_is_asked_again_and_then_said(answer: Answer, said: str) -> None:
    candidate, questions = ask(answer)
    assert said in candidate.failure
    assert candidate.text == ""
    assert not candidate.finished
    assert questions == 3


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda h, _: h.refuse(400, "too long"), "refuses the question (HTTP 400): too long."),
        (lambda h, _: h.refuse(401), "refuses the API key (HTTP 401)"),
        (lambda h, _: h.refuse(404, "no model m"), "no such model or address (HTTP 404)"),
        (sends(b"", 307, Location="http://127.0.0.1:9/"), "is not followed"),
    ],
)
def test_what_does_not_pass_is_said_at_once(answer: Answer, said: str) -> None:
    candidate, questions = ask(answer)
    assert said in candidate.failure
    assert questions == 1


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ("int A;", "no object"),
        ({}, "no text"),
        ({"message": "int A;"}, "no text"),
        ({"message": {"content": None}}, "no text"),
        ({"message": {"content": 7}}, "no text"),
        ({"message": {"content": None, "refusal": "I\nwon't."}}, "refused: I won't."),
        ({"message": {"content": "x"}, "finish_reason": "content_filter"}, "filter"),
        ({"message": {"content": " \n"}}, "gave no code."),
        ({"message": {"content": ""}, "finish_reason": "length"}, "limit of tokens"),
        ({"message": {"content": "\0"}}, "gave no code."),
        ({"message": {"content": "```cs\n```"}}, "gave no code."),
        ({"message": {"content": []}}, "gave no code."),
    ],
)
def test_an_answer_without_code_is_a_failure_in_words(choice: object, said: str) -> None:
    candidate, questions = ask(chooses(choice))
    assert said in candidate.failure
    assert candidate.text == ""
    assert questions == 1


@pytest.mark.parametrize(
    ("choice", "text"),
    [
        ({"message": {"content": "Sure!\n```csharp\nint A;\n```\nDone."}}, "int A;"),
        ({"message": {"content": "int\0 A;"}}, "int A;"),
        ({"message": {"content": "// \ud800\nint A;"}}, "// ?\nint A;"),
        ({"message": {"content": [{"type": "text", "text": "int A;"}, 7]}}, "int A;"),
        ({"message": {"content": "<think>Hm.</think>\nint A;"}}, "int A;"),
        ({"message": {"content": "int A;"}, "logprobs": {"content": "?"}}, "int A;"),
    ],
)
def test_code_is_taken_out_of_what_is_around_it(choice: object, text: str) -> None:
    candidate, _ = ask(chooses(choice))
    assert candidate == Candidate(text, finished=True)


def test_an_answer_cut_at_the_limit_is_not_finished() -> None:
    choice = {"message": {"content": "```cs\nint A"}, "finish_reason": "length"}
    assert ask(chooses(choice))[0] == Candidate("int A", finished=False)


@pytest.mark.parametrize(
    ("logprobs", "score"),
    [
        ({"content": [{"logprob": -1}, {"logprob": -0.5}]}, -0.75),
        ({"content": [{"logprob": -1}, {}]}, None),
        ({"content": [{"logprob": True}]}, None),
        ({"content": [{"logprob": 3.0}]}, None),
        ({"content": []}, None),
        ({"content": [{"logprob": -(10**400)}]}, None),
        (None, None),
        ([], None),
    ],
)
def test_the_score_is_the_mean_of_sound_log_probabilities(
    logprobs: object, score: float | None
) -> None:
    choice = {"message": {"content": "int A;"}, "logprobs": logprobs}
    assert ask(chooses(choice))[0].score == score


def test_numbers_that_are_none_are_no_score() -> None:
    body = b'{"choices": [{"text": "x", "logprobs": {"token_logprobs": [NaN, -Infinity]}}]}'
    assert ask(sends(body))[0] == Candidate("x", finished=True)


def test_more_choices_than_were_asked_for_are_left_alone() -> None:
    candidate, _ = ask(lambda h, _: h.say("int A;", "int B;", "int C;"))
    assert candidate.text == "int A;"


def test_bad_choices_do_not_spoil_good_ones() -> None:
    body = json.dumps({"choices": [7, {"message": {"content": "int A;"}}, {}]}).encode()
    candidate, questions = ask(sends(body), candidates=3)
    assert candidate == Candidate("int A;", finished=True)
    assert questions == 1


def test_a_huge_reply_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fedtranslate.migration.engines.asking.LARGEST", 1 << 20)
    sent = []

    def endless(handler: Handler, _: dict[str, Any]) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for _ in range(2000):
            handler.wfile.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
            sent.append(1)

    candidate, _ = ask(endless, retries=0)
    assert "larger than 1 MiB" in candidate.failure
    assert len(sent) < 1000


def test_a_compressed_reply_is_not_unpacked() -> None:
    candidate, _ = ask(sends(b"\x1f\x8b", **{"Content-Encoding": "gzip"}))
    assert "compressed" in candidate.failure


def stall(*_: object) -> None:
    time.sleep(3)


def trickle_body(handler: Handler, _: dict[str, Any]) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(60):
        handler.wfile.write(b" ")
        time.sleep(0.05)


def trickle_headers(handler: Handler, _: dict[str, Any]) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _ in range(60):
        handler.wfile.write(b"x")
        time.sleep(0.05)


@pytest.mark.parametrize("answer", [stall, trickle_body, trickle_headers])
def test_a_reply_that_does_not_end_is_not_waited_for(answer: Answer) -> None:
    begun = time.monotonic()
    candidate, _ = ask(answer, timeout=0.4, retries=0)
    assert "no whole reply within 0.4 seconds" in candidate.failure
    assert time.monotonic() - begun < 2


def test_a_server_that_recovers_is_asked_until_it_does() -> None:
    replies = iter([500, 429, 503])

    def recovering(handler: Handler, asked: dict[str, Any]) -> None:
        status = next(replies, None)
        if status:
            handler.refuse(status)
        else:
            echo(handler, asked)

    candidate, questions = ask(recovering, retries=3)
    assert candidate.text == "INT A0;"
    assert questions == 4


def test_waits_grow_and_are_decided_by_the_seed() -> None:
    slept = []
    for seed in (1, 1, 2):
        time_ = Time()
        ask(sends(b"", 500), retries=5, sleep=time_.sleep, clock=time_.clock, seed=seed)
        slept.append(time_.slept)
    assert slept[0] == slept[1] != slept[2]
    for again, seconds in enumerate(slept[0]):
        assert 0.25 * 2**again <= seconds <= 0.5 * 2**again


@pytest.mark.parametrize("refusal", [429, 500])
@pytest.mark.parametrize(
    ("header", "least", "most"), [("7", 7, 7.01), ("99999999", 300, 300.01), ("soon", 0.2, 0.6)]
)
def test_a_server_that_asks_to_wait_is_given_its_time(
    header: str, least: float, most: float, refusal: int
) -> None:
    replies = iter([refusal])

    def busy(handler: Handler, asked: dict[str, Any]) -> None:
        status = next(replies, None)
        if status:
            handler.refuse(status, "busy", {"Retry-After": header})
        else:
            echo(handler, asked)

    time_ = Time()
    candidate, _ = ask(busy, sleep=time_.sleep, clock=time_.clock)
    assert candidate.text == "INT A0;"
    assert least <= time_.now <= most


def test_while_a_server_is_busy_nobody_asks() -> None:
    replies = iter([429])

    def busy(handler: Handler, asked: dict[str, Any]) -> None:
        if next(replies, None):
            handler.refuse(429, "busy", {"Retry-After": "50"})
        elif time_.now < 50:
            handler.refuse(400, "too early")
        else:
            echo(handler, asked)

    time_ = Time()
    with serving(busy) as server:
        engine = EndpointEngine(
            server.url, "m", workers=1, retries=0, sleep=time_.sleep, clock=time_.clock
        )
        (first,), (second,) = engine.write(REQUESTS[:2])
    assert "HTTP 429" in first.failure
    assert second.text == "INT A1;"


def test_the_key_is_in_no_message() -> None:
    for padding in (0, 170, 190):
        said = "x" * padding + f" the key {KEY} is wrong"
        for answer in (
            sends(json.dumps({"error": {"message": said}}).encode(), 401),
            sends(json.dumps({"error": said}).encode()),
            chooses({"message": {"refusal": said}}),
        ):
            candidate, _ = ask(answer)
            assert candidate.failure
            assert KEY[:8] not in candidate.failure


def test_check_says_what_is_wrong_with_an_endpoint() -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        engine = EndpointEngine(f"http://127.0.0.1:{unheard.getsockname()[1]}", "m")
        with pytest.raises(EngineError, match="cannot be reached"):
            engine.check()
    for answer, said in (
        (sends(b"<html>"), "a web page"),
        (lambda h, _: h.refuse(401, f"{KEY}!"), "refuses the API key"),
        (lambda h, _: h.refuse(404, "no model"), "no such model"),
        (sends(b"", 503), "failed .HTTP 503."),
    ):
        with serving(answer) as server, pytest.raises(EngineError, match=said) as caught:
            EndpointEngine(server.url, "m", api_key=KEY).check()
        assert KEY not in str(caught.value)
        assert len(server.asked) == 1


def test_check_is_content_with_an_endpoint_that_answers_or_is_busy() -> None:
    for answer in (echo, lambda h, _: h.refuse(429), chooses({"message": {"content": ""}})):
        with serving(answer) as server:
            EndpointEngine(server.url, "m").check()
            assert len(server.asked) == 1


@pytest.mark.parametrize("workers", [1, 4])
def test_a_run_is_stopped_when_the_endpoint_stays_away(workers: int) -> None:
    time_ = Time()
    with serving(sends(b"", 500)) as server:
        engine = EndpointEngine(
            server.url, "m", workers=workers, retries=0, sleep=time_.sleep, clock=time_.clock
        )
        with pytest.raises(EngineError, match=r"answered nothing for some time.*HTTP 500"):
            engine.write(REQUESTS)
        assert len(server.asked) <= endpoint._FAILURES + 2 * workers
        assert time_.now >= 60
        # Whoever tries again starts anew.
        assert engine.write(REQUESTS[:1])[0][0].failure
        server.answer = echo
        assert engine.write(REQUESTS[:1])[0][0].text == "INT A0;"


def test_failures_in_a_row_are_counted_over_small_batches() -> None:
    time_ = Time()
    with serving(sends(b"", 500)) as server:
        engine = EndpointEngine(server.url, "m", retries=0, sleep=time_.sleep, clock=time_.clock)
        for _ in range(3):
            assert all(candidate.failure for (candidate,) in engine.write(REQUESTS[:2]))
        with pytest.raises(EngineError, match="answered nothing"):
            engine.write(REQUESTS[:2])


def test_requests_in_a_long_outage_are_asked_again_after_it() -> None:
    time_ = Time()

    def away(handler: Handler, asked: dict[str, Any]) -> None:
        if time_.now < 30:
            handler.refuse(500)
        else:
            echo(handler, asked)

    with serving(away) as server:
        engine = EndpointEngine(
            server.url, "m", workers=1, retries=0, sleep=time_.sleep, clock=time_.clock
        )
        written = engine.write(REQUESTS)
    failed = [n for n, (candidate,) in enumerate(written) if candidate.failure]
    assert failed == list(range(endpoint._FAILURES - 1))


def test_questions_that_are_refused_one_by_one_stop_no_run_once_others_were_answered() -> None:
    def picky(handler: Handler, asked: dict[str, Any]) -> None:
        if "a0;" in asked["messages"][0]["content"]:
            echo(handler, asked)
        else:
            handler.refuse(400, "too long")

    with serving(picky) as server:
        written = EndpointEngine(server.url, "m", workers=1).write(REQUESTS)
        assert len(server.asked) == len(REQUESTS)
    assert [bool(candidate.failure) for (candidate,) in written] == [False] + [True] * 29


def test_questions_that_are_all_refused_stop_the_run() -> None:
    time_ = Time()
    with serving(lambda h, _: h.refuse(400, "no such model")) as server:
        engine = EndpointEngine(server.url, "m", sleep=time_.sleep, clock=time_.clock)
        with pytest.raises(EngineError, match="no such model"):
            engine.write(REQUESTS)


def test_the_bound_on_a_reply_is_four_mebibytes_an_answer() -> None:
    assert wire.LARGEST == 4 * 2**20
