"""Exact methods against the weighted mean of dense updates, and what all methods have in common."""

from random import Random

import pytest
import torch
from dense import (
    MODULES,
    Round,
    combined,
    error,
    folded_before,
    mean_update,
    phase_of,
    rounds,
    update,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from fedtranslate.adapters.factors import Factors
from fedtranslate.adapters.methods.method import Exactness, Joint
from fedtranslate.adapters.methods.registry import METHODS

EXACT_ROUNDS = [
    (method.name, number)
    for method in METHODS.values()
    if method.exactness is Exactness.EXACT
    for number in (1, 2, 3)
    if (method.name, number) != ("fed-sb", 1)  # its first round finds the bases
]
MIXED_EXACT = sorted(
    method.name
    for method in METHODS.values()
    if method.exactness is Exactness.EXACT and method.mixed_ranks
)
ALL_ROUNDS = [(name, number) for name in METHODS for number in (1, 2)]


def drawn(name: str, number: int, *, mixed: bool = False) -> st.SearchStrategy[Round]:
    method = METHODS[name]
    phase = phase_of(name, number)
    return rounds(trains=phase.trains, mixed=mixed, is_folded=method.folds and number > 1)


def same(found: Joint, wanted: Joint, *, allowed: float = 1e-5) -> None:
    """Both stand for the same update."""
    for name in MODULES:
        assert error(update(found.whole()[name]), update(wanted.whole()[name])) <= allowed
        assert error(update(found.adapter[name]), update(wanted.adapter[name])) <= allowed


def test_the_exact_methods_are_those_that_are_tested() -> None:
    named = {name for name, _ in EXACT_ROUNDS}
    assert named == {"ffa", "rolora", "flora", "fedex", "svd-residual", "fed-sb"}
    assert MIXED_EXACT == ["flora", "svd-residual"]


@pytest.mark.parametrize(("name", "number"), EXACT_ROUNDS)
@settings(max_examples=12)
@given(data=st.data())
def test_an_exact_method_adds_the_weighted_mean_of_the_updates_to_what_was_folded(
    name: str, number: int, data: st.DataObject
) -> None:
    one = data.draw(drawn(name, number))
    whole = combined(name, one, number).whole()
    for module in MODULES:
        wanted = folded_before(one, module) + mean_update(one, module)
        assert error(update(whole[module]), wanted) <= 1e-5


@pytest.mark.parametrize("name", MIXED_EXACT)
@settings(max_examples=12)
@given(data=st.data())
def test_ranks_and_scalings_may_differ_where_the_method_says_so(
    name: str, data: st.DataObject
) -> None:
    one = data.draw(drawn(name, 2, mixed=True))
    joint = combined(name, one, 2)
    for module in MODULES:
        wanted = folded_before(one, module) + mean_update(one, module)
        assert error(update(joint.whole()[module]), wanted) <= 1e-5
        goal = one.joint.adapter[module]
        assert joint.adapter[module].rank == goal.rank
        assert joint.adapter[module].scaling == goal.scaling


@pytest.mark.parametrize(("name", "number"), ALL_ROUNDS)
@settings(max_examples=12)
@given(data=st.data(), random=st.randoms())
def test_the_order_of_the_sites_does_not_matter(
    name: str, number: int, data: st.DataObject, random: Random
) -> None:
    one = data.draw(drawn(name, number))
    order = random.sample(range(len(one.replies)), len(one.replies))
    other = Round(one.joint, [one.replies[k] for k in order], [one.weights[k] for k in order])
    same(combined(name, other, number), combined(name, one, number))


@pytest.mark.parametrize(("name", "number"), ALL_ROUNDS)
@settings(max_examples=12)
@given(data=st.data())
def test_a_site_without_weight_counts_as_absent(
    name: str, number: int, data: st.DataObject
) -> None:
    one = data.draw(drawn(name, number))
    # It need not even have kept what is frozen.
    odd = {
        module: Factors(factors.a + 1, factors.b - 1, factors.scaling)
        for module, factors in one.replies[0].items()
    }
    at = data.draw(st.integers(0, len(one.replies)))
    replies = [*one.replies[:at], odd, *one.replies[at:]]
    weights = [*one.weights[:at], 0.0, *one.weights[at:]]
    same(combined(name, Round(one.joint, replies, weights), number), combined(name, one, number))


@pytest.mark.parametrize(
    ("name", "number"),
    [one for one in ALL_ROUNDS if METHODS[one[0]].exactness is not Exactness.PERSONAL],
)
@settings(max_examples=12)
@given(data=st.data())
def test_one_site_alone_gets_its_own_update_back(
    name: str, number: int, data: st.DataObject
) -> None:
    one = data.draw(drawn(name, number))
    alone = Round(one.joint, one.replies[:1], [3.0])
    if METHODS[name].name in ("fedadam", "fedyogi"):
        return
    options = {"momentum": 0.0} if name == "fedavgm" else {}
    whole = combined(name, alone, number, **options).whole()
    for module in MODULES:
        wanted = folded_before(alone, module) + update(alone.replies[0][module])
        assert error(update(whole[module]), wanted) <= 1e-4


@pytest.mark.parametrize(("name", "number"), ALL_ROUNDS)
@settings(max_examples=12)
@given(data=st.data())
def test_only_the_ratios_of_the_weights_count_and_nothing_given_is_changed(
    name: str, number: int, data: st.DataObject
) -> None:
    one = data.draw(drawn(name, number))
    adapters = [*one.replies, one.joint.adapter, one.joint.folded]
    before = [
        {module: (f.a.clone(), f.b.clone()) for module, f in adapter.items()}
        for adapter in adapters
    ]
    found = combined(name, one, number)
    same(combined(name, Round(one.joint, one.replies, [w * 8 for w in one.weights]), number), found)
    for adapter, old in zip(adapters, before, strict=True):
        for module, (a, b) in old.items():
            assert torch.equal(adapter[module].a, a)
            assert torch.equal(adapter[module].b, b)
