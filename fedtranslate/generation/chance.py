"""Tokens by chance: from the nucleus of their distribution, by numbers drawn beforehand.

Every row has a seed of its own and one number for each of its steps, so that what is drawn for a
row depends on no other row of its batch.

Reference: Holtzman et al. 2020, arXiv 1904.09751 (nucleus sampling).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

_FEW = 128
"""Likeliest tokens that are sorted first; only where they are no nucleus, all are."""


@dataclass(frozen=True, slots=True)
class Chance:
    """How each row of a batch draws."""

    seeds: tuple[int | None, ...]
    """Of each row, at least 0; None: it takes the likeliest token, always."""
    temperature: float
    top_p: float
    """The nucleus: the likeliest tokens that have this probability together."""

    def numbers(self, steps: Sequence[int]) -> Tensor:
        """Return what is drawn for every row and step, in [0, 1); rows without a seed have -1.

        Args:
            steps: Of each row.
        """
        drawn = torch.full((len(self.seeds), max(steps)), -1.0)
        for row, (seed, count) in enumerate(zip(self.seeds, steps, strict=True)):
            if seed is not None:
                chance = torch.Generator().manual_seed(seed)
                drawn[row, :count] = torch.rand(count, generator=chance)
        return drawn


def draw(logits: Tensor, numbers: Tensor, temperature: float, top_p: float) -> Tensor:
    """Return for each row the token that its number falls on.

    Args:
        logits: Shape (rows, tokens).
        numbers: Shape (rows,), in [0, 1).
        temperature: Above 0.
        top_p: In (0, 1].
    """
    warm = logits.float() / temperature
    total = warm.logsumexp(-1, keepdim=True)
    few = min(_FEW, warm.shape[-1])
    likely, tokens = warm.topk(few)
    reached = (likely - total).exp().cumsum(-1)
    if few < warm.shape[-1] and bool((reached[:, -1] < top_p).any()):
        likely, tokens = warm.sort(descending=True, stable=True)
        reached = (likely - total).exp().cumsum(-1)
    # The token that reaches top_p is the last of the nucleus.
    last = (reached < top_p).sum(-1, keepdim=True).clamp(max=reached.shape[-1] - 1)
    fallen = numbers[:, None] * reached.gather(-1, last)
    place = (reached <= fallen).sum(-1, keepdim=True).minimum(last)
    return tokens.gather(-1, place).squeeze(-1)
