"""What every robust rule keeps: order, factors, ties, single replies, and its bound on bad ones."""

from random import Random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from rule_cohorts import (
    ALL,
    FEW,
    MODULES,
    SEEDS,
    cohort,
    dense,
    is_close,
    mean,
    near,
    start_of,
)

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.methods.method import Joint
from fedtranslate.adapters.methods.registry import find_method
from fedtranslate.adapters.products import frame, gram, squared_distances
from fedtranslate.adapters.robust import coordinates, weighing
from fedtranslate.adapters.robust.rules import RULES, find_rule, withstand
from fedtranslate.errors import AggregationError, UnknownNameError


def turned(adapter: Adapter, seed: int) -> Adapter:
    """The same update by other factors, in double precision."""
    rng = torch.Generator().manual_seed(seed)
    size = next(iter(adapter.values())).rank
    turn = torch.randn(size, size, generator=rng).double() + 3 * torch.eye(size)
    back = torch.linalg.inv(turn)
    return {
        n: Factors(turn @ f.a.double(), f.b.double() @ back, f.scaling) for n, f in adapter.items()
    }


@ALL
@FEW
@given(seed=SEEDS, random=st.randoms())
def test_neither_the_order_of_the_sites_nor_their_factors_matter(
    name: str, seed: int, random: Random
) -> None:
    start, replies = cohort(seed)
    other = [turned(reply, seed + k) for k, reply in enumerate(replies)]
    random.shuffle(other)
    one = withstand(name, replies, [1] * 11, start, byzantine=2, keeps_rank=False)
    two = withstand(name, other, [1] * 11, start, byzantine=2, keeps_rank=False)
    assert is_close(mean(two), mean(one))


@ALL
@FEW
@given(seed=SEEDS, count=st.integers(1, 6))
def test_equal_replies_and_one_alone_come_back(name: str, seed: int, count: int) -> None:
    start = start_of(seed)
    reply = near(start, seed + 1)
    outcome = withstand(name, [reply] * count, [3.0] * count, start, byzantine=0)
    assert is_close(mean(outcome), dense(reply))


@ALL
@FEW
@given(seed=SEEDS)
def test_a_site_of_no_weight_is_absent(name: str, seed: int) -> None:
    start, replies = cohort(seed, 12)
    alone = withstand(name, replies[:11], [1] * 11, start, byzantine=2)
    beside = withstand(name, replies, [1] * 11 + [0], start, byzantine=2)
    assert is_close(mean(beside), mean(alone))
    assert not beside.shares or beside.shares[11] == 0


@ALL
@FEW
@given(seed=SEEDS, claims=st.lists(st.integers(1, 10**9), min_size=11, max_size=11))
def test_a_claimed_weight_buys_nothing(name: str, seed: int, claims: list[int]) -> None:
    start, replies = cohort(seed)
    modest = withstand(name, replies, [1] * 11, start, byzantine=2)
    assert is_close(mean(withstand(name, replies, claims, start, byzantine=2)), mean(modest))


@ALL
@FEW
@given(seed=SEEDS, size=st.sampled_from([10.0, 1e3, 1e6]), together=st.booleans())
def test_so_many_bad_replies_as_it_bears_cannot_carry_it_away(
    name: str, seed: int, size: float, together: bool
) -> None:
    start, replies = cohort(seed)
    wanted = torch.stack([dense(reply) for reply in replies])
    middle = wanted.mean(dim=0)
    away = float((wanted - middle).norm(dim=1).max())
    for number in range(RULES[name].bears(11)):
        bad = near(start, seed if together else seed + 99 + number, size)
        replies[number] = {n: Factors(f.a, f.b * size, f.scaling) for n, f in bad.items()}
    count = RULES[name].bears(11)
    honest = 11 - count
    outcome = withstand(name, replies, [1] * 11, start, byzantine=count, keeps_rank=False)
    # Entry by entry within the honest range: at most the root of their number times the farthest.
    # The geometric median: 2 h / (h - f) times (Pillutla et al. 2022); Krum takes an honest one.
    most = max(honest**0.5, 2 * honest / (honest - count)) * away * 1.01 + 1e-3
    assert float((mean(outcome) - middle).norm()) <= most


@ALL
def test_ranks_and_scalings_may_differ_where_sites_begin_from_nothing(name: str) -> None:
    replies = [
        {n: Factors(f.a, f.b, 0.1 * (k + 1)) for n, f in start_of(k, rank=1 + k % 3).items()}
        for k in range(7)
    ]
    outcome = withstand(name, replies, [1] * 7, None, byzantine=1)
    assert len({f.rank for reply in outcome.replies[:1] for f in reply.values()}) == 1
    assert bool(torch.isfinite(mean(outcome)).all())
    flora = find_method("flora").phase(1, {})
    joint = {n: Factors(torch.zeros(1, i), torch.zeros(o, 1)) for n, (o, i) in MODULES.items()}
    new = flora.combine(outcome.replies, outcome.weights, Joint(joint))
    assert is_close(dense(new.whole()), mean(outcome))


@pytest.mark.parametrize("name", ["median", "trimmed-mean", "bulyan"])
def test_a_frozen_factor_stays_as_it_is(name: str) -> None:
    start, replies = cohort(5, moves_a=False)
    outcome = withstand(name, replies, [1] * 11, start, byzantine=2)
    ((new,), whole) = (
        outcome.replies,
        withstand(
            name, [turned(r, 1) for r in replies], [1] * 11, start, byzantine=2, keeps_rank=False
        ),
    )
    assert all(torch.equal(new[n].a, start[n].a) for n in MODULES)
    assert is_close(dense(new), mean(whole))
    joint = find_method("ffa").phase(1, {}).combine(outcome.replies, outcome.weights, Joint(start))
    assert is_close(dense(joint.adapter), dense(new))
    flipped = [{n: Factors(f.b.T, f.a.T, f.scaling) for n, f in r.items()} for r in replies]
    begun = {n: Factors(f.b.T, f.a.T, f.scaling) for n, f in start.items()}
    (other,) = withstand(name, flipped, [1] * 11, begun, byzantine=2).replies
    assert all(torch.equal(other[n].b, begun[n].b) for n in MODULES)


@pytest.mark.parametrize("name", ["median", "trimmed-mean", "bulyan"])
def test_a_new_reply_has_the_rank_that_sites_train_and_the_length_they_were_sent(name: str) -> None:
    start, replies = cohort(6)
    for number in (0, 1):  # the same product, with an A that is 1,000 times as long
        replies[number] = {
            n: Factors(f.a * 1e3, f.b / 1e3, f.scaling) for n, f in replies[number].items()
        }
    (new,) = withstand(name, replies, [1] * 11, start, byzantine=2).replies
    for n, factors in new.items():
        assert (factors.rank, factors.scaling) == (start[n].rank, start[n].scaling)
        assert float(factors.a.norm() / start[n].a.norm()) == pytest.approx(1, rel=1e-4)


def test_single_entries_are_reduced_as_on_dense_values() -> None:
    values = torch.tensor([[9.0, 1], [1, 2], [2, 3], [4, 4], [3, 100], [-50, 5], [2, 6]])
    assert coordinates.median(values, 2).tolist() == [2.0, 4.0]
    assert coordinates.median(values[:6], 2).tolist() == [2.5, 3.5]
    assert coordinates.trimmed_mean(values, 1).tolist() == [pytest.approx(2.4), 4.0]
    assert coordinates.nearest_to_median(values, 2).tolist() == [pytest.approx(5 / 3), 4.0]


@FEW
@given(SEEDS)
def test_the_reduced_entries_are_those_of_the_mixed_frame(seed: int) -> None:
    start, replies = cohort(seed, 5)
    (new,) = withstand("median", replies, [1] * 5, start, byzantine=1, keeps_rank=False).replies
    for n in MODULES:
        axes = coordinates.mixed(frame([reply[n] for reply in replies], start[n]))
        updates = [f.scaling * (f.b.double() @ f.a.double()) for f in (r[n] for r in replies)]
        old = start[n].scaling * (start[n].b.double() @ start[n].a.double())
        entries = torch.stack([axes.left.T @ (u - old) @ axes.right.T for u in updates])
        assert torch.allclose(entries, axes.cores, atol=1e-9)
        wanted = old + axes.left @ entries.median(dim=0).values @ axes.right
        assert is_close(new[n].scaling * (new[n].b.double() @ new[n].a.double()), wanted)


@FEW
@given(SEEDS, st.integers(5, 9))
def test_krum_takes_the_reply_whose_neighbours_are_nearest(seed: int, count: int) -> None:
    start, replies = cohort(seed, count)
    rows = torch.stack([dense(reply) for reply in replies])
    scores = []
    for row in rows:
        away = sorted(float(x) for x in (rows - row).square().sum(dim=1))
        scores.append(sum(away[1 : count - 2]))
    shares = withstand("krum", replies, [1] * count, start, byzantine=1).shares
    best = {k for k, score in enumerate(scores) if score <= min(scores) * (1 + 1e-9)}
    assert {k for k, share in enumerate(shares) if share} == best
    several = withstand("multi-krum", replies, [1] * count, start, byzantine=1).shares
    order = sorted(range(count), key=scores.__getitem__)[: count - 3]
    assert sum(several[k] for k in order) == pytest.approx(1, abs=0.51)
    assert sum(several) == pytest.approx(1)


def test_replies_that_lie_equally_well_share() -> None:
    place = torch.tensor([[0.0, 0], [1, 0], [5, 5], [9, 0]])
    assert weighing.krum_shares(place @ place.T, 1).tolist() == [0.5, 0.5, 0.0, 0.0]
    square = torch.tensor([[1.0, 0], [0, 1], [-1, 0], [0, -1]])
    assert weighing.krum_shares(square @ square.T, 0).tolist() == [0.25] * 4


@FEW
@given(SEEDS, st.integers(2, 9))
def test_no_point_has_a_smaller_sum_of_distances_than_the_geometric_median(
    seed: int, count: int
) -> None:
    rng = torch.Generator().manual_seed(seed)
    rows = torch.randn(count, 4, generator=rng, dtype=torch.float64)
    rows[0] *= 30
    centre = weighing.geometric_median_shares(rows @ rows.T) @ rows
    found = float((rows - centre).norm(dim=1).sum())
    for point in [*rows, *(centre + 0.01 * torch.randn(200, 4, generator=rng).double())]:
        assert found <= float((rows - point).norm(dim=1).sum()) * (1 + 1e-6)


def test_bulyan_drops_what_krum_would_never_take() -> None:
    start, replies = cohort(3)
    replies[4] = near(start, 77, 50.0)
    replies[9] = near(start, 78, 50.0)
    chosen = weighing.bulyan_choice(gram(replies), 2)
    assert len(chosen) == 7
    assert not {4, 9} & set(chosen)
    assert float(squared_distances(gram(replies)).diagonal().max()) == 0


@ALL
@pytest.mark.parametrize("how", ["a shape", "a module", "a module more", "a vector", "NaN"])
def test_replies_that_are_all_wrong_in_one_way_are_refused_with_the_module(
    name: str, how: str
) -> None:
    start, replies = cohort(2, 7)
    other = {
        "a shape": (
            {"q": Factors(torch.ones(3, 5), torch.ones(8, 3), 0.5)},
            r"q as \(8, 5\), .*12",
        ),
        "a module": ({}, r"modules: \['q'\]"),
        "a module more": ({"q": start["q"], "x": start["q"]}, r"modules: \['x'\]"),
        "a vector": ({"q": Factors(torch.ones(3), torch.ones(8), 0.5)}, "for q that cannot be"),
        "NaN": ({"q": Factors(start["q"].a * torch.nan, start["q"].b)}, "holds NaN"),
    }
    changed, complaint = other[how]
    bad = [{"k": reply["k"], **changed} for reply in replies]
    with pytest.raises(AggregationError, match=complaint):
        withstand(name, bad, [1] * 7, start, byzantine=1)


def test_no_rule_hands_on_what_came_in() -> None:
    start, replies = cohort(1, 3)
    outcome = withstand("none", replies, [1, 0, 2], start, byzantine=0)
    assert (list(outcome.replies), outcome.weights) == (replies, (1, 0, 2))
    assert find_rule("none") is None
    with pytest.raises(AggregationError, match="3 replies cannot have 1 weights"):
        withstand("none", replies, [1], start, byzantine=0)


def test_an_unknown_rule_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"No robust rule is called 'krumm'.*'krum'"):
        find_rule("krumm")
