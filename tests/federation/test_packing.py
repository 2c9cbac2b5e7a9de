"""Adapters in packs: what goes in comes out, and a stranger's packs are refused unopened."""

import math
import re

import numpy as np
import pytest
import torch
from flwr.app import Array, ArrayRecord, ConfigRecord, MetricRecord, RecordDict
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.adapters.factors import Adapter, Factors, checksum
from fedtranslate.errors import FederationError
from fedtranslate.federation.flower import packing
from fedtranslate.federation.flower.offers import WEIGHTS_FILE, decode_offer, encode_offer
from fedtranslate.federation.flower.packing import packed, packed_file, unpacked, unpacked_file

ONE = (2, 3, 5)
"""Rank, rows of B, columns of A: 16 numbers."""


def adapter(*shapes: tuple[int, int, int]) -> Adapter:
    rng = torch.Generator().manual_seed(len(shapes))
    return {
        f"m.{number}": Factors(
            torch.randn(rank, columns, generator=rng), torch.randn(out, rank, generator=rng), 0.5
        )
        for number, (rank, out, columns) in enumerate(shapes)
    }


sides = st.integers(1, 9)


@given(st.lists(st.tuples(sides, sides, sides), min_size=1, max_size=12), st.integers(1, 40))
def test_an_adapter_comes_out_as_it_went_in(
    shapes: list[tuple[int, int, int]], numbers_in_a_pack: int
) -> None:
    sent = adapter(*shapes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packing, "PACK_BYTES", 4 * numbers_in_a_pack)
        packs, layout = packed(sent)
        count = sum(rank * (out + columns) for rank, out, columns in shapes)
        assert len(packs) == math.ceil(count / numbers_in_a_pack)
        found = unpacked(packs, layout, 0.5)
    assert checksum(found) == checksum(sent)
    assert not packs, "packs and factors are in memory together"


def test_what_came_out_may_be_written_to() -> None:
    found = unpacked(*packed(adapter(ONE)), 0.5)
    found["m.0"].a.add_(1.0)


def test_other_types_and_orders_of_numbers_are_sent_as_float32_row_by_row() -> None:
    turned = {"m": Factors(torch.randn(5, 2).T.double(), torch.randn(2, 3).T, 0.5)}
    found = unpacked(*packed(turned), 0.5)
    assert torch.equal(found["m"].a, turned["m"].a.float())
    assert torch.equal(found["m"].b, turned["m"].b)


def good() -> tuple[ArrayRecord, ConfigRecord]:
    return packed(adapter(ONE, ONE))


def pack(count: int = 128, **changes: object) -> Array:
    values = {
        "dtype": "uint8",
        "shape": (count,),
        "stype": "little-endian",
        "data": b"x" * count,
    }
    return Array(*{**values, **changes}.values())


@pytest.mark.parametrize(
    "hostile",
    [
        pack(127),
        pack(129),
        pack(dtype="float32"),
        pack(dtype="object"),
        pack(stype="numpy.ndarray"),
        pack(stype="pickle"),
        pack(shape=(16, 8)),
        pack(shape=(2**40,)),
        pack(shape=(-128,)),
        pack(shape=()),
        pack(data=b""),
        pack(data=b"x" * 127),
        pack(data=b"x" * 4096),
        Array(np.zeros(128, np.uint8)),
    ],
)
def test_a_hostile_pack_is_refused_and_none_is_opened(hostile: Array) -> None:
    packs, layout = good()
    packs["000000"] = hostile
    with pytest.raises(FederationError, match="The pack 0 in the message"):
        unpacked(packs, layout, 0.5)
    assert len(packs) == 1


def test_packs_that_are_missing_or_too_many_or_of_other_names_are_refused() -> None:
    _, layout = good()
    renamed = ArrayRecord({"0": pack()})
    doubled = ArrayRecord({"000000": pack(), "000001": pack()})
    for packs in (ArrayRecord({}), renamed, doubled):
        with pytest.raises(FederationError, match="not those that belong there"):
            unpacked(packs, layout, 0.5)
    for none in (MetricRecord({}), {"000000": pack()}, None):
        with pytest.raises(FederationError, match="no packs where they belong"):
            unpacked(none, layout, 0.5)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"modules": ["m", "m"]}, "one twice"),
        ({key: [] for key in ("modules", "rank", "out", "in", "how-a", "how-b")}, "no modules"),
        ({"modules": ["m"]}, "different lengths"),
        ({"rank": [2]}, "different lengths"),
        ({"rank": 2}, "different lengths"),
        ({"modules": [1, 2]}, "names"),
        ({"modules": ["", "m"]}, "names"),
        ({"modules": ["m", "n" * 257]}, "names"),
        ({"rank": [0, 2]}, "shapes"),
        ({"rank": [-2, 2]}, "shapes"),
        ({"out": [True, True]}, "shapes"),
        ({"out": [3.0, 3.0]}, "shapes"),
        ({"in": [2**31, 5]}, "shapes"),
        ({"in": [2**30, 2**30], "rank": [2**30, 2**30]}, "too large"),
        ({"in": [5, 6]}, "The pack 0"),
        ({"more": 1}, "no layout"),
        ({"how-a": [1]}, "different lengths"),
        ({"how-a": [1, 3]}, "no known way"),
        ({"how-b": [-1, 1]}, "no known way"),
        ({"how-b": [True, True]}, "no known way"),
        ({"how-a": [0, 1]}, "from nothing that is here"),
        ({"how-b": [1, 2]}, "from nothing that is here"),
        ({"format": 7}, "what its numbers are"),
        ({"format": "int8"}, "comes as 'int8'"),
        ({"format": "x" * 300}, "what its numbers are"),
        ({"since": b"f00d"}, "what its numbers are"),
        ({"since": "f00d"}, "seen from one that is not here"),
    ],
)
def test_a_hostile_layout_is_refused(changes: dict[str, object], complaint: str) -> None:
    packs, layout = good()
    with pytest.raises(FederationError, match=re.escape(complaint)):
        unpacked(packs, ConfigRecord({**layout, **changes}), 0.5)
    assert len(packs) == 1


def test_a_layout_of_more_modules_than_any_model_has_is_refused() -> None:
    many = [f"m{number}" for number in range(packing.MAX_MODULES + 1)]
    ones = [1] * len(many)
    _, good_layout = good()
    sides = dict.fromkeys(("rank", "out", "in", "how-a", "how-b"), ones)
    layout = ConfigRecord({**good_layout, "modules": many, **sides})
    with pytest.raises(FederationError, match="too many"):
        unpacked(ArrayRecord({}), layout, 0.5)


@given(st.binary(min_size=1, max_size=400), st.integers(1, 60))
def test_a_file_comes_out_as_it_went_in(content: bytes, size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packing, "PACK_BYTES", size)
        packs = packed_file(content)
        assert len(packs) == math.ceil(len(content) / size)
        assert unpacked_file(packs) == content


def test_a_release_comes_out_of_an_offer_as_it_went_in() -> None:
    parts = {"release.json": b"{}", WEIGHTS_FILE: bytes(range(256)) * 20_000}
    assert decode_offer(encode_offer(parts)) == parts
    weight = len(parts[WEIGHTS_FILE])
    assert decode_offer(encode_offer(parts), weight) == parts
    with pytest.raises(FederationError, match="too large"):
        decode_offer(encode_offer(parts), weight - 1)


def hostile_offers() -> list[RecordDict]:
    def good() -> RecordDict:
        return encode_offer({"release.json": b"{}", WEIGHTS_FILE: b"x" * 100})

    offers = [RecordDict()]
    for name in ("files", "weights"):
        offers.append(good())
        del offers[-1][name]
    swaps: list[tuple[str, object]] = [
        ("weights", ConfigRecord({"x": b"x"})),
        ("weights", ArrayRecord({"0": Array("uint8", (4,), "little-endian", b"xxxx")})),
        ("weights", ArrayRecord({"000000": Array("uint8", (5,), "little-endian", b"xxxx")})),
        ("weights", ArrayRecord({"000000": Array("object", (4,), "little-endian", b"xxxx")})),
        ("weights", ArrayRecord({"000000": Array("uint8", (4,), "pickle", b"xxxx")})),
        ("weights", ArrayRecord({"000001": Array("uint8", (4,), "little-endian", b"xxxx")})),
        ("files", ConfigRecord({"release.json": "text"})),
        ("files", ConfigRecord({WEIGHTS_FILE: b"other"})),
        ("files", ConfigRecord({str(number): b"" for number in range(9)})),
        ("files", ConfigRecord({"release.json": b"x" * (9 << 20)})),
        ("more", ConfigRecord({"x": 1})),
    ]
    for name, record in swaps:
        offers.append(good())
        offers[-1][name] = record
    return offers


@pytest.mark.parametrize("number", range(len(hostile_offers())))
def test_a_malformed_offer_is_refused(number: int) -> None:
    with pytest.raises(FederationError):
        decode_offer(hostile_offers()[number])


def test_one_pack_under_many_names_is_refused_before_it_is_opened() -> None:
    packs, layout = good()
    with pytest.raises(FederationError, match="too large"):
        unpacked(packs, layout, 0.5, limit_bytes=127)
    assert len(packs) == 1
    assert unpacked(packs, layout, 0.5, limit_bytes=128)
