"""``fedtranslate behave`` compares two files and says what it found."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fedtranslate.cli import main

SOURCE = """
def half(a: int) -> int:
    return a // 2

def add_one(a: int) -> int:
    return a + 1

def now(a: int) -> float:
    return time.time()
"""
TARGET = """
def half(a):
    return int(a / 2)

def addOne(a):
    return 1 + a

def now(a):
    return a
"""


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    paths = tmp_path / "source.py", tmp_path / "target.py"
    for path, text in zip(paths, (SOURCE, TARGET), strict=True):
        path.write_text(text)
    return [*map(str, paths), "--from", "python", "--to", "python", "--inputs", "40"]


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["behave", *words])


def test_a_difference_is_told_as_a_call_in_words(files: list[str]) -> None:
    done = run(*files, "--name", "half", "--no-edges")
    assert done.exit_code == 1
    assert "half: different" in done.stdout
    assert "half(-1): the source returned -1, the target returned 0" in done.stdout


def test_functions_that_do_the_same_give_exit_code_0(files: list[str]) -> None:
    done = run(*files, "--name", "AddOne")
    assert (done.exit_code, done.stdout) == (0, "add_one: equal, 40 of 40 inputs agree\n")


def test_all_functions_of_both_files_are_compared(files: list[str]) -> None:
    done = run(*files)
    assert done.exit_code == 1
    assert [line.split(":")[0] for line in done.stdout.splitlines() if line[0] != " "] == [
        "half",
        "add_one",
        "now",
    ]
    assert "now: not comparable\n  now (Python) may depend on more: time." in done.stdout


def test_programs_can_read_what_was_found(files: list[str]) -> None:
    first, again = (run(*files, "--json", "--seed", "7").stdout for _ in range(2))
    half, add_one, now = json.loads(first)
    assert (half["likeness"], add_one["likeness"], now["likeness"]) == (
        "different",
        "equal",
        "not_comparable",
    )
    assert half["differences"][0]["what"] == "result"
    assert first == again


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--name", "nothing"], "no function called 'nothing'"),
        (["--inputs", "0"], "0 is not in the range"),
        (["--to", "klingon"], "No language is called 'klingon'"),
        (["--to", "cobol"], "cannot be called"),
    ],
)
def test_wrong_requests_are_refused(files: list[str], words: list[str], said: str) -> None:
    done = run(*files, *words)
    assert done.exit_code == 2
    assert said in done.stderr


def test_files_without_a_common_function_are_refused(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.py").write_text(f"def {name}(x: int): return x")
    done = run(str(tmp_path / "a.py"), str(tmp_path / "b.py"), "--from", "python", "--to", "python")
    assert done.exit_code == 2
    assert "no function of the same name" in done.stderr


def test_the_endings_of_the_names_tell_the_languages(files: list[str], tmp_path: Path) -> None:
    done = run(*files[:2], "--name", "add_one", "--inputs", "10")
    assert (done.exit_code, done.stdout) == (0, "add_one: equal, 10 of 10 inputs agree\n")
    (tmp_path / "unknown.txt").write_text(TARGET)
    done = run(files[0], str(tmp_path / "unknown.txt"))
    assert done.exit_code == 2
    assert "unknown.txt: its name does not tell its language; use --to." in done.stderr


def test_functions_that_are_not_compared_are_named(tmp_path: Path) -> None:
    both = "def f(a: int) -> int:\n    return a\n\n"
    (tmp_path / "a.py").write_text(f"{both}def left(a: int): return a\n")
    (tmp_path / "b.py").write_text(both)
    done = run(str(tmp_path / "a.py"), str(tmp_path / "b.py"), "--inputs", "10", "--json")
    assert len(json.loads(done.stdout)) == 1
    assert "not compared, not being once in each file: left of a.py." in done.stderr


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path, files: list[str]) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    done = run(str(tmp_path / "pipe.py"), *files[1:])
    assert done.exit_code == 2
    assert "pipe.py cannot be read: it is a pipe or a device" in done.stderr


def test_an_answer_that_no_terminal_can_show_is_shown_in_part(
    tmp_path: Path, files: list[str]
) -> None:
    (tmp_path / "target.py").write_text("def half(a):\n    return '\\ud800' + '\\x9b31m'\n")
    done = run(*files, "--name", "half")
    assert done.exit_code == 1
    assert 'the target returned "\\ud800\N{REPLACEMENT CHARACTER}31m"' in done.stdout


@pytest.mark.parametrize("tolerance", ["nan", "inf"])
def test_a_tolerance_that_tells_nothing_is_refused(files: list[str], tolerance: str) -> None:
    done = run(*files, "--tolerance", tolerance)
    assert done.exit_code == 2
    assert "it must be a finite number" in done.stderr
