"""Adapters that are too many or too heavy for memory: laid aside on disk, written in pieces."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from fedtranslate.adapters.aside import AsideAdapter
from fedtranslate.adapters.combine import full_rank, stack
from fedtranslate.adapters.factors import Adapter, Factors, checksum, norm
from fedtranslate.adapters.tensors import tensor_pieces


def adapter(seed: int) -> Adapter:
    drawn = torch.Generator().manual_seed(seed)
    return {
        name: Factors(
            torch.randn(2, 5, generator=drawn),
            torch.randn(3, 7, generator=drawn)[:, :2].T.contiguous().T,
            0.5 + seed,
        )
        for name in ("b", "a", "c.d")
    }


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_an_adapter_laid_aside_is_the_same_and_leaves_nothing_behind(tmp_path: Path) -> None:
    original = adapter(1)
    aside = AsideAdapter(original, tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert list(aside) == list(original)
    assert aside.keys() == original.keys()
    assert (checksum(aside), norm(aside)) == (checksum(original), norm(original))
    assert "x" not in aside
    with pytest.raises(KeyError):
        aside["x"]


def test_what_is_read_can_be_changed_without_harm(tmp_path: Path) -> None:
    aside = AsideAdapter(adapter(1), tmp_path)
    aside["a"].a.zero_()
    assert checksum(aside) == checksum(adapter(1))


def test_joining_adapters_laid_aside_comes_to_the_same_bits(tmp_path: Path) -> None:
    kept = [adapter(seed) for seed in (1, 2, 3)]
    aside = [AsideAdapter(one, tmp_path) for one in kept]
    weights = [1.0, 2.0, 0.5]
    assert checksum(stack(aside, weights)) == checksum(stack(kept, weights))
    joined = checksum(full_rank(kept, weights, 2, 1.0))
    assert checksum(full_rank(aside, weights, 2, 1.0)) == joined


def test_its_file_is_closed_with_it(tmp_path: Path) -> None:
    before = open_files()
    aside = AsideAdapter(adapter(1), tmp_path)
    assert open_files() == before + 1
    del aside
    assert open_files() == before


@pytest.mark.parametrize(
    "tensors",
    [
        {},
        {"b": torch.ones(2, 3), "a.x": torch.arange(4.0)},
        {"n": torch.empty(0, 3), "m": torch.ones(1)},
        {"strided": torch.arange(12.0).reshape(3, 4).T, "wide": torch.ones(2, dtype=torch.float64)},
    ],
)
def test_pieces_are_the_bytes_of_safetensors(tensors: dict[str, torch.Tensor]) -> None:
    plain = {name: tensors[name].float().contiguous() for name in sorted(tensors)}
    assert b"".join(tensor_pieces(tensors)) == save(plain)


def test_pieces_are_views_and_no_copies() -> None:
    values = torch.ones(3, 4)
    _, piece = tensor_pieces({"a": values})
    values.zero_()
    assert bytes(piece) == b"\0" * 48
