"""An engine that answers from a table, so that what is tested is the machinery around models."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from fedtranslate.migration.engines.base import Candidate, Request
from fedtranslate.migration.journal import FOLDER

ONE = """package shop;
class One {
    int first(int n) { return n + 1; }
    int second() { return first(1); }
}
"""
TWO = "package shop;\nclass Two {\n    int third(One one) { return one.second(); }\n}\n"


class TableEngine:
    """Knows the answers to texts: one for each attempt, the last for all that follow.

    Args:
        answers: By the text that is asked for; a list has one answer for each attempt.
        otherwise: Makes the answer to what is not in the table.
    """

    name = "table"
    takes_context = True

    def __init__(
        self,
        answers: Mapping[str, str | Sequence[str]],
        otherwise: Callable[[str], str] = lambda _: "",
        fingerprint: str = "table",
    ) -> None:
        self.fingerprint = fingerprint
        self.asked: list[Request] = []
        self._answers = answers
        self._otherwise = otherwise

    def write(
        self,
        requests: Sequence[Request],
        *,
        attempt: int = 0,
        on_done: Callable[[int], None] | None = None,
    ) -> list[tuple[Candidate, ...]]:
        """Answer each request from the table."""
        self.asked += requests
        if on_done is not None:
            on_done(len(requests))
        return [self._answer(request, attempt) for request in requests]

    def count_tokens(self, text: str) -> int:
        """Return a token for each four characters."""
        return len(text) // 4

    def close(self) -> None:
        """Hold nothing."""

    def _answer(self, request: Request, attempt: int) -> tuple[Candidate, ...]:
        found = self._answers.get(request.text)
        if found is None:
            found = self._otherwise(request.text)
        if not isinstance(found, str):
            found = found[min(attempt, len(found) - 1)]
        return (Candidate(found, finished=True, score=-0.1),)


def put(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files into a folder."""
    for name, content in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)


def in_csharp(text: str) -> str:
    """Translate the methods of these tests: names of methods get capitals."""
    return re.sub(r"\b(first|second|third|fourth)\(", lambda name: name[0].capitalize(), text)


def written(out: Path) -> dict[str, bytes]:
    """Return the output, without what the migration keeps for itself."""
    return {
        place.relative_to(out).as_posix(): place.read_bytes()
        for place in sorted(out.rglob("*"))
        if place.is_file() and FOLDER not in place.parts
    }
