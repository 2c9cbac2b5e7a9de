"""Replies that a method cannot combine are refused in words that say what to do."""

import pytest
import torch
from dense import phase_of

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.methods.method import Joint
from fedtranslate.adapters.methods.registry import METHODS
from fedtranslate.errors import AggregationError

ALL_ROUNDS = [(name, number) for name in METHODS for number in (1, 2)]


def made(rank: int = 2, shape: tuple[int, int] = (7, 5), seed: int = 0) -> Adapter:
    rng = torch.Generator().manual_seed(seed)
    a = torch.randn(rank, shape[1], generator=rng)
    return {"m": Factors(a, torch.randn(shape[0], rank, generator=rng), 2.0)}


@pytest.mark.parametrize(("name", "number"), ALL_ROUNDS)
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("letter", ["a", "b"])
def test_nan_and_infinity(name: str, number: int, value: float, letter: str) -> None:
    joint = Joint(made())
    bad = {"m": Factors(joint.adapter["m"].a.clone(), joint.adapter["m"].b.clone(), 2.0)}
    getattr(bad["m"], letter)[0, 0] = value
    with pytest.raises(AggregationError, match=r"NaN or infinity|frozen"):
        phase_of(name, number).combine([joint.adapter, bad], [1, 1], joint)


@pytest.mark.parametrize(("name", "number"), ALL_ROUNDS)
@pytest.mark.parametrize("shape", [(6, 5), (7, 4)])
def test_other_shapes(name: str, number: int, shape: tuple[int, int]) -> None:
    joint = Joint(made())
    with pytest.raises(AggregationError):
        phase_of(name, number).combine([joint.adapter, made(shape=shape)], [1, 1], joint)


@pytest.mark.parametrize(("name", "number"), ALL_ROUNDS)
def test_replies_that_are_all_wrong_in_one_way(name: str, number: int) -> None:
    joint = Joint({**made(), "n": made(seed=1)["m"]})
    phase = phase_of(name, number)
    wide = [{"m": made(seed=k)["m"], "n": made(shape=(7, 4), seed=k)["m"]} for k in range(3)]
    with pytest.raises(AggregationError, match=r"n as \(7, 4\), the joint one as \(7, 5\)"):
        phase.combine(wide, [1, 1, 1], joint)
    for replies in ([made(), made()], [{**joint.adapter, "o": made()["m"]}] * 2):
        with pytest.raises(AggregationError, match=r"the joint one in their modules: \['[no]'\]"):
            phase.combine(replies, [1, 1], joint)


@pytest.mark.parametrize(("name", "number"), ALL_ROUNDS)
def test_other_ranks(name: str, number: int) -> None:
    joint = Joint(made())
    smaller = {"m": Factors(joint.adapter["m"].a[:1], joint.adapter["m"].b[:, :1], 2.0)}
    phase = phase_of(name, number)
    if METHODS[name].mixed_ranks:
        phase.combine([joint.adapter, smaller], [1, 1], joint)
        return
    if METHODS[name].phase is METHODS["fra-then-ffa"].phase or (name, number) == ("fed-sb", 1):
        return  # refused by Method.started, before the round
    with pytest.raises(AggregationError) as raised:
        phase.combine([joint.adapter, smaller], [1, 1], joint)
    assert "flexlora, flora, hetlora and rbla" in str(raised.value)


@pytest.mark.parametrize(("name", "number"), ALL_ROUNDS)
@pytest.mark.parametrize("weights", [[], [1], [0, 0], [1, -1], [1, float("nan")]])
def test_weights_that_are_none(name: str, number: int, weights: list[float]) -> None:
    joint = Joint(made())
    with pytest.raises(AggregationError, match="weight"):
        phase_of(name, number).combine([joint.adapter, joint.adapter], weights, joint)
