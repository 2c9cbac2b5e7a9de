import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fedtranslate.errors import UnknownNameError
from fedtranslate.languages.parsing import parse_problems
from fedtranslate.languages.registry import load_pack
from fedtranslate.languages.units import units_in
from fedtranslate.languages.worker import ParseWorker
from fedtranslate.resources import shipped

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


def test_the_worker_cuts_as_this_process_does() -> None:
    text = "class A {\n  /** ü */\n  int f(int a, String... b) { return 1; }\n  int g( }\n}"
    with ParseWorker() as worker:
        units, problems = worker.units(text, "java", "a/A.java")
        types, _ = worker.units(text, "java", kinds=["type"])
    assert problems == ()
    assert units == units_in(text, load_pack("java"), "a/A.java")
    assert types == units_in(text, load_pack("java"), kinds=["type"])


GRAMMAR = """
import ctypes, re
import tree_sitter_java
from fedtranslate.languages import parsing

with_java = parsing.parse_with

def parse_with(grammar, code):
    if b"LOOP" in code:
        re.match(r"(a+)+$", "a" * 60 + "b")  # C code that does not come back
    if b"CRASH" in code:
        ctypes.string_at(0)
    if b"EAT" in code:
        bytearray(1 << 40)
    return with_java(grammar, code)

parsing.parse_with = parse_with

def language():
    %s
    return tree_sitter_java.language()
"""


def bad_pack(folder: Path, at_start: str = "pass") -> None:
    """Make a pack whose grammar fails on some texts, or when it is loaded."""
    shutil.copytree(shipped("parsers") / "java", folder / "packs/bad")
    file = folder / "packs/bad/pack.toml"
    text = file.read_text("utf-8").replace('[".java"]', '[".bad"]')
    file.write_text(text.replace('"tree_sitter_java"', '"bad_grammar"'), "utf-8")
    (folder / "bad_grammar.py").write_text(GRAMMAR % at_start, "utf-8")


def ask_worker(folder: Path, texts: list[str]) -> subprocess.CompletedProcess[str]:
    program = (
        "import json, sys; from fedtranslate.languages.worker import ParseWorker\n"
        "with ParseWorker(timeout_seconds=3) as worker:\n"
        "    found = worker.problems(json.loads(sys.argv[1]), 'bad')\n"
        "print(json.dumps([[one.message for one in problems] for problems in found]))"
    )
    return subprocess.run(
        [sys.executable, "-c", program, json.dumps(texts)],
        env={
            **os.environ,
            "FEDTRANSLATE_PACKS": str(folder / "packs"),
            "PYTHONPATH": os.pathsep.join([str(folder), *sys.path]),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_grammar_that_hangs_or_crashes_costs_no_more_than_its_text(tmp_path: Path) -> None:
    bad_pack(tmp_path)
    texts = [GOOD, "int LOOP;", GOOD, "int CRASH;", GOOD, "int EAT;", BAD]
    said = ask_worker(tmp_path, texts)
    good, loop, again, crash, third, eat, bad = json.loads(said.stdout)
    assert good == again == third == []
    assert loop == ["the parser did not finish within 3 s"]
    assert crash == eat == ["the parser crashed on this text"]
    assert len(bad) >= 1


@pytest.mark.parametrize(
    ("at_start", "message"),
    [
        ("while True: pass", "the parser did not finish within 3 s"),
        ("ctypes.string_at(0)", "the parser crashed on this text"),
    ],
)
def test_a_grammar_that_cannot_be_loaded_costs_no_more_than_its_texts(
    tmp_path: Path, at_start: str, message: str
) -> None:
    bad_pack(tmp_path, at_start)
    said = ask_worker(tmp_path, [GOOD, BAD])
    assert json.loads(said.stdout) == [[message], [message]]


def test_a_grammar_that_is_none_is_told_from_a_bad_text(tmp_path: Path) -> None:
    bad_pack(tmp_path, "return 'nothing'")
    assert "PackError" in ask_worker(tmp_path, [GOOD]).stderr
