"""How questions are written for an endpoint, which may not know all that others know."""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_ELSE = {"max_tokens": "max_completion_tokens"}
"""What says the same in the words of others."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, before it is written."""

    text: str
    count: int
    """Answers wanted."""
    seed: int
    stops: tuple[str, ...] = ()
    """What ends an answer."""
    longest: int | None = None
    """Tokens of an answer, where it is another number than that of all others."""


class Dialect:
    """Writes questions, and learns what an endpoint does not understand.

    Args:
        model: Its name at the endpoint.
        is_chat: Whether conversations are sent, or texts to go on from.
        max_new_tokens: Longest answer.
    """

    def __init__(self, model: str, *, is_chat: bool, max_new_tokens: int) -> None:
        self._model, self._is_chat = model, is_chat
        self._max_new_tokens = max_new_tokens
        self._lock = threading.Lock()
        self._refused: set[str] = set()
        self._is_one_by_one = False

    def count(self, wanted: int) -> int:
        """Return how many answers one question can ask for."""
        with self._lock:
            return 1 if self._is_one_by_one or "n" in self._refused else wanted

    def written(self, asked: Asked, temperature: float) -> dict[str, Any]:
        """Return the question as it is sent."""
        what: dict[str, Any] = {"model": self._model, "stream": False}
        if self._is_chat:
            what["messages"] = [{"role": "user", "content": asked.text}]
        else:
            what["prompt"] = asked.text
        options: dict[str, Any] = {
            "max_tokens": asked.longest or self._max_new_tokens,
            "temperature": temperature,
            "seed": asked.seed,
            "logprobs": True if self._is_chat else 1,
        }
        if asked.count > 1:
            options["n"] = asked.count
        if asked.stops:
            options["stop"] = list(asked.stops)
        with self._lock:
            refused = frozenset(self._refused)
        for name, value in options.items():
            if name not in refused:
                what[name] = value
            elif name in _ELSE and _ELSE[name] not in refused:
                what[_ELSE[name]] = value
        return what

    def learn_from(self, complaint: str, sent: Mapping[str, object]) -> bool:
        """Give up the options that ``complaint`` names; return whether to ask anew without."""
        always = {"model", "stream", "messages", "prompt"}
        named = {name for name in sent.keys() - always if _is_named(name, complaint)}
        with self._lock:
            self._refused |= named
        return bool(named)

    def learn_from_count(self, wanted: int, came: int) -> None:
        """Note that fewer answers came than one question asked for."""
        if came < wanted:
            with self._lock:
                self._is_one_by_one = True


def _is_named(name: str, complaint: str) -> bool:
    word = rf"['\"`]{name}['\"`]" if name == "n" else rf"(?<!\w){name}(?!\w)"
    return re.search(word, complaint) is not None
