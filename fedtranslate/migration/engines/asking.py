"""Put one question to an endpoint, and put it again where that may help."""

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from fedtranslate.languages.pack import LanguagePack
from fedtranslate.migration.engines.base import Candidate
from fedtranslate.migration.engines.dialect import Asked, Dialect
from fedtranslate.migration.engines.pacing import Gate, asked_wait, delay_before
from fedtranslate.migration.engines.reply import ReplyError, complaint_in, read_candidates
from fedtranslate.migration.engines.wire import LARGEST, Line, Reply, WireError

_PASSING = frozenset({408, 409, 425, 429})
"""What a server says when the same question may be answered later, as all from 500 on do."""
_BUSY = frozenset({429, 503})


class AskError(Exception):
    """A question was not answered; the message says why, as a sentence."""

    def __init__(self, why: str, status: int = 0) -> None:
        super().__init__(why)
        self.status = status
        """Of the reply; 0 where there was none, or none that can be read."""


@dataclass(frozen=True, slots=True)
class Asker:
    """What all questions to one endpoint have in common."""

    where: httpx.URL
    dialect: Dialect
    gate: Gate
    retries: int
    """Repetitions of a question that was not answered."""
    api_key: str
    """No message shows it."""
    rest: Callable[[float], None]
    """Waits for so many seconds; raises when all is to stop."""

    def ask(
        self,
        line: Line,
        asked: Asked,
        temperature: float,
        pack: LanguagePack,
        chance: random.Random,
    ) -> list[Candidate]:
        """Return at least one answer, each of which may be a failure of its own.

        Args:
            line: Of this thread.
            asked: The question.
            temperature: Of its answers.
            pack: Of the language of its answers.
            chance: For the waits between repetitions.

        Raises:
            AskError: There is no answer, in spite of all repetitions.
        """
        again = 0
        while True:
            self._wait_for_turn()
            sent = self.dialect.written(asked, temperature)
            try:
                reply = line.post(self.where, json.dumps(sent).encode(), LARGEST * asked.count)
                if 200 <= reply.status < 300:
                    return read_candidates(reply.body, asked.count, pack, self.api_key)
                why = self._refusal(reply)
                if reply.status in (400, 422) and self.dialect.learn_from(why, sent):
                    continue
                problem = AskError(why, reply.status)
                if reply.status not in _PASSING and reply.status < 500:
                    raise problem
                wait = self._asked_wait(reply)
            except (WireError, ReplyError) as error:
                problem, wait = AskError(str(error)), None
            if again == self.retries:
                raise problem
            own = delay_before(again, chance)
            self.rest(own if wait is None else max(wait, own))
            again += 1

    def _wait_for_turn(self) -> None:
        self.rest(self.gate.turn())
        while (left := self.gate.closed_for()) > 0:
            self.rest(left)

    def _refusal(self, reply: Reply) -> str:
        status = f"HTTP {reply.status}"
        if 300 <= reply.status < 400:
            return (
                f"The endpoint sends on to another address ({status}), which is not followed."
                " Give the address that it leads to."
            )
        said = complaint_in(reply.body, self.api_key)
        detail = f": {said}." if said else "."
        if reply.status in (401, 403):
            return f"The endpoint refuses the API key ({status}){detail}"
        if reply.status == 404:
            return f"The endpoint knows no such model or address ({status}){detail}"
        if reply.status == 429:
            return f"The endpoint has had too many questions ({status}){detail}"
        if reply.status >= 500:
            return f"The endpoint failed ({status}){detail}"
        return f"The endpoint refuses the question ({status}){detail}"

    def _asked_wait(self, reply: Reply) -> float | None:
        """Return how long the server wants us to wait; who is busy is so for all of us."""
        wait = asked_wait(reply.headers.get("retry-after"), reply.headers.get("date"), time.time())
        if wait is not None and reply.status in _BUSY:
            self.gate.close_for(wait)
        return wait
