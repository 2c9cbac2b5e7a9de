"""Programs are built and run; what fails when is told apart."""

import errno
from pathlib import Path

import pytest

from fedtranslate.checks.behave.programs import (
    BuiltProgram,
    built_program,
    missing_tool,
    run_program,
)
from fedtranslate.checks.behave.tables import RunTable, behaviour_of, read_behaviour
from fedtranslate.checks.behave.testing import (
    TestProgram,
    TestState,
    pair_test,
    run_test,
    run_tests,
    with_tests,
)
from fedtranslate.errors import CheckError, PackError
from fedtranslate.languages.registry import known_languages, load_pack
from fedtranslate.records import CompileState, Verdict

PYTHON = behaviour_of(load_pack("python")).run  # type: ignore[union-attr]
HELLO = {
    "c": ('#include <stdio.h>\nint main(void) { puts("hi"); return 3; }', "int main( {"),
    "cobol": (
        "       >>SOURCE FORMAT IS FREE\nIDENTIFICATION DIVISION.\nPROGRAM-ID. HELLO.\n"
        'PROCEDURE DIVISION.\n    DISPLAY "hi".\n    MOVE 3 TO RETURN-CODE.\n    STOP RUN.\n',
        "       >>SOURCE FORMAT IS FREE\nIDENTIFICATION DIVISION.\nPROGRAM-ID. X.\nBOO.\n",
    ),
    "cpp": ('#include <iostream>\nint main() { std::cout << "hi"; return 3; }', "int main( {"),
    "csharp": (
        'class P { static int Main() { System.Console.Write("hi"); return 3; } }',
        "class {",
    ),
    "go": ('package main\nimport "os"\nfunc main() { print("hi"); os.Exit(3) }', "package"),
    "java": (
        "class Other { }\nclass App { public static void main(String[] a) {"
        ' System.out.print("hi"); System.exit(3); } }',
        "class {",
    ),
    "javascript": ('console.log("hi"); process.exit(3)', "function ("),
    "php": ('<?php echo "hi"; exit(3);', "<?php function ("),
    "python": ("print('hi'); raise SystemExit(3)", "def f("),
    "ruby": ('puts "hi"; exit 3', "def ("),
    "rust": ('fn main() { println!("hi"); std::process::exit(3) }', "fn main( {"),
}
"""A program in each language that says hi and ends with 3, and one that cannot be built."""
READY = [
    language
    for language in known_languages()
    if language in HELLO
    and (found := behaviour_of(load_pack(language)))
    and not missing_tool(found.run)
]


@pytest.mark.parametrize("language", READY)
def test_a_program_is_built_and_run_in_every_language(language: str) -> None:
    table = behaviour_of(load_pack(language)).run  # type: ignore[union-attr]
    done = run_program(HELLO[language][0], table)
    assert (done.built, done.exit_code, done.timed_out) == (True, 3, False)
    assert (done.stdout + done.stderr).strip() == "hi"


def test_every_pack_says_how_its_programs_are_run() -> None:
    assert [one for one in known_languages() if behaviour_of(load_pack(one)) is None] == []


@pytest.mark.parametrize("language", READY)
def test_a_program_that_cannot_be_built_is_not_run(language: str) -> None:
    table = behaviour_of(load_pack(language)).run  # type: ignore[union-attr]
    done = run_program(HELLO[language][1], table)
    assert (done.built, done.exit_code) == (False, None)
    assert done.problems


def test_a_program_reads_and_writes() -> None:
    done = run_program("print(input()[::-1])", PYTHON, stdin="\u00e9a\n")
    assert done.stdout == "a\u00e9\n"


def test_a_program_that_does_not_end_is_stopped() -> None:
    done = run_program("while True: pass", PYTHON, seconds=0.5)
    assert (done.timed_out, done.exit_code) == (True, None)
    assert done.seconds < 5


def test_endless_output_is_cut() -> None:
    done = run_program("while True: print('x' * 10000)", PYTHON, seconds=20)
    assert done.truncated or done.exit_code != 0
    assert len(done.stdout) <= 4 << 20


def test_a_program_that_is_built_once_runs_many_times() -> None:
    with built_program("print(int(input()) + 1)", PYTHON) as built:
        assert isinstance(built, BuiltProgram)
        assert [built.run(str(n)).stdout.strip() for n in range(3)] == ["1", "2", "3"]
        folder = built.folder
    assert not folder.exists()


def test_a_missing_interpreter_is_told() -> None:
    with pytest.raises(CheckError, match="no-such-program was not found"):
        run_program("x", RunTable(file="x", command=("no-such-program",)))


def test_a_full_disk_is_no_fault_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def write(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("fedtranslate.checks.behave.programs._write", write)
    with pytest.raises(CheckError, match=r"cannot be written.*No space left.*Make room"):
        run_program("1", RunTable(file="a.py", command=("python3", "{file}")))


def test_a_program_may_be_no_text_at_all() -> None:
    assert run_program("\x00\ud800", PYTHON).exit_code != 0


def test_mistakes_of_a_pack_are_told_all_at_once(tmp_path: Path) -> None:
    file = tmp_path / "behave.toml"
    file.write_text(
        '[run]\nfile = "x"\nimpure = "("\nseconds = 0\n[types]\nlist = ["x"]\n[harnes]\n'
    )
    with pytest.raises(PackError) as told:
        read_behaviour(file)
    for part in ("run.command", "run.impure", "run.seconds", "types.list", "harnes"):
        assert part in str(told.value)


def test_a_harness_that_is_not_there_is_told(tmp_path: Path) -> None:
    file = tmp_path / "behave.toml"
    file.write_text('[run]\nfile = "x"\ncommand = ["x"]\n[harness]\nfile = "h.py"\n')
    with pytest.raises(PackError, match=r"there is no h\.py"):
        read_behaviour(file)


GOLD = "def f(a): return a + 1"
TEST = pair_test("assert f(1) == 2", load_pack("python"))


@pytest.mark.parametrize(
    ("candidate", "state"),
    [
        (GOLD, TestState.PASSED),
        ("def f(a): return 2 * a", TestState.PASSED),
        ("def f(a): return a", TestState.FAILED),
        ("def f(a: return a", TestState.BUILD_FAILED),
        ("def f(a):\n    while True: pass", TestState.TIMED_OUT),
        ("", TestState.FAILED),
    ],
)
def test_a_candidate_passes_or_it_is_told_why_not(candidate: str, state: TestState) -> None:
    table = PYTHON.model_copy(update={"seconds": 1.0})
    result = run_test(TestProgram(TEST.text, table), candidate, GOLD)
    assert result.state is state
    assert bool(result.reason) == (state is not TestState.PASSED)


def test_a_harness_that_the_right_answer_does_not_pass_is_no_fault_of_the_candidate() -> None:
    broken = pair_test("assert f(1) == 3", load_pack("python"))
    result = run_test(broken, "def f(a): return a + 2", GOLD)
    assert result.state is TestState.HARNESS_FAILED
    assert "AssertionError" in result.reason


def test_output_can_be_asked_for_and_be_forbidden() -> None:
    program = TestProgram("{candidate}", PYTHON, must=r"ok, (\d)/\1", must_not="bad")
    states = [run_test(program, f"print({said!r})").state for said in ("ok, 2/2", "ok, 1/2", "x")]
    assert states == [TestState.PASSED, TestState.FAILED, TestState.FAILED]
    assert run_test(program, "print('ok, 2/2 bad')").state is TestState.FAILED


@pytest.mark.parametrize("text", ["a\n{candidate}\nb", "a\n# TOFILL\nb", "a\n#TOFILL\nb"])
def test_the_candidate_goes_to_its_place(text: str) -> None:
    assert TestProgram(text, PYTHON).program("X").split("\n") == ["a", "X", "b"]


def test_without_a_place_the_candidate_goes_first() -> None:
    assert TestProgram("check(f)", PYTHON).program(r"\1 X") == "\\1 X\ncheck(f)"


def test_many_tests_keep_their_order() -> None:
    candidates = [f"def f(a): return {n}" for n in (2, 3, 2, 4)]
    told: list[int] = []
    results = run_tests([(TEST, one, None) for one in candidates], jobs=2, on_done=told.append)
    assert [one.state == "passed" for one in results] == [True, False, True, False]
    assert sum(told) == 4


def test_passed_tests_are_the_best_state_and_others_change_none() -> None:
    compiled = Verdict(True, CompileState.COMPILED)
    passed, failed = (run_test(TEST, one) for one in (GOLD, "def f(a): return a"))
    assert with_tests(compiled, passed).compile_state is CompileState.TESTS_PASSED
    after = with_tests(compiled, failed)
    assert after.compile_state is CompileState.COMPILED
    assert "failed" in after.reason
