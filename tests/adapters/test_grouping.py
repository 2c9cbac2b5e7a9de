import math
from random import Random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.adapters.factors import Factors
from fedtranslate.adapters.grouping import grouped, neighbourhoods, silhouette, similarity
from fedtranslate.errors import AggregationError


def cosines(kinds: dict[str, int], alike: float = 0.8, unlike: float = -0.2) -> dict:
    return {
        a: {b: 1.0 if a == b else alike if kinds[a] == kinds[b] else unlike for b in kinds}
        for a in kinds
    }


@st.composite
def tables(draw: st.DrawFn) -> dict[str, dict[str, float]]:
    names = [f"s{number}" for number in range(draw(st.integers(1, 8)))]
    table: dict[str, dict[str, float]] = {name: {name: 1.0} for name in names}
    # Few values, so that ties are common.
    value = st.one_of(st.sampled_from([-0.5, 0.0, 0.1, 0.9]), st.floats(-1, 1))
    for number, one in enumerate(names):
        for other in names[:number]:
            table[one][other] = table[other][one] = draw(value)
    return table


@given(st.integers(2, 4), st.integers(2, 4))
def test_plain_kinds_are_found_without_being_told_how_many(kinds: int, each: int) -> None:
    table = cosines({f"{kind}-{n}": kind for kind in range(kinds) for n in range(each)})
    found = grouped(table)
    assert found == tuple(tuple(f"{k}-{n}" for n in range(each)) for k in range(kinds))
    assert grouped(table, kinds) == found


@given(tables(), st.none() | st.integers(1, 8), st.integers(1, 3), st.randoms())
def test_every_site_is_in_one_group_of_enough_sites_whatever_the_order(
    table: dict[str, dict[str, float]], into: int | None, fewest: int, random: Random
) -> None:
    into = None if into is None else min(into, len(table))
    found = grouped(table, into, fewest=fewest)
    assert sorted(name for group in found for name in group) == sorted(table)
    assert len(found) == 1 or min(len(group) for group in found) >= fewest
    assert into is None or len(found) <= into
    assert into is None or fewest > 1 or len(found) == into
    names = random.sample(sorted(table), len(table))
    turned = {one: {other: table[one][other] for other in reversed(names)} for one in names}
    assert grouped(turned, into, fewest=fewest) == found


@given(tables(), st.integers(0, 1000))
def test_other_names_give_the_same_groups_where_there_are_no_ties(
    table: dict[str, dict[str, float]], seed: int
) -> None:
    random = Random(seed)
    noise = {frozenset((a, b)): random.uniform(-1, 1) for a in table for b in table}
    table = {a: {b: noise[frozenset((a, b))] for b in table} for a in table}
    new = dict(zip(table, random.sample(sorted(table), len(table)), strict=True))
    renamed = {new[a]: {new[b]: value for b, value in row.items()} for a, row in table.items()}
    expected = {frozenset(new[name] for name in group) for group in grouped(table)}
    assert {frozenset(group) for group in grouped(renamed)} == expected


@given(tables())
def test_the_number_of_groups_has_the_best_silhouette(table: dict[str, dict[str, float]]) -> None:
    best = silhouette(table, grouped(table))
    for into in range(1, len(table) + 1):
        other = silhouette(table, grouped(table, into))
        assert other <= best or other < 0.1


def test_the_silhouette_is_that_of_a_hand_made_case() -> None:
    table = cosines({"a": 0, "b": 0, "c": 1}, alike=0.6, unlike=0.2)
    # a and b: (0.8 - 0.4) / 0.8; c is alone.
    assert silhouette(table, (("a", "b"), ("c",))) == pytest.approx(1 / 3)
    assert silhouette(table, (("a", "b", "c"),)) == 0


def test_average_linkage_weighs_every_pair_of_sites() -> None:
    # c is nearest to b alone, but a and b together are nearer to d.
    table = cosines({"a": 0, "b": 0, "c": 1, "d": 2}, alike=0.9, unlike=0.0)
    for one, other, value in (("b", "c", 0.6), ("a", "d", 0.4), ("b", "d", 0.4)):
        table[one][other] = table[other][one] = value
    assert grouped(table, 2, fewest=1) == (("a", "b", "d"), ("c",))


def test_sites_that_are_all_alike_stay_together() -> None:
    assert grouped(cosines(dict.fromkeys("abcd", 0))) == (("a", "b", "c", "d"),)


def test_a_site_that_is_like_none_joins_the_nearest() -> None:
    table = cosines({"a": 0, "b": 0, "c": 1, "d": 1, "e": 2})
    table["e"]["c"] = table["c"]["e"] = 0.1
    assert grouped(table) == (("a", "b"), ("c", "d", "e"))
    assert grouped(table, 3) == (("a", "b"), ("c", "d", "e"))
    assert grouped(table, 3, fewest=1) == (("a", "b"), ("c", "d"), ("e",))


@pytest.mark.parametrize("into", [0, 4])
def test_more_groups_than_sites_are_refused(into: int) -> None:
    with pytest.raises(AggregationError, match=f"3 sites cannot make {into} groups"):
        grouped(cosines(dict.fromkeys("abc", 0)), into)


@pytest.mark.parametrize("wrong", [math.nan, 1.5, 0.3])
def test_a_damaged_table_is_refused(wrong: float) -> None:
    table = cosines(dict.fromkeys("abc", 0))
    table["a"]["b"] = wrong
    with pytest.raises(AggregationError, match="similarity of a and b"):
        grouped(table)
    with pytest.raises(AggregationError, match="no sites"):
        grouped({})


def test_the_cosines_are_those_of_the_changes_of_the_products() -> None:
    rng = torch.Generator().manual_seed(3)

    def adapter() -> dict[str, Factors]:
        shapes = {"up": (7, 5), "down": (4, 7)}
        return {
            name: Factors(
                torch.randn(2, n, generator=rng), torch.randn(m, 2, generator=rng), scaling=2.0
            )
            for name, (m, n) in shapes.items()
        }

    joint, replies = adapter(), {name: adapter() for name in "cab"}
    found = similarity(replies, joint)
    assert list(found) == ["a", "b", "c"]

    def change(site: str) -> torch.Tensor:
        return torch.cat(
            [
                (one.delta().double() - joint[name].delta().double()).flatten()
                for name, one in replies[site].items()
            ]
        )

    for one in "abc":
        for other in "abc":
            expected = torch.cosine_similarity(change(one), change(other), dim=0)
            assert found[one][other] == pytest.approx(float(expected), abs=1e-5)


def test_a_reply_that_changes_no_product_is_left_out() -> None:
    start = Factors(torch.eye(2), torch.zeros(2, 2), 1.0)
    turned = Factors(2 * torch.eye(2), torch.zeros(2, 2), 1.0)
    moved = Factors(torch.eye(2), torch.ones(2, 2), 1.0)
    replies = {"a": {"m": turned}, "b": {"m": moved}, "c": {"m": moved}}
    found = similarity(replies, {"m": start})
    assert sorted(found) == ["b", "c"]
    assert all(sorted(row) == ["b", "c"] for row in found.values())
    assert similarity({"a": {"m": turned}}, {"m": start}) == {}


@given(tables(), st.integers(1, 7), st.randoms())
def test_the_neighbourhood_of_a_site_is_itself_and_those_most_like_it_whatever_the_order(
    table: dict[str, dict[str, float]], peers: int, random: Random
) -> None:
    if peers >= len(table):
        with pytest.raises(AggregationError, match="peers"):
            neighbourhoods(table, peers)
        return
    found = neighbourhoods(table, peers)
    assert sorted(site for served in found.values() for site in served) == sorted(table)
    for members, served in found.items():
        assert len(members) == peers + 1
        for site in served:
            assert site in members
            near = [table[site][other] for other in members if other != site]
            far = [table[site][other] for other in table if other not in members]
            assert not far or min(near) >= max(far)
    names = random.sample(sorted(table), len(table))
    turned = {one: {other: table[one][other] for other in reversed(names)} for one in names}
    assert list(neighbourhoods(turned, peers).items()) == list(found.items())


def test_of_peers_that_are_equally_like_a_site_the_first_by_name_is_taken() -> None:
    found = neighbourhoods(cosines(dict.fromkeys("dcba", 0)), 1)
    assert found == {("a", "b"): ("a", "b"), ("a", "c"): ("c",), ("a", "d"): ("d",)}
    with pytest.raises(AggregationError, match="1 sites has 0 others"):
        neighbourhoods({"a": {"a": 1.0}}, 1)
