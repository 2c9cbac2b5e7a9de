"""Greedy writing that drops rows as they finish.

The library's own loop carries every row of a batch to the end of its longest one; translations of
near-equal sources still differ in length, and a row that has lost its way would hold all others.
Here a finished row leaves the batch, its cache with it, so work follows the living rows.  The
cache has room for what is to come: the library's is copied whole for every token.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import Cache, DynamicLayer

from fedtranslate.generation.guard import Guard

_CROWDED = 0.8
"""Share of living rows below which the batch is packed anew."""
_ALTERNATIVES = 24
"""Likeliest tokens among which a guard finds one."""
_ROOM = 64
"""Tokens by which a full cache grows."""


class RoomyLayer(DynamicLayer):  # type: ignore[misc]
    """The keys and values of one layer, at the head of a store that is longer than they are."""

    keys: Tensor
    values: Tensor
    _store: tuple[Tensor, Tensor] | None = None

    def update(
        self,
        key_states: Tensor,
        value_states: Tensor,
        *_args: object,
        **_kwargs: object,
    ) -> tuple[Tensor, Tensor]:
        """Take in new keys and values, shape (rows, heads, new, width); return all."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        length = self.get_seq_length()
        end = length + key_states.shape[-2]
        if self._store is None or end > self._store[0].shape[-2]:
            self._store = (self._grown(key_states, end), self._grown(value_states, end))
            if length:
                self._store[0][..., :length, :] = self.keys
                self._store[1][..., :length, :] = self.values
        for store, states in zip(self._store, (key_states, value_states), strict=True):
            store[..., length:end, :] = states
        self.keys, self.values = (store[..., :end, :] for store in self._store)
        return self.keys, self.values

    def batch_select_indices(self, indices: Tensor) -> None:
        """Keep the rows ``indices``."""
        super().batch_select_indices(indices)
        self._store = None

    @staticmethod
    def _grown(states: Tensor, length: int) -> Tensor:
        rows, heads, _, width = states.shape
        return states.new_empty(rows, heads, length + _ROOM, width)


@torch.no_grad()
def write_greedily(
    model: Any,  # noqa: ANN401 - a causal transformers model
    inputs: Tensor,
    mask: Tensor,
    *,
    limits: Sequence[int],
    end: int,
    guards: Sequence[Guard] = (),
) -> list[list[int]]:
    """Write the likeliest next token again and again, row by row to its end.

    Args:
        model: A causal transformers model.
        inputs: Shape (rows, length), padded on the left.
        mask: Shape (rows, length): 1 where ``inputs`` is no padding.
        limits: Longest answer of each row, in tokens; at least 1.
        end: The end token; it is the last token of an answer that came to its end.
        guards: One for each row: the likeliest token that it admits is written; or none.

    Returns:
        For each row the tokens written, the end token included.
    """
    answers: list[list[int]] = [[] for _ in limits]
    rows = torch.arange(len(limits), device=inputs.device)
    room = torch.tensor(limits, device=inputs.device)
    cache = Cache(layer_class_to_replicate=RoomyLayer)
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    step = inputs
    while True:
        logits = model(
            input_ids=step,
            attention_mask=mask,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits[:, -1]
        chosen = logits.argmax(-1)
        if guards:
            _pass_over(chosen, logits, rows, answers, guards)
        alive = _record(answers, rows, chosen, room, end)
        if not bool(alive.any()):
            return answers
        if float(alive.float().mean()) < _CROWDED:
            kept = alive.nonzero().squeeze(-1)
            cache.batch_select_indices(kept)
            rows, mask, positions, chosen = rows[kept], mask[kept], positions[kept], chosen[kept]
        mask = torch.cat([mask, mask.new_ones(len(rows), 1)], dim=1)
        positions = positions[:, -1:] + 1
        step = chosen[:, None]


def _pass_over(
    chosen: Tensor,
    logits: Tensor,
    rows: Tensor,
    answers: Sequence[Sequence[int]],
    guards: Sequence[Guard],
) -> None:
    """Replace, in place, each chosen token that its guard refuses by the likeliest it admits."""
    for place, (row, token) in enumerate(zip(rows.tolist(), chosen.tolist(), strict=True)):
        if guards[row].admits(answers[row], token):
            continue
        likely = logits[place].topk(min(_ALTERNATIVES, logits.shape[-1])).indices.tolist()
        chosen[place] = guards[row].instead(answers[row], token, likely)


def _record(
    answers: list[list[int]], rows: Tensor, chosen: Tensor, room: Tensor, end: int
) -> Tensor:
    """Add the chosen tokens to the answers that go on; return which rows still do."""
    alive = []
    limits = room[rows].tolist()
    for row, token, limit in zip(rows.tolist(), chosen.tolist(), limits, strict=True):
        answer = answers[row]
        goes_on = len(answer) < limit and (not answer or answer[-1] != end)
        if goes_on:
            answer.append(token)
        alive.append(goes_on and token != end and len(answer) < limit)
    return torch.tensor(alive, device=rows.device)
