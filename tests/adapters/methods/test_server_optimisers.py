"""Server optimisers against dense matrices, over two rounds, where nothing is cut."""

from collections.abc import Mapping

import pytest
import torch
from dense import error, mean, update
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.methods.method import Joint
from fedtranslate.adapters.methods.registry import METHODS

WEIGHTS = st.tuples(st.integers(1, 9), st.integers(1, 9))
SHAPE, NEEDED = (5, 4), 4
"""At this rank no product is cut."""


def site(rng: torch.Generator) -> Adapter:
    a = torch.randn(NEEDED, SHAPE[1], generator=rng)
    return {"m": Factors(a, torch.randn(SHAPE[0], NEEDED, generator=rng), 0.5)}


class Dense:
    """The same optimiser with every matrix written out, in float64."""

    def __init__(self, name: str, options: Mapping[str, float], start: Tensor) -> None:
        self.name, self.options, self.joint = name, options, start
        self.number = 0
        self.momentum = torch.zeros_like(start)
        self.rows = torch.zeros(SHAPE[0], dtype=torch.float64)
        self.columns = torch.zeros(SHAPE[1], dtype=torch.float64)

    def step(self, mean_product: Tensor) -> None:
        gradient = mean_product - self.joint
        if self.name == "fedavgm":
            self.momentum = self.options["momentum"] * self.momentum + gradient
            self.joint = self.joint + self.options["rate"] * self.momentum
            return
        beta = self.options["beta1"]
        self.momentum = beta * self.momentum + (1 - beta) * gradient
        self.rows = self._moments(self.rows, gradient.square().mean(1))
        self.columns = self._moments(self.columns, gradient.square().mean(0))
        self.number += 1
        corrects = self.options["bias_correction"]
        one, two = (
            1 - self.options[f"beta{which}"] ** self.number if corrects else 1.0 for which in (1, 2)
        )
        rows, columns = self.rows / two, self.columns / two
        unit = rows.mean().sqrt() if self.options["relative"] else 1.0
        tau = self.options["tau"] * unit
        by_row = (rows.mean().sqrt() + tau) / (rows.sqrt() + tau)
        by_column = unit / (columns.sqrt() + tau)
        step = self.momentum / one * by_row[:, None] * by_column[None, :]
        self.joint = self.joint + self.options["rate"] * step

    def _moments(self, last: Tensor, new: Tensor) -> Tensor:
        beta = self.options["beta2"]
        if self.name == "fedadam":
            return beta * last + (1 - beta) * new
        return last - (1 - beta) * new * torch.sign(last - new)


@pytest.mark.parametrize("name", ["fedavgm", "fedadam", "fedyogi"])
@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32),
    rate=st.floats(0.05, 2),
    weights=st.tuples(*[st.integers(1, 9)] * 2),
    choices=st.tuples(*[st.integers(0, 1)] * 2),
)
def test_three_rounds_are_those_of_the_dense_optimiser(
    name: str, seed: int, rate: float, weights: tuple[int, int], choices: tuple[int, int]
) -> None:
    rng = torch.Generator().manual_seed(seed)
    method = METHODS[name]
    given = dict(zip(("relative", "bias_correction"), choices, strict=True))
    options = method.complete({"rate": rate, **(given if name != "fedavgm" else {})})
    joint = Joint(site(rng))
    dense = Dense(name, options, update(joint.adapter["m"]))
    for number in (1, 2, 3):
        replies = [site(rng) for _ in weights]
        joint = method.phase(number, options).combine(replies, weights, joint)
        dense.step(mean([update(reply["m"]) for reply in replies], weights))
        assert error(update(joint.adapter["m"]), dense.joint) <= 1e-4
        assert joint.adapter["m"].scaling == 0.5


def test_without_momentum_and_at_rate_1_fedavgm_is_the_mean_product() -> None:
    rng = torch.Generator().manual_seed(0)
    joint, replies = Joint(site(rng)), [site(rng), site(rng)]
    method = METHODS["fedavgm"]
    options = method.complete({"momentum": 0.0})
    for number in (1, 2):
        joint = method.phase(number, options).combine(replies, [1, 3], joint)
        wanted = mean([update(reply["m"]) for reply in replies], [1, 3])
        assert error(update(joint.adapter["m"]), wanted) <= 1e-5


ADAPTIVE = pytest.mark.parametrize("name", ["fedadam", "fedyogi"])


def _times(adapter: Adapter, number: float) -> Adapter:
    return {key: Factors(one.a, one.b * number, one.scaling) for key, one in adapter.items()}


@ADAPTIVE
@given(seed=st.integers(0, 2**32), size=st.floats(1e-3, 1e3))
@settings(max_examples=15)
def test_a_relative_step_is_as_large_as_what_the_sites_have_learned(
    name: str, seed: int, size: float
) -> None:
    rng = torch.Generator().manual_seed(seed)
    start, rounds = site(rng), [[site(rng), site(rng)] for _ in range(3)]
    method = METHODS[name]
    options = method.complete({})
    plain, scaled = Joint(start), Joint(_times(start, size))
    for number, replies in enumerate(rounds, 1):
        phase = method.phase(number, options)
        plain = phase.combine(replies, [1, 2], plain)
        scaled = phase.combine([_times(reply, size) for reply in replies], [1, 2], scaled)
        wanted = size * update(plain.adapter["m"])
        assert error(update(scaled.adapter["m"]), wanted) <= 1e-4 * max(1.0, size)


@ADAPTIVE
def test_the_first_step_by_default_is_about_as_long_as_the_mean_change(name: str) -> None:
    rng = torch.Generator().manual_seed(3)
    joint, replies = Joint(site(rng)), [site(rng), site(rng)]
    before = update(joint.adapter["m"])
    change = mean([update(reply["m"]) for reply in replies], [1, 1]) - before
    method = METHODS[name]
    after = method.phase(1, method.complete({})).combine(replies, [1, 1], joint)
    taken = update(after.adapter["m"]) - before
    assert 0.7 < float(taken.norm() / change.norm()) < 1.4
    assert float((taken * change).sum() / taken.norm() / change.norm()) > 0.8


@ADAPTIVE
def test_sites_that_change_nothing_move_nothing(name: str) -> None:
    joint = Joint(site(torch.Generator().manual_seed(1)))
    method = METHODS[name]
    for number in (1, 2):
        replies = [joint.adapter, joint.adapter]
        moved = method.phase(number, method.complete({})).combine(replies, [1, 1], joint)
        assert error(update(moved.adapter["m"]), update(joint.adapter["m"])) <= 1e-5
        joint = moved


@pytest.mark.parametrize("name", ["fedavgm", "fedadam", "fedyogi"])
@pytest.mark.parametrize("ranks", [1, 2])
def test_the_momentum_is_kept_at_the_rank_that_is_asked_for(name: str, ranks: int) -> None:
    rng = torch.Generator().manual_seed(0)
    low = [
        {"m": Factors(torch.randn(2, 9, generator=rng), torch.randn(8, 2, generator=rng), 1.0)}
        for _ in range(4)
    ]
    method = METHODS[name]
    options = method.complete({"momentum_ranks": ranks})
    joint = method.phase(1, options).combine(low[1:], [1, 1, 1], Joint(low[0]))
    assert joint.memory["m.momentum.a"].shape == (2 * ranks, 9)
