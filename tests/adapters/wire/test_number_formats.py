"""Formats of numbers: what goes in comes out, within bounds, and hostile bytes are refused."""

import hashlib
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fedtranslate.adapters.wire.blocks import INT4, INT8, LARGEST, BlockFormat
from fedtranslate.adapters.wire.floats import BFLOAT16, FLOAT16, FLOAT32, FloatFormat
from fedtranslate.adapters.wire.formats import FORMATS, Format, find_format
from fedtranslate.adapters.wire.rounding import seed_for, uniforms
from fedtranslate.adapters.wire.sparse import SparseFormat
from fedtranslate.errors import AggregationError, UnknownNameError

DENSE = list(FORMATS.values())
SPARSE = [find_format(name, share) for name in FORMATS for share in (0.01, 0.3, 0.9)]
ALL = DENSE + SPARSE
counts = st.integers(0, 300)
seeds = st.integers(0, 2**130)


def floats(largest: float) -> st.SearchStrategy[np.ndarray]:
    each = st.floats(-largest, largest, width=32)
    return arrays(np.float32, counts, elements=each)


def names(one: Format) -> str:
    return one.name


@pytest.mark.parametrize("wire", ALL, ids=names)
@given(values=floats(60_000.0), seed=seeds)
def test_the_size_is_known_beforehand_and_the_error_bounded(
    wire: Format, values: np.ndarray, seed: int
) -> None:
    content = wire.encode(values, seed)
    assert len(content) == wire.size(len(values))
    found = wire.decode(content, len(values))
    assert (found.dtype, found.shape) == (np.float32, values.shape)
    largest = float(np.abs(values).max(initial=0))
    assert np.abs(found.astype(float) - values).max(initial=0) <= wire.bound(largest)


@pytest.mark.parametrize("wire", [INT8, INT4], ids=names)
@given(values=floats(2.0**100), seed=seeds)
def test_each_block_of_integers_has_a_bound_of_its_own(
    wire: BlockFormat, values: np.ndarray, seed: int
) -> None:
    found = wire.decode(wire.encode(values, seed), len(values))
    for start in range(0, len(values), wire.block):
        block = values[start : start + wire.block].astype(float)
        error = np.abs(found[start : start + wire.block] - block).max()
        assert error <= wire.bound(float(np.abs(block).max()))


@given(floats(float(np.finfo(np.float32).max)))
def test_float32_comes_out_bit_by_bit(values: np.ndarray) -> None:
    assert FLOAT32.decode(FLOAT32.encode(values, 0), len(values)).tobytes() == values.tobytes()


@given(arrays(np.uint16, counts))
def test_every_number_of_two_bytes_comes_out_as_it_is(bits: np.ndarray) -> None:
    for wire, values in (
        (FLOAT16, bits.view(np.float16).astype(np.float32)),
        (BFLOAT16, (bits.astype(np.uint32) << 16).view(np.float32)),
    ):
        finite = values[np.isfinite(values)]
        assert np.array_equal(wire.decode(wire.encode(finite, 0), len(finite)), finite)


@pytest.mark.parametrize("wire", [FLOAT16, BFLOAT16], ids=names)
def test_what_a_float_has_no_room_for_becomes_the_largest_that_it_has(wire: FloatFormat) -> None:
    top = float(np.finfo(np.float32).max)
    values = np.array([top, -top, wire.largest, 1.0], np.float32)
    found = wire.decode(wire.encode(values, 0), 4)
    assert found.tolist() == [wire.largest, -wire.largest, wire.largest, 1.0]


@pytest.mark.parametrize("wire", [INT8, INT4], ids=names)
def test_what_integers_have_no_room_for_becomes_about_the_largest(wire: BlockFormat) -> None:
    top = float(np.finfo(np.float32).max)
    found = wire.decode(wire.encode(np.array([top, -top], np.float32), 0), 2)
    assert np.isfinite(found).all()
    assert np.abs(np.abs(found) / LARGEST - 1).max() < 0.01


@pytest.mark.parametrize("wire", [INT8, INT4], ids=names)
def test_the_mean_over_many_seeds_is_what_was_sent(wire: BlockFormat) -> None:
    rng = np.random.default_rng(1)
    values = rng.standard_normal(200).astype(np.float32)
    many = 2_000
    total = sum(wire.decode(wire.encode(values, seed), 200).astype(float) for seed in range(many))
    step = wire.bound(float(np.abs(values).max()))
    # The deviation of one is step / 2 at most; six of the mean's leave no room for chance.
    assert np.abs(total / many - values).max() < 6 * step / 2 / math.sqrt(many)
    nearest = step / 2
    assert np.abs(wire.decode(wire.encode(values, 0), 200) - values).max() > nearest


def test_zeros_stay_zeros_and_tiny_numbers_do_not_break() -> None:
    for wire in ALL:
        assert not wire.decode(wire.encode(np.zeros(130, np.float32), 3), 130).any()
    tiny = np.full(130, 1e-45, np.float32)
    for wire in (INT8, INT4):
        assert np.abs(wire.decode(wire.encode(tiny, 3), 130) - tiny).max() <= wire.bound(1e-45)


def test_a_random_number_depends_on_seed_and_place_alone() -> None:
    long = uniforms(1001, 7)
    assert np.array_equal(uniforms(10, 7), long[:10])
    assert not np.array_equal(uniforms(10, 8), long[:10])
    assert 0 <= long.min() < 0.01 < 0.99 < long.max() < 1
    assert seed_for(1, "m.a") != seed_for(1, "m.b") != seed_for(2, "m.b")


def digest() -> str:
    values = ((np.arange(10_007) * 2_654_435_761 % 20_011) / 7_000 - 1.4).astype(np.float32)
    content = b"".join(wire.encode(values, seed_for(4, wire.name)) for wire in ALL)
    return hashlib.sha256(content).hexdigest()


def test_the_bytes_are_those_that_every_machine_makes() -> None:
    assert digest() == ("056bd5867c09cfb564dc340800c060e8723f2f478f6fab1803a7811dbe52d1e0")


def test_the_bytes_do_not_depend_on_the_number_of_threads() -> None:
    code = (
        "import torch; torch.set_num_threads(3)\n"
        "from test_number_formats import digest\n"
        "print(digest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=__file__.rpartition("/")[0],
    )
    assert done.stdout.strip() == digest()


@pytest.mark.parametrize("wire", ALL, ids=names)
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_not_sent(wire: Format, bad: float) -> None:
    with pytest.raises(AggregationError, match="not sent"):
        wire.encode(np.array([1.0, bad], np.float32), 0)


@pytest.mark.parametrize("wire", ALL, ids=names)
@given(st.integers(1, 200), st.binary(max_size=900), st.integers(-2, 2))
def test_whatever_bytes_come_they_are_finite_numbers_or_refused(
    wire: Format, count: int, content: bytes, off: int
) -> None:
    size = wire.size(count)
    if off and len(content) != size:
        with pytest.raises(AggregationError, match="bytes came where"):
            wire.decode(content, count)
    fitted = (content + bytes(size))[:size]
    try:
        found = wire.decode(fitted, count)
    except AggregationError:
        return
    assert found.shape == (count,)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("wire", ALL, ids=names)
def test_bytes_of_another_length_are_refused_before_any_memory_is_taken(wire: Format) -> None:
    good = wire.encode(np.ones(64, np.float32), 0)
    for content, count in ((good[:-1], 64), (good + b"\0", 64), (b"", 64), (good, 2**40)):
        with pytest.raises(AggregationError, match="bytes came where"):
            wire.decode(content, count)


def patched(content: bytes, place: int, *new: int) -> bytes:
    return content[:place] + bytes(new) + content[place + len(new) :]


@pytest.mark.parametrize(
    ("wire", "place", "new", "complaint"),
    [
        (FLOAT32, 0, (0, 0, 0xC0, 0x7F), "NaN"),
        (FLOAT32, 4, (0, 0, 0x80, 0xFF), "NaN or infinity"),
        (FLOAT16, 0, (0, 0x7C), "NaN or infinity"),
        (BFLOAT16, 0, (0x80, 0x7F), "NaN or infinity"),
        (INT8, 0, (0xC0, 0x7F), "scale"),
        (INT8, 0, (0x80, 0x7F), "scale"),
        (INT8, 0, (0x80, 0xBF), "scale"),
        (INT8, 0, (0x7F, 0x7F), "scale"),
        (INT8, 2, (0x80,), "out of range"),
        (INT4, 0, (0xC0, 0x7F), "scale"),
        (INT4, 2, (0x10,), "out of range"),
        (INT4, 3, (0x1F,), "followed by something else"),
    ],
)
def test_hostile_scales_and_integers_are_refused(
    wire: Format, place: int, new: tuple[int, ...], complaint: str
) -> None:
    good = wire.encode(np.ones(3, np.float32), 0)
    with pytest.raises(AggregationError, match=complaint):
        wire.decode(patched(good, place, *new), 3)


def test_the_largest_entries_travel_and_the_first_of_equal_ones() -> None:
    wire = SparseFormat(0.4, FLOAT32)
    values = np.array([1, -3, 0.5, 1, 2], np.float32)
    assert wire.decode(wire.encode(values, 0), 5).tolist() == [0, -3, 0, 0, 2]
    values = np.array([1, 1, -1, 1, 1], np.float32)
    assert wire.decode(wire.encode(values, 0), 5).tolist() == [1, 1, 0, 0, 0]


@given(st.integers(1, 400), st.floats(0.001, 0.999), st.integers(0, 99))
def test_places_take_about_as_little_as_they_can(count: int, share: float, seed: int) -> None:
    wire = SparseFormat(share, FLOAT32)
    values = np.random.default_rng(seed).standard_normal(count).astype(np.float32)
    found = wire.decode(wire.encode(values, 0), count)
    kept = wire.kept(count)
    assert np.count_nonzero(found) == kept
    assert np.abs(found[found != 0]).min() >= np.sort(np.abs(values))[-kept]
    places = wire.size(count) - 4 * kept
    assert places <= kept * (2 + math.log2(count / kept)) / 8 + 2 + kept / 8


def sparse_bytes() -> tuple[SparseFormat, bytes]:
    """Entries 3 and 9 of 16: the lower three bits of each, and in unary what is above."""
    wire = SparseFormat(2 / 16, FLOAT32)
    values = np.zeros(16, np.float32)
    values[[3, 9]] = 1.0
    content = wire.encode(values, 0)
    assert content[:2] == bytes([0b0101, 0b001011])
    return wire, content


@pytest.mark.parametrize(
    "head",
    [
        (0b0011, 0b011011),  # place 3 twice
        (0b0011, 0b001011),  # place 3, then 1
        (0b0001, 0b001011),  # one alone
        (0b0111, 0b001011),  # three
        (0b0000, 0b001011),
        (0b1100, 0b001011),  # beyond the last: 16 and more
        (0b0101, 0b11001011),  # something behind the lower bits
        (0b10000101, 0b001011),  # and behind the upper ones
    ],
)
def test_hostile_places_are_refused(head: tuple[int, int]) -> None:
    wire, content = sparse_bytes()
    with pytest.raises(AggregationError, match="out of range, repeated or too few"):
        wire.decode(patched(content, 0, *head), 16)


def test_hostile_values_at_good_places_are_refused() -> None:
    wire = find_format("int8", 0.5)
    good = wire.encode(np.ones(4, np.float32), 0)
    with pytest.raises(AggregationError, match="scale"):
        wire.decode(patched(good, len(good) - 4, 0xC0, 0x7F), 4)


def test_an_unknown_format_is_named() -> None:
    with pytest.raises(UnknownNameError, match=r"'int16'.*int8"):
        find_format("int16")
    assert find_format("int8", 0.05).name == "top 0.05 int8"
