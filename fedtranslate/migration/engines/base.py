"""What a migration asks of whatever writes its translations."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from fedtranslate.errors import UnknownNameError
from fedtranslate.languages.registry import load_pack
from fedtranslate.prompts.request import Context, Request

__all__ = ["Candidate", "Context", "Engine", "Request", "unknown_language"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One answer to a request."""

    text: str
    finished: bool
    """Whether the engine ended it itself; False when it ran into a limit."""
    score: float | None = None
    """Mean log probability of its tokens (natural logarithm); None when it is not known."""
    failure: str = ""
    """Why there is no text, in words, when the engine could not answer this request."""


class Engine(Protocol):
    """Writes candidates for requests."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def fingerprint(self) -> str:
        """Text that changes when answers may: model, adapter, decoding, wording of prompts."""

    @property
    def takes_context(self) -> bool:
        """Whether the context of a request changes what is asked."""

    def write(
        self,
        requests: Sequence[Request],
        *,
        attempt: int = 0,
        on_done: Callable[[int], None] | None = None,
    ) -> list[tuple[Candidate, ...]]:
        """Answer ``requests``, in order, each with at least one candidate.

        A request that cannot be answered gets a candidate that says why.

        Args:
            requests: May be empty, and may hold anything: code is data.
            attempt: Counts from 0; another attempt at the same request gives other candidates.
            on_done: Called with the number of requests that were finished.

        Raises:
            EngineError: The engine as a whole cannot go on; the run can be taken up later.
        """

    def count_tokens(self, text: str) -> int:
        """Return about how many tokens of a prompt ``text`` takes."""

    def close(self) -> None:
        """Give back what the engine holds; it cannot write any more."""


def unknown_language(request: Request) -> str:
    """Return what is wrong with the languages of ``request``, as a sentence; "" if nothing is."""
    try:
        for name in request.languages:
            load_pack(name)
    except UnknownNameError as error:
        return str(error)
    return ""
