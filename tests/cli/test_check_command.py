import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fedtranslate.cli import main

needs_java = pytest.mark.skipif(not shutil.which("javac"), reason="no JDK on this machine")


@pytest.fixture(autouse=True)
def _cache_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def run(*arguments: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(main, ["check", *arguments], input=stdin)


def test_each_file_is_told_with_its_problems_and_a_summary() -> None:
    Path("good.py").write_text("x = 1\n")
    Path("bad.py").write_text("x = 1\ny = )\n")
    result = run("good.py", "bad.py")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[:2] == ["good.py: compiled", "bad.py: syntax_error"]
    assert lines[2].startswith("bad.py:2:")
    assert lines[-1] == "2 checked: 1 compiled, 1 syntax_error"
    assert "check files" in result.stderr
    assert run("good.py").exit_code == 0


def test_standard_input_needs_a_language() -> None:
    result = run("-", stdin=b"x = 1\n")
    assert result.exit_code == 2
    assert "--language" in result.stderr
    assert run("-", "--language", "py", stdin=b"x = 1\n").stdout.startswith("-: compiled")


@needs_java
def test_a_lone_unit_is_compiled_where_it_belongs() -> None:
    Path("src/org/x").mkdir(parents=True)
    Path("src/org/x/Money.java").write_text(
        "package org.x; public class Money { public int cents; }"
    )
    unit = b"Purse(Money m) { this(m, m.cents); }"
    arguments = ["-", "--language", "java", "--json", "--using", "org.x.Money"]
    alone = json.loads(run(*arguments, stdin=unit).stdout)
    assert alone["files"][0]["compile"] == "unresolved_only"
    unit = b"int f(Money m) { Purse p = this; return m.cents; }"
    arguments += ["--class-path", "src", "--container", "a.Purse"]
    result = run(*arguments, stdin=unit)
    (file,) = json.loads(result.stdout)["files"]
    assert (file["compile"], file["problems"], result.exit_code) == ("compiled", [], 0)


@needs_java
def test_unknown_names_are_no_failure_and_wrong_types_are() -> None:
    Path("A.java").write_text("class A { B b; }")
    assert run("A.java").exit_code == 0
    Path("A.java").write_text("class A { int b = true; }")
    result = run("A.java")
    assert result.exit_code == 1
    assert "A.java:1:19: incompatible types" in result.stdout


@needs_java
def test_a_folder_is_a_project() -> None:
    Path("p/src").mkdir(parents=True)
    Path("p/src/A.java").write_text("class A {\n  B b = 1; }")
    Path("p/src/B.java").write_text("class B { }")
    Path("p/tool.py").write_text("x = 1\n")
    result = run("p")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "p: type_error; 2 files of java, javac"
    assert lines[1].startswith("p/src/A.java:2:1: incompatible types")
    assert lines[2] == "p: compiled; 1 files of python, each file for itself"
    assert lines[3] == "2 checked: 1 type_error, 1 compiled"
    document = json.loads(run("p", "--language", "java", "--json").stdout)
    (project,) = document["projects"]
    assert (project["build"], project["compile"], project["files"]) == ("javac", "type_error", 2)
    assert project["problems"][0]["path"] == "src/A.java"


def test_parse_only_compiles_nothing_and_opens_folders() -> None:
    Path("p").mkdir()
    Path("p/a.py").write_text("x = 1\n")
    Path("p/b.java").write_text("class A { Missing b; }")
    result = run("p", "--parse-only")
    assert result.exit_code == 0
    assert result.stdout == "p/a.py: parses\np/b.java: parses\n2 checked: 2 parses\n"
    Path("p/c.py").write_text("x = (\n")
    assert run("p", "--parse-only").exit_code == 1
    assert not Path("../cache").exists()


def test_what_could_not_be_checked_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    result = run("-", "--language", "java", stdin=b"class A { }")
    assert result.exit_code == 1
    assert "-: not_checked (no Java compiler found; apt-get install" in result.stdout


def test_verdicts_are_remembered_unless_that_is_declined() -> None:
    Path("a.py").write_text("x = )\n")
    Path("b.py").write_text("nonlocal x\n")
    cache = Path("../cache/fedtranslate/verdicts.sqlite3")
    first = run("a.py", "b.py", "--no-cache")
    assert not cache.exists()
    assert run("a.py", "b.py").stdout == first.stdout
    assert cache.exists()
    cache.write_bytes(b"damaged")
    again = run("a.py", "b.py")
    assert again.stdout == first.stdout
    assert "was damaged" in again.stderr


@pytest.mark.parametrize(
    "data",
    [
        b"\0\1\2\xff\xfe",
        b"\x1b[2J\x1b]0;title\x07",
        b"(" * 100_000,
        b"x" * 10_000_000,
        b"\xff\xfe\x00\xd8",
        b"",
    ],
    ids=["binary", "terminal", "brackets", "huge", "surrogate", "empty"],
)
@pytest.mark.timeout(60)
def test_every_input_ends_with_a_verdict(data: bytes) -> None:
    Path("a.py").write_bytes(data)
    result = run("a.py")
    assert result.exit_code in (0, 1)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "\x1b" not in result.stdout
    assert "1 checked" in result.stdout


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.py"], "No such file"),
        (["notes.txt"], "use --language"),
        (["a.py", "--language", "jva"], "Did you mean 'java'?"),
        (["pipe.py"], "not a plain file"),
        (["/dev/zero", "--language", "python"], "not a plain file"),
        (["empty"], "no code of a known language"),
        (["a.py", "--jobs", "0"], "--jobs"),
        (["a.py", "--class-path", "nowhere"], "--class-path"),
        ([], "Missing argument"),
    ],
)
def test_wrong_requests_are_refused(arguments: list[str], said: str) -> None:
    Path("a.py").write_text("x = 1\n")
    Path("notes.txt").write_text("x")
    Path("empty").mkdir()
    os.mkfifo("pipe.py")
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
