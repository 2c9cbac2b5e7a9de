"""Greedy writing that drops rows as they finish.

The library's own loop carries every row of a batch to the end of its longest one; translations of
near-equal sources still differ in length, and a row that has lost its way would hold all others.
Here a finished row leaves the batch, its cache with it, so work follows the living rows.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache

_CROWDED = 0.8
"""Share of living rows below which the batch is packed anew."""


@torch.no_grad()
def write_greedily(
    model: Any,  # noqa: ANN401 - a causal transformers model
    inputs: Tensor,
    mask: Tensor,
    *,
    limits: Sequence[int],
    end: int,
) -> list[list[int]]:
    """Write the likeliest next token again and again, row by row to its end.

    Args:
        model: A causal transformers model.
        inputs: Shape (rows, length), padded on the left.
        mask: Shape (rows, length): 1 where ``inputs`` is no padding.
        limits: Longest answer of each row, in tokens; at least 1.
        end: The end token; it is the last token of an answer that came to its end.

    Returns:
        For each row the tokens written, the end token included.
    """
    answers: list[list[int]] = [[] for _ in limits]
    rows = torch.arange(len(limits), device=inputs.device)
    room = torch.tensor(limits, device=inputs.device)
    cache = DynamicCache()
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
