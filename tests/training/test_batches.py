"""Batches: every example once, little padding, and an order that a seed decides."""

from collections import Counter
from itertools import islice
from random import Random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.training.batches import IGNORED, collate, endless, epoch_rows
from fedtranslate.training.examples import Example

PAD = 0


def example(prompt: int, answer: int, mark: int = 1) -> Example:
    return Example((mark,) * prompt, (mark + 1,) * answer)


examples = st.lists(
    st.builds(example, st.integers(1, 60), st.integers(1, 60), st.integers(1, 99)),
    min_size=1,
    max_size=60,
)


def realistic(count: int) -> list[Example]:
    """Methods as they are: most are short, some are long."""
    rng = Random(4)
    lengths = [min(380, int(rng.lognormvariate(4.3, 0.7)) + 8) for _ in range(count)]
    return [example(length + 12, int(length * rng.uniform(0.8, 1.3))) for length in lengths]


@given(examples, st.integers(16, 400), st.integers())
def test_every_example_occurs_once_per_epoch(
    given_examples: list[Example], batch_tokens: int, seed: int
) -> None:
    rows = epoch_rows(given_examples, batch_tokens=batch_tokens, seed=str(seed))
    assert Counter(e for row in rows for e in row) == Counter(given_examples)


@given(examples, st.integers(16, 400))
def test_a_batch_stays_within_its_tokens_unless_it_is_one_example(
    given_examples: list[Example], batch_tokens: int
) -> None:
    for seed in (None, "3"):
        for rows in epoch_rows(given_examples, batch_tokens=batch_tokens, seed=seed):
            width = max(row.length for row in rows)
            assert len(rows) == 1 or len(rows) * width <= batch_tokens


def test_less_than_a_tenth_is_padding_at_realistic_lengths() -> None:
    rows = epoch_rows(realistic(400), batch_tokens=2048, seed="0/0")
    batches = [collate(row, kind="causal", pad=PAD) for row in rows]
    share = 1 - sum(b.tokens for b in batches) / sum(b.inputs.numel() for b in batches)
    assert share < 0.1


def test_the_seed_decides_the_order_and_epochs_differ() -> None:
    pool = realistic(60)

    def first(seed: int) -> list[list[Example]]:
        return list(islice(endless(pool, batch_tokens=512, seed=seed), 40))

    assert first(3) == first(3)
    assert first(3) != first(4)
    count = len(epoch_rows(pool, batch_tokens=512, seed="3/0"))
    assert first(3)[:count] != first(3)[count : 2 * count]


def test_skipping_batches_is_seeing_what_comes_after_them() -> None:
    pool = realistic(30)
    whole = list(islice(endless(pool, batch_tokens=300, seed=1), 50))
    later = list(islice(endless(pool, batch_tokens=300, seed=1), 20, 50))
    assert later == whole[20:]


@given(examples)
def test_a_causal_label_is_the_next_token_and_only_answers_have_labels(
    given_examples: list[Example],
) -> None:
    batch = collate(given_examples, kind="causal", pad=PAD)
    assert int((batch.labels != IGNORED).sum()) == batch.answers
    for i, row in enumerate(given_examples):
        start = len(row.prompt) - 1 - batch.first
        learned = batch.labels[i, start : start + len(row.answer)]
        assert tuple(learned.tolist()) == row.answer
        place = batch.first + start
        follows = batch.inputs[i, place + 1 : place + 1 + len(row.answer)]
        assert torch.equal(learned, follows)


def test_another_prompt_of_the_same_length_changes_no_label() -> None:
    one, other = Example((1, 2, 3), (7, 8)), Example((4, 5, 6), (7, 8))
    labels = [collate([e], kind="causal", pad=PAD).labels for e in (one, other)]
    assert torch.equal(*labels)


@pytest.mark.parametrize("kind", ["causal", "seq2seq"])
def test_tokens_and_mask_leave_padding_out(kind: str) -> None:
    rows = [example(3, 2), example(6, 1)]
    batch = collate(rows, kind=kind, pad=PAD)
    assert batch.tokens == 12
    assert batch.answers == 3
    assert batch.mask.sum(dim=1).tolist() == ([5, 7] if kind == "causal" else [3, 6])


def test_an_encoder_decoder_reads_the_prompt_and_learns_the_answer() -> None:
    batch = collate([Example((1, 2, 3), (7, 8)), Example((4,), (9,))], kind="seq2seq", pad=PAD)
    assert batch.inputs.tolist() == [[1, 2, 3], [4, PAD, PAD]]
    assert batch.labels.tolist() == [[7, 8], [9, IGNORED]]
