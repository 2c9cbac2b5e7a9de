"""What commands are given: a model, code, pairs and an adapter, or the door of a coordinator."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from command_line import CODE
from small_door import PROXIES, SmallDoor, small_door
from tiny_models import code_pairs

from fedtranslate.corpus.formats import write_pairs

if TYPE_CHECKING:
    from fedtranslate.models.load import BaseModel


@pytest.fixture
def model(llama_folder: Path) -> tuple[str, Path]:
    return ("--model", llama_folder)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "A.java"
    path.write_text(CODE)
    return path


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.jsonl"
    write_pairs(path, code_pairs(20))
    return path


@pytest.fixture
def adapter(llama: "BaseModel", tmp_path: Path) -> Path:
    from fedtranslate.adapters.initial import initial_adapter
    from fedtranslate.adapters.store import Manifest, save_adapter
    from fedtranslate.config.training import LoraSettings
    from fedtranslate.models.lora import adapted_shapes

    folder = tmp_path / "adapter"
    settings = LoraSettings(rank=2, alpha=2.0)
    made = initial_adapter(adapted_shapes(llama, settings), rank=2, scaling=1.0, seed=1)
    save_adapter(
        folder, made, Manifest("tiny", llama.fingerprint, "java", "csharp", rank=2, alpha=2.0)
    )
    return folder


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallDoor]:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    with small_door(tmp_path / "door") as found:
        yield found
