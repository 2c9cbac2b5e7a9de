"""A model on this machine, as the engine of a migration."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Self

import torch

from fedtranslate.adapters.factors import Adapter
from fedtranslate.config.training import DecodingSettings
from fedtranslate.errors import EngineError
from fedtranslate.generation.decode import Generated, write_answers
from fedtranslate.generation.seeds import seed_of
from fedtranslate.migration.engines.base import Candidate, Request, unknown_language
from fedtranslate.models.load import BaseModel
from fedtranslate.models.lora import merged
from fedtranslate.prompts import encode_code, prompt_format
from fedtranslate.prompts.wording import wording_mark


class LocalEngine:
    """A base model with an adapter in its weights, from the making of the engine to its closing.

    The first attempt has the likeliest answer first and samples behind it, every other one
    samples only.  They are decided by the seed of ``decoding``, the attempt and their place.

    Args:
        base: Nothing else may write with it, or train it, until the engine is closed.
        adapter: What makes it a translator; may be None.
        candidates: Of each request, at least 1.
        decoding: Limits, temperature, nucleus and seed; its strategy and candidates do not count.
        adapter_checksum: Of the file of the adapter; "" without one.

    Raises:
        AdapterError: The adapter does not fit the base.
        ModelError: The wording that the model brings along is none.
    """

    def __init__(
        self,
        base: BaseModel,
        adapter: Adapter | None,
        *,
        candidates: int = 1,
        decoding: DecodingSettings | None = None,
        adapter_checksum: str = "",
    ) -> None:
        self._base = base
        self._candidates = candidates
        self._decoding = decoding or DecodingSettings()
        wording = prompt_format(base.tokenizer, base.template)
        self.name = base.name
        self.takes_context = wording.takes_context
        counts = self._decoding.model_dump(exclude={"batch_tokens", "candidates", "strategy"})
        facts = (
            base.fingerprint,
            str(base.model.dtype),
            base.max_tokens,
            adapter_checksum,
            candidates,
            sorted(counts.items()),
            wording.ends,
            wording_mark() if wording.takes_context else "",
        )
        digest = hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
        self.fingerprint = f"local:{digest}"
        self._open = ExitStack()
        self._model = self._open.enter_context(merged(base, adapter))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(
        self,
        requests: Sequence[Request],
        *,
        attempt: int = 0,
        on_done: Callable[[int], None] | None = None,
    ) -> list[tuple[Candidate, ...]]:
        """Answer ``requests``; see `Engine`.

        Raises:
            EngineError: The model does not fit into memory with a batch, or was closed.
        """
        if self._model is None:
            raise EngineError("The model was closed and cannot write.", hint="Open it again.")
        unknown = {
            place: problem
            for place, request in enumerate(requests)
            if (problem := unknown_language(request))
        }
        asked = [request for place, request in enumerate(requests) if place not in unknown]
        if unknown and on_done is not None:
            on_done(len(unknown))
        try:
            written = iter(
                write_answers(
                    self._base,
                    self._model,
                    asked,
                    self._decoding,
                    self._seeds(attempt),
                    on_done=on_done,
                )
            )
        except torch.OutOfMemoryError as error:
            raise EngineError(
                f"{self.name} does not fit into the memory of the device with what it writes.",
                hint="Lower decoding.batch_tokens, or the number of candidates.",
            ) from error
        return [
            (Candidate("", finished=False, failure=unknown[place]),)
            if place in unknown
            else tuple(map(self._candidate, next(written)))
            for place in range(len(requests))
        ]

    def count_tokens(self, text: str) -> int:
        """Return how many tokens of a prompt ``text`` takes."""
        return len(encode_code(self._base.tokenizer, text))

    def close(self) -> None:
        """Take the adapter off the base, whose weights are then as they were, bit by bit."""
        self._model = None
        self._open.close()

    def _seeds(self, attempt: int) -> tuple[int | None, ...]:
        seeds = [seed_of(self._decoding.seed, attempt, i) for i in range(self._candidates)]
        return (None, *seeds[1:]) if attempt == 0 else tuple(seeds)

    def _candidate(self, written: Generated) -> Candidate:
        failure = ""
        if written.is_too_long:
            failure = (
                f"It is too long for {self.name}, which reads and writes"
                f" {self._base.max_tokens} tokens at most."
            )
        elif not written.text.strip():
            failure = f"{self.name} wrote nothing."
        return Candidate(written.text, written.finished, written.score, failure)
