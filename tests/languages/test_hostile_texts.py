"""Texts made to break things end with a result, in seconds and without taking all memory."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from fedtranslate.languages import parsers
from fedtranslate.languages.child import Child
from fedtranslate.languages.lexer import code_tokens
from fedtranslate.languages.parsing import MAX_BYTES, parse_problems, syntax_tree
from fedtranslate.languages.registry import known_languages, load_pack
from fedtranslate.languages.units import units_in
from fedtranslate.languages.worker import ParseWorker

TRY = """
import resource, sys, time
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
from fedtranslate.languages.lexer import code_tokens, lex
from fedtranslate.languages.parsing import parse_problems
from fedtranslate.languages.references import references_of
from fedtranslate.languages.registry import load_pack
from fedtranslate.languages.units import units_in
pack = load_pack(sys.argv[1])
for text in %s:
    for work in (parse_problems, units_in, code_tokens, references_of):
        started = time.process_time()
        work(text, pack)
        spent = time.process_time() - started
        if spent > 10:
            print(f"{work.__name__} took {spent:.1f} s for {text[:9]!r} of {len(text)}")
"""
DEEP = "[piece * (100_000 // len(piece)) for piece in ('(', '{[(', '\"\\0')]"
WIDE = "['int f() { return 1; }\\n' * 500_000, 'a' * 10_000_000, '(' * 10_000_000]"


def attempt(language: str, texts: str) -> None:
    """Try the texts in a process of its own, so that a crash is seen."""
    done = subprocess.run(
        [sys.executable, "-c", TRY % texts, language],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("language", known_languages())
def test_a_hundred_thousand_brackets_are_no_crash(language: str) -> None:
    attempt(language, DEEP)


@pytest.mark.parametrize("language", ["java", "cobol"])
def test_ten_megabytes_take_seconds(language: str) -> None:
    attempt(language, WIDE)


def test_a_parser_that_loses_itself_is_stopped() -> None:
    pack, text = load_pack("go"), "->" * 8_000
    (problem,) = parse_problems(text, pack)
    assert problem.message == "the parser needed too much time or memory for this text"
    assert units_in(text, pack) == []
    assert "".join(code_tokens(text, pack)) == text
    assert parse_problems("(", pack)


def test_a_text_that_takes_gigabytes_in_one_step_is_refused_and_cut() -> None:
    attempt("java", "['void f() {' + 'a<' * 20_000, 'class A { int x = ' + 'a<' * 60_000]")


def test_a_trial_that_cannot_be_had_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fedtranslate.languages.child._PROGRAM", "raise SystemExit")
    monkeypatch.setattr("fedtranslate.languages.trial._TRIAL.child", Child("nothing"))
    assert (
        parse_problems("class A { " + "int f() { return 1; }\n" * 1_000 + "}", load_pack("java"))
        == ()
    )


def test_the_process_of_trials_does_not_outlive_a_killed_parent() -> None:
    program = (
        "import os, signal\n"
        "from fedtranslate.languages import trial\n"
        "from fedtranslate.languages.parsing import parse_problems\n"
        "from fedtranslate.languages.registry import load_pack\n"
        "parse_problems('int f() { return 1; }\\n' * 1_000, load_pack('java'))\n"
        "print(trial._TRIAL.child.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    until = time.monotonic() + 20
    while Path("/proc", done.stdout.strip(), "exe").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert done.stdout.strip().isdigit()
    assert time.monotonic() < until


def test_a_watched_parser_gives_the_same_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    unit = 'int f(int a) { return g("ä€😀", a); }\n'
    text = "class A {\n" + unit * 6_000 + "}"
    watched = syntax_tree(text, load_pack("java")).tree.root_node
    monkeypatch.setattr(parsers, "_SMALL", MAX_BYTES)
    plain = syntax_tree(text + " ", load_pack("java")).tree.root_node
    assert len(text.encode()) > 3 * 65_536
    assert not plain.has_error
    assert str(watched) == str(plain)


def test_the_worker_survives_what_the_watch_cannot_see() -> None:
    with ParseWorker() as worker:
        lambdas, types, good = worker.problems(
            ["x=>" * 30_000, "class A { " + "a<" * 60_000, "int f() { }"], "java"
        )
    assert [len(lambdas), len(types), len(good)] == [1, 1, 0]
