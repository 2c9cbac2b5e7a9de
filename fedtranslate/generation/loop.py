"""Writing that drops rows as they finish.

The library's own loop carries every row of a batch to the end of its longest one; translations of
near-equal sources still differ in length, and a row that has lost its way would hold all others.
Here a finished row leaves the batch, its cache with it, so work follows the living rows.  Rows
that answer the same prompt read it once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import Cache

from fedtranslate.generation.cache import RoomyLayer
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
    inputs: Tensor,
    mask: Tensor,
    *,
    limits: Sequence[int],
    end: int,
    guards: Sequence[Guard] = (),
    chance: Chance | None = None,
) -> list[Answer]:
    """Write one token after the other, row by row to its end.

    Args:
        model: A causal transformers model.
        inputs: Shape (prompts, length), padded on the left.
        mask: Shape (prompts, length): 1 where ``inputs`` is no padding.
        limits: Longest answer of each row, in tokens; at least 1.  A multiple of the prompts:
            the answers to one prompt stand side by side.
        end: The end token; it is the last token of an answer that came to its end.
        guards: One for each row: where it refuses the chosen token, the likeliest that it admits
            is written; or none.
        chance: How each row draws its tokens; without, all take the likeliest one.
    """
    answers = [Answer() for _ in limits]
    rows = torch.arange(len(limits), device=inputs.device)
    room = torch.tensor(limits, device=inputs.device)
    numbers = None if chance is None else chance.numbers(limits).to(inputs.device)
    copies = len(limits) // len(inputs)
    cache = Cache(layer_class_to_replicate=RoomyLayer)
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    step = inputs
    written = 0
    while True:
        logits = model(
            input_ids=step,
            attention_mask=mask,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits[:, -1]
        if written == 0 and copies > 1:
            cache.batch_repeat_interleave(copies)
            logits, mask, positions = (
                each.repeat_interleave(copies, 0) for each in (logits, mask, positions)
            )
        chosen = logits.argmax(-1)
        if chance is not None and numbers is not None:
            luck = numbers[rows, written]
            drawn = draw(logits, luck, chance.temperature, chance.top_p)
            chosen = torch.where(luck < 0, chosen, drawn)
        if guards:
            _pass_over(chosen, logits, rows, answers, guards)
        alive = _record(answers, rows, chosen, logits, room, end)
        if not bool(alive.any()):
            return answers
        if float(alive.float().mean()) < _CROWDED:
            kept = alive.nonzero().squeeze(-1)
            cache.batch_select_indices(kept)
            rows, mask, positions, chosen = rows[kept], mask[kept], positions[kept], chosen[kept]
        mask = torch.cat([mask, mask.new_ones(len(rows), 1)], dim=1)
        positions = positions[:, -1:] + 1
        step = chosen[:, None]
        written += 1


def _pass_over(
    chosen: Tensor,
    logits: Tensor,
    rows: Tensor,
    answers: Sequence[Answer],
    guards: Sequence[Guard],
) -> None:
    """Replace, in place, each chosen token that its guard refuses by the likeliest it admits."""
    for place, (row, token) in enumerate(zip(rows.tolist(), chosen.tolist(), strict=True)):
        answer = answers[row].tokens
        if guards[row].admits(answer, token):
            continue
        likely = logits[place].topk(min(_ALTERNATIVES, logits.shape[-1])).indices.tolist()
        chosen[place] = guards[row].instead(answer, token, likely)


def _record(
    answers: Sequence[Answer],
    rows: Tensor,
    chosen: Tensor,
    logits: Tensor,
    room: Tensor,
    end: int,
) -> Tensor:
    """Add the chosen tokens to the answers that go on; return which rows still do."""
    picked = logits.gather(-1, chosen[:, None]).squeeze(-1).float()
    likelihoods = (picked - logits.float().logsumexp(-1)).tolist()
    alive = []
    limits = room[rows].tolist()
    for row, token, likelihood, limit in zip(
        rows.tolist(), chosen.tolist(), likelihoods, limits, strict=True
    ):
        tokens = answers[row].tokens
        goes_on = len(tokens) < limit and (not tokens or tokens[-1] != end)
        if goes_on:
            tokens.append(token)
            answers[row].likelihood += likelihood
        alive.append(goes_on and token != end and len(tokens) < limit)
    return torch.tensor(alive, device=rows.device)
