"""The driver for compilers that packs declare, with gcc and python3 as such compilers."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from pydantic import ValidationError

from fedtranslate.checks import command, sandbox
from fedtranslate.checks.command import compile_programs
from fedtranslate.checks.compile import MAX_CHARACTERS, CompileContext, compile_units
from fedtranslate.checks.compilers import compiler_found
from fedtranslate.checks.complaints import first_line, read_complaints
from fedtranslate.checks.program import Program
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.packfile import CompileTable
from fedtranslate.languages.registry import known_languages, load_pack
from fedtranslate.records import CompileState, Verdict

NOWHERE = CompileContext()
needs_gcc = pytest.mark.skipif(not shutil.which("gcc"), reason="no gcc on this machine")
C = {
    "int f(int a) { return a; }": "compiled",
    "int f(int a) { return b; }": "unresolved_only",
    "int f(int a) { int *p = 1.5; return *p; }": "type_error",
    "int f(int a) { return }": "syntax_error",
    "int g(void) { return 1; }": "compiled",
}


def c(**keys: object) -> LanguagePack:
    """A pack of C that knows what these tests ask for; it is parsed by nothing here."""
    values = {
        "tool": "command",
        "help": "apt-get install gcc",
        "command": ("gcc", "-fsyntax-only", "-Werror=int-conversion", "{files}"),
        "batch": 10,
        "alone": r"^\s*#\s*(?:line|\d|include\s*\")",
        "error": r"^(?P<file>[^:\n]+):(?P<line>\d+):(?P<column>\d+): (?:fatal )?error: "
        r"(?P<message>.*)$",
        "syntax": "expected",
        "unresolved": "undeclared",
    }
    table = CompileTable.model_validate({**values, **keys})
    return replace(load_pack("python"), extensions=(".c",), indented=False, compile=table)


def states(verdicts: Sequence[Verdict]) -> list[str]:
    return [str(verdict.compile_state) for verdict in verdicts]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that are run."""
    seen: list[list[str]] = []
    run = sandbox.run

    def watch(argv: Sequence[str], **given: object) -> sandbox.Finished:
        seen.append(list(argv))
        return run(argv, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(sandbox, "run", watch)
    return seen


@needs_gcc
@pytest.mark.parametrize("jobs", [1, 2])
def test_units_of_a_batch_get_what_each_would_get_alone(jobs: int, runs: list[list[str]]) -> None:
    together = compile_programs(list(C), c(), NOWHERE, jobs)
    assert len(runs) == 2
    alone = compile_programs(list(C), c(batch=1), NOWHERE, jobs)
    assert states(together) == list(C.values())
    assert together == alone


@needs_gcc
def test_a_unit_cannot_put_its_errors_on_another_of_its_batch() -> None:
    good = "int f(void) { return 1; }"
    evil = [f'# {word}1 "unit0.c"\nint f(void) {{ return }}' for word in ("", "line ")]
    found = compile_programs([good, *evil, '#include "unit0.c"', good], c(), NOWHERE)
    assert states(found)[0] == states(found)[-1] == "compiled"
    assert not {"compiled"} & set(states(found)[1:-1])


@needs_gcc
@pytest.mark.parametrize("included", ["/etc/passwd", "/etc/shadow", "unit0.c", "/dev/zero", ".."])
def test_what_a_unit_includes_is_bounded_and_never_its_own_fault(included: str) -> None:
    text = f'#include "{included}"\nint f(void) {{ return 1; }}'
    table = c(seconds=10.0)
    (found,) = compile_programs([text], table, NOWHERE)
    assert found.compile_state in ("not_checked", "type_error")
    assert all(problem.line == 1 for problem in found.problems)
    assert "root:" not in str(found)


def test_a_complaint_about_another_file_is_not_put_on_the_unit() -> None:
    pack = c(command=("sh", "-c", "echo /usr/other.c:7:1: error: bad; exit 1"))
    (found,) = compile_programs(["x"], pack, NOWHERE)
    assert found == Verdict(True, reason="sh complains of another file, other.c in line 7: bad")


def test_what_cannot_be_read_is_told_by_its_first_line() -> None:
    pack = c(command=("sh", "-c", "echo; echo '  what \x1b[1mever '; exit 2"))
    (found,) = compile_programs(["x"], pack, NOWHERE)
    assert found == Verdict(True, reason="sh failed: what ever")
    (found,) = compile_programs(["x"], c(command=("false",)), NOWHERE)
    assert found == Verdict(True, reason="false failed and said nothing")


def test_a_compiler_that_hangs_costs_its_unit_only() -> None:
    script = 'for f; do grep -q hang "$f" && sleep 60; done; exit 0'
    pack = c(command=("sh", "-c", script, "sh", "{files}"), seconds=1.0)
    found = compile_programs(["a", "b", "hang", "c"], pack, NOWHERE)
    assert states(found) == ["compiled", "compiled", "not_checked", "compiled"]
    assert "within 1 s" in found[2].reason


def test_a_batch_that_fails_as_a_whole_is_halved(runs: list[list[str]]) -> None:
    script = 'for f; do grep -q bad "$f" && { echo broken; exit 1; }; done; exit 0'
    pack = c(command=("sh", "-c", script, "sh", "{files}"))
    found = compile_programs(["a", "b", "c", "bad"], pack, NOWHERE)
    assert states(found) == ["compiled"] * 3 + ["not_checked"]
    assert len(runs) == 5


def test_what_only_the_compiler_wants_knows_the_place_in_the_batch() -> None:
    script = 'for f; do grep -q "package p1;" "$f" && { echo "$f:2:1: error: bad"; exit 1; }; done'
    pack = c(
        command=("sh", "-c", script + "; exit 0", "sh", "{files}"), before="package p{index};\n"
    )
    first, second, third = compile_programs(["a", "b", "c"], pack, NOWHERE)
    assert states([first, second, third]) == ["compiled", "type_error", "compiled"]
    assert (second.problems[0].line, second.problems[0].excerpt) == (1, "b")


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"command": ("gcc", "{file}")}, "{file}"),
        ({"error": r"(?P<line>\d+) (?P<message>.*)"}, "named group file"),
        ({"batch": 0}, "greater than or equal"),
    ],
)
def test_a_batch_that_could_not_be_told_apart_is_refused(
    keys: dict[str, object], problem: str
) -> None:
    with pytest.raises(ValidationError, match=problem):
        c(**keys)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("def f(self):\n        return 1", None),
        ("@property\n    def f(self):\n        return 1", None),
        ("# about f\n    @a.b(c(1), 'x')\n    def f(self):\n        return )", (4, 16)),
        ("    def f(self):\n        return )", (2, 16)),
        ("\n    def f(self):\n        return '''\nx'''", None),
        ("x = 1\n    y = 2", (2, 4)),
        ("def f():\n    return 'é' )", (2, 16)),
    ],
)
def test_units_that_stood_deeper_are_put_flush_left(
    text: str, place: tuple[int, int] | None
) -> None:
    (found,) = compile_units([text], "python", NOWHERE)
    assert [(one.line, one.column) for one in found.problems] == ([place] if place else [])


@pytest.mark.parametrize(
    "make",
    [
        lambda: "x = 1\0",
        lambda: "\ud800 = 1",
        lambda: "(" * 100_000,
        lambda: "x = " + "[" * 100_000 + "]" * 100_000,
        lambda: "x = " + "-" * 500_000 + "1",
        lambda: "x = (" + "1," * 400_000 + ")",
        lambda: "# -*- coding: no-such-thing -*-\nx = 1",
        lambda: "x" * (MAX_CHARACTERS + 1),
        lambda: "\N{BYTE ORDER MARK}\r\r\n\f\x1a",
    ],
)
def test_every_text_ends_with_a_verdict(make: Callable[[], str]) -> None:
    good = "x = 1\n"
    found = compile_units([good, make(), good], "python", NOWHERE)
    assert states(found)[0] == states(found)[2] == "compiled"
    assert found[1].compile_state is not CompileState.COMPILED or not found[1].problems


def test_a_longer_text_is_not_compiled_and_the_verdict_says_so() -> None:
    (found,) = compile_units(["x" * (MAX_CHARACTERS + 1)], "python", NOWHERE)
    assert found.compile_state is CompileState.NOT_CHECKED
    assert "longer than the 2,000,000 characters" in found.reason


def test_a_text_that_comes_twice_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    make = command.program

    def watch(text: str, *given: object) -> Program:
        compiled.append(text)
        return make(text, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(command, "program", watch)
    found = compile_units(["x = 1", "x = )", "x = 1"], "python", NOWHERE)
    assert states(found) == ["compiled", "syntax_error", "compiled"]
    assert compiled == ["x = 1", "x = )"]


def test_complaints_with_places_beyond_measure_do_no_harm() -> None:
    pattern = r"^(?P<line>\d+):(?P<message>.*)$"
    said = f"{'9' * 5000}: a\n0: b\n\u0663: c\n"
    assert [one.problem.line for one in read_complaints(said, pattern)] == [1, 1, 3]
    assert first_line("\n \t\nsaid\x07\n") == "said\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize("language", known_languages())
def test_a_probe_is_a_unit_that_compiles(language: str) -> None:
    pack = load_pack(language)
    if not pack.compile.probe or compiler_found(pack).path is None:
        pytest.skip("no probe, or no compiler on this machine")
    (found,) = compile_units([pack.compile.probe], language, NOWHERE)
    assert found == Verdict(True, CompileState.COMPILED)


def test_a_compiler_is_found_with_its_version_or_missed_with_advice() -> None:
    found = compiler_found(load_pack("python"))
    assert found.name == "python3"
    assert found.version.startswith("Python 3")
    missing = compiler_found(c(version=("no-such-compiler", "--version")))
    assert (missing.path, missing.version) == (None, "")
    assert missing.help == "apt-get install gcc"
    assert compiler_found(c(tool="")).name == ""


def test_a_line_that_is_cut_says_so() -> None:
    assert first_line("a" * 200) == "a" * 200
    assert first_line("a" * 201) == "a" * 197 + "..."
