"""BLEU in its two definitions."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedtranslate.metrics import codexglue_bleu, sacre_bleu
from fedtranslate.metrics.ngrams import overlap, total

WORDS = st.lists(st.sampled_from(["a", "b", "c", "(", ")"]), max_size=12)
TEXTS = st.lists(WORDS.map(" ".join), min_size=1, max_size=5)


def test_a_hand_computed_case_of_codexglue_bleu() -> None:
    # a b c d against a b x d: 3 of 4, 1 of 3, 0 of 2, 0 of 1; one is added above and below.
    by_hand = (4 / 5 * 2 / 4 * 1 / 3 * 1 / 2) ** 0.25
    assert codexglue_bleu(["a b c d"], ["a b x d"]) == pytest.approx(100 * by_hand)


def test_short_predictions_are_punished() -> None:
    one = codexglue_bleu(["a b c d"], ["a b c d"])
    cut = codexglue_bleu(["a b c d"], ["a b c d e f g h"])
    assert cut == pytest.approx(one * math.exp(1 - 8 / 4))


def test_an_ngram_counts_at_most_as_often_as_the_reference_has_it() -> None:
    counts = overlap(["a", "a", "a", "a"], ["a", "a", "b"])
    assert counts.matched == (2, 1, 0, 0)
    assert counts.predicted == (4, 3, 2, 1)
    assert counts.referenced == (3, 2, 1, 0)


def test_empty_predictions_have_nothing() -> None:
    assert codexglue_bleu(["", ""], ["a b", "c"]) == 0
    assert codexglue_bleu([], []) == 0
    assert sacre_bleu([], []) == 0
    assert sacre_bleu([""], ["a b c d e"]) == 0


def test_lists_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="2 predictions but 1 references"):
        codexglue_bleu(["a", "b"], ["a"])
    with pytest.raises(ValueError, match="each prediction needs its own"):
        sacre_bleu(["a", "b"], ["a"])


@settings(deadline=None, derandomize=True)
@given(TEXTS)
def test_the_reference_itself_has_all_there_is(texts: list[str]) -> None:
    expected = 100 if any(text.split() for text in texts) else 0
    assert codexglue_bleu(texts, texts) == pytest.approx(expected)


@settings(deadline=None, derandomize=True)
@given(st.lists(st.tuples(WORDS, WORDS), max_size=5))
def test_scores_stay_in_range_and_the_order_of_units_does_not_matter(
    pairs: list[tuple[list[str], list[str]]],
) -> None:
    mine, theirs = ([" ".join(pair[side]) for pair in pairs] for side in (0, 1))
    score = codexglue_bleu(mine, theirs)
    assert 0 <= score <= 100 + 1e-9
    assert codexglue_bleu(mine[::-1], theirs[::-1]) == score


@settings(deadline=None, derandomize=True)
@given(WORDS, WORDS)
def test_the_counts_of_a_corpus_are_the_sum_of_its_units(
    mine: list[str], theirs: list[str]
) -> None:
    one = overlap(mine, theirs)
    assert total([one]) == one
    assert total([one, one]).matched == tuple(2 * count for count in one.matched)


def test_sacrebleu_knows_the_whole_text() -> None:
    text = "int f ( int a ) { return a ; }"
    assert sacre_bleu([text], [text]) == pytest.approx(100)
