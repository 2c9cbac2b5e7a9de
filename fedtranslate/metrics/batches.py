"""Measure many pairs, in one process or in several, with bounded memory.

Pairs are taken from their source as they are needed, and what was measured comes back in their
order.  Of each pair only numbers stay.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from typing import TypeAlias

from fedtranslate.languages.registry import load_pack
from fedtranslate.metrics.codebleu.compat import Evaluator
from fedtranslate.metrics.codebleu.reading import Tokens
from fedtranslate.metrics.crystal import Trivial
from fedtranslate.metrics.meter import Measured, Meter

Pair: TypeAlias = tuple[str, str, bool | None]
"""Prediction, reference, and whether the prediction parses, if that is known."""
_AT_ONCE = 250
_WAITING = 3
"""Batches per process that are handed out ahead."""


@dataclass(frozen=True, slots=True)
class Request:
    """How pairs are to be measured."""

    language: str
    tokens: Tokens = "lexer"
    compat: Evaluator | None = None
    trivial: Trivial = field(default_factory=frozenset)

    def meter(self) -> Meter:
        """Return the meter that does it.

        Raises:
            UnknownNameError: There is no such language, or ``compat`` does not know it.
        """
        return Meter(
            load_pack(self.language),
            tokens=self.tokens,
            compat=self.compat,
            trivial=self.trivial,
        )


def measure_pairs(pairs: Iterable[Pair], request: Request, jobs: int = 1) -> Iterator[Measured]:
    """Yield what was measured of each pair, in order.

    Args:
        pairs: May be endless.
        request: How they are measured.
        jobs: How many processes work; 1 works in this one.
    """
    meter = request.meter()  # here, so that a wrong request is refused before processes start
    if jobs <= 1:
        for prediction, reference, valid in pairs:
            yield meter.measure(prediction, reference, valid=valid)
        return
    source = iter(pairs)
    waiting: deque[Future[list[Measured]]] = deque()
    with ProcessPoolExecutor(
        jobs, get_context("spawn"), initializer=_begin, initargs=(request,)
    ) as pool:
        while True:
            while len(waiting) < jobs * _WAITING and (batch := list(islice(source, _AT_ONCE))):
                waiting.append(pool.submit(_measured, batch))
            if not waiting:
                return
            yield from waiting.popleft().result()


_METERS: list[Meter] = []
"""The meter of a worker process."""


def _begin(request: Request) -> None:
    _METERS[:] = [request.meter()]


def _measured(batch: list[Pair]) -> list[Measured]:
    return [
        _METERS[0].measure(prediction, reference, valid=valid)
        for prediction, reference, valid in batch
    ]
