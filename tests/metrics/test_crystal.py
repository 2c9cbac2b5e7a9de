"""BLEU without what any two texts share."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.metrics.crystal import crystal_bleu, crystal_overlap, trivial_ngrams
from fedtranslate.metrics.ngrams import count_grams

TEXTS = st.lists(st.lists(st.sampled_from("abc();"), max_size=8).map(tuple), max_size=6)


def score(prediction: str, reference: str, trivial: frozenset[object]) -> float | None:
    grams = (count_grams(text.split()) for text in (prediction, reference))
    return crystal_bleu(crystal_overlap(*grams, trivial))


def test_what_occurs_in_one_text_only_is_not_trivial() -> None:
    assert trivial_ngrams([("a", "a", "a")]) == frozenset()
    assert trivial_ngrams([("a", "a"), ("a", "a")]) == frozenset()
    assert trivial_ngrams([("a", "b"), ("a", "c")]) == {"a"}


def test_the_most_frequent_are_taken_and_the_order_of_texts_does_not_matter() -> None:
    texts = [("(", ")", "a"), ("(", ")", "b"), ("(", ";")]
    assert trivial_ngrams(texts, 1) == {"("}
    assert trivial_ngrams(texts, 2) == {"(", ")"}
    assert trivial_ngrams(texts, 3) == {"(", ")", ("(", ")")}
    assert trivial_ngrams(texts[::-1], 3) == trivial_ngrams(texts, 3)


def test_a_hand_computed_case() -> None:
    # All n-grams but the lone brackets count.
    trivial = frozenset({"(", ")"})
    sides = (count_grams(list("(abc)")), count_grams(list("(abd)")))
    counts = crystal_overlap(*sides, trivial)
    assert counts.predicted == (3, 4, 3, 2)
    assert counts.matched == (2, 2, 1, 0)
    expected = math.prod((2 / 3, 2 / 4, 1 / 3, 0.1 / 2)) ** 0.25
    assert crystal_bleu(counts) == pytest.approx(expected)


def test_texts_that_share_trivia_only_have_nothing_in_common() -> None:
    trivial = frozenset({"(", ")", ("(", ")")})
    assert score("f ( )", "g ( )", trivial) == 0
    plain = score("f ( )", "g ( )", frozenset())
    assert plain is not None
    assert plain > 0


def test_it_is_undefined_where_the_reference_holds_trivia_only() -> None:
    assert score("a", "( )", frozenset({"(", ")", ("(", ")")})) is None


@given(TEXTS)
def test_a_text_is_always_all_like_itself(texts: list[tuple[str, ...]]) -> None:
    trivial = trivial_ngrams(texts)
    for text in texts:
        grams = count_grams(text)
        found = crystal_bleu(crystal_overlap(grams, grams, trivial))
        assert found is None or found == pytest.approx(1) or not grams.bags[0].keys() - trivial


@given(TEXTS)
def test_the_order_of_the_corpus_changes_nothing(texts: list[tuple[str, ...]]) -> None:
    assert trivial_ngrams(texts, 5) == trivial_ngrams(texts[::-1], 5)
