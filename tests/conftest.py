"""What holds for all tests: no network, one thread, and laws that are tried the same way each time.

Set before anything is imported that reads it.
"""

import os

os.environ["FLWR_TELEMETRY_ENABLED"] = "0"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
os.environ["HF_DATASETS_OFFLINE"] = "1"
os.environ["TRANSFORMERS_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from hypothesis import settings
from tiny_models import write_llama, write_t5

if TYPE_CHECKING:
    from fedtranslate.models.load import BaseModel

# The first call of torch takes longer than hypothesis's deadline allows.
settings.register_profile("laws", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("laws")
torch.set_num_threads(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest first: were they last, one process would work while the others rest."""
    items.sort(key=lambda item: item.get_closest_marker("deployment") is None)


@pytest.fixture(scope="session")
def llama_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_llama(tmp_path_factory.mktemp("llama"))


@pytest.fixture(scope="session")
def llama(llama_folder: Path) -> "BaseModel":
    """A tiny causal model; whoever changes it gives it back as it was."""
    from fedtranslate.models.load import load_base

    return load_base(str(llama_folder))


@pytest.fixture(scope="session")
def t5(tmp_path_factory: pytest.TempPathFactory) -> "BaseModel":
    """A tiny encoder-decoder model; whoever changes it gives it back as it was."""
    from fedtranslate.models.load import load_base

    return load_base(str(write_t5(tmp_path_factory.mktemp("t5"))))
