import pytest
import torch

from fedtranslate.adapters.factors import Factors
from fedtranslate.adapters.methods.method import Joint, Part
from fedtranslate.adapters.methods.registry import METHODS, find_method
from fedtranslate.errors import AggregationError, ConfigError, UnknownNameError


def joint_of(rank: int = 2, seed: int = 0) -> Joint:
    rng = torch.Generator().manual_seed(seed)
    return Joint({"m": Factors(torch.randn(rank, 5, generator=rng), torch.zeros(7, rank), 2.0)})


def reply(joint: Joint, seed: int, trains: frozenset[Part] = frozenset("ab")) -> dict[str, Factors]:  # type: ignore[arg-type]
    """What a site of that joint adapter sends, if it trains these parts."""
    rng = torch.Generator().manual_seed(seed)
    old = joint.adapter["m"]
    a = old.a + 0.1 * torch.randn(old.a.shape, generator=rng)
    b = old.b + 0.1 * torch.randn(old.b.shape, generator=rng)
    core = torch.linalg.qr(old.b).Q @ torch.randn(old.rank, old.rank, generator=rng)
    trained_b = core if Part.CORE in trains else b if Part.B in trains else old.b
    return {"m": Factors(a if Part.A in trains else old.a, trained_b, old.scaling)}


def test_an_unknown_method_is_named_with_a_suggestion() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'fra'"):
        find_method("fraa")


@pytest.mark.parametrize("name", METHODS)
def test_sites_go_on_with_the_shapes_and_scaling_that_they_train_with(name: str) -> None:
    joint, method = joint_of(), METHODS[name]
    for number in (1, 2, 3):
        phase = method.phase(number, method.complete({}))
        replies = [reply(joint, 10 * number + k, phase.trains) for k in range(3)]
        joint = phase.combine(replies, [1, 2, 3], joint)
        one = joint.adapter["m"]
        assert (one.rank, one.shape, one.scaling) == (2, (7, 5), 2.0)
        assert bool(joint.folded) == method.folds
        assert joint.whole()["m"].shape == (7, 5)


def test_the_hybrid_freezes_a_after_its_full_rank_rounds() -> None:
    method = find_method("fra-then-ffa")
    options = method.complete({"fra_rounds": 2})
    trained = [Part.A in method.phase(number, options).trains for number in (1, 2, 3, 4)]
    assert trained == [True, True, False, False]


def test_rolora_alternates() -> None:
    method = find_method("rolora")
    assert [set(method.phase(number, {}).trains) for number in (1, 2, 3)] == [{"b"}, {"a"}, {"b"}]


@pytest.mark.parametrize(("name", "number", "letter"), [("ffa", 1, "A"), ("rolora", 2, "B")])
def test_replies_that_all_changed_a_frozen_factor_are_refused(
    name: str, number: int, letter: str
) -> None:
    joint = joint_of()
    changed = reply(joint, 1)
    with pytest.raises(AggregationError, match=f"changed the frozen {letter}"):
        find_method(name).phase(number, {}).combine([changed, changed], [1, 1], joint)


def test_flora_adds_the_mean_of_the_replies_to_what_sites_had_folded_in() -> None:
    combine = find_method("flora").phase(1, {}).combine
    start = joint_of()
    first = combine([reply(start, 1), reply(start, 2)], [1, 3], start)
    assert not torch.equal(first.adapter["m"].a, start.adapter["m"].a)
    assert not first.adapter["m"].b.any()
    later = [reply(first, 3), reply(first, 4)]
    second = combine(later, [1, 1], first)
    wanted = first.whole()["m"].delta() + sum(0.5 * one["m"].delta() for one in later)
    torch.testing.assert_close(second.whole()["m"].delta(), wanted, rtol=1e-5, atol=1e-5)


def test_options_are_checked_by_name_and_range() -> None:
    method = find_method("fedavgm")
    wanted = {"rate": 1.0, "momentum": 0.25, "momentum_ranks": 2}
    assert method.complete({"momentum": 0.25}) == wanted
    with pytest.raises(
        ConfigError,
        match=r"'speed' is no option of fedavgm \(it has momentum, momentum_ranks, rate",
    ):
        method.complete({"speed": 1})
    for value in (float("nan"), 1.5, True, "0.5"):
        with pytest.raises(ConfigError, match=r"momentum must be a number from 0 to 0\.999"):
            method.complete({"momentum": value})  # type: ignore[dict-item]
    with pytest.raises(ConfigError, match="steps must be a whole number"):
        find_method("flora-na").complete({"steps": 1.5})


@pytest.mark.parametrize("name", METHODS)
def test_a_site_of_less_rank_gets_a_part_of_the_joint_adapter_or_is_refused(name: str) -> None:
    rng = torch.Generator().manual_seed(1)
    joint = {"m": Factors(torch.randn(4, 5, generator=rng), torch.randn(7, 4, generator=rng), 1.0)}
    method = METHODS[name]
    assert method.started(joint, 4, 1.0) is joint
    if method.mixed_ranks:
        part = method.started(joint, 2, 2.0)["m"]
        assert (part.rank, part.scaling) == (2, 2.0)
        rest = torch.linalg.matrix_rank(joint["m"].delta() - part.delta(), atol=1e-4)
        assert int(rest) == 2
    else:
        with pytest.raises(
            AggregationError, match="one rank for all sites, 4, and this site has 2"
        ):
            method.started(joint, 2, 2.0)
