"""Splits never cut through a group, and are always the same."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedtranslate.corpus.split import Split, split_by_files, split_by_group
from fedtranslate.errors import CorpusError
from fedtranslate.records import CodePair


def corpus(groups: list[str]) -> list[CodePair]:
    """Return one pair for each entry of ``groups``."""
    return [
        CodePair(f"s{n}", f"t{n}", "java", "csharp", id=str(n), group=group)
        for n, group in enumerate(groups)
    ]


def parts(split: Split) -> list[tuple[CodePair, ...]]:
    """Return the three parts."""
    return [split.train, split.validation, split.held_out]


group_names = st.text(st.characters(exclude_categories=["Cs"]), max_size=3) | st.just("a/b.java")
corpora = st.lists(group_names, max_size=40).map(corpus)
shares = st.floats(0, 0.49)


@given(corpora, shares, shares, st.integers(0, 99))
@settings(deadline=None)
def test_no_group_is_cut_and_no_pair_is_lost(
    pairs: list[CodePair], validation: float, held_out: float, seed: int
) -> None:
    split = split_by_group(pairs, validation=validation, held_out=held_out, seed=seed)
    groups = [{pair.group for pair in part} for part in parts(split)]
    assert not groups[0] & groups[1]
    assert not groups[0] & groups[2]
    assert not groups[1] & groups[2]
    together = [pair for part in parts(split) for pair in part]
    assert sorted(pair.id for pair in together) == sorted(pair.id for pair in pairs)
    assert all(list(part) == [p for p in pairs if p in part] for part in parts(split))


@given(corpora, st.integers(0, 99), st.randoms())
@settings(deadline=None)
def test_the_order_of_the_pairs_does_not_matter(
    pairs: list[CodePair], seed: int, shuffler: Random
) -> None:
    shuffled = list(pairs)
    shuffler.shuffle(shuffled)
    first = split_by_group(pairs, seed=seed)
    second = split_by_group(shuffled, seed=seed)
    assert [set(part) for part in parts(first)] == [set(part) for part in parts(second)]


@given(corpora, shares, shares)
@settings(deadline=None)
def test_train_is_never_empty_and_no_wanted_part_is_when_there_are_three_groups(
    pairs: list[CodePair], validation: float, held_out: float
) -> None:
    split = split_by_group(pairs, validation=validation, held_out=held_out, seed=1)
    groups = {pair.group for pair in pairs}
    assert bool(split.train) == bool(pairs)
    if len(groups) > 2:
        assert bool(split.validation) == (validation > 0)
        assert bool(split.held_out) == (held_out > 0)


def test_the_shares_are_met_when_groups_are_small() -> None:
    pairs = corpus([f"g{n % 200}" for n in range(1000)])
    split = split_by_group(pairs, validation=0.1, held_out=0.2, seed=5)
    assert [len(part) for part in parts(split)] == [700, 100, 200]
    assert split != split_by_group(pairs, validation=0.1, held_out=0.2, seed=6)


@pytest.mark.parametrize(("validation", "held_out"), [(-0.1, 0), (0.5, 0.5), (0, 1), (2, 0)])
def test_impossible_shares_are_refused(validation: float, held_out: float) -> None:
    with pytest.raises(CorpusError, match="cannot be split"):
        split_by_group([], validation=validation, held_out=held_out, seed=0)


FILES = ["shop/Order.java", "shop/tax/Vat.java", "stock/Shelf.java", "stock/Tax.java"]


def chosen(split: Split) -> list[list[str]]:
    """Return the groups of the three parts."""
    return [sorted({pair.group for pair in part}) for part in parts(split)]


def test_globs_are_written_as_in_gitignore_and_held_out_wins() -> None:
    split = split_by_files(corpus(FILES), ["shop/"], ["**/tax/*.java", "Tax.java"])
    assert chosen(split) == [
        ["stock/Shelf.java"],
        ["shop/Order.java"],
        ["shop/tax/Vat.java", "stock/Tax.java"],
    ]


def test_globs_may_be_seen_from_a_folder_above() -> None:
    root = Path("/data/site/java/src")
    split = split_by_files(corpus(FILES), ["java/src/stock/*"], ["shop/tax/*.java"], root=root)
    assert chosen(split) == [
        ["shop/Order.java"],
        ["stock/Shelf.java", "stock/Tax.java"],
        ["shop/tax/Vat.java"],
    ]


def test_a_glob_that_matches_nothing_is_a_mistake() -> None:
    with pytest.raises(CorpusError, match=r"held_out: the glob 'shop/Ordr.java' matches none of"):
        split_by_files(corpus(FILES), [], ["shop/Ordr.java"], root=Path("/data"))
    with pytest.raises(CorpusError, match="cannot be negative"):
        split_by_files(corpus(FILES), ["!shop/"], [])
    with pytest.raises(CorpusError, match="There are no source files"):
        split_by_files([], ["*"], [])


def test_all_wrong_globs_are_told_at_once() -> None:
    with pytest.raises(CorpusError) as refused:
        split_by_files(corpus(FILES), ["shop/", "Ordr.java", "!stock/"], ["tox/"])
    for part in (
        "validation: the glob 'Ordr.java' matches none of the source files.",
        "validation: the glob '!stock/' cannot be negative.",
        "held_out: the glob 'tox/' matches none of the source files.",
        "The 4 source files are called like 'shop/Order.java'; '**/' at the start",
    ):
        assert part in str(refused.value)
