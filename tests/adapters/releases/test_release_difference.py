"""How two releases differ, compared with dense matrices."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from example_releases import KEY, published, small_adapter

from fedtranslate.adapters.factors import Factors
from fedtranslate.adapters.releases.difference import difference
from fedtranslate.adapters.releases.release import Release
from fedtranslate.adapters.releases.store import ReleaseStore


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return published(ReleaseStore(tmp_path_factory.mktemp("store"), owner=KEY))


def test_the_change_of_each_module_is_that_of_the_dense_updates(release: Release) -> None:
    first, second = small_adapter(0), small_adapter(1)
    second = {name: replace(factors, scaling=0.7) for name, factors in second.items()}
    found = difference((first, release), (second, release))
    dense = {name: (first[name].delta(), second[name].delta()) for name in first}
    for name, (old, new) in dense.items():
        expected = float((new - old).norm() / old.norm())
        assert found.done[name] == pytest.approx(expected, rel=1e-6)
    every = torch.cat([(new - old).flatten() for old, new in dense.values()]).norm()
    all_old = torch.cat([old.flatten() for old, _ in dense.values()]).norm()
    assert found.total == pytest.approx(float(every / all_old), rel=1e-6)


def test_other_factors_of_the_same_update_are_no_change(release: Release) -> None:
    first = small_adapter()
    turn = torch.tensor([[2.0, 1.0], [1.0, 3.0]], dtype=torch.float64)
    second = {
        name: Factors(turn @ f.a.double(), f.b.double() @ torch.linalg.inv(turn), f.scaling)
        for name, f in first.items()
    }
    assert difference((first, release), (second, release)).total < 1e-7


def test_a_module_that_one_lacks_is_zero_there(release: Release) -> None:
    whole = small_adapter()
    part = {"layers.0.q_proj": whole["layers.0.q_proj"]}
    gone = difference((whole, release), (part, release))
    assert gone.done == pytest.approx({"layers.0.q_proj": 0, "layers.1.v_proj": 1}, abs=1e-12)
    come = difference((part, release), (whole, release))
    assert come.done["layers.1.v_proj"] == math.inf
    assert math.isfinite(come.total)


def test_what_the_manifests_say_differently_is_listed(tmp_path: Path) -> None:
    store = ReleaseStore(tmp_path, owner=KEY)
    first, second = published(store, 0), published(store, 1)
    found = store.diff(first.id, second.id)
    assert found.said["round"] == (0, 1)
    assert {"id", "checksum", "weights_sha256", "round"} == set(found.said)
    same = store.diff(first.id, first.id)
    assert same.said == {}
    assert same.total == pytest.approx(0, abs=1e-12)


def test_no_matrix_of_the_size_of_the_model_is_formed(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = 200_000  # a dense update would take 160 GB
    wide = {"m": Factors(torch.ones(2, size), torch.ones(size, 2), 1.0)}
    monkeypatch.setattr(Factors, "delta", None)
    assert difference((wide, release), (wide, release)).total == pytest.approx(0, abs=1e-9)
