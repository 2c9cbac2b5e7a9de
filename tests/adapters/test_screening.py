"""Replies against each other: what is refused, with which reason, and what is not."""

import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.robust.screening import Bounds, capped, screened

BOUNDS = Bounds()
NAMES = ("ada", "bob", "cid", "dan", "eve", "fay", "gil")
_RNG = torch.Generator().manual_seed(3)
START = {
    name: Factors(torch.randn(3, n_in, generator=_RNG), torch.randn(out, 3, generator=_RNG), 2.0)
    for name, (out, n_in) in {"k": (15, 20), "q": (30, 9)}.items()
}
WAY = {
    n: (torch.randn(f.a.shape, generator=_RNG), torch.randn(f.b.shape, generator=_RNG))
    for n, f in START.items()
}


def learned(seed: int, step: float = 0.05) -> Adapter:
    """A way that all share, and one of the site's own as long as that."""
    rng = torch.Generator().manual_seed(seed)
    return {
        n: Factors(
            f.a + step * (WAY[n][0] + torch.randn(f.a.shape, generator=rng)),
            f.b + step * (WAY[n][1] + torch.randn(f.b.shape, generator=rng)),
            f.scaling,
        )
        for n, f in START.items()
    }


def moved(adapter: Adapter, times: float) -> Adapter:
    """The change of an adapter so many times."""
    return {
        n: Factors(
            START[n].a + times * (f.a - START[n].a),
            START[n].b + times * (f.b - START[n].b),
            f.scaling,
        )
        for n, f in adapter.items()
    }


def scaled(adapter: Adapter, a: float, b: float) -> Adapter:
    return {n: Factors(f.a * a, f.b * b, f.scaling) for n, f in adapter.items()}


def replies(**others: Adapter) -> dict[str, Adapter]:
    return {**{name: learned(k) for k, name in enumerate(NAMES)}, **others}


HOSTILE = {
    "huge": (scaled(learned(9), 1, 1000), "its change of the update is .* times as long"),
    "long": (moved(learned(9), 20), "its change of the update is .* and 4 are allowed"),
    "free": (START, "is the joint one as it was sent"),
    "flip": (moved(learned(9), -1), "points away .* cosine to their centre is -0"),
    "turned": (scaled(learned(9), -1, -1), "its factors A are turned .* cosine is -"),
    "stretched": (scaled(learned(9), 50, 1 / 50), "its change of A is .* times as long"),
    "copy": (learned(2), "its update is that of site cid"),
    "near copy": (moved(learned(2), 1.01), "its update is that of site cid"),
}


@pytest.mark.parametrize("how", HOSTILE)
def test_a_hostile_reply_is_refused_by_name_and_the_others_are_not(how: str) -> None:
    bad, reason = HOSTILE[how]
    for reference in (START, None) if how == "huge" else (START,):
        found = screened(replies(eve=bad), reference, BOUNDS)
        assert list(found) == ["eve"]
        assert re.search(reason, found["eve"])


def test_three_of_seven_do_not_make_the_four_look_wrong() -> None:
    bad = {name: moved(learned(20 + k), -3) for k, name in enumerate(("ada", "dan", "gil"))}
    assert set(screened(replies(**bad), START, BOUNDS)) == set(bad)
    bad = {name: scaled(learned(20 + k), 1, 500) for k, name in enumerate(("ada", "dan", "gil"))}
    assert set(screened(replies(**bad), START, BOUNDS)) == set(bad)


@given(st.integers(0, 2**32), st.integers(3, 12), st.floats(1e-5, 0.3))
def test_honest_replies_pass_however_long_the_steps_are(seed: int, count: int, step: float) -> None:
    cohort = {f"site-{k}": learned(seed + k, step) for k in range(count)}
    assert screened(cohort, START, BOUNDS) == {}


def test_honest_replies_whose_changes_have_nothing_in_common_pass() -> None:
    for seed in range(40):
        rng = torch.Generator().manual_seed(seed)
        cohort = {
            name: {
                n: Factors(
                    f.a + 0.05 * torch.randn(f.a.shape, generator=rng),
                    f.b + 0.05 * torch.randn(f.b.shape, generator=rng),
                    f.scaling,
                )
                for n, f in START.items()
            }
            for name in NAMES
        }
        assert screened(cohort, START, BOUNDS) == {}


def test_two_replies_are_no_cohort() -> None:
    assert screened({"ada": learned(1), "eve": scaled(learned(2), 1, 1e6)}, START, BOUNDS) == {}


def test_a_trade_that_passes_on_what_it_got_is_left_alone() -> None:
    assert screened(dict.fromkeys(NAMES, START), START, BOUNDS) == {}
    assert screened({**dict.fromkeys(NAMES, START), "eve": learned(1)}, START, BOUNDS) == {}


def test_of_a_pair_of_copies_the_first_by_name_stays() -> None:
    found = screened(replies(ada=learned(30), fay=learned(30), gil=learned(30)), START, BOUNDS)
    assert sorted(found) == ["fay", "gil"]
    assert set(found.values()) == {"its update is that of site ada"}


def test_the_bounds_are_those_that_are_given() -> None:
    wide = Bounds(norm_factor=1e9, least_cosine=-1.0, likeness=0.0)
    for how in ("huge", "flip", "copy"):
        assert screened(replies(eve=HOSTILE[how][0]), START, wide) == {}, how


@pytest.mark.parametrize(
    ("weights", "kept"),
    [
        ([], []),
        ([7.0], [7.0]),
        ([1.0, 2.0, 3.0, 1e9], [1.0, 2.0, 3.0, 12.5]),
        ([1.0, 1.0, 4.9], [1.0, 1.0, 4.9]),
        ([0.0, 0.0, 9.0], [0.0, 0.0, 9.0]),
    ],
)
def test_no_weight_is_above_so_many_medians(weights: list[float], kept: list[float]) -> None:
    assert capped(weights, 5.0) == kept


LESS = {
    n: Factors(f.a, torch.cat([f.b[:, :2], torch.zeros(len(f.b), 1)], 1), f.scaling)
    for n, f in START.items()
}
"""Of rank 2 in truth, so that nothing is lost where it is cut."""


def from_less(rank: int = 3, **others: Adapter) -> dict[str, Adapter]:
    found = {}
    for name, adapter in replies(**others).items():
        kept = rank if name in ("bob", "eve") else 3
        found[name] = {
            n: Factors(f.a[:kept], (f.b + LESS[n].b - START[n].b)[:, :kept], f.scaling)
            for n, f in adapter.items()
        }
    return found


@pytest.mark.parametrize("by_rows", [True, False])
def test_a_stretched_reply_of_less_rank_is_refused_where_its_rows_are_those_that_were_sent(
    *, by_rows: bool
) -> None:
    cohort = from_less(2)
    assert screened(cohort, LESS, BOUNDS, by_rows=by_rows) == {}
    cohort["eve"] = scaled(cohort["eve"], 50, 1 / 50)
    found = screened(cohort, LESS, BOUNDS, by_rows=by_rows)
    assert set(found) == ({"eve"} if by_rows else set())


def test_a_reply_of_less_rank_does_not_hinder_that_turned_factors_are_found() -> None:
    cohort = from_less(2)
    cohort["ada"] = scaled(cohort["ada"], -1, -1)
    assert "factors A are turned" in screened(cohort, LESS, BOUNDS)["ada"]
