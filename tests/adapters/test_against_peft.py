"""The factors mean what peft means by them: compared with weights that peft merged."""

from pathlib import Path

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from torch import Tensor, nn
from transformers import LlamaConfig, LlamaForCausalLM

from fedtranslate.adapters.combine import full_rank, stack
from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.peftfiles import export_peft
from fedtranslate.adapters.store import Manifest

TARGETS = ["q_proj", "k_proj", "down_proj"]


def tiny_llama() -> nn.Module:
    torch.manual_seed(0)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=40,
            hidden_size=16,
            intermediate_size=24,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
        )
    )


def trained_site(seed: int, rank: int, alpha: float, *, rslora: bool) -> nn.Module:
    config = LoraConfig(r=rank, lora_alpha=alpha, target_modules=TARGETS, use_rslora=rslora)
    model = get_peft_model(tiny_llama(), config)
    rng = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_" in name:
                parameter.copy_(torch.randn(parameter.shape, generator=rng) * 0.3)
    return model


def factors_of(model: nn.Module) -> Adapter:
    return {
        name.removeprefix("base_model.model."): Factors(
            module.lora_A["default"].weight.detach().clone(),
            module.lora_B["default"].weight.detach().clone(),
            module.scaling["default"],
        )
        for name, module in model.named_modules()
        if hasattr(module, "lora_A")
    }


def merged_weights(model: nn.Module) -> dict[str, Tensor]:
    merged = model.merge_and_unload()
    return {name: value.detach() for name, value in merged.named_parameters()}


@pytest.mark.parametrize("rslora", [False, True])
def test_the_joint_update_is_the_weighted_mean_of_what_peft_merges(rslora: bool) -> None:
    ranks, pairs = [2, 3, 5], [10, 30, 60]
    sites = [trained_site(k, rank, 8.0, rslora=rslora) for k, rank in enumerate(ranks)]
    adapters = [factors_of(site) for site in sites]
    base = {name: value.detach() for name, value in tiny_llama().named_parameters()}
    merged = [merged_weights(site) for site in sites]
    for joint in (stack(adapters, pairs), full_rank(adapters, pairs, 10, scaling=0.8)):
        for name, factors in joint.items():
            weight = f"{name}.weight"
            changes = [
                n / 100 * (m[weight] - base[weight]) for n, m in zip(pairs, merged, strict=True)
            ]
            torch.testing.assert_close(
                factors.delta(), torch.stack(changes).sum(0).detach(), rtol=1e-4, atol=1e-5
            )


@pytest.mark.parametrize("rslora", [False, True])
@pytest.mark.parametrize("mixed", [False, True])
def test_peft_loads_an_export_and_computes_the_same(
    tmp_path: Path, rslora: bool, mixed: bool
) -> None:
    site = trained_site(1, 4, 6.0, rslora=rslora)
    adapter = dict(factors_of(site))
    scaling = next(iter(adapter.values())).scaling
    if mixed:
        odd = "model.layers.1.mlp.down_proj"
        adapter[odd] = full_rank([{odd: adapter[odd]}], [1], 2)[odd]
    manifest = Manifest("tiny", "f", "java", "csharp", rank=4, alpha=6.0, rslora=rslora)
    assert manifest.scaling == scaling
    export_peft(tmp_path / "peft", adapter, manifest)
    loaded = PeftModel.from_pretrained(tiny_llama(), str(tmp_path / "peft"))
    found = factors_of(loaded)
    assert found.keys() == adapter.keys()
    for name, factors in adapter.items():
        torch.testing.assert_close(found[name].delta(), factors.delta())
    tokens = torch.tensor([[1, 2, 3, 4]])
    if not mixed:
        torch.testing.assert_close(loaded(tokens).logits, site(tokens).logits)
