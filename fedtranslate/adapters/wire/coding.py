"""An adapter as bytes, seen from one that both ends have.

Each factor travels in one of three ways.  One that is, bit by bit, what the other end has does not
travel.  One of a format that is exact travels as it is, so that no sum is rounded on the way.
Of all others the difference travels, which is small where the factors are not, with what was left
over before (``feedback``).  Where the other end has nothing of this shape, the factor itself does.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeAlias

import torch
from torch import Tensor

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.wire.feedback import received, send
from fedtranslate.adapters.wire.formats import Format
from fedtranslate.adapters.wire.rounding import seed_for
from fedtranslate.errors import AggregationError

SIDES = ("a", "b")
Shape: TypeAlias = tuple[int, int, int]
"""Rank, rows of B, columns of A."""
Residual: TypeAlias = Mapping[str, Tensor]
"""What is left over, by module and side, such as ``model.layers.0.self_attn.q_proj.a``."""


class How(IntEnum):
    """How a factor travels."""

    KEPT = 0
    """Not at all: the other end has it."""
    ITSELF = 1
    DIFFERENCE = 2
    """From what the other end has; where that has a lower rank, it counts as followed by zeros."""


@dataclass(frozen=True, slots=True)
class Part:
    """One factor of one module."""

    how: How
    content: bytes


@dataclass(frozen=True, slots=True)
class Coded:
    """An adapter as it travels."""

    format: str
    shapes: Mapping[str, Shape]
    """Modules in the order of their names."""
    parts: Iterable[Part]
    """A, then B of each module, in the order of ``shapes``; may be read once only."""
    since: str = ""
    """SHA-256 of the adapter that the other end must have; empty if it needs none."""


@dataclass(frozen=True, slots=True)
class Base:
    """An adapter that both ends have."""

    checksum: str
    adapter: Adapter = field(repr=False)


def coded(adapter: Adapter, wire: Format, base: Base | None = None) -> Coded:
    """Return ``adapter`` for the wire; each factor is written when it is asked for.

    Args:
        adapter: To be sent.
        wire: An exact format.
        base: What the other end has.
    """
    shapes = shapes_of(adapter)
    parts = (
        _exact(matrix, _reference(base, name, side, matrix.shape), wire)
        for name, side, matrix in _matrices(adapter)
    )
    return Coded(wire.name, shapes, parts, base.checksum if base else "")


def coded_with_feedback(
    adapter: Adapter, wire: Format, base: Base | None, residual: Residual, seed: int
) -> tuple[Coded, dict[str, Tensor]]:
    """Return ``adapter`` for the wire, and what is left over for the next time.

    Args:
        adapter: To be sent.
        wire: The format.
        base: What the other end has; None where there is nothing that the adapter came from, when
            nothing is left over either.
        residual: What was left over the last time; for other shapes it does not count.
        seed: For the rounding.

    Raises:
        AggregationError: Something is not finite.
    """
    if wire.is_exact:
        return coded(adapter, wire, base), {}
    parts, left = [], {}
    for name, side, matrix in _matrices(adapter):
        key = f"{name}.{side}"
        reference = _reference(base, name, side, matrix.shape)
        over = _fitting(residual.get(key), matrix.shape)
        if reference is None:
            parts.append(Part(How.ITSELF, send(matrix, None, wire, seed_for(seed, key)).content))
            continue
        if reference.shape == matrix.shape and is_same(matrix, reference):
            parts.append(Part(How.KEPT, b""))
            if over is not None:  # it waits for a round that trains this factor
                left[key] = over
            continue
        difference = matrix.double() - _followed(reference, matrix.shape).double()
        sent = send(difference, over, wire, seed_for(seed, key))
        parts.append(Part(How.DIFFERENCE, sent.content))
        left[key] = sent.residual
    return Coded(wire.name, shapes_of(adapter), tuple(parts), base.checksum if base else ""), left


def decoded(
    shapes: Mapping[str, Shape],
    hows: Mapping[str, tuple[How, How]],
    read: Callable[[int], bytes | bytearray],
    wire: Format,
    base: Base | None,
    scaling: float,
) -> dict[str, Factors]:
    """Return the adapter that was coded.

    Args:
        shapes: Of its modules, in order.
        hows: How A and B of each travel.
        read: Returns the next so many bytes.
        wire: The format.
        base: The adapter that it was seen from; None if it needs none.
        scaling: Of the adapter.

    Raises:
        AggregationError: It is seen from something of another shape, or holds bytes that the
            format does not make.
    """
    adapter = {}
    for name, shape in shapes.items():
        a, b = (
            _decoded(name, side, how, sides, read, wire, base)
            for side, how, sides in zip(SIDES, hows[name], _sides(shape), strict=True)
        )
        adapter[name] = Factors(a, b, scaling)
    return adapter


def as_received(sent: Coded, wire: Format, base: Base | None, scaling: float) -> dict[str, Factors]:
    """Return the adapter that the other end makes of ``sent``, whose parts can be read again.

    Args:
        sent: Of a format that is not exact.
        wire: The format.
        base: What the other end has.
        scaling: Of the adapter.
    """
    contents = (part.content for part in sent.parts if part.how is not How.KEPT)
    return decoded(sent.shapes, hows_of(sent), lambda _: next(contents), wire, base, scaling)


def check_base(
    shapes: Mapping[str, Shape], hows: Mapping[str, tuple[How, How]], base: Base | None
) -> None:
    """Refuse an adapter that is seen from what this end does not have.

    Raises:
        AggregationError: As it says.
    """
    for name, shape in shapes.items():
        for side, how, sides in zip(SIDES, hows[name], _sides(shape), strict=True):
            reference = _reference(base, name, side, torch.Size(sides))
            is_there = reference is not None and (
                how is How.DIFFERENCE or tuple(reference.shape) == sides
            )
            if how is not How.ITSELF and not is_there:
                raise _no_reference(name, side)


def hows_of(sent: Coded) -> dict[str, tuple[How, How]]:
    """Return how A and B of each module travel; the parts can be read again."""
    ways = [part.how for part in sent.parts]
    return dict(zip(sent.shapes, zip(ways[::2], ways[1::2], strict=True), strict=True))


def sizes(
    shapes: Mapping[str, Shape], hows: Mapping[str, tuple[How, How]], wire: Format
) -> dict[str, tuple[int, int]]:
    """Return how many bytes A and B of each module take."""
    found = {}
    for name, shape in shapes.items():
        a, b = (
            0 if how is How.KEPT else wire.size(rows * columns)
            for how, (rows, columns) in zip(hows[name], _sides(shape), strict=True)
        )
        found[name] = a, b
    return found


def shapes_of(adapter: Adapter) -> dict[str, Shape]:
    """Return the shapes of an adapter's modules, in the order of their names."""
    return {name: (adapter[name].rank, *adapter[name].shape) for name in sorted(adapter)}


def is_same(one: Tensor, other: Tensor) -> bool:
    """Tell whether two float32 tensors of one shape hold the same bits."""
    return torch.equal(one.view(torch.int32), other.view(torch.int32))


def _sides(shape: Shape) -> tuple[tuple[int, int], tuple[int, int]]:
    rank, out, columns = shape
    return (rank, columns), (out, rank)


def _matrices(adapter: Adapter) -> Iterator[tuple[str, str, Tensor]]:
    for name in sorted(adapter):
        factors = adapter[name]
        for side, matrix in zip(SIDES, (factors.a, factors.b), strict=True):
            yield name, side, _plain(matrix)


def _plain(matrix: Tensor) -> Tensor:
    return matrix.detach().to(device="cpu", dtype=torch.float32).contiguous()


def _exact(matrix: Tensor, reference: Tensor | None, wire: Format) -> Part:
    if reference is not None and reference.shape == matrix.shape and is_same(matrix, reference):
        return Part(How.KEPT, b"")
    return Part(How.ITSELF, wire.encode(matrix.reshape(-1).numpy(), 0))


def _reference(base: Base | None, name: str, side: str, shape: torch.Size) -> Tensor | None:
    """Return what a factor is seen from: one of its shape, or of a lower rank; None if none is."""
    if base is None or name not in base.adapter:
        return None
    found = _plain(getattr(base.adapter[name], side))
    rank, other = (0, 1) if side == "a" else (1, 0)
    fits = found.shape[other] == shape[other] and found.shape[rank] <= shape[rank]
    return found if fits else None


def _followed(matrix: Tensor, shape: torch.Size) -> Tensor:
    """Return ``matrix`` followed by zeros up to ``shape``."""
    if matrix.shape == shape:
        return matrix
    whole = torch.zeros(shape)
    whole[: matrix.shape[0], : matrix.shape[1]] = matrix
    return whole


def _fitting(residual: Tensor | None, shape: torch.Size) -> Tensor | None:
    """Return what is left over of a factor that may have more rank by now; None if nothing fits."""
    if residual is None or any(had > has for had, has in zip(residual.shape, shape, strict=True)):
        return None
    return _followed(residual, shape)


def _decoded(
    name: str,
    side: str,
    how: How,
    sides: tuple[int, int],
    read: Callable[[int], bytes | bytearray],
    wire: Format,
    base: Base | None,
) -> Tensor:
    shape = torch.Size(sides)
    reference = None if how is How.ITSELF else _reference(base, name, side, shape)
    if how is How.KEPT:
        if reference is None or reference.shape != shape:
            raise _no_reference(name, side)
        return reference
    arrived = received(read(wire.size(shape.numel())), shape, wire)
    if how is How.ITSELF:
        return arrived
    if reference is None:
        raise _no_reference(name, side)
    return _followed(reference, shape) + arrived


def _no_reference(name: str, side: str) -> AggregationError:
    factor = "A" if side == "a" else "B"
    return AggregationError(
        f"The factor {factor} of {name[:80]!a} came as a difference from nothing that is here."
    )
