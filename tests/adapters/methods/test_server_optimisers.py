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
        self.momentum = torch.zeros_like(start)
        self.rows = torch.zeros(SHAPE[0], dtype=torch.float64)
        self.columns = torch.zeros(SHAPE[1], dtype=torch.float64)

    def step(self, mean_product: Tensor) -> None:
        gradient = mean_product - self.joint
        if self.name == "fedavgm":
            self.momentum = self.options["momentum"] * self.momentum + gradient
            self.joint = self.joint + self.options["rate"] * self.momentum
            return
        beta, tau = self.options["beta1"], self.options["tau"]
        self.momentum = beta * self.momentum + (1 - beta) * gradient
        self.rows = self._moments(self.rows, gradient.square().mean(1))
        self.columns = self._moments(self.columns, gradient.square().mean(0))
        by_row = (self.rows.mean().sqrt() + tau) / (self.rows.sqrt() + tau)
        by_column = 1 / (self.columns.sqrt() + tau)
        step = self.momentum * by_row[:, None] * by_column[None, :]
        self.joint = self.joint + self.options["rate"] * step

    def _moments(self, last: Tensor, new: Tensor) -> Tensor:
        beta = self.options["beta2"]
        if self.name == "fedadam":
            return beta * last + (1 - beta) * new
        return last - (1 - beta) * new * torch.sign(last - new)


@pytest.mark.parametrize("name", ["fedavgm", "fedadam", "fedyogi"])
@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32), rate=st.floats(0.05, 2), weights=st.tuples(*[st.integers(1, 9)] * 2)
)
def test_three_rounds_are_those_of_the_dense_optimiser(
    name: str, seed: int, rate: float, weights: tuple[int, int]
) -> None:
    rng = torch.Generator().manual_seed(seed)
    method = METHODS[name]
    options = method.complete({"rate": rate})
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
