"""peft loads the folder of a release as it is, and computes what we do."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from example_releases import ABOUT, KEY, MANIFEST, NOW
from peft import PeftModel

from fedtranslate.adapters.combine import full_rank
from fedtranslate.adapters.factors import Factors
from fedtranslate.adapters.initial import initial_adapter
from fedtranslate.adapters.releases.publishing import publish
from fedtranslate.adapters.releases.release import Release, TaskType
from fedtranslate.adapters.releases.store import ReleaseStore
from fedtranslate.config.training import LoraSettings
from fedtranslate.models.load import BaseModel, load_base
from fedtranslate.models.lora import adapted_shapes, merged


def trained(base: BaseModel, scaling: float) -> dict[str, Factors]:
    """Return factors that change what the model says."""
    shapes = adapted_shapes(base, LoraSettings())
    adapter = initial_adapter(shapes, rank=4, scaling=scaling, seed=1)
    rng = torch.Generator().manual_seed(2)
    return {
        name: replace(factors, b=torch.randn(factors.b.shape, generator=rng) * 0.3)
        for name, factors in adapter.items()
    }


def released(
    folder: Path, adapter: dict[str, Factors], task_type: TaskType, *, rslora: bool = False
) -> tuple[ReleaseStore, Release]:
    store = ReleaseStore(folder, owner=KEY)
    manifest = replace(MANIFEST, rank=4, alpha=6.0, rslora=rslora)
    about = replace(ABOUT, task_type=task_type)
    return store, publish(store, adapter, manifest, about, KEY, now=NOW)


@pytest.mark.parametrize("rslora", [False, True])
@pytest.mark.parametrize("mixed", [False, True])
def test_peft_loads_a_release_and_computes_the_same(
    llama_folder: Path, tmp_path: Path, rslora: bool, mixed: bool
) -> None:
    base = load_base(str(llama_folder))
    adapter = trained(base, 6.0 / (4**0.5 if rslora else 4))
    if mixed:
        odd = sorted(adapter)[0]
        adapter[odd] = full_rank([{odd: adapter[odd]}], [1], 2)[odd]
    store, release = released(tmp_path, adapter, "CAUSAL_LM", rslora=rslora)
    tokens = torch.tensor([[1, 2, 3, 4]])
    with torch.no_grad():
        plain = base.model(tokens).logits
        with merged(base, store.load(release.id)[0]) as model:
            ours = model(tokens).logits
        theirs = PeftModel.from_pretrained(base.model, str(store.folder_of(release.id)))
        assert not torch.allclose(plain, ours, atol=1e-2)
        torch.testing.assert_close(theirs(tokens).logits, ours, rtol=1e-4, atol=1e-4)


def test_peft_loads_an_exported_release_of_an_encoder_decoder(
    t5: BaseModel, tmp_path: Path
) -> None:
    base = load_base(t5.name)
    adapter = trained(base, 1.5)
    store, release = released(tmp_path / "store", adapter, "SEQ_2_SEQ_LM")
    store.export(release.id, tmp_path / "out")
    tokens = torch.tensor([[5, 6, 7]])
    with torch.no_grad():
        with merged(base, adapter) as model:
            ours = model(input_ids=tokens, decoder_input_ids=tokens).logits
        theirs = PeftModel.from_pretrained(base.model, str(tmp_path / "out"))
        found = theirs(input_ids=tokens, decoder_input_ids=tokens).logits
        torch.testing.assert_close(found, ours, rtol=1e-4, atol=1e-4)
    assert theirs.peft_config["default"].task_type == "SEQ_2_SEQ_LM"
