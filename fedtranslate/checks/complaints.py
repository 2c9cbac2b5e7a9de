"""What a compiler printed, read by the pattern of its pack."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fedtranslate.records import Problem

_LONGEST = 200
_DIGITS = 9
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error, and the file that the compiler names; "" when it names none."""

    file: str
    problem: Problem


def read_complaints(said: str, pattern: str) -> list[Complaint]:
    """Return every match of ``pattern``, in order.

    Args:
        said: What the compiler printed; it may hold anything that the text it read held.
        pattern: Has the groups ``line`` and ``message``, and may have ``column``, ``code`` and
            ``file``.
    """
    found = []
    for match in re.finditer(pattern, said, re.MULTILINE):
        groups = match.groupdict()
        problem = Problem(
            line=_number(groups["line"]),
            column=_number(groups.get("column")),
            message=(groups["message"] or "").strip(),
            code=groups.get("code") or "",
        )
        found.append(Complaint((groups.get("file") or "").strip(), problem))
    return found


def matches(pattern: str, problems: Sequence[Problem]) -> bool:
    """Tell whether ``pattern`` is in the code and message of one of ``problems``."""
    return bool(pattern) and any(
        re.search(pattern, f"{problem.code} {problem.message}") for problem in problems
    )


def first_line(said: str) -> str:
    """Return the first line that says something, shortened and fit for a terminal."""
    lines = (" ".join(line.split()) for line in _COLOURS.sub("", said).splitlines())
    line = next((line for line in lines if line), "")
    return printable(line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}...")


def printable(text: str) -> str:
    """Return ``text`` as it may be shown on a terminal: without control characters."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )


def _number(digits: str | None) -> int:
    """Return a line or column; what is no number of a sane size counts as the first."""
    return max(1, int(digits)) if digits and digits.isdecimal() and len(digits) <= _DIGITS else 1
