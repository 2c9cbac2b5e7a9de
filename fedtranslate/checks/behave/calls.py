"""Call a function of any language with arguments, through the harness program of its pack.

The protocol is the same for all: each line of standard input is a JSON list of arguments.  Before
each call the harness writes U+001E, the number of the call and a line end to standard output,
where what the function prints follows; after it, U+001E and a JSON object to standard error:
``call``, ``arguments`` as they are afterwards, and ``result`` or ``exception`` ("Class: message").
Integers, floats, truth values, texts (a character is one) and lists are JSON's; what JSON lacks
is ``{"float": "NaN"}``, ``{"map": [[key, value], ...]}`` and ``{"set": [...]}``; anything else is
``{"other": name}``, which is equal to nothing.

A call that ends the program, or does not end, costs that call: the rest gets a new process.  Not
covered: a function could write such lines itself; it is trusted not to cheat, and nothing more.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fedtranslate.checks.behave.answers import Answer, Ending, encoded
from fedtranslate.checks.behave.functions import Function, harness_table
from fedtranslate.checks.behave.inputs import Input
from fedtranslate.checks.behave.programs import (
    BuiltProgram,
    ProgramOutcome,
    built_program,
    missing_tool,
)
from fedtranslate.checks.behave.tables import ArgumentRule, HarnessTable, required_behaviour
from fedtranslate.languages.packtext import pack_text

_MARK = "\x1e"
_MAX_RESTARTS = 60
_MAX_TIMEOUTS = 6
_SAID = 500


@dataclass(frozen=True, slots=True)
class Callable:
    """A function that is built and can be called again and again."""

    program: BuiltProgram
    seconds: float | None = None
    """How long a process may take, and so a call that is the first of one; the table's if not
    said."""

    def call(self, inputs: Sequence[Input]) -> list[Answer]:
        """Return the answer to each input, in order.

        A call at which time is up is asked again in a process of its own before it is said not to
        end: the calls before it, each quick enough, may have taken the time.

        Raises:
            CheckError: The sandbox cannot be used.
        """
        answers: list[Answer] = []
        timeouts = 0
        for _ in range(_MAX_RESTARTS):
            rest = inputs[len(answers) :]
            if not rest or timeouts == _MAX_TIMEOUTS or _is_hopeless(answers):
                break
            lines = (json.dumps([encoded(one) for one in given.arguments]) for given in rest)
            outcome = self.program.run("".join(f"{line}\n" for line in lines), self.seconds)
            told = _told(outcome)
            answers += told
            timeouts += outcome.timed_out
            if told and outcome.timed_out:
                continue
            if len(told) < len(rest) and (not told or _is_begun(outcome, len(told))):
                answers.append(_fatal(outcome, len(told)))
        return (answers + [Answer(Ending.LOST)] * len(inputs))[: len(inputs)]


def _is_hopeless(answers: Sequence[Answer]) -> bool:
    """Tell whether the very first call was not even reached: the next one would not be, either."""
    return bool(answers) and answers[0].ending is Ending.LOST


@contextmanager
def opened(function: Function, seconds: float | None = None) -> Iterator[Callable | str]:
    """Give ``function``, built, as long as the context lasts; or why it cannot be called.

    Raises:
        CheckError: The pack does not tell how, or the sandbox cannot be used.
        PackError: The pack's behave.toml is malformed.
    """
    harness = harness_table(function.pack)
    table = required_behaviour(function.pack).run
    own = re.search(harness.entry, function.program) if harness.entry else None
    entry = own[1] if own else table.default_entry
    path = _path(function, harness)
    words = {"{function}": path, "{candidate}": harness.candidate.replace("{entry}", entry)}
    table = table.model_copy(
        update={
            "file": Path(harness.file).name,
            "build": _placed(harness.build or (() if harness.command else table.build), words),
            "command": _placed(harness.command or table.command, words),
        }
    )
    if missing := missing_tool(table):
        yield f"{missing} was not found; {function.pack.compile.help}"
        return
    filled = _filled(function, harness, path)
    if isinstance(filled, str):
        yield filled
        return
    text, candidate = filled
    files = {words["{candidate}"]: candidate} if harness.candidate else {}
    with built_program(text, table, entry=entry, files=files) as built:
        if isinstance(built, BuiltProgram):
            yield Callable(built, seconds)
        else:
            yield f"it cannot be built: {' '.join(built.problems.split())[:_SAID]}"


def _path(function: Function, harness: HarnessTable) -> str:
    container = function.unit.container.replace(".", harness.separator)
    if not container:
        return harness.function.replace("{name}", function.name)
    found = re.search(harness.package, function.program, re.M) if harness.package else None
    if found:
        container = f"{found[1]}.{container}"
    return harness.method.replace("{container}", container).replace("{name}", function.name)


def _filled(function: Function, harness: HarnessTable, path: str) -> tuple[str, str] | str:
    """Return the harness program and the candidate; or why the arguments cannot be passed."""
    candidate = function.program
    for pattern, instead in harness.replace:
        candidate = re.sub(pattern, instead, candidate, flags=re.MULTILINE)
    candidate = harness.before + candidate
    text = pack_text(function.pack.folder / harness.file)
    arguments: tuple[list[str], list[str], list[str]] = ([], [], [])
    for index, parameter in enumerate(function.parameters if harness.arguments else ()):
        rule = _rule(parameter.written, harness)
        if rule is None:
            return f"an argument of type {parameter.written!r} cannot be passed"
        parts = [_argument(part, rule, index, parameter.written) for part in _parts(rule)]
        for texts, part in zip(arguments, parts, strict=True):
            texts.append(part)
    places = {
        "{declared}": "\n".join(arguments[0]),
        "{passed}": ", ".join(arguments[1]),
        "{shown}": ", ".join(arguments[2]),
        "{function}": path,
        "{candidate}": candidate,
    }
    for place, filling in places.items():
        text = text.replace(place, filling)
    return text, candidate


def _rule(written: str, harness: HarnessTable) -> ArgumentRule | None:
    return next((rule for rule in harness.arguments if re.fullmatch(rule.type, written)), None)


def _parts(rule: ArgumentRule) -> tuple[str, str, str]:
    return rule.declare, rule.passed, rule.shown


def _argument(part: str, rule: ArgumentRule, index: int, written: str) -> str:
    found = re.fullmatch(rule.type, written)
    groups = found.groups() if found else ()
    for number, group in enumerate(groups, start=1):
        part = part.replace(f"{{{number}}}", group or "")
    return part.replace("{index}", str(index)).replace("{name}", f"argument{index}")


def _placed(words: Sequence[str], places: Mapping[str, str]) -> tuple[str, ...]:
    placed = []
    for word in words:
        for place, text in places.items():
            word = word.replace(place, text)
        placed.append(word)
    return tuple(placed)


def _told(outcome: ProgramOutcome) -> list[Answer]:
    """Return the answers of one process, in the order of its calls."""
    printed = dict(_printed(outcome.stdout))
    answers: list[Answer] = []
    for piece in outcome.stderr.split(_MARK)[1:]:
        try:
            told = json.loads(piece.split("\n", 1)[0])
            if told["call"] != len(answers):
                break
            arguments = tuple(told.get("arguments") or ())
        except (ValueError, KeyError, TypeError, RecursionError):
            break
        output = printed.get(len(answers), "")
        if "exception" in told:
            said = str(told["exception"])
            answers.append(Answer(Ending.EXCEPTION, None, said, arguments, output))
        else:
            answers.append(Answer(Ending.RESULT, told.get("result"), "", arguments, output))
    return answers


def _printed(stdout: str) -> Iterator[tuple[int, str]]:
    for piece in stdout.split(_MARK)[1:]:
        number, _, output = piece.partition("\n")
        if number.isdecimal():
            yield int(number), output


def _is_begun(outcome: ProgramOutcome, number: int) -> bool:
    return f"{_MARK}{number}\n" in outcome.stdout


def _fatal(outcome: ProgramOutcome, number: int) -> Answer:
    """Return the answer of the call at which a process ended."""
    if outcome.timed_out:
        return Answer(Ending.TIME)
    if outcome.truncated:
        return Answer(Ending.LOST)
    said = f"exit code {outcome.exit_code}"
    if not _is_begun(outcome, number):
        lines = [line for line in outcome.stderr.splitlines() if _MARK not in line]
        last = " ".join(" ".join(lines[-3:]).split())
        return Answer(Ending.LOST, exception=f"{said}: {last[:_SAID]}")
    return Answer(Ending.CRASH, exception=said)
