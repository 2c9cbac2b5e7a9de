"""Test a candidate with the tests of its pair, and tell its failures from those of the harness.

A test is a program with a place for the candidate.  The known right answer is put there first:
where it does not pass, nothing can be said of a candidate.  Its time tells how long a candidate
may take, as evalplus does it (Liu et al. 2023, arXiv:2305.01210).
"""

import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum

from fedtranslate.checks.behave.programs import ProgramOutcome, missing_tool, run_program
from fedtranslate.checks.behave.tables import RunTable, required_behaviour
from fedtranslate.errors import CheckError
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.records import CompileState, Verdict

CANDIDATE = "{candidate}"
SLOWER = 5.0
"""How many times the gold's time a candidate may take."""
_SAID = 400


class TestState(StrEnum):
    """How a test ended; only the first is a success."""

    __test__ = False
    PASSED = "passed"
    FAILED = "failed"
    BUILD_FAILED = "build_failed"
    TIMED_OUT = "timed_out"
    HARNESS_FAILED = "harness_failed"
    """The known right answer does not pass either, or there is nothing to run it with."""


@dataclass(frozen=True, slots=True)
class TestProgram:
    """A program with a place for the candidate, and what passing means."""

    __test__ = False
    text: str
    """Holds ``{candidate}``, or what the pack's marker finds; else the candidate goes first."""
    table: RunTable
    must: str = ""
    """Pattern that must be in the output."""
    must_not: str = ""
    """Pattern that must not be in it."""

    def program(self, candidate: str) -> str:
        """Return the whole program with ``candidate`` in its place."""
        if CANDIDATE in self.text:
            return self.text.replace(CANDIDATE, candidate)
        if self.table.marker and (place := re.search(self.table.marker, self.text)):
            return self.text[: place.start()] + candidate + self.text[place.end() :]
        return f"{candidate}\n{self.text}"


@dataclass(frozen=True, slots=True)
class TestResult:
    """How a candidate did."""

    __test__ = False
    state: TestState
    reason: str = ""
    """Why it did not pass; empty when it did."""
    seconds: float = 0.0


def pair_test(text: str, pack: LanguagePack) -> TestProgram:
    """Return the tests ``text`` of a pair, which pass when they end with exit code 0.

    Raises:
        CheckError: Programs of the language cannot be run.
    """
    return TestProgram(text, required_behaviour(pack).run)


def run_test(test: TestProgram, candidate: str, gold: str | None = None) -> TestResult:
    """Test ``candidate``, after ``gold`` where there is one.

    Raises:
        CheckError: There is no sandbox to run programs in.
    """
    if missing := missing_tool(test.table):
        return TestResult(TestState.HARNESS_FAILED, f"{missing} was not found")
    seconds = None
    if gold is not None:
        known = _judged(test, run_program(test.program(gold), test.table))
        if known.state is not TestState.PASSED:
            return TestResult(
                TestState.HARNESS_FAILED,
                f"the known right answer does not pass: {known.reason}",
                known.seconds,
            )
        if candidate == gold:
            return known
        seconds = max(test.table.seconds, SLOWER * known.seconds)
    return _judged(test, run_program(test.program(candidate), test.table, seconds=seconds))


def run_tests(
    requests: Iterable[tuple[TestProgram, str, str | None]],
    *,
    jobs: int = 1,
    on_done: Callable[[int], None] | None = None,
) -> list[TestResult]:
    """Test many candidates; each request is a test, a candidate and its gold or None.

    Args:
        requests: In any order; results have the same.
        jobs: How many run at the same time.
        on_done: Called with 1 for each that is finished, in order.

    Raises:
        CheckError: There is no sandbox to run programs in.
    """
    results = []
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        try:
            for result in pool.map(lambda request: run_test(*request), requests):
                results.append(result)
                if on_done:
                    on_done(1)
        except CheckError:
            pool.shutdown(cancel_futures=True)
            raise
    return results


def with_tests(verdict: Verdict, result: TestResult) -> Verdict:
    """Return ``verdict`` after the tests: passed ones are the best state that there is.

    Tests that do not pass leave the state as it was, and say why in the reason.
    """
    if result.state is TestState.PASSED:
        return replace(verdict, parses=True, compile_state=CompileState.TESTS_PASSED, reason="")
    said = f"tests: {result.state}: {result.reason}"
    return replace(verdict, reason=f"{verdict.reason}; {said}" if verdict.reason else said)


def _judged(test: TestProgram, outcome: ProgramOutcome) -> TestResult:
    state, reason = TestState.PASSED, ""
    said = f"{outcome.stdout}\n{outcome.stderr}"
    if not outcome.built:
        state, reason = TestState.BUILD_FAILED, _shown(outcome.problems)
    elif outcome.timed_out:
        state, reason = TestState.TIMED_OUT, f"stopped after {outcome.seconds:.0f} seconds"
    elif outcome.stopped:
        state, reason = TestState.FAILED, f"stopped for its use of {outcome.stopped}"
    elif outcome.exit_code != 0:
        last = _shown(outcome.stderr) or _shown(outcome.stdout)
        state, reason = TestState.FAILED, f"exit code {outcome.exit_code}: {last}".rstrip(": ")
    elif test.must and not re.search(test.must, said):
        state, reason = TestState.FAILED, f"no '{test.must}' in the output: {_shown(said)}"
    elif test.must_not and (found := re.search(test.must_not, said)):
        state, reason = TestState.FAILED, f"'{found[0]}' is in the output: {_shown(said)}"
    return TestResult(state, reason, outcome.seconds)


def _shown(text: str) -> str:
    """Return the first lines of what a program said, on one line."""
    return " ".join(text.split())[:_SAID]
