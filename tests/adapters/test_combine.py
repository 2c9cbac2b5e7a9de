"""Laws of the aggregation methods, on non-square layers, mixed ranks and scalings."""

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeAlias

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from fedtranslate.adapters.combine import average_b, average_factors, full_rank, stack
from fedtranslate.adapters.compress import truncate
from fedtranslate.adapters.factors import Adapter, Factors, checksum
from fedtranslate.adapters.methods.method import Joint
from fedtranslate.adapters.methods.registry import find_method
from fedtranslate.errors import AggregationError

Cohort: TypeAlias = tuple[list[Adapter], list[int]]
MODULES = ("layers.0.q_proj", "layers.0.down_proj")


@st.composite
def cohorts(draw: st.DrawFn, *, alike: bool = False, frozen_a: bool = False) -> Cohort:
    """One to four sites: same modules and shapes; own ranks, scalings and pair counts."""
    rng = torch.Generator().manual_seed(draw(st.integers(0, 2**32)))
    shapes = {name: draw(st.tuples(st.integers(2, 9), st.integers(2, 9))) for name in MODULES}
    common_rank, common_alpha = draw(st.integers(1, 2)), draw(st.floats(0.5, 32))
    shared = {
        name: torch.randn(common_rank, n_in, generator=rng) for name, (_, n_in) in shapes.items()
    }

    def site() -> Adapter:
        rank = common_rank if alike else draw(st.integers(1, 4))
        alpha = common_alpha if alike else draw(st.floats(0.5, 32))
        rslora = not alike and draw(st.booleans())
        return {
            name: Factors(
                a=shared[name].clone() if frozen_a else torch.randn(rank, n_in, generator=rng),
                b=torch.randn(n_out, rank, generator=rng),
                scaling=alpha / (rank**0.5 if rslora else rank),
            )
            for name, (n_out, n_in) in shapes.items()
        }

    adapters = [site() for _ in range(draw(st.integers(1, 4)))]
    pairs = st.lists(st.integers(0, 10_000), min_size=len(adapters), max_size=len(adapters))
    return adapters, draw(pairs.filter(any))


def exact(factors: Factors) -> Tensor:
    return factors.scaling * (factors.b.double() @ factors.a.double())


def target(cohort: Cohort, name: str) -> Tensor:
    adapters, pairs = cohort
    parts = [n / sum(pairs) * exact(site[name]) for site, n in zip(adapters, pairs, strict=True)]
    return torch.stack(parts).sum(0)


def is_close(found: Tensor, wanted: Tensor) -> bool:
    return bool((found - wanted).norm() <= 2e-6 * (1 + wanted.norm()))


def relative_slack(wanted: Tensor) -> float:
    return float(1e-5 * (1 + wanted.norm()))


@given(cohorts())
def test_the_stacked_update_is_the_weighted_mean_of_the_updates(cohort: Cohort) -> None:
    joint = stack(*cohort)
    for name in MODULES:
        assert is_close(exact(joint[name]), target(cohort, name))
        assert joint[name].a.dtype == joint[name].b.dtype == torch.float32


@given(cohorts())
def test_full_rank_loses_nothing_when_the_rank_suffices(cohort: Cohort) -> None:
    rank = sum(max(f.rank for f in site.values()) for site in cohort[0])
    joint = full_rank(*cohort, rank, scaling=0.7)
    for name in MODULES:
        assert is_close(exact(joint[name]), target(cohort, name))
        assert (joint[name].rank, joint[name].scaling) == (rank, 0.7)


@given(cohorts(), st.integers(1, 4))
def test_full_rank_loses_exactly_the_tail_of_the_singular_values(cohort: Cohort, rank: int) -> None:
    joint = full_rank(*cohort, rank, scaling=2.0)
    for name in MODULES:
        wanted = target(cohort, name)
        tail = torch.linalg.svdvals(wanted)[rank:].norm()
        error = (exact(joint[name]) - wanted).norm()
        assert abs(float(error - tail)) <= relative_slack(wanted)


@given(cohorts(alike=True))
def test_full_rank_is_never_further_from_the_mean_update_than_fedit(cohort: Cohort) -> None:
    rank = next(iter(cohort[0][0].values())).rank
    best, simple = full_rank(*cohort, rank), average_factors(*cohort)
    for name in MODULES:
        wanted = target(cohort, name)
        errors = [(exact(joint[name]) - wanted).norm() for joint in (best, simple)]
        assert errors[0] <= errors[1] + relative_slack(wanted)


@given(cohorts(alike=True))
def test_fedit_averages_each_factor_alone(cohort: Cohort) -> None:
    adapters, pairs = cohort
    joint = average_factors(adapters, pairs)
    for name in MODULES:
        for part in ("a", "b"):
            parts = [
                n / sum(pairs) * getattr(site[name], part).double()
                for site, n in zip(adapters, pairs, strict=True)
            ]
            assert is_close(getattr(joint[name], part).double(), torch.stack(parts).sum(0))


@given(cohorts(alike=True, frozen_a=True))
def test_with_a_frozen_averaging_b_is_exact_and_leaves_a_alone(cohort: Cohort) -> None:
    joint = average_b(*cohort)
    for name in MODULES:
        assert is_close(exact(joint[name]), target(cohort, name))
        assert torch.equal(joint[name].a, cohort[0][0][name].a)


METHODS: dict[str, Callable[[Sequence[Adapter], Sequence[float]], Adapter]] = {
    "fedit": average_factors,
    "ffa": average_b,
    "flora": stack,
    "fra": lambda adapters, weights: full_rank(adapters, weights, 2),
}


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
@given(cohort=cohorts(alike=True, frozen_a=True), random=st.randoms())
def test_the_order_of_sites_and_modules_does_not_matter(
    method: Callable[[Sequence[Adapter], Sequence[float]], Adapter],
    cohort: Cohort,
    random: Random,
) -> None:
    adapters, pairs = cohort
    order = random.sample(range(len(adapters)), len(adapters))
    turned = [dict(reversed(list(adapters[k].items()))) for k in order]
    other = method(turned, [pairs[k] for k in order])
    for name, factors in method(adapters, pairs).items():
        assert is_close(exact(other[name]), exact(factors))


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
@given(cohort=cohorts(alike=True, frozen_a=True))
def test_one_site_alone_gets_its_own_update_back(
    method: Callable[[Sequence[Adapter], Sequence[float]], Adapter], cohort: Cohort
) -> None:
    site = cohort[0][0]
    joint = method([site], [17])
    assert all(is_close(exact(joint[name]), exact(site[name])) for name in MODULES)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
@given(cohort=cohorts(alike=True, frozen_a=True))
def test_only_the_ratios_of_the_weights_count(
    method: Callable[[Sequence[Adapter], Sequence[float]], Adapter], cohort: Cohort
) -> None:
    adapters, pairs = cohort
    scaled = method(adapters, [3.5 * n for n in pairs])
    for name, factors in method(adapters, pairs).items():
        assert is_close(exact(scaled[name]), exact(factors))


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
@given(cohort=cohorts(alike=True, frozen_a=True))
def test_arguments_are_not_changed_and_results_are_new_tensors(
    method: Callable[[Sequence[Adapter], Sequence[float]], Adapter], cohort: Cohort
) -> None:
    before = [checksum(site) for site in cohort[0]]
    joint = method(*cohort)
    for factors in joint.values():
        factors.a.fill_(7)
        factors.b.fill_(7)
    assert [checksum(site) for site in cohort[0]] == before


@given(cohorts())
def test_truncating_to_a_sufficient_rank_changes_no_update(cohort: Cohort) -> None:
    (site, *_), _ = cohort
    for name, factors in truncate(site, 6, scaling=0.25).items():
        assert is_close(exact(factors), exact(site[name]))
        assert (factors.rank, factors.scaling) == (6, 0.25)


def test_full_rank_keeps_the_rows_of_a_near_to_what_the_sites_trained() -> None:
    rng = torch.Generator().manual_seed(3)
    start = torch.rand(4, 20, generator=rng) - 0.5
    sites = [
        {"m": Factors(start + 0.01 * torch.randn(4, 20, generator=rng), torch.randn(30, 4), 2.0)}
        for _ in range(3)
    ]
    joint = full_rank(sites, [1, 1, 1], 4)["m"]
    cosines = torch.nn.functional.cosine_similarity(joint.a, start)
    assert cosines.min() > 0.8
    assert abs(float(joint.a.norm() / start.norm()) - 1) < 0.05


def test_fra_turns_the_new_a_towards_the_adapter_that_sites_began_with() -> None:
    rng = torch.Generator().manual_seed(4)
    start = torch.rand(3, 12, generator=rng) - 0.5
    begun = {"m": Factors(start, torch.zeros(9, 3), 2.0)}
    site = {"m": Factors(start + 0.01, torch.randn(9, 3, generator=rng), 2.0)}
    turned = {"m": Factors(-site["m"].a, -site["m"].b, 2.0)}
    combine = find_method("fra").phase(1, {}).combine
    joint = combine([site, turned], [1, 1], Joint(begun)).adapter["m"]
    assert is_close(exact(joint), exact(site["m"]))
    assert torch.nn.functional.cosine_similarity(joint.a, start).min() > 0.9
    with pytest.raises(AggregationError, match=r"differ from the joint one in their modules: \['m"):
        combine([site], [1], Joint({"n": begun["m"]}))


def test_a_direction_without_effect_yet_stays_trainable() -> None:
    start = torch.randn(3, 8)
    site = {"m": Factors(start, torch.zeros(5, 3), 1.0)}
    joint = full_rank([site, site], [1, 1], 3)["m"]
    assert not joint.b.any()
    assert joint.a.norm(dim=1).min() > 0.5


def test_no_matrix_of_the_size_of_the_layer_is_formed() -> None:
    side = 200_000  # the dense update would take 160 GB
    site = {"m": Factors(torch.ones(1, side), torch.ones(side, 1), 1.0)}
    joint = full_rank([site, site], [1, 3], 1)["m"]
    assert float(joint.scaling * (joint.b[0] @ joint.a[:, 0])) == pytest.approx(1, rel=1e-5)


def simple(value: float = 1.0, rank: int = 2, name: str = "m", scaling: float = 1.0) -> Adapter:
    return {name: Factors(torch.full((rank, 3), value), torch.full((4, rank), value), scaling)}


@pytest.mark.parametrize(
    ("adapters", "weights", "complaint"),
    [
        ([], [], "0 adapters"),
        ([simple()], [1, 2], "2 weights"),
        ([simple()], [0], "not all 0"),
        ([simple()], [-1], "at least 0"),
        ([simple()], [float("nan")], "finite"),
        ([simple(), simple(float("nan"))], [1, 1], "Adapter 1 holds NaN"),
        ([simple(), simple(float("inf"))], [1, 1], "Adapter 1 holds NaN or infinity"),
        ([simple(), {"m": Factors(torch.ones(2, 9), torch.ones(4, 2))}], [1, 1], r"\(4, 9\)"),
        ([{"m": Factors(torch.ones(2, 3), torch.ones(4, 5))}], [1], "cannot be multiplied"),
    ],
)
@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_what_cannot_be_combined_is_refused(
    method: Callable[[Sequence[Adapter], Sequence[float]], Adapter],
    adapters: list[Adapter],
    weights: list[float],
    complaint: str,
) -> None:
    with pytest.raises(AggregationError, match=complaint):
        method(adapters, weights)


def test_fedit_refuses_mixed_ranks_and_scalings() -> None:
    for other in (simple(rank=3), simple(scaling=2.0)):
        with pytest.raises(AggregationError, match="needs them equal"):
            average_factors([simple(), other], [1, 1])


def test_full_rank_asks_for_a_scaling_when_the_sites_disagree() -> None:
    with pytest.raises(AggregationError, match="Say which scaling"):
        full_rank([simple(), simple(scaling=2.0)], [1, 1], 2)


def test_averaging_b_refuses_a_site_that_trained_a() -> None:
    with pytest.raises(AggregationError, match="own A"):
        average_b([simple(1.0), simple(1.5)], [1, 1])


def test_an_overflow_of_float32_is_refused() -> None:
    huge = {"m": Factors(torch.full((1, 2), 3e38), torch.full((2, 1), 3e38), 1e30)}
    with pytest.raises(AggregationError, match="range of float32"):
        stack([huge], [1])


def test_frozen_and_stacked_factors_are_of_the_same_modules() -> None:
    for join in (average_b, stack):
        with pytest.raises(AggregationError, match="differ in their modules"):
            join([simple(), simple(name="n")], [1, 1])


@pytest.mark.parametrize(
    "join", [average_factors, lambda some, weights: full_rank(some, weights, 2)]
)
def test_a_module_counts_for_the_sites_that_have_it(
    join: Callable[[Sequence[Adapter], Sequence[float]], Adapter],
) -> None:
    both = {**simple(2.0), **simple(3.0, name="n")}
    joint = join([simple(1.0), both], [1, 3])
    torch.testing.assert_close(joint["n"].delta(), simple(3.0, name="n")["n"].delta())
    assert joint["m"].delta()[0, 0] != both["m"].delta()[0, 0]


def test_a_site_without_weight_is_absent() -> None:
    extra = {**simple(5.0), **simple(5.0, name="n")}
    for join in (average_factors, stack, lambda some, weights: full_rank(some, weights, 2)):
        with_it, without = join([simple(), extra], [2, 0]), join([simple()], [1])
        assert with_it.keys() == without.keys() == {"m"}
        torch.testing.assert_close(with_it["m"].delta(), without["m"].delta())
