"""What each method that is not exact does promise, against dense float64 matrices."""

from dataclasses import replace

import pytest
import torch
from dense import MODULES, Round, combined, error, mean, mean_update, rounds, update
from hypothesis import given, settings
from hypothesis import strategies as st

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.methods.averages import Turned
from fedtranslate.adapters.methods.cores import basis, cores, from_cores
from fedtranslate.adapters.methods.method import Joint, Part
from fedtranslate.errors import AggregationError


def distance(joint: Joint, one: Round, name: str) -> float:
    return float((update(joint.adapter[name]) - mean_update(one, name)).norm())


def slack(one: Round, name: str) -> float:
    return 1e-5 * float(1 + mean_update(one, name).norm())


def rotation(size: int, seed: int) -> torch.Tensor:
    rng = torch.Generator().manual_seed(seed)
    turn = torch.linalg.qr(torch.randn(size, size, generator=rng).double()).Q
    turn[:, 0] *= torch.sign(torch.linalg.det(turn))
    return turn


@pytest.mark.parametrize("name", ["fra", "flexlora"])
@settings(max_examples=25)
@given(one=rounds(), seed=st.integers(0, 99))
def test_the_factors_that_are_trained_from_do_not_shrink_with_those_that_sites_turn(
    name: str, one: Round, seed: int
) -> None:
    turned = [
        {n: Factors(turn.T @ f.a.double(), f.b.double() @ turn, f.scaling) for n, f in r.items()}
        for k, r in enumerate(one.replies)
        for turn in [rotation(next(iter(r.values())).rank, seed + k) * (-1) ** k]
    ]
    other = combined(name, replace(one, replies=turned))
    for module, factors in combined(name, one).adapter.items():
        found = other.adapter[module]
        assert float((update(found) - update(factors)).norm()) <= slack(one, module)
        # Alone, the length of A is that of what all began with, and no reply has a say in it.
        wanted = one.joint.adapter[module].a.double().norm()
        for a in (found.a, factors.a):
            assert float(a.double().norm()) == pytest.approx(float(wanted), rel=1e-4)


@pytest.mark.parametrize("name", ["fra", "flexlora"])
@settings(max_examples=25)
@given(one=rounds(mixed=True))
def test_the_best_of_the_rank_misses_the_tail_of_the_singular_values(name: str, one: Round) -> None:
    joint = combined(name, one)
    for module in MODULES:
        rank = one.joint.adapter[module].rank
        tail = float(torch.linalg.svdvals(mean_update(one, module))[rank:].norm())
        assert abs(distance(joint, one, module) - tail) <= slack(one, module)


@settings(max_examples=25)
@given(rounds(), st.sampled_from([0.0, 0.01, 1.0]))
def test_lora_fair_is_the_dense_closed_form_and_never_worse_than_fedit(
    one: Round, penalty: float
) -> None:
    joint, simple = combined("lora-fair", one, penalty=penalty), combined("fedit", one)
    for module in MODULES:
        assert distance(joint, one, module) <= distance(simple, one, module) + slack(one, module)
        scaling, rank = one.joint.adapter[module].scaling, one.joint.adapter[module].rank
        a = mean([reply[module].a for reply in one.replies], one.weights)
        b = mean([reply[module].b for reply in one.replies], one.weights)
        # Least squares over dB: the rows of s A, then those of the penalty.
        weight = (penalty + 1e-9) * scaling**2 * a.square().sum() / rank
        system = torch.cat([scaling * a.T, weight.sqrt() * torch.eye(rank).double()])
        missing = torch.cat(
            [(mean_update(one, module) - scaling * b @ a).T, torch.zeros(rank, len(b)).double()]
        )
        wanted = b + torch.linalg.lstsq(system, missing, driver="gelsd").solution.T
        found = joint.adapter[module]
        assert error(found.a.double(), a) <= 1e-6
        assert error(update(found), scaling * wanted @ a) <= 1e-4


@settings(max_examples=25)
@given(rounds(), st.floats(0, 1))
def test_turned_factors_keep_the_product(one: Round, strength: float) -> None:
    for part in (Part.A, Part.B):
        for reply in one.replies:
            turned = Turned(reply, one.joint.adapter, part, strength)
            for module in MODULES:
                assert error(update(turned[module]), update(reply[module])) <= 1e-5


@settings(max_examples=25)
@given(rounds(least=2), st.integers(0, 99), st.sampled_from([2, 3]))
def test_fedrot_gives_the_exact_product_where_sites_differ_by_rotations(
    one: Round, seed: int, number: int
) -> None:
    replies: list[Adapter] = []
    for k in range(len(one.replies)):
        reply = {}
        for module, old in one.joint.adapter.items():
            turn = rotation(old.rank, seed + k)
            a, b = (turn.T @ old.a.double()).float(), (old.b.double() @ turn).float()
            reply[module] = Factors(a, b, old.scaling)
        replies.append(reply)
    same = Round(one.joint, replies, [1.0] * len(replies))
    joint = combined("fedrot", same, number, strength=1.0)
    for module in MODULES:
        assert error(update(joint.adapter[module]), mean_update(same, module)) <= 1e-5


@settings(max_examples=25)
@given(rounds())
def test_fedrot_without_strength_is_fedit(one: Round) -> None:
    joint, simple = combined("fedrot", one, 2, strength=0.0), combined("fedit", one)
    for module in MODULES:
        assert error(update(joint.adapter[module]), update(simple.adapter[module])) <= 1e-5


@settings(max_examples=25)
@given(rounds(), st.integers(1, 4))
def test_flora_na_is_never_worse_than_the_means_of_the_factors(one: Round, steps: int) -> None:
    joint, simple = combined("flora-na", one, steps=steps), combined("fedit", one)
    for module in MODULES:
        assert distance(joint, one, module) <= distance(simple, one, module) + slack(one, module)


@settings(max_examples=25)
@given(rounds(mixed=True), st.sampled_from(["hetlora", "rbla"]))
def test_mixed_ranks_are_averaged_as_by_a_loop_over_rows(one: Round, name: str) -> None:
    joint = combined(name, one)
    norms = [
        float(torch.cat([update(f).flatten() for f in reply.values()]).norm())
        for reply in one.replies
    ]
    weights = one.weights
    if name == "hetlora":
        weights = [w * norm for w, norm in zip(weights, norms, strict=True)]
    for module in MODULES:
        goal = one.joint.adapter[module]
        for row in range(goal.rank):
            a, b, total = torch.zeros(goal.shape[1]), torch.zeros(goal.shape[0]), 0.0
            counted = zip(one.replies, weights, strict=True)
            has = any(weight and row < reply[module].rank for reply, weight in counted)
            for reply, weight in zip(one.replies, weights, strict=True):
                factors = reply[module]
                if row < factors.rank:
                    a = a + weight * factors.a[row].double()
                    scale = factors.scaling / goal.scaling
                    b = b + weight * scale * factors.b[:, row].double()
                if row < factors.rank or name == "hetlora":
                    total += weight
            # A row that nobody has stays as it was.
            wanted_a = a / total if has else goal.a[row].double()
            wanted_b = b / total if has else goal.b[:, row].double()
            assert error(joint.adapter[module].a[row].double(), wanted_a) <= 1e-5
            assert error(joint.adapter[module].b[:, row].double(), wanted_b) <= 1e-5


@settings(max_examples=25)
@given(rounds(trains=frozenset({Part.CORE})))
def test_cores_are_small_and_give_the_adapter_back(one: Round) -> None:
    reply, joint = one.replies[0], one.joint.adapter
    found = cores(reply, joint)
    back = from_cores(found, joint)
    for module in MODULES:
        rank = joint[module].rank
        assert found[module].b.shape == (rank, rank)
        assert error(update(back[module]), update(reply[module])) <= 1e-5
        q = basis(joint[module].b)
        assert torch.allclose(q.T @ q, torch.eye(rank).double(), atol=1e-12)
        assert bool(((q.T @ joint[module].b.double()).diagonal() >= 0).all())


@pytest.mark.parametrize("shape", [(3, 2), (2, 3), (3, 3), (1, 1)])
def test_a_core_that_is_not_of_the_rank_of_the_joint_adapter_is_refused(
    shape: tuple[int, int],
) -> None:
    joint = {"m": Factors(torch.ones(2, 5), torch.eye(6, 2), 1.0)}
    with pytest.raises(AggregationError, match="core of m has the shape"):
        from_cores({"m": Factors(torch.ones(2, 5), torch.ones(shape), 1.0)}, joint)


@settings(max_examples=25)
@given(rounds(is_folded=True))
def test_what_is_folded_travels_beside_the_adapter_and_comes_back(one: Round) -> None:
    back = Joint.of(dict(one.joint.packed()))
    assert back.adapter.keys() == one.joint.adapter.keys()
    for module in MODULES:
        assert torch.equal(back.adapter[module].a, one.joint.adapter[module].a)
        assert torch.equal(back.adapter[module].b, one.joint.adapter[module].b)
        assert error(update(back.folded[module]), update(one.joint.folded[module])) <= 1e-5
        whole = update(one.joint.folded[module]) + update(one.joint.adapter[module])
        assert error(update(back.whole()[module]), whole) <= 1e-5
    assert Joint(one.joint.adapter).packed() is one.joint.adapter
