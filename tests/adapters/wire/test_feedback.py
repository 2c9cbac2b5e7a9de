"""Error feedback: nothing is lost for good, and what does not change does not travel."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from fedtranslate.adapters.factors import Adapter, Factors, checksum
from fedtranslate.adapters.wire.alignment import aligned
from fedtranslate.adapters.wire.coding import (
    Base,
    Coded,
    How,
    coded,
    coded_with_feedback,
    decoded,
    shapes_of,
)
from fedtranslate.adapters.wire.feedback import received, send
from fedtranslate.adapters.wire.floats import FLOAT32
from fedtranslate.adapters.wire.formats import FORMATS, Format, find_format
from fedtranslate.errors import AggregationError

LOSSY = [FORMATS[name] for name in ("float16", "bfloat16", "int8", "int4")] + [
    find_format("int8", 0.1),
    find_format("float32", 0.1),
]


def names(one: Format) -> str:
    return one.name


def adapter(seed: int, rank: int = 4, out: int = 20, columns: int = 30) -> dict[str, Factors]:
    rng = torch.Generator().manual_seed(seed)
    return {
        name: Factors(
            torch.randn(rank, columns, generator=rng), torch.randn(out, rank, generator=rng), 0.5
        )
        for name in ("m.one", "m.two")
    }


def read(coded_one: Coded, wire: Format, base: Base | None = None) -> dict[str, Factors]:
    parts = list(coded_one.parts)
    contents = iter([part.content for part in parts if part.how is not How.KEPT])
    hows = {
        name: (parts[2 * number].how, parts[2 * number + 1].how)
        for number, name in enumerate(coded_one.shapes)
    }
    return decoded(coded_one.shapes, hows, lambda _: next(contents), wire, base, 0.5)


def base_of(one: Adapter) -> Base:
    return Base(checksum(one), one)


@pytest.mark.parametrize("wire", LOSSY, ids=names)
@given(st.integers(0, 99))
def test_what_arrives_in_all_lacks_the_last_residual_alone(wire: Format, seed: int) -> None:
    rng = torch.Generator().manual_seed(seed)
    updates = [torch.randn(6, 50, generator=rng) for _ in range(8)]
    residual: Tensor | None = None
    arrived = torch.zeros(6, 50, dtype=torch.float64)
    for number, update in enumerate(updates):
        sent = send(update, residual, wire, number)
        arrived += received(sent.content, update.shape, wire).double()
        residual = sent.residual
    assert residual is not None
    wanted = torch.stack(updates).double().sum(0)
    assert torch.allclose(arrived + residual.double(), wanted, atol=1e-4)


@pytest.mark.parametrize("wire", LOSSY, ids=names)
def test_what_is_left_over_does_not_grow_without_end(wire: Format) -> None:
    rng = torch.Generator().manual_seed(3)
    residual: Tensor | None = None
    norms = []
    for number in range(400):
        sent = send(torch.randn(6, 50, generator=rng), residual, wire, number)
        residual = sent.residual
        norms.append(float(residual.norm()))
    assert max(norms[200:]) < 1.5 * max(norms[:200])


@pytest.mark.parametrize("wire", LOSSY, ids=names)
def test_an_adapter_arrives_as_nearly_as_its_difference_is_small(wire: Format) -> None:
    before, step = adapter(1), adapter(2)
    after = {
        n: Factors(f.a + step[n].a / 1e3, f.b + step[n].b / 1e3, 0.5) for n, f in before.items()
    }
    base = base_of(before)
    sent, left = coded_with_feedback(after, wire, base, {}, 7)
    found = read(sent, wire, base)
    for name, factors in after.items():
        for side in ("a", "b"):
            wanted, got = getattr(factors, side), getattr(found[name], side)
            largest = float((wanted - getattr(before[name], side)).abs().max())
            assert float((wanted - got).abs().max()) <= wire.bound(largest) + 1e-6
            assert torch.allclose(got + left[f"{name}.{side}"], wanted, atol=1e-6)


@given(st.integers(0, 99), st.booleans())
def test_float32_arrives_bit_by_bit_with_or_without_something_to_see_it_from(
    seed: int, has_base: bool
) -> None:
    base = base_of(adapter(seed + 1)) if has_base else None
    sent, left = coded_with_feedback(adapter(seed), FLOAT32, base, {}, 1)
    assert not left
    assert checksum(read(sent, FLOAT32, base)) == checksum(adapter(seed))


@pytest.mark.parametrize("wire", [FLOAT32, *LOSSY], ids=names)
def test_a_factor_that_did_not_change_does_not_travel_and_stays_bit_by_bit(wire: Format) -> None:
    before = adapter(1)
    after = {name: Factors(f.a, f.b + 1, 0.5) for name, f in before.items()}
    waits = {"m.one.a": torch.ones(4, 30)}
    base = base_of(before)
    sent, left = coded_with_feedback(after, wire, base, waits, 7)
    parts = list(sent.parts)
    assert [part.how is How.KEPT for part in parts] == [True, False] * 2
    assert not parts[0].content
    sent, _ = coded_with_feedback(after, wire, base, waits, 7)
    found = read(sent, wire, base)
    assert all(torch.equal(found[name].a, before[name].a) for name in before)
    if not wire.is_exact:
        assert torch.equal(left["m.one.a"], waits["m.one.a"]), "it waits until A is trained again"


def test_zeros_of_another_sign_are_not_the_same_bits() -> None:
    before = {"m": Factors(torch.zeros(1, 2), torch.zeros(2, 1), 0.5)}
    after = {"m": Factors(-torch.zeros(1, 2), torch.zeros(2, 1), 0.5)}
    base = base_of(before)
    found = read(coded(after, FLOAT32, base), FLOAT32, base)
    assert checksum(found) == checksum(after) != checksum(before)


@pytest.mark.parametrize("wire", LOSSY, ids=names)
def test_a_stack_that_has_grown_keeps_what_was_there_bit_by_bit(wire: Format) -> None:
    before, more = adapter(1), adapter(2, rank=3)
    after = {
        name: Factors(torch.cat([f.a, more[name].a]), torch.cat([f.b, more[name].b], dim=1), 0.5)
        for name, f in before.items()
    }
    base = base_of(before)
    sent, left = coded_with_feedback(after, wire, base, {}, 7)
    found = read(sent, wire, base)
    for name, factors in found.items():
        assert torch.equal(factors.a[:4], before[name].a)
        assert torch.equal(factors.b[:, :4], before[name].b)
        assert left[f"{name}.a"].shape == (7, 30)
    wider = {name: torch.ones(4, 30) for name in ("m.one.a", "m.two.a")}
    _, again = coded_with_feedback(after, wire, base, wider, 7)
    assert again["m.one.a"].shape == (7, 30)


def test_with_nothing_to_see_it_from_the_factors_themselves_travel_and_nothing_is_left() -> None:
    wire = FORMATS["int8"]
    sent, left = coded_with_feedback(adapter(1), wire, None, {"m.one.a": torch.ones(4, 30)}, 7)
    assert {part.how for part in sent.parts} == {How.ITSELF}
    assert not left
    assert sent.since == ""
    found = read(sent, wire)
    assert torch.allclose(found["m.one"].a, adapter(1)["m.one"].a, atol=0.05)


def test_a_residual_of_another_shape_does_not_count() -> None:
    wire, base = FORMATS["int8"], base_of(adapter(1))
    sent, _ = coded_with_feedback(adapter(2), wire, base, {"m.one.a": torch.ones(9, 99)}, 7)
    plain, _ = coded_with_feedback(adapter(2), wire, base, {}, 7)
    assert sent == plain


@pytest.mark.parametrize("how", [How.KEPT, How.DIFFERENCE])
def test_a_difference_from_nothing_is_refused(how: How) -> None:
    shapes = shapes_of(adapter(1))
    hows = dict.fromkeys(shapes, (how, how))
    content = bytes(10_000)
    for base in (
        None,
        base_of({}),
        base_of(adapter(1, columns=29, out=19)),
        base_of(adapter(1, 5)),
    ):
        with pytest.raises(AggregationError, match="from nothing that is here"):
            decoded(shapes, hows, lambda size: content[:size], FLOAT32, base, 0.5)


@given(st.integers(0, 99))
def test_factors_that_were_turned_are_turned_back_and_the_product_stays(seed: int) -> None:
    before, step = adapter(seed), adapter(seed + 1)
    rng = torch.Generator().manual_seed(seed)
    turned = {}
    for name, f in before.items():
        turn, _ = torch.linalg.qr(torch.randn(4, 4, generator=rng))
        a, b = f.a + step[name].a / 100, f.b + step[name].b / 100
        turned[name] = Factors(turn.T @ a, b @ turn, 0.5)
    found = aligned(turned, before)
    for name, f in found.items():
        assert torch.allclose(f.delta(), turned[name].delta(), atol=1e-4)
        assert float((f.a - before[name].a).norm()) < 0.2 * float(before[name].a.norm())


def test_factors_that_need_no_turning_are_left_as_they_are() -> None:
    before, step = adapter(1), adapter(2)
    near = {n: Factors(f.a + step[n].a / 100, f.b, 0.5) for n, f in before.items()}
    also = {n: Factors(f.a + step[n].a / 9, f.b + step[n].b / 9, 0.5) for n, f in before.items()}
    for one in (near, also, adapter(3, rank=5), adapter(3, out=21)):
        found = aligned(one, before)
        assert all(found[name] is one[name] for name in one)


def test_columns_first_tensors_are_coded_by_value() -> None:
    turned = {"m": Factors(torch.randn(5, 2).T.double(), torch.randn(2, 3).T, 0.5)}
    found = read(coded(turned, FLOAT32), FLOAT32)
    assert np.array_equal(found["m"].a.numpy(), turned["m"].a.float().numpy())
