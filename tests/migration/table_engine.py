"""An engine that answers from a table, so that what is tested is the machinery around models."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from fedtranslate.migration.engines.base import Candidate, Request


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
