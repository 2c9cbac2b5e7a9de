"""Adapters go on a base model and come off again without a trace."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from fedtranslate.adapters.factors import Adapter, Factors, checksum
from fedtranslate.adapters.initial import initial_adapter
from fedtranslate.adapters.store import Manifest, load_adapter, save_adapter
from fedtranslate.config.training import LoraSettings
from fedtranslate.errors import AdapterError, ModelError
from fedtranslate.models.load import BaseModel, load_base
from fedtranslate.models.lora import adapted_shapes, lora, merged, read_adapter, write_adapter

SETTINGS = LoraSettings(rank=4, alpha=8.0)
INPUTS = torch.tensor([[5, 9, 40, 41, 7], [80, 3, 3, 12, 60]])


def random_adapter(base: BaseModel, settings: LoraSettings = SETTINGS) -> dict[str, Factors]:
    adapter = initial_adapter(
        adapted_shapes(base, settings), rank=settings.rank, scaling=settings.scaling, seed=3
    )
    rng = torch.Generator().manual_seed(7)
    for factors in adapter.values():
        factors.b.normal_(std=0.05, generator=rng)
    return adapter


def logits(base: BaseModel, model: nn.Module) -> Tensor:
    extra = {"decoder_input_ids": INPUTS} if base.kind == "seq2seq" else {}
    with torch.no_grad():
        return model(input_ids=INPUTS, **extra).logits.clone()


@contextmanager
def trained(base: BaseModel) -> Iterator[None]:
    """Attach factors, and change them as training does."""
    with lora(base, SETTINGS) as model:
        write_adapter(model, random_adapter_of(model))
        model.train()
        yield


@contextmanager
def written(base: BaseModel) -> Iterator[None]:
    with merged(base, random_adapter(base)):
        yield


def random_adapter_of(model: nn.Module) -> Adapter:
    return {n: Factors(f.a + 1, f.b + 1, f.scaling) for n, f in read_adapter(model).items()}


@pytest.fixture(params=["llama", "t5"])
def base(request: pytest.FixtureRequest) -> BaseModel:
    found: BaseModel = request.getfixturevalue(request.param)
    return found


def state(base: BaseModel) -> tuple[dict[str, Tensor], list[str], bool]:
    weights = {name: value.clone() for name, value in base.model.state_dict().items()}
    layers = [f"{name} {type(module)}" for name, module in base.model.named_modules()]
    asks = any(p.requires_grad for p in base.model.parameters())
    return weights, layers, asks or base.model.training


def assert_same(before: tuple[dict[str, Tensor], list[str], bool], base: BaseModel) -> None:
    weights, layers, is_open = state(base)
    assert layers == before[1]
    assert is_open is before[2] is False
    assert weights.keys() == before[0].keys()
    assert all(torch.equal(weights[name], value) for name, value in before[0].items())


@pytest.mark.parametrize("use", [trained, written])
def test_the_base_is_bit_identical_afterwards(
    base: BaseModel, use: Callable[[BaseModel], AbstractContextManager[None]]
) -> None:
    before = state(base)
    with use(base):
        pass
    assert_same(before, base)


@pytest.mark.parametrize("use", [trained, written])
def test_the_base_is_bit_identical_after_an_exception(
    base: BaseModel, use: Callable[[BaseModel], AbstractContextManager[None]]
) -> None:
    before = state(base)
    with pytest.raises(RuntimeError, match="in between"), use(base):
        raise RuntimeError("in between")
    assert_same(before, base)


@pytest.mark.parametrize("last", ["norm", "layer_norm"])
def test_the_base_is_bit_identical_after_peft_gave_up_half_way(base: BaseModel, last: str) -> None:
    before = state(base)
    targets = ("q_proj", "q", "input_layernorm", "layer_norm", last)
    with pytest.raises(ModelError, match=r"cannot be attached.*lora\.targets"):  # noqa: SIM117
        with lora(base, LoraSettings(targets=targets)):
            pass
    assert_same(before, base)
    assert adapted_shapes(base, SETTINGS)


def test_targets_that_no_module_has_are_refused(llama: BaseModel) -> None:
    with pytest.raises(ModelError, match="nothing_like_it"):
        adapted_shapes(llama, LoraSettings(targets=("nothing_like_it",)))


def test_an_adapter_of_a_foreign_module_is_not_merged_and_nothing_changes(
    llama: BaseModel,
) -> None:
    before = state(llama)
    adapter = random_adapter(llama) | {
        "model.layers.9": Factors(torch.ones(1, 2), torch.ones(2, 1))
    }
    with pytest.raises(AdapterError, match=r"matrix \(2, 2\) for model\.layers\.9"):  # noqa: SIM117
        with merged(llama, adapter):
            pass
    assert_same(before, llama)


@pytest.mark.parametrize("rslora", [False, True])
def test_a_merged_adapter_means_what_peft_means_by_it(base: BaseModel, rslora: bool) -> None:
    settings = LoraSettings(rank=4, alpha=8.0, rslora=rslora)
    adapter = random_adapter(base, settings)
    plain = logits(base, base.model)
    with lora(base, settings) as model:
        write_adapter(model, adapter)
        attached = logits(base, model)
    with merged(base, adapter) as model:
        torch.testing.assert_close(logits(base, model), attached, atol=1e-5, rtol=1e-5)
    assert float((plain - attached).abs().max()) > 0.1
    assert torch.equal(logits(base, base.model), plain)


@pytest.mark.filterwarnings("ignore:fan_in_fan_out")
def test_weights_that_are_kept_transposed_are_merged_the_right_way_round(tmp_path: Path) -> None:
    from tiny_models import tiny_tokenizer
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    shape = {"n_embd": 32, "n_layer": 1, "n_head": 2, "n_positions": 64}
    GPT2LMHeadModel(GPT2Config(vocab_size=330, **shape)).save_pretrained(tmp_path)
    tiny_tokenizer().save_pretrained(tmp_path)
    base = load_base(str(tmp_path))
    settings = LoraSettings(rank=2, targets=("c_attn", "c_proj"))
    adapter = random_adapter(base, settings)
    with lora(base, settings) as model:
        write_adapter(model, adapter)
        attached = logits(base, model)
    with merged(base, adapter) as model:
        torch.testing.assert_close(logits(base, model), attached, atol=1e-5, rtol=1e-5)


def test_a_fresh_adapter_changes_nothing_and_its_seed_decides_it(llama: BaseModel) -> None:
    plain = logits(llama, llama.model)
    marks = []
    for seed in (1, 1, 2):
        torch.rand(3)
        with lora(llama, SETTINGS, seed=seed) as model:
            marks.append(checksum(read_adapter(model)))
            assert torch.equal(logits(llama, model), plain)
    assert marks[0] == marks[1] != marks[2]


def test_attaching_leaves_the_global_random_state_alone(llama: BaseModel) -> None:
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    with lora(llama, SETTINGS, seed=1):
        pass
    assert torch.equal(torch.rand(1), expected)


def test_what_is_written_is_read_and_stays_the_same_through_a_file(
    base: BaseModel, tmp_path: Path
) -> None:
    adapter = random_adapter(base)
    manifest = Manifest(base.name, base.fingerprint, "java", "csharp", rank=4, alpha=8.0)
    save_adapter(tmp_path / "adapter", adapter, manifest)
    kept, _ = load_adapter(tmp_path / "adapter", base_fingerprint=base.fingerprint)
    with lora(base, SETTINGS) as model:
        write_adapter(model, kept)
        read = read_adapter(model)
        next(iter(read.values())).a.zero_()
        assert checksum(read_adapter(model)) == checksum(adapter)


def test_another_scaling_is_carried_over_by_the_factors(llama: BaseModel) -> None:
    adapter = {n: Factors(f.a, f.b, 3.0) for n, f in random_adapter(llama).items()}
    with lora(llama, SETTINGS) as model:
        write_adapter(model, adapter)
        for name, factors in read_adapter(model).items():
            torch.testing.assert_close(factors.delta(), adapter[name].delta())


def test_a_wrong_rank_is_refused_with_module_and_both_shapes(llama: BaseModel) -> None:
    adapter = random_adapter(llama, LoraSettings(rank=3, alpha=6.0))
    with lora(llama, SETTINGS) as model, pytest.raises(AdapterError) as refused:
        write_adapter(model, adapter)
    assert "model.layers.0." in str(refused.value)
    assert "(3, 48)" in str(refused.value)
    assert "(4, 48)" in str(refused.value)


def test_wrong_modules_are_refused_and_named(llama: BaseModel) -> None:
    adapter = random_adapter(llama)
    gone = next(iter(adapter))
    adapter["model.extra"] = adapter.pop(gone)
    with lora(llama, SETTINGS) as model, pytest.raises(AdapterError) as refused:
        write_adapter(model, adapter)
    assert f"1 modules are missing from it, such as {gone}" in str(refused.value)
    assert "1 that are not adapted here, such as model.extra" in str(refused.value)


def test_an_adapter_that_makes_weights_infinite_is_refused_and_nothing_changes(
    llama: BaseModel,
) -> None:
    name = "model.layers.0.mlp.up_proj"
    weight = llama.model.get_submodule(name).weight
    before = weight.clone()
    rows, columns = weight.shape
    huge = {name: Factors(torch.full((1, columns), 3e38), torch.full((rows, 1), 3e38))}
    with pytest.raises(AdapterError, match=f"makes {name} of .* infinite"), merged(llama, huge):
        pass
    assert torch.equal(weight, before)
