"""An adapter gets into a site through the gate, or not at all."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from tiny_models import code_pairs

from fedtranslate.adapters.factors import Adapter, Factors, checksum
from fedtranslate.adapters.initial import initial_adapter
from fedtranslate.adapters.store import Manifest
from fedtranslate.config.training import DecodingSettings, LoraSettings
from fedtranslate.errors import AdapterError
from fedtranslate.evaluation.evaluate import Evaluation, score
from fedtranslate.evaluation.gate import Decision
from fedtranslate.evaluation.translator import Translator
from fedtranslate.federation.site import installing
from fedtranslate.federation.site.installing import installed_adapter, installed_folder, offer
from fedtranslate.models.load import BaseModel
from fedtranslate.models.lora import adapted_shapes
from fedtranslate.records import CodePair, Translation

PAIRS = code_pairs(15)


def adapter_of(base: BaseModel, size: float) -> dict[str, Factors]:
    adapter = initial_adapter(adapted_shapes(base, LoraSettings()), rank=4, scaling=1.0, seed=1)
    for factors in adapter.values():
        factors.b.normal_(generator=torch.Generator().manual_seed(2)).mul_(size)
    return adapter


def offered(
    base: BaseModel, adapter: Adapter, folder: Path, name: str = "joint", base_mark: str = ""
) -> Decision:
    manifest = Manifest(
        base.name, base_mark or base.fingerprint, "java", "csharp", rank=4, alpha=4.0
    )
    decoding = DecodingSettings(max_new_tokens=8)
    return offer(base, adapter, manifest, PAIRS, folder, name=name, decoding=decoding)


@pytest.fixture
def graded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let adapters be as good as they are large; return how many pairs each measuring took."""
    asked: list[int] = []

    def evaluate(translator: Translator, pairs: Sequence[CodePair]) -> Evaluation:
        asked.append(len(pairs))
        adapter = translator.adapter
        level = 0 if adapter is None else min(15, int(next(iter(adapter.values())).b.abs().max()))
        texts = [p.target if n < level else "int x;" for n, p in enumerate(pairs)]
        return score(
            [Translation(p.source, t, p.id, p.target) for p, t in zip(pairs, texts, strict=True)],
            "csharp",
        )

    monkeypatch.setattr(installing, "evaluate", evaluate)
    return asked


def test_an_adapter_that_changes_nothing_is_declined(llama: BaseModel, tmp_path: Path) -> None:
    decision = offered(llama, adapter_of(llama, 0.0), tmp_path / "site")
    assert not decision.installed
    assert decision.gain == 0
    assert installed_adapter(tmp_path / "site", llama) is None


@pytest.mark.usefixtures("graded")
def test_a_better_adapter_is_installed_and_a_worse_one_leaves_it_alone(
    llama: BaseModel, tmp_path: Path
) -> None:
    good, better = adapter_of(llama, 3.0), adapter_of(llama, 99.0)
    for adapter, name, installed, kept in (
        (better, "joint", True, better),
        (good, "personalised", False, better),
        (better, "again", False, better),
    ):
        assert offered(llama, adapter, tmp_path, name).installed is installed
        found = installed_adapter(tmp_path, llama)
        assert found is not None
        assert checksum(found) == checksum(kept)


def test_the_same_offer_is_not_measured_again_and_another_is(
    llama: BaseModel, tmp_path: Path, graded: list[int]
) -> None:
    first = offered(llama, adapter_of(llama, 99.0), tmp_path)
    assert graded == [15, 15]
    assert offered(llama, adapter_of(llama, 99.0), tmp_path) == first
    assert graded == [15, 15]
    assert not offered(llama, adapter_of(llama, 1.0), tmp_path).installed
    assert len(graded) == 4
    # Nor is the first one after another came between.
    assert offered(llama, adapter_of(llama, 99.0), tmp_path) == first
    assert len(graded) == 4


@pytest.mark.usefixtures("graded")
def test_a_site_that_is_killed_while_it_installs_does_so_the_next_time(
    llama: BaseModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter = adapter_of(llama, 99.0)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(installing, "save_adapter", killed)
        with pytest.raises(KeyboardInterrupt):
            offered(llama, adapter, tmp_path)
    assert installed_adapter(tmp_path, llama) is None
    assert offered(llama, adapter, tmp_path).installed
    assert installed_adapter(tmp_path, llama) is not None


@pytest.mark.usefixtures("graded")
def test_an_old_offer_does_not_come_back_over_a_later_better_one(
    llama: BaseModel, tmp_path: Path
) -> None:
    good, better = adapter_of(llama, 4.0), adapter_of(llama, 99.0)
    assert offered(llama, good, tmp_path, "joint").installed
    assert offered(llama, better, tmp_path, "personalised").installed
    assert offered(llama, good, tmp_path, "joint").installed
    found = installed_adapter(tmp_path, llama)
    assert found is not None
    assert checksum(found) == checksum(better)


@pytest.mark.usefixtures("graded")
def test_what_was_installed_and_then_deleted_is_offered_again(
    llama: BaseModel, tmp_path: Path
) -> None:
    good, better = adapter_of(llama, 4.0), adapter_of(llama, 99.0)
    for _ in range(2):
        assert offered(llama, good, tmp_path, "joint").installed
        assert offered(llama, better, tmp_path, "personalised").installed
        found = installed_adapter(tmp_path, llama)
        assert found is not None
        assert checksum(found) == checksum(better)
        shutil.rmtree(installed_folder(tmp_path))


@pytest.mark.usefixtures("graded")
def test_the_decision_lies_beside_what_was_installed(llama: BaseModel, tmp_path: Path) -> None:
    adapter = adapter_of(llama, 99.0)
    decision = offered(llama, adapter, tmp_path)
    record = json.loads((tmp_path / "gate-joint.json").read_text())
    kept = record[checksum(adapter)]
    assert kept["done"] is True
    assert kept["decision"]["gain"] == decision.gain
    assert (kept["decision"]["pairs"], kept["decision"]["installed"]) == (15, True)


@pytest.mark.usefixtures("graded")
def test_an_installed_adapter_of_another_base_is_refused(llama: BaseModel, tmp_path: Path) -> None:
    offered(llama, adapter_of(llama, 99.0), tmp_path, base_mark="0" * 16)
    with pytest.raises(AdapterError, match=f"{'0' * 16}.*{llama.fingerprint}"):
        installed_adapter(tmp_path, llama)
    assert installed_folder(tmp_path).is_dir()


@pytest.mark.usefixtures("graded")
@pytest.mark.parametrize("damage", ["{", "[]", '{"a": {}}', '{"a": 1}', ""])
def test_a_damaged_record_of_decisions_is_made_again(
    llama: BaseModel, tmp_path: Path, damage: str
) -> None:
    (tmp_path / "gate-joint.json").write_text(damage)
    assert offered(llama, adapter_of(llama, 99.0), tmp_path).installed
    assert installed_adapter(tmp_path, llama) is not None
