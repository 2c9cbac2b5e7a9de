"""What players of a game are worth: the laws of Shapley, and how fast an estimate gets better."""

import math
from collections.abc import Callable
from functools import cache
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.federation.coordinator.coalitions import (
    Coalition,
    Walk,
    followed,
    jackknife,
    leave_one_out,
    orders,
    sampled,
    shapley,
)

PLAYERS = ("ada", "bob", "eve", "joe", "kim")
numbers = st.floats(-10, 10)


def coalitions(players: tuple[str, ...]) -> list[Coalition]:
    return [frozenset(c) for n in range(len(players) + 1) for c in combinations(players, n)]


@st.composite
def games(draw: st.DrawFn, least: int = 1) -> tuple[tuple[str, ...], dict[Coalition, float]]:
    players = PLAYERS[: draw(st.integers(least, 4))]
    return players, {one: draw(numbers) for one in coalitions(players)}


def by_all_orders(
    players: tuple[str, ...], value: Callable[[Coalition], float]
) -> dict[str, float]:
    gains: dict[str, list[float]] = {player: [] for player in players}
    for order in permutations(players):
        for place, player in enumerate(order):
            with_it, before = frozenset(order[: place + 1]), frozenset(order[:place])
            gains[player].append(value(with_it) - value(before))
    return {player: math.fsum(found) / len(found) for player, found in gains.items()}


@given(games())
def test_the_value_is_the_mean_gain_over_all_orders(
    game: tuple[tuple[str, ...], dict[Coalition, float]],
) -> None:
    players, values = game
    assert shapley(players, values.__getitem__) == pytest.approx(
        by_all_orders(players, values.__getitem__), abs=1e-9
    )


@given(games())
def test_the_values_add_up_to_what_all_are_worth(
    game: tuple[tuple[str, ...], dict[Coalition, float]],
) -> None:
    players, values = game
    total = math.fsum(shapley(players, values.__getitem__).values())
    assert total == pytest.approx(values[frozenset(players)] - values[frozenset()], abs=1e-9)


@given(games(least=2))
def test_players_who_do_the_same_are_worth_the_same(
    game: tuple[tuple[str, ...], dict[Coalition, float]],
) -> None:
    players, values = game
    one, other = players[:2]
    swap = {one: other, other: one}

    def value(some: Coalition) -> float:
        turned = frozenset(swap.get(name, name) for name in some)
        return values[some] + values[turned]

    for found in (shapley(players, value), leave_one_out(players, value)):
        assert found[one] == pytest.approx(found[other], abs=1e-9)


@given(games(), numbers)
def test_a_dummy_is_worth_what_it_brings_alone(
    game: tuple[tuple[str, ...], dict[Coalition, float]], alone: float
) -> None:
    players, values = game

    def value(some: Coalition) -> float:
        return values[some - {"kim"}] + alone * ("kim" in some)

    everyone = (*players, "kim")
    for found in (shapley(everyone, value), leave_one_out(everyone, value)):
        assert found["kim"] == pytest.approx(alone, abs=1e-9)


@given(games(least=2), st.integers(0, 9))
def test_estimated_values_add_up_too_where_no_order_is_cut_short(
    game: tuple[tuple[str, ...], dict[Coalition, float]], seed: int
) -> None:
    players, values = game
    walks = [Walk(one, len(one)) for one in orders(players, len(players) + 2, seed)]
    found = sampled(players, walks, values.__getitem__)
    total = math.fsum(mean for mean, _ in found.values())
    assert total == pytest.approx(values[frozenset(players)] - values[frozenset()], abs=1e-9)


MANY = tuple(f"site-{number:02}" for number in range(12))


@cache
def curved(some: Coalition) -> float:
    """Return a value that gets less and less from more."""
    return 1 - math.exp(-sum(MANY.index(name) + 1.0 for name in some) / 80)


@pytest.fixture(scope="module")
def exact() -> dict[str, float]:
    return shapley(MANY, curved)


def off(allowed: int, seed: int, exact: dict[str, float]) -> float:
    walks = [followed(order, curved, 0.0) for order in orders(MANY, allowed, seed)]
    found = sampled(MANY, walks, curved)
    return sum((found[name][0] - exact[name]) ** 2 for name in MANY)


def test_more_coalitions_bring_the_estimate_nearer(exact: dict[str, float]) -> None:
    few, many = (sum(off(allowed, seed, exact) for seed in range(8)) for allowed in (64, 1_024))
    assert many < few / 8


def test_the_standard_error_is_as_large_as_the_errors_are(exact: dict[str, float]) -> None:
    squares = []
    for seed in range(40):
        walks = [followed(order, curved, 0.0) for order in orders(MANY, 256, seed)]
        for name, (mean, error) in sampled(MANY, walks, curved).items():
            assert error is not None
            squares.append(((mean - exact[name]) / error) ** 2)
    assert 0.8 < math.sqrt(sum(squares) / len(squares)) < 1.25


@given(st.integers(2, 9), st.integers(0, 40), st.integers(0, 5))
def test_no_more_coalitions_are_asked_for_than_allowed(count: int, more: int, seed: int) -> None:
    players, allowed = MANY[:count], count + 1 + more
    asked: set[Coalition] = set()

    def value(some: Coalition) -> float:
        asked.add(some)
        return float(len(some))

    found = orders(players, allowed, seed)
    assert found
    sampled(players, [followed(order, value, 0.0) for order in found], value)
    assert len(asked) <= allowed
    assert found == orders(players, allowed, seed)


def test_one_order_has_no_standard_error() -> None:
    walks = [Walk(PLAYERS, len(PLAYERS))]
    assert sampled(PLAYERS, walks, lambda some: float(len(some)))["ada"] == (1.0, None)


def test_an_order_ends_where_the_rest_changes_nothing() -> None:
    asked: list[int] = []

    def value(some: Coalition) -> float:
        asked.append(len(some))
        return min(2.0, len(some))

    walk = followed(PLAYERS, value, 0.0)
    assert walk.length == 2
    assert max(size for size in asked if size < len(PLAYERS)) == 2
    found = sampled(PLAYERS, [walk, walk], value)
    assert [mean for mean, _ in found.values()] == [1.0, 1.0, 0.0, 0.0, 0.0]


def test_the_jackknife_of_a_mean_is_its_standard_error() -> None:
    values = [1.0, 4.0, 2.5, -3.0]
    mean = sum(values) / 4
    without = [(sum(values) - one) / 3 for one in values]
    spread = sum((one - mean) ** 2 for one in values) / 3
    assert jackknife(mean, without) == pytest.approx(math.sqrt(spread / 4))
    assert jackknife(1.0, [1.0]) is None
