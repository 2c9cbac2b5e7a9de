"""Adapters on disk: round trips, hostile files, and agreement with peft."""

import json
import struct
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fedtranslate.adapters.factors import Factors, checksum
from fedtranslate.adapters.store import (
    ADAPTER_FILE,
    MANIFEST_FILE,
    Manifest,
    load_adapter,
    save_adapter,
)
from fedtranslate.adapters.tensors import read_tensors
from fedtranslate.config.files import write_durably
from fedtranslate.errors import AdapterError

MANIFEST = Manifest("tiny", "f00d", "java", "csharp", rank=2, alpha=4.0, round=3)


def some_adapter(seed: int = 0) -> dict[str, Factors]:
    rng = torch.Generator().manual_seed(seed)
    return {
        name: Factors(torch.randn(2, 5, generator=rng), torch.randn(3, 2, generator=rng), 2.0)
        for name in ("layers.1.v_proj", "layers.0.q_proj")
    }


def raw(header: object, values: bytes) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + values


def one(**changes: object) -> dict[str, object]:
    return {"m.a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **changes}}


def test_what_is_saved_comes_back_bit_for_bit(tmp_path: Path) -> None:
    written = save_adapter(tmp_path / "x" / "joint", some_adapter(), MANIFEST)
    adapter, manifest = load_adapter(tmp_path / "x" / "joint", base_fingerprint="f00d")
    assert checksum(adapter) == checksum(some_adapter()) == manifest.checksum
    assert manifest == written == replace(MANIFEST, checksum=manifest.checksum)
    assert {path.name for path in (tmp_path / "x").iterdir()} == {"joint"}


def test_the_same_adapter_is_the_same_file(tmp_path: Path) -> None:
    save_adapter(tmp_path / "a", some_adapter(), MANIFEST)
    save_adapter(tmp_path / "b", dict(reversed(some_adapter().items())), MANIFEST)
    for name in (ADAPTER_FILE, MANIFEST_FILE):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_saving_over_an_adapter_replaces_it_and_leaves_other_files_alone(tmp_path: Path) -> None:
    save_adapter(tmp_path, some_adapter(), MANIFEST)
    (tmp_path / "notes.txt").write_text("mine")
    save_adapter(tmp_path, some_adapter(1), MANIFEST)
    assert checksum(load_adapter(tmp_path)[0]) == checksum(some_adapter(1))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [ADAPTER_FILE, MANIFEST_FILE, "notes.txt"]
    )


def test_an_adapter_of_another_base_model_is_refused_and_both_are_named(tmp_path: Path) -> None:
    save_adapter(tmp_path, some_adapter(), MANIFEST)
    with pytest.raises(AdapterError, match=r"'tiny' \(fingerprint f00d\).*fingerprint beef"):
        load_adapter(tmp_path, base_fingerprint="beef")
    with pytest.raises(AdapterError, match=r"model in use is 'big' \(.* base model 'tiny', or"):
        load_adapter(tmp_path, base_fingerprint="beef", base_name="big")
    with pytest.raises(AdapterError, match=r"model of that name has changed"):
        load_adapter(tmp_path, base_fingerprint="beef", base_name="tiny")


def test_a_missing_folder_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match=r"nowhere.*No such file"):
        load_adapter(tmp_path / "nowhere")


def test_a_run_in_place_of_an_adapter_is_told_which_adapters_are_in_it(tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match="Give the folder of an adapter: 'fedtranslate train'"):
        load_adapter(tmp_path)
    for place in ("round-00001", "round-00002", "sites/ada/installed"):
        save_adapter(tmp_path / place, some_adapter(), MANIFEST)
    with pytest.raises(AdapterError, match=r"installed, .*round-00002, .*round-00001\."):
        load_adapter(tmp_path)


def test_nan_is_not_saved(tmp_path: Path) -> None:
    bad = {"m": Factors(torch.tensor([[float("nan")]]), torch.ones(1, 1), 2.0)}
    with pytest.raises(AdapterError, match="NaN"):
        save_adapter(tmp_path / "x", bad, MANIFEST)
    assert not (tmp_path / "x").exists()


def test_a_scaling_that_is_not_the_manifests_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match=r"scaled by 2\.0"):
        save_adapter(tmp_path / "x", some_adapter(), replace(MANIFEST, alpha=8.0))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "truncated"),
        (b"\x01\x02", "truncated"),
        (struct.pack("<Q", 2**63) + b"{}", "truncated"),
        (struct.pack("<Q", 2**33) + b"{}", "truncated"),
        (raw(b"{" * 100, b""), "damaged header"),
        (raw(b"[" * 100_000, b""), "damaged header"),
        (raw(b"\xff\xfe", b""), "damaged header"),
        (raw([1], b""), "damaged header"),
        (raw(one(), b"1234"), "truncated"),
        (raw(one(), b"123456789"), "does not fit its size"),
        (raw(one(dtype="F64"), b"12345678"), "F64"),
        (raw(one(dtype=["F32"]), b"12345678"), "F32"),
        (raw(one(shape=[2**40]), b"12345678"), "impossible place"),
        (raw(one(shape=[-2]), b"12345678"), "impossible place"),
        (raw(one(shape=[2.0]), b"12345678"), "impossible place"),
        (raw(one(shape=[1] * 9), b"1234"), "impossible place"),
        (raw(one(shape="2"), b"12345678"), "impossible place"),
        (raw(one(data_offsets=[8, 0]), b"12345678"), "impossible place"),
        (raw(one(data_offsets=[0]), b"12345678"), "impossible place"),
        (raw(one(data_offsets=[4, 12]), b"12345678"), "does not fit its size"),
        (raw({"m.a": None}, b""), "describes the tensor m.a wrongly"),
        (raw(one(more=1), b"12345678"), "wrongly"),
        (raw({"../../etc/passwd.a": one()["m.a"]}, b"12345678"), "the name '../../etc"),
        (raw({"a" * 600: one()["m.a"]}, b"12345678"), "the name"),
        (raw({**one(), "m.b": one()["m.a"]}, b"12345678"), "does not fit its size"),
        (raw(one(), struct.pack("<2f", 1.0, float("nan"))), "NaN or infinity in m.a"),
        (raw(one(), struct.pack("<2f", 1.0, float("inf"))), "NaN or infinity in m.a"),
    ],
)
def test_a_hostile_file_is_refused(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "adapter.safetensors"
    path.write_bytes(content)
    with pytest.raises(AdapterError, match=complaint):
        read_tensors(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 10_000), flip=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_no_damage_to_a_saved_adapter_goes_unnoticed(
    tmp_path: Path, cut: int, flip: int, bit: int
) -> None:
    save_adapter(tmp_path, some_adapter(), MANIFEST)
    path = tmp_path / ADAPTER_FILE
    whole = bytearray(path.read_bytes())
    path.write_bytes(whole[: cut % len(whole)])
    with pytest.raises(AdapterError):
        load_adapter(tmp_path)
    whole[flip % len(whole)] ^= 1 << bit
    path.write_bytes(whole)
    try:
        adapter, _ = load_adapter(tmp_path)
    except AdapterError:
        return
    # A flip inside the white space that pads the header changes nothing.
    assert checksum(adapter) == checksum(some_adapter())


def tampered(**changes: object) -> dict[str, object]:
    values = {field: getattr(MANIFEST, field) for field in MANIFEST.__dataclass_fields__}
    return {**values, "checksum": checksum(some_adapter()), **changes}


@pytest.mark.parametrize(
    ("manifest", "complaint"),
    [
        ("nonsense", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "does not have the entries"),
        (json.dumps({**tampered(), "file": "/etc/passwd"}), "does not have the entries"),
        (json.dumps(tampered(rank="2")), "wrong type: rank"),
        (json.dumps(tampered(rank=True)), "wrong type: rank"),
        (json.dumps(tampered(rank=0)), "rank 0"),
        (json.dumps(tampered(rank=10**400)), r"rank 1000000000\.\.\., alpha"),
        (json.dumps(tampered(rank=2**40)), "which no adapter can have"),
        (json.dumps(tampered(alpha=float("nan"))), "alpha nan"),
        (json.dumps(tampered(alpha=1e300)), "which no adapter can have"),
        (json.dumps(tampered(alpha=10**400)), "wrong type: alpha"),
        (json.dumps(tampered(round=10**400)), r"round 1000000000\.\.\., which no"),
        (json.dumps(tampered(format=10**400)), r"format 1000000000\.\.\.;"),
        (json.dumps(tampered(format=99)), "format 99"),
        (json.dumps(tampered(checksum="0" * 64)), "do not belong together"),
        (json.dumps(tampered(alpha=8.0)), "do not belong together"),
    ],
)
def test_a_tampered_manifest_is_refused(tmp_path: Path, manifest: str, complaint: str) -> None:
    save_adapter(tmp_path, some_adapter(), MANIFEST)
    (tmp_path / MANIFEST_FILE).write_text(manifest)
    with pytest.raises(AdapterError, match=complaint):
        load_adapter(tmp_path)


@pytest.mark.parametrize("extra", ["spare", "m.c", "lonely.b", "other.a"])
def test_tensors_that_belong_to_no_adapter_are_refused(tmp_path: Path, extra: str) -> None:
    from fedtranslate.adapters.store import as_tensors, from_tensors

    tensors = {**as_tensors(some_adapter()), extra: torch.ones(2, 2)}
    with pytest.raises(AdapterError, match=r"belong to no adapter|do not fit together"):
        from_tensors(tensors, 1.0, tmp_path)


def test_a_crash_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_durably(path, b"old")
    with pytest.raises(TypeError):
        write_durably(path, "not bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]
