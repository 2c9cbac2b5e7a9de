"""Cut examples into batches of near-equal length, so that little is padded away.

The order is decided by a seed and the epoch alone: a resumed training skips to its step and
sees what an unbroken one would have seen.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from fedtranslate.training.examples import Example

IGNORED = -100
"""The label that cross entropy leaves out."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Rows padded on the right to one length."""

    inputs: Tensor
    """Shape (rows, length), int64: prompt and answer (causal), or the prompt (seq2seq)."""
    mask: Tensor
    """Shape (rows, length), int64: 1 where ``inputs`` is no padding."""
    labels: Tensor
    """Shape (rows, answer length), int64; what is expected, ``IGNORED`` where nothing is.

    Causal: as ``inputs`` shifted by one, from position ``first`` on.
    """
    first: int
    """Causal: the first position whose next token is learned by any row."""
    tokens: int
    """Tokens that are no padding."""
    answers: int
    """Tokens that are learned."""


def endless(
    examples: Sequence[Example], *, batch_tokens: int, seed: int
) -> Iterator[list[Example]]:
    """Yield the rows of batch after batch, epoch after epoch, each epoch in a new order."""
    epoch = 0
    while True:
        yield from epoch_rows(examples, batch_tokens=batch_tokens, seed=f"{seed}/{epoch}")
        epoch += 1


def epoch_rows(
    examples: Sequence[Example], *, batch_tokens: int, seed: str | None
) -> list[list[Example]]:
    """Return every example once, in batches of at most ``batch_tokens`` tokens with padding.

    Args:
        examples: At least one.
        batch_tokens: A longer example has a batch to itself.
        seed: Of the shuffling; None keeps the batches in order of length.
    """
    rng = random.Random(seed)  # noqa: S311 - an order of batches, no secret
    # Jitter of a few tokens lets neighbours differ from epoch to epoch at little padding.
    keyed = [(e.length + (rng.random() * 6 if seed is not None else 0), e) for e in examples]
    cut: list[list[Example]] = []
    width = 0
    for _, example in sorted(keyed, key=lambda item: item[0]):
        width = max(width, example.length) if cut else example.length
        if cut and (len(cut[-1]) + 1) * width <= batch_tokens:
            cut[-1].append(example)
        else:
            cut.append([example])
            width = example.length
    if seed is not None:
        rng.shuffle(cut)
    return cut


def collate(rows: Sequence[Example], *, kind: str, pad: int) -> Batch:
    """Pad ``rows`` into one batch for a ``causal`` or ``seq2seq`` model."""
    if kind == "causal":
        return _causal(rows, pad)
    inputs, mask = _pad([row.prompt for row in rows], pad)
    labels, _ = _pad([row.answer for row in rows], IGNORED)
    answers = sum(len(row.answer) for row in rows)
    return Batch(inputs, mask, labels, 0, sum(row.length for row in rows), answers)


def _causal(rows: Sequence[Example], pad: int) -> Batch:
    inputs, mask = _pad([row.prompt + row.answer for row in rows], pad)
    first = min(len(row.prompt) for row in rows) - 1
    labels = torch.full((len(rows), inputs.shape[1] - first), IGNORED)
    for i, row in enumerate(rows):
        start = len(row.prompt) - 1 - first
        labels[i, start : start + len(row.answer)] = torch.tensor(row.answer)
    answers = sum(len(row.answer) for row in rows)
    return Batch(inputs, mask, labels, first, sum(row.length for row in rows), answers)


def _pad(rows: Sequence[Sequence[int]], value: int) -> tuple[Tensor, Tensor]:
    length = max(len(row) for row in rows)
    padded = torch.full((len(rows), length), value, dtype=torch.long)
    mask = torch.zeros(len(rows), length, dtype=torch.long)
    for i, row in enumerate(rows):
        padded[i, : len(row)] = torch.tensor(row, dtype=torch.long)
        mask[i, : len(row)] = 1
    return padded, mask
