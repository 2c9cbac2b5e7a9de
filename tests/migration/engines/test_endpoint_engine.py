"""An endpoint that behaves: what it is asked, and what is made of its answers."""

import threading
import time
from typing import Any

import pytest
from endpoint_server import Handler, Time, echo, serving

from fedtranslate.errors import ConfigError, EngineError
from fedtranslate.migration.engines.base import Context, Engine, Request
from fedtranslate.migration.engines.endpoint import EndpointEngine

PAIR = ("java", "csharp")
UNITS = [f"int a{n};" for n in range(12)]
REQUESTS = [Request(unit, PAIR) for unit in UNITS]
KEY = "sk-a-very-secret-key"


def test_it_is_an_engine() -> None:
    engine: Engine = EndpointEngine("http://localhost:1/v1", "small")
    assert engine.takes_context
    assert engine.name == "small at localhost:1"
    assert engine.count_tokens("int size;") == 3
    assert engine.count_tokens("") == 0


def test_answers_come_in_the_order_of_the_requests() -> None:
    def slow_first(handler: Handler, asked: dict[str, Any]) -> None:
        time.sleep(0.1 if "a0;" in asked["messages"][0]["content"] else 0)
        echo(handler, asked)

    told: list[int] = []
    with serving(slow_first) as server:
        written = EndpointEngine(server.url, "m", workers=4).write(REQUESTS, on_done=told.append)
    assert [candidates[0].text for candidates in written] == [unit.upper() for unit in UNITS]
    assert all(candidate.finished for (candidate,) in written)
    assert told == [1] * 12


def test_the_question_has_all_that_the_server_needs() -> None:
    with serving(echo) as server:
        EndpointEngine(server.url, "m", api_key=f" {KEY}\n", max_new_tokens=99).write(REQUESTS[:1])
        (asked,), (headers,), (path,) = server.asked, server.headers, server.paths
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert headers["Accept-Encoding"] == "identity"
    assert (asked["model"], asked["max_tokens"], asked["temperature"]) == ("m", 99, 0.2)
    assert asked["logprobs"] is True
    assert "n" not in asked
    assert asked["messages"][0]["content"] == (
        "Translate this Java code to C#. Answer with the C# code only.\n\nint a0;"
    )


def test_the_context_is_asked_too_as_much_as_there_is_room_for() -> None:
    context = Context(signatures=("int Near();", "int Far() " + "x" * 900), previous="int B;")
    with serving(echo) as server:
        engine = EndpointEngine(server.url, "m", max_tokens=300, max_new_tokens=100)
        engine.write([Request("int a;", PAIR, context)])
        (text,) = [message["content"] for message in server.asked[0]["messages"]]
    assert "int Near();" in text
    assert "int B;" in text
    assert "int Far()" not in text


def test_a_base_model_is_asked_to_go_on_from_a_text() -> None:
    def complete(handler: Handler, _: dict[str, Any]) -> None:
        choice = b'{"text": "int A;", "logprobs": {"token_logprobs": [-1.0, -3.0]}}'
        handler.send(200, b'{"choices": [' + choice + b"]}")

    with serving(complete) as server:
        ((written,),) = EndpointEngine(server.url, "m", is_chat=False).write(REQUESTS[:1])
        (asked,), (path,) = server.asked, server.paths
    assert (written.text, written.score) == ("int A;", -2.0)
    assert path == "/v1/completions"
    assert asked["prompt"] == "// Java\nint a0;\n// C#\n"
    assert asked["stop"] == ["\n// Java\n"]


def test_all_candidates_are_asked_for_at_once() -> None:
    with serving(echo) as server:
        written = EndpointEngine(server.url, "m", candidates=3).write(REQUESTS[:2])
        assert [asked["n"] for asked in server.asked] == [3, 3]
    assert [len(candidates) for candidates in written] == [3, 3]


def test_a_server_that_gives_one_answer_at_a_time_is_asked_again() -> None:
    def one(handler: Handler, asked: dict[str, Any]) -> None:
        handler.say(f"int A{asked['seed']};")

    with serving(one) as server:
        engine = EndpointEngine(server.url, "m", candidates=3, workers=1)
        written = engine.write(REQUESTS[:2])
        assert [asked.get("n") for asked in server.asked] == [3] + [None] * 5
    assert [len({c.text for c in candidates}) for candidates in written] == [3, 3]


def test_another_attempt_has_other_seeds_and_is_never_cold() -> None:
    with serving(echo) as server:
        engine = EndpointEngine(server.url, "m", temperature=0)
        for attempt in (0, 1, 1):
            engine.write(REQUESTS[:1], attempt=attempt)
        first, second, third = server.asked
    assert first["seed"] != second["seed"] == third["seed"]
    assert (first["temperature"], second["temperature"]) == (0, 0.7)


@pytest.mark.parametrize(
    ("complaint", "name"),
    [
        ("Unsupported parameter: 'logprobs' is not supported with this model.", "logprobs"),
        ("Unsupported value: 'temperature' does not support 0.2.", "temperature"),
        ("Unrecognized request argument supplied: seed", "seed"),
        ("Only one completion is possible: `n` must be 1", "n"),
        ("Use 'max_completion_tokens' instead of 'max_tokens'.", "max_tokens"),
    ],
)
def test_what_a_server_does_not_understand_is_not_said_again(complaint: str, name: str) -> None:
    def picky(handler: Handler, asked: dict[str, Any]) -> None:
        if name in asked:
            handler.refuse(400, complaint)
        else:
            handler.say("int A;")

    with serving(picky) as server:
        engine = EndpointEngine(server.url, "m", candidates=2, workers=1, retries=0)
        written = engine.write(REQUESTS[:2])
        assert [name in asked for asked in server.asked[:2]] == [True, False]
        assert not any(name in asked for asked in server.asked[1:])
        if name == "max_tokens":
            assert server.asked[1]["max_completion_tokens"] == 2048
    assert [candidates[0].text for candidates in written] == ["int A;", "int A;"]


def test_no_more_is_under_way_than_there_are_workers() -> None:
    def slow(handler: Handler, asked: dict[str, Any]) -> None:
        time.sleep(0.02)
        echo(handler, asked)

    with serving(slow) as server:
        EndpointEngine(server.url, "m", workers=3).write(REQUESTS)
        assert server.most == 3
        assert len(server.asked) == 12


def test_no_more_is_asked_in_a_minute_than_is_allowed() -> None:
    time_ = Time()
    with serving(echo) as server:
        engine = EndpointEngine(
            server.url, "m", workers=1, requests_per_minute=30, clock=time_.clock, sleep=time_.sleep
        )
        engine.write(REQUESTS)
        engine.write(REQUESTS[:1])
    assert time_.now == pytest.approx(12 * 2.0)


def test_code_is_data_whatever_it_holds() -> None:
    odd = "a\0b\ud800 {source} {context} ``` <|end|>"
    with serving(echo) as server:
        ((written,),) = EndpointEngine(server.url, "m").write([Request(odd, PAIR)])
        assert odd.replace("\ud800", "?") in server.asked[0]["messages"][0]["content"]
    assert "\0" not in written.text


def test_languages_that_nobody_knows_cost_only_their_request() -> None:
    with serving(echo) as server:
        engine = EndpointEngine(server.url, "m")
        (bad,), (good,) = engine.write([Request("x", ("java", "klingon")), REQUESTS[0]])
    assert "klingon" in bad.failure
    assert good.text == "INT A0;"


def test_nothing_is_asked_for_nothing() -> None:
    assert EndpointEngine("http://localhost:1/v1", "m").write([]) == []


@pytest.mark.parametrize(
    "url", ["", "localhost:8000", "file:///etc/passwd", "ftp://a/b", "http://", "http://h:x", "\0"]
)
def test_an_address_is_http_or_https(url: str) -> None:
    with pytest.raises(ConfigError, match="no http or https address"):
        EndpointEngine(url, "m")


def test_an_address_may_not_hold_a_password() -> None:
    with pytest.raises(ConfigError, match="user name or a password") as caught:
        EndpointEngine(f"http://me:{KEY}@localhost/v1", "m")
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("key", ["a b", "a\nb", "schlüssel", "a\0"])
def test_a_key_that_cannot_be_sent_is_refused_unseen(key: str) -> None:
    with pytest.raises(ConfigError, match="API key") as caught:
        EndpointEngine("http://localhost:1", "m", api_key=key)
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://h:1/v1", "http://h:1/v1/", "http://h:1/v1/chat/completions", " http://h:1/v1 "]
)
def test_the_full_address_is_understood_too(url: str) -> None:
    expected = EndpointEngine("http://h:1/v1", "m").fingerprint
    assert EndpointEngine(url, "m").fingerprint == expected


def test_the_fingerprint_changes_with_what_changes_answers_and_not_with_the_key() -> None:
    plans: list[dict[str, Any]] = [
        {},
        {"temperature": 0.5},
        {"candidates": 2},
        {"seed": 1},
        {"is_chat": False},
        {"max_new_tokens": 100},
    ]
    engines = [EndpointEngine("http://h/v1", "m", **plan) for plan in plans]
    engines += [EndpointEngine("http://i/v1", "m"), EndpointEngine("http://h/v1", "n")]
    assert len({engine.fingerprint for engine in engines}) == len(engines)
    same = EndpointEngine("http://h/v1?key=secret", "m", api_key=KEY, workers=9, timeout=1)
    assert same.fingerprint == engines[0].fingerprint
    assert "secret" not in same.name + same.fingerprint


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with serving(echo) as server:
        ((written,),) = EndpointEngine(server.url, "m", retries=0).write(REQUESTS[:1])
    assert written.text == "INT A0;"


def test_a_closed_engine_asks_no_more() -> None:
    def hold(handler: Handler, _: dict[str, Any]) -> None:
        handler.refuse(503, "busy", {"Retry-After": "200"})

    with serving(hold) as server:
        engine = EndpointEngine(server.url, "m")
        threading.Timer(0.2, engine.close).start()
        begun = time.monotonic()
        with pytest.raises(EngineError, match="was closed"):
            engine.write(REQUESTS)
        assert time.monotonic() - begun < 5
        with pytest.raises(EngineError, match="was closed"):
            engine.write(REQUESTS)
