import os
import signal
import time

import pytest

from fedtranslate.errors import UnknownNameError
from fedtranslate.languages.parsing import parse_problems
from fedtranslate.languages.registry import load_pack
from fedtranslate.languages.worker import ParseWorker

GOOD, BAD = "int f() { return 1; }", "int f( {"


def test_the_worker_says_what_the_parser_says() -> None:
    texts = [GOOD, BAD, "", "é\n = )", "\ud800", "a\0b", 'String s() { return "\\u2028\u2028"; }']
    with ParseWorker() as worker:
        found = worker.problems(texts, "java")
    assert found == [parse_problems(text, load_pack("java")) for text in texts]
    assert worker.pid is None


def test_a_worker_that_hangs_is_killed_and_the_rest_goes_on() -> None:
    with ParseWorker(timeout_seconds=0.5) as worker:
        worker.problems([GOOD], "java")
        hung = worker.pid
        assert hung is not None
        os.kill(hung, signal.SIGSTOP)
        first, second = worker.problems([GOOD, BAD], "java")
        assert [p.message for p in first] == ["the parser did not finish within 0.5 s"]
        assert second == parse_problems(BAD, load_pack("java"))
        assert worker.pid not in (None, hung)
        with pytest.raises(ProcessLookupError):
            os.kill(hung, 0)


def test_a_worker_that_dies_is_replaced() -> None:
    with ParseWorker() as worker:
        worker.problems([GOOD], "java")
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        time.sleep(0.1)
        first, second = worker.problems([GOOD, GOOD], "java")
        assert [p.message for p in first] == ["the parser crashed on this text"]
        assert second == ()


def test_ten_megabytes_of_nesting_are_refused_at_once() -> None:
    with ParseWorker() as worker:
        (problems,) = worker.problems(["(" * 10_000_000], "csharp")
        assert "longer" in problems[0].message
        assert worker.pid is None


@pytest.mark.parametrize("language", ["java", "csharp", "python"])
@pytest.mark.parametrize("piece", ["(", "{", "if(a)", "a<", "[[({", '"'])
def test_hostile_texts_get_an_answer_in_time(piece: str, language: str) -> None:
    text = piece * (200_000 // len(piece))
    with ParseWorker(timeout_seconds=3) as worker:
        started = time.monotonic()
        hostile, good = worker.problems(
            [text, "class A { }" if language != "python" else "1"], language
        )
        assert hostile or (piece == '"' and language == "python")
        assert good == ()
        assert time.monotonic() - started < 20


def test_an_unknown_language_is_refused_before_a_process_starts() -> None:
    with ParseWorker() as worker:
        with pytest.raises(UnknownNameError):
            worker.problems([GOOD], "algol")
        assert worker.pid is None
