"""What becomes of calls for which the time of a process is too short."""

import json
from collections.abc import Mapping

from fedtranslate.checks.behave.answers import Ending
from fedtranslate.checks.behave.calls import Callable
from fedtranslate.checks.behave.inputs import Input
from fedtranslate.checks.behave.programs import ProgramOutcome

LIMIT = 10.0


class Timed:
    """A program that answers each number with itself, and takes so many seconds for it."""

    def __init__(self, seconds: Mapping[int, float]) -> None:
        self.seconds = seconds
        self.runs = 0

    def run(self, stdin: str, _seconds: float | None = None) -> ProgramOutcome:
        self.runs += 1
        left, said = LIMIT, []
        for call, line in enumerate(stdin.splitlines()):
            (number,) = json.loads(line)
            left -= self.seconds.get(number, 0.1)
            if left < 0:
                break
            said.append(f"\x1e{json.dumps({'call': call, 'result': number, 'arguments': []})}\n")
        begun = "".join(f"\x1e{call}\n" for call in range(len(said) + (left < 0)))
        return ProgramOutcome(
            built=True, stdout=begun, stderr="".join(said), timed_out=left < 0, exit_code=0
        )


def endings(program: Timed, count: int) -> list[Ending]:
    called = Callable(program)  # type: ignore[arg-type]
    return [one.ending for one in called.call([Input((n,)) for n in range(count)])]


def test_a_call_is_not_charged_with_the_time_of_the_calls_before_it() -> None:
    program = Timed({0: 6.0, 1: 6.0, 2: 6.0})
    assert endings(program, 4) == [Ending.RESULT] * 4
    assert program.runs == 3


def test_a_call_that_does_not_end_costs_that_call() -> None:
    found = endings(Timed({2: 1e9}), 5)
    assert found == [Ending.RESULT, Ending.RESULT, Ending.TIME, Ending.RESULT, Ending.RESULT]


def test_calls_that_do_not_end_are_given_up_after_some() -> None:
    program = Timed(dict.fromkeys(range(0, 200, 2), 1e9))
    found = endings(program, 200)
    assert (found.count(Ending.TIME), found.count(Ending.RESULT)) == (3, 3)
    assert found[6:] == [Ending.LOST] * 194
    assert program.runs == 6
