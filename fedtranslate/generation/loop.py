"""Writing that drops rows as they finish, and takes others in their place.

The library's own loop carries every row of a batch to the end of its longest one; translations of
near-equal sources still differ in length, and a row that has lost its way would hold all others.
Here a finished row leaves the batch, its cache with it, and a waiting one takes its place, so work
follows the living rows.  Rows that answer the same prompt read it once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import Cache

from fedtranslate.generation.cache import RoomyLayer, packed
from fedtranslate.generation.chance import Chance, draw
from fedtranslate.generation.guard import Guard

_CROWDED = 0.8
"""Share of living rows below which the batch is packed anew."""
_ALTERNATIVES = 24
"""Likeliest tokens among which a guard finds one."""


@dataclass(slots=True)
class Answer:
    """What was written for one row."""

    tokens: list[int] = field(default_factory=list)
    """The end token included, when the answer came to its end."""
    likelihood: float = 0.0
    """Sum of the log probabilities (natural logarithm) that the model gave to the tokens."""


@torch.no_grad()
def write_rows(
    model: Any,  # noqa: ANN401 - a causal transformers model
    prompts: Sequence[Sequence[int]],
    *,
    limits: Sequence[int],
    end: int,
    guards: Sequence[Guard] = (),
    chance: Chance | None = None,
    batch_tokens: int | None = None,
    on_done: Callable[[int], None] = lambda _: None,
) -> list[Answer]:
    """Write one token after the other, row by row to its end.

    Args:
        model: A causal transformers model.
        prompts: Tokens, at least one each; those of like length should be neighbours.
        limits: Longest answer of each row, in tokens; at least 1.  A multiple of the prompts:
            the answers to one prompt stand side by side.
        end: The end token; it is the last token of an answer that came to its end.
        guards: One for each row: where it refuses the chosen token, the likeliest that it admits
            is written; or none.
        chance: How each row draws its tokens; without, all take the likeliest one.
        batch_tokens: What rows times (longest prompt + longest answer) may come to at a time; more
            prompts wait.  Without a bound none does.
        on_done: Called with the number of prompts that have all their answers.
    """
    writer = _Writer(model, prompts, limits, end, guards, chance)
    waiting = _Waiting(prompts, limits, batch_tokens)
    batch: _Batch | None = None
    told = 0
    while told < len(prompts):
        if batch is None or batch.share < _CROWDED:
            some = waiting.joining(batch.living() if batch else [])
            batch = _packed([*([batch] if batch else []), *([writer.read(some)] if some else [])])
            living = batch.living() if batch else []
            done = waiting.taken - len({row // waiting.copies for row in living})
            if done > told:
                on_done(done - told)
                told = done
        if batch is not None:
            writer.step(batch)
    return writer.answers


class _Waiting:
    """The prompts that no row has begun to answer."""

    def __init__(
        self, prompts: Sequence[Sequence[int]], limits: Sequence[int], batch_tokens: int | None
    ) -> None:
        self.copies = len(limits) // len(prompts)
        self.taken = 0
        """Prompts that wait no more."""
        self._sizes = [len(prompt) for prompt in prompts]
        self._limits = limits
        self._bound = batch_tokens

    def joining(self, living: Sequence[int]) -> range:
        """Take the prompts that there is room for beside the rows ``living``."""
        first = self.taken
        size = max((self._sizes[row // self.copies] for row in living), default=0)
        limit = max((self._limits[row] for row in living), default=0)
        rows = len(living)
        while self.taken < len(self._sizes):
            own = self._limits[self.taken * self.copies : (self.taken + 1) * self.copies]
            size, limit = max(size, self._sizes[self.taken]), max(limit, *own)
            # A prompt that does not even fit alone is answered alone.
            too_many = (
                self._bound is not None and (rows + self.copies) * (size + limit) > self._bound
            )
            if too_many and rows:
                break
            rows += self.copies
            self.taken += 1
        return range(first, self.taken)


@dataclass(slots=True)
class _Batch:
    """Rows that are written together, padded on the left."""

    rows: Tensor
    """Their numbers."""
    mask: Tensor
    """Shape (rows, length): 1 for each token of a row that is in the cache, 0 for padding."""
    cache: Cache
    chosen: Tensor
    """Of each row, the token that was written last; it is not in the cache yet."""
    alive: Tensor
    """Which rows go on."""

    @property
    def share(self) -> float:
        """The share of the rows that go on."""
        return float(self.alive.float().mean())

    def living(self) -> list[int]:
        """Return the numbers of the rows that go on."""
        numbers: list[int] = self.rows[self.alive].tolist()
        return numbers


def _packed(batches: Sequence[_Batch]) -> _Batch | None:
    """Return the rows that go on as one batch, no longer than it must be; None if there are none.

    Padding costs as much as tokens do, since all keys and values are read for each token.
    """
    kept = [(one, one.alive.nonzero().squeeze(-1)) for one in batches if bool(one.alive.any())]
    if not kept:
        return None
    if len(kept) == 1 and bool(kept[0][0].alive.all()):
        return kept[0][0]
    length = max(int(one.mask[rows].sum(-1).max()) for one, rows in kept)
    masks = []
    for one, rows in kept:
        mask = one.mask[rows, -length:]
        masks.append(torch.nn.functional.pad(mask, (length - mask.shape[1], 0)))
    layers = zip(*(one.cache.layers for one, _ in kept), strict=True)
    numbers = [rows for _, rows in kept]
    return _Batch(
        rows=torch.cat([one.rows[rows] for one, rows in kept]),
        mask=torch.cat(masks),
        cache=Cache(
            layers=[packed(list(zip(some, numbers, strict=True)), length) for some in layers]
        ),
        chosen=torch.cat([one.chosen[rows] for one, rows in kept]),
        alive=torch.cat([one.alive[rows] for one, rows in kept]),
    )


class _Writer:
    """Writes tokens, one for each row of a batch at a time, and keeps the answers."""

    def __init__(
        self,
        model: Any,  # noqa: ANN401
        prompts: Sequence[Sequence[int]],
        limits: Sequence[int],
        end: int,
        guards: Sequence[Guard],
        chance: Chance | None,
    ) -> None:
        self.answers = [Answer() for _ in limits]
        self._model = model
        self._prompts = prompts
        self._limits = limits
        self._end = end
        self._guards = guards
        self._chance = chance
        self._numbers = None if chance is None else chance.numbers(limits).to(model.device)

    def read(self, some: range) -> _Batch:
        """Read prompts, and write the first token of each of their rows."""
        device = self._model.device
        inputs, mask = left_padded([self._prompts[one] for one in some], pad=0)
        inputs, mask = inputs.to(device), mask.to(device)
        cache = Cache(layer_class_to_replicate=RoomyLayer)
        logits = self._logits(inputs, mask, (mask.cumsum(-1) - 1).clamp(min=0), cache)
        copies = len(self._limits) // len(self._prompts)
        if copies > 1:
            cache.batch_repeat_interleave(copies)
            logits, mask = (each.repeat_interleave(copies, 0) for each in (logits, mask))
        rows = torch.arange(some.start * copies, some.stop * copies, device=device)
        alive = torch.ones_like(rows, dtype=torch.bool)
        batch = _Batch(rows, mask, cache, chosen=rows, alive=alive)
        self._write(batch, logits)
        return batch

    def step(self, batch: _Batch) -> None:
        """Write the next token of each row."""
        positions = batch.mask.sum(-1, keepdim=True)
        batch.mask = torch.cat([batch.mask, batch.mask.new_ones(len(batch.rows), 1)], dim=1)
        logits = self._logits(batch.chosen[:, None], batch.mask, positions, batch.cache)
        self._write(batch, logits)

    def _logits(self, inputs: Tensor, mask: Tensor, positions: Tensor, cache: Cache) -> Tensor:
        found: Tensor = self._model(
            input_ids=inputs,
            attention_mask=mask,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits[:, -1]
        return found

    def _write(self, batch: _Batch, logits: Tensor) -> None:
        """Add a token to the answer of each row that goes on, and find out which still do."""
        chosen = logits.argmax(-1)
        if self._chance is not None and self._numbers is not None:
            last = self._numbers.shape[1] - 1
            places = [min(last, len(self.answers[row].tokens)) for row in batch.rows.tolist()]
            luck = self._numbers[batch.rows, torch.tensor(places, device=batch.rows.device)]
            drawn = draw(logits, luck, self._chance.temperature, self._chance.top_p)
            chosen = torch.where(luck < 0, chosen, drawn)
        numbers = batch.rows.tolist()
        living = [(place, numbers[place]) for place in batch.alive.nonzero().flatten().tolist()]
        self._pass_over(living, chosen, logits)
        picked = logits.gather(-1, chosen[:, None]).squeeze(-1).float()
        likelihoods = (picked - logits.float().logsumexp(-1)).tolist()
        tokens = chosen.tolist()
        for place, row in living:
            answer = self.answers[row]
            answer.tokens.append(tokens[place])
            answer.likelihood += likelihoods[place]
            if tokens[place] == self._end or len(answer.tokens) == self._limits[row]:
                batch.alive[place] = False
        batch.chosen = chosen

    def _pass_over(self, living: Sequence[tuple[int, int]], chosen: Tensor, logits: Tensor) -> None:
        """Replace, in place, each token that its guard refuses by the likeliest it admits."""
        if not self._guards:
            return
        tokens = chosen.tolist()
        for place, row in living:
            answer, guard = self.answers[row].tokens, self._guards[row]
            if guard.admits(answer, tokens[place]):
                continue
            likely = logits[place].topk(min(_ALTERNATIVES, logits.shape[-1])).indices.tolist()
            chosen[place] = guard.instead(answer, tokens[place], likely)


def left_padded(rows: Sequence[Sequence[int]], pad: int) -> tuple[Tensor, Tensor]:
    """Return rows of tokens as one tensor, shape (rows, longest), and 1 where it is no padding."""
    length = max(len(row) for row in rows)
    inputs = torch.full((len(rows), length), pad, dtype=torch.long)
    mask = torch.zeros(len(rows), length, dtype=torch.long)
    for i, row in enumerate(rows):
        inputs[i, length - len(row) :] = torch.tensor(row, dtype=torch.long)
        mask[i, length - len(row) :] = 1
    return inputs, mask
