"""Intervals and tests that draw counts anew."""

import math
from itertools import product

import numpy as np
import pytest
import sacrebleu
from hypothesis import given, settings
from hypothesis import strategies as st

from fedtranslate.metrics import chrf, differences, intervals, score_corpus
from fedtranslate.metrics.bleu import sacre_score, sacre_tokens
from fedtranslate.metrics.ngrams import overlap, total
from fedtranslate.metrics.tally import Tally, mean_tally

CODE = [
    "int f() { return 1; }",
    "int f(int a) { int b = a; return b; }",
    "void g() { for (int i = 0; i < 9; i++) { h(i); } }",
    "String s() { return name.trim(); }",
]
TEXTS = st.lists(st.tuples(st.text("ab();=\n é", max_size=20), st.text("ab();=\n é", max_size=20)))


@given(TEXTS.filter(bool))
def test_chrf_from_counts_is_that_of_sacrebleu(pairs: list[tuple[str, str]]) -> None:
    predictions, references = ([pair[side] for pair in pairs] for side in (0, 1))
    expected = sacrebleu.corpus_chrf(predictions, [references]).score
    assert chrf(predictions, references) == pytest.approx(expected, abs=1e-9)


@given(TEXTS.filter(bool))
def test_sacrebleu_from_counts_is_that_of_sacrebleu(pairs: list[tuple[str, str]]) -> None:
    predictions, references = ([pair[side] for pair in pairs] for side in (0, 1))
    expected = sacrebleu.corpus_bleu(predictions, [references], force=True).score
    counts = total(
        overlap(sacre_tokens(p), sacre_tokens(r))
        for p, r in zip(predictions, references, strict=True)
    )
    assert sacre_score(counts) == pytest.approx(expected, abs=1e-9)


def test_every_score_is_the_score_of_its_sums() -> None:
    found = score_corpus([CODE[0], CODE[2], "", CODE[3]], CODE, "java")
    scores = found.scores.as_dict()
    for tally in found.tallies:
        assert tally.value() == pytest.approx(scores[tally.name], abs=1e-9)


def test_intervals_hold_the_score_and_shrink_with_more_units() -> None:
    wrong = [CODE[1], CODE[0], CODE[2], CODE[3]]
    few = score_corpus(wrong * 3, CODE * 3, "java")
    many = score_corpus(wrong * 40, CODE * 40, "java")
    wide, narrow = (intervals(one.tallies, seed=1, samples=300) for one in (few, many))
    for tally in few.tallies:
        low, high = wide[tally.name].low, wide[tally.name].high
        assert low - 1e-9 <= tally.value() <= high + 1e-9
        assert narrow[tally.name].high - narrow[tally.name].low <= high - low + 1e-9
    assert wide["codebleu"].low < wide["codebleu"].high


def test_the_interval_of_a_corpus_score_is_drawn_from_counts_not_from_means() -> None:
    # One long unit that is right, and many short ones that are wrong: the corpus's ratio is high,
    # and so must be its interval; the mean of the units is low.
    rows = np.array([[90.0, 90.0], *[[0.0, 1.0]] * 9])
    corpus = Tally("ratio", rows, lambda row: row[0] / row[1], is_mean=False)
    means = mean_tally("mean", [1.0, *[0.0] * 9], scale=1)
    found = intervals([corpus, means], seed=0, samples=500)
    assert corpus.value() == pytest.approx(90 / 99)
    assert found["ratio"].high > 0.9
    assert found["mean"].high < 0.6


def test_randomisation_of_few_units_agrees_with_all_the_ways_there_are() -> None:
    a, b = [9.0, 8.0, 7.0, 9.0, 6.0], [5.0, 7.0, 7.0, 4.0, 6.0]
    rows = [np.column_stack([side, np.ones(5)]) for side in (a, b)]
    one, other = (Tally("m", side, lambda row: row[0] / row[1], is_mean=False) for side in rows)
    observed = abs(math.fsum(a) - math.fsum(b)) / 5
    ways = [
        abs(sum(sign * (x - y) for sign, x, y in zip(signs, a, b, strict=True))) / 5
        for signs in product((1, -1), repeat=5)
    ]
    exact = sum(way >= observed - 1e-9 for way in ways) / len(ways)
    found = differences([one], [other], seed=3, samples=4_000)[0]
    assert found.test == "paired approximate randomisation"
    assert found.p_value == pytest.approx(exact, abs=0.03)


def test_systems_that_are_alike_do_not_differ() -> None:
    found = score_corpus(CODE, CODE, "java")
    for one in differences(found.tallies, found.tallies, seed=0, samples=200):
        assert (one.difference, one.low, one.high, one.p_value) == (0, 0, 0, 1)


def test_a_clear_difference_is_found_and_none_is_certain_beyond_the_samples() -> None:
    right = score_corpus(CODE * 10, CODE * 10, "java")
    wrong = score_corpus((CODE[1:] + CODE[:1]) * 10, CODE * 10, "java")
    there = differences(right.tallies, wrong.tallies, seed=0, samples=400)
    back = differences(wrong.tallies, right.tallies, seed=0, samples=400)
    tests = {one.metric: one.test for one in there}
    assert tests["codebleu"] == "paired approximate randomisation"
    assert tests["codebleu_mean"] == "paired bootstrap, shifted"
    for one, other in zip(there, back, strict=True):
        assert one.difference == pytest.approx(-other.difference)
        if one.metric == "parse_rate":
            assert one.p_value == 1
        else:
            assert one.low > 0
            assert one.p_value == 1 / 401


def test_noise_is_seldom_taken_for_a_difference() -> None:
    generator = np.random.default_rng(0)
    small = 0
    for trial in range(60):
        a, b = (mean_tally("m", generator.random(40).tolist()) for _ in range(2))
        small += differences([a], [b], seed=trial, samples=200)[0].p_value < 0.05
    assert small <= 9


@settings(max_examples=20)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.integers(0, 50))
def test_the_same_seed_gives_the_same_answer(values: list[float], seed: int) -> None:
    tally, other = mean_tally("m", values), mean_tally("m", values[::-1])
    assert intervals([tally], seed=seed, samples=50) == intervals([tally], seed=seed, samples=50)
    once = differences([tally], [other], seed=seed, samples=50)
    assert differences([tally], [other], seed=seed, samples=50) == once
    assert 0 < once[0].p_value <= 1


def test_what_cannot_be_compared_is_refused() -> None:
    one, two = mean_tally("m", [1.0]), mean_tally("m", [1.0, 2.0])
    with pytest.raises(ValueError, match="same metrics"):
        differences([one], [two], seed=0)
    with pytest.raises(ValueError, match="same metrics"):
        differences([one], [mean_tally("n", [1.0])], seed=0)
    with pytest.raises(ValueError, match="no sense"):
        intervals([one], seed=0, samples=0)
    with pytest.raises(ValueError, match="no sense"):
        intervals([mean_tally("m", [])], seed=0)
