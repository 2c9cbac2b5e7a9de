import pytest
import torch

from fedtranslate.adapters.factors import Factors
from fedtranslate.adapters.methods import METHODS, find_method
from fedtranslate.errors import AggregationError, UnknownNameError


def joint_of(rank: int = 2, seed: int = 0) -> dict[str, Factors]:
    rng = torch.Generator().manual_seed(seed)
    return {"m": Factors(torch.randn(rank, 5, generator=rng), torch.zeros(7, rank), 2.0)}


def reply(joint: dict[str, Factors], seed: int, *, moves_a: bool = True) -> dict[str, Factors]:
    rng = torch.Generator().manual_seed(seed)
    old = joint["m"]
    moved = old.a + 0.1 * torch.randn(old.a.shape, generator=rng) if moves_a else old.a.clone()
    return {"m": Factors(moved, torch.randn(old.b.shape, generator=rng), old.scaling)}


def test_an_unknown_method_is_named_with_a_suggestion() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'fra'"):
        find_method("fraa")


@pytest.mark.parametrize("name", ["fedit", "fra", "ffa", "fra-then-ffa"])
def test_the_joint_adapter_keeps_the_shape_and_scaling_sites_train_with(name: str) -> None:
    joint = joint_of()
    for number in (1, 2, 3):
        phase = METHODS[name](number, 2)
        replies = [reply(joint, 10 * number + k, moves_a=phase.trains_a) for k in range(3)]
        joint = dict(phase.combine(replies, [1, 2, 3], joint))
        assert (joint["m"].rank, joint["m"].scaling) == (2, 2.0)


def test_the_hybrid_freezes_a_after_its_full_rank_rounds() -> None:
    method = find_method("fra-then-ffa")
    assert [method(number, 2).trains_a for number in (1, 2, 3, 4)] == [True, True, False, False]


def test_ffa_refuses_replies_that_all_changed_the_frozen_a() -> None:
    joint = joint_of()
    changed = reply(joint, 1)
    with pytest.raises(AggregationError, match="changed the frozen A"):
        find_method("ffa")(1, 1).combine([changed, changed], [1, 1], joint)


def test_flora_adds_the_mean_of_the_replies_to_what_sites_had_folded_in() -> None:
    start = joint_of()
    combine = find_method("flora")(1, 1).combine
    first = dict(combine([reply(start, 1), reply(start, 2)], [1, 3], start))
    later = [reply(joint_of(seed=9), 3), reply(joint_of(seed=9), 4)]
    second = combine(later, [1, 1], first)
    wanted = first["m"].delta() + 0.5 * later[0]["m"].delta() + 0.5 * later[1]["m"].delta()
    torch.testing.assert_close(second["m"].delta(), wanted, rtol=1e-5, atol=1e-5)
    assert (first["m"].rank, second["m"].rank) == (4, 8)
