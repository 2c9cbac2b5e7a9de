"""Adapters that wait on disk, sums that are dense, and what peft makes of the whole."""

from pathlib import Path

import pytest
import torch
from dense import MODULES, Round, combined, error, rounds, update
from hypothesis import HealthCheck, given, settings
from peft import LoraConfig, get_peft_model
from torch import nn

from fedtranslate.adapters.aside import AsideAdapter
from fedtranslate.adapters.combine import Cohort
from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.methods.method import Joint

SHAPES = {"up": (24, 16), "down": (16, 24)}


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=rounds(mixed=True))
def test_adapters_on_disk_give_the_same_product_to_the_bit(tmp_path: Path, one: Round) -> None:
    here = Cohort.of(one.replies, one.weights)
    aside = [AsideAdapter(reply, tmp_path) for reply in one.replies]
    there = Cohort.of(aside, one.weights)
    for module in MODULES:
        for mine, its in zip(here.product(module), there.product(module), strict=True):
            assert torch.equal(mine, its)


@pytest.mark.parametrize("shape", [(6, 11), (11, 6)])
@pytest.mark.parametrize("sites", [2, 3, 90])
def test_a_sum_of_much_rank_is_dense_and_the_same(shape: tuple[int, int], sites: int) -> None:
    rng = torch.Generator().manual_seed(sites)
    replies: list[Adapter] = []
    for k in range(sites):
        a = torch.randn(2 + k % 2, shape[1], generator=rng)
        b = torch.randn(shape[0], len(a), generator=rng)
        replies.append({"m": Factors(a, b, 0.5 + k)})
    weights = [1.0 + k % 7 for k in range(sites)]
    a, b = Cohort.of(replies, weights).product("m")
    ranks = sum(reply["m"].rank for reply in replies)
    assert len(a) == (ranks if ranks <= min(shape) else min(shape))
    parts = [w / sum(weights) * update(r["m"]) for w, r in zip(weights, replies, strict=True)]
    assert error(b @ a, torch.stack(parts).sum(0)) <= 1e-12


class Layers(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.up, self.down = (nn.Linear(i, o, bias=False) for o, i in SHAPES.values())


def merged(adapter: Adapter) -> dict[str, torch.Tensor]:
    """The weights that peft merges from an adapter of one rank and scaling for each module."""
    ranks = {name: one.rank for name, one in adapter.items()}
    alphas = {name: one.rank * one.scaling for name, one in adapter.items()}
    config = LoraConfig(r=2, target_modules=list(SHAPES), rank_pattern=ranks, alpha_pattern=alphas)
    model = get_peft_model(Layers(), config)
    for name, one in adapter.items():
        layer = model.get_submodule(f"base_model.model.{name}")
        layer.lora_A["default"].weight.data.copy_(one.a)
        layer.lora_B["default"].weight.data.copy_(one.b)
    return {name: value.detach() for name, value in model.merge_and_unload().named_parameters()}


@pytest.mark.parametrize("name", ["flora", "fedex", "svd-residual"])
def test_peft_merges_the_whole_to_the_mean_of_what_it_merges_of_the_sites(name: str) -> None:
    rng = torch.Generator().manual_seed(1)

    def site() -> Adapter:
        return {
            module: Factors(
                0.3 * torch.randn(3, i, generator=rng), 0.3 * torch.randn(o, 3, generator=rng), 2.0
            )
            for module, (o, i) in SHAPES.items()
        }

    weights = [1.0, 2.0, 5.0]
    one = Round(Joint(site()), [site() for _ in weights], weights)
    found = merged(combined(name, one).whole())
    theirs = [merged(reply) for reply in one.replies]
    for module in SHAPES:
        weight = f"{module}.weight"
        parts = [w / 8 * their[weight] for w, their in zip(weights, theirs, strict=True)]
        torch.testing.assert_close(found[weight], torch.stack(parts).sum(0), rtol=1e-5, atol=1e-5)
