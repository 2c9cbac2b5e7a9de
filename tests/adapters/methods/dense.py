"""Sites that reply to a joint adapter, and the same arithmetic on dense float64 matrices."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from hypothesis import strategies as st
from torch import Tensor

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.methods.method import Joint, Part, Phase
from fedtranslate.adapters.methods.registry import METHODS

MODULES = ("layers.0.down_proj", "layers.0.q_proj")
EXACT = ("ffa", "rolora", "flora", "fedex", "svd-residual")


@dataclass(frozen=True)
class Round:
    """One round: what the sites train from, what they reply, and their weights."""

    joint: Joint
    replies: list[Adapter]
    weights: list[float]


@st.composite
def rounds(
    draw: st.DrawFn,
    *,
    trains: frozenset[Part] = frozenset({Part.A, Part.B}),
    mixed: bool = False,
    is_folded: bool = False,
    least: int = 1,
) -> Round:
    """A joint adapter of two matrices that are not square, and one to five replies.

    ``mixed`` gives sites ranks up to that of the joint adapter, and scalings of their own.
    """
    rng = torch.Generator().manual_seed(draw(st.integers(0, 2**32)))
    # No square matrix: a transposed product must not pass.
    sides = st.tuples(st.integers(4, 9), st.integers(4, 9)).filter(lambda one: one[0] != one[1])
    shapes = {name: draw(sides) for name in MODULES}
    rank, scaling = draw(st.integers(1, 4)), draw(st.floats(0.25, 8))
    adapter = {name: _random(shape, rank, scaling, rng) for name, shape in shapes.items()}
    folded = {
        name: _random(shape, draw(st.integers(1, 4)), 1.0, rng)
        for name, shape in (shapes.items() if is_folded else ())
    }
    joint = Joint(adapter, folded)
    replies = []
    for _ in range(draw(st.integers(least, 5))):
        own_rank = draw(st.integers(1, rank)) if mixed else rank
        own_scaling = draw(st.floats(0.25, 8)) if mixed else scaling
        replies.append(_reply(adapter, trains, own_rank, own_scaling, rng))
    count = len(replies)
    weights = draw(st.lists(st.integers(0, 10_000), min_size=count, max_size=count).filter(any))
    return Round(joint, replies, [float(weight) for weight in weights])


def phase_of(name: str, number: int) -> Phase:
    """A round of the method with its defaults."""
    method = METHODS[name]
    return method.phase(number, method.complete({}))


def combined(name: str, one: Round, number: int = 1, **options: float) -> Joint:
    """What the method makes of a round."""
    method = METHODS[name]
    phase = method.phase(number, method.complete(options))
    return phase.combine(one.replies, one.weights, one.joint)


def update(factors: Factors) -> Tensor:
    """s B A in float64."""
    return factors.scaling * (factors.b.double() @ factors.a.double())


def mean(matrices: Sequence[Tensor], weights: Sequence[float]) -> Tensor:
    """The weighted mean."""
    parts = [w / sum(weights) * one.double() for one, w in zip(matrices, weights, strict=True)]
    return torch.stack(parts).sum(0)


def mean_update(one: Round, name: str) -> Tensor:
    """The weighted mean of the replies' updates of one matrix."""
    return mean([update(reply[name]) for reply in one.replies], one.weights)


def folded_before(one: Round, name: str) -> Tensor | float:
    """What the sites had folded in."""
    return update(one.joint.folded[name]) if one.joint.folded else 0.0


def error(found: Tensor, wanted: Tensor) -> float:
    """How far apart, relative to what is wanted where that is more than 1."""
    return float((found - wanted).norm() / (1 + wanted.norm()))


def _random(shape: tuple[int, int], rank: int, scaling: float, rng: torch.Generator) -> Factors:
    a = torch.randn(rank, shape[1], generator=rng)
    return Factors(a, torch.randn(shape[0], rank, generator=rng), scaling)


def _reply(
    adapter: Adapter,
    trains: frozenset[Part],
    rank: int,
    scaling: float,
    rng: torch.Generator,
) -> dict[str, Factors]:
    reply = {}
    for name, old in adapter.items():
        a, b = old.a[:rank].clone(), old.b[:, :rank].clone()
        if Part.A in trains:
            a += torch.randn(a.shape, generator=rng)
        if Part.B in trains:
            b += torch.randn(b.shape, generator=rng)
        if Part.CORE in trains:
            core = torch.randn(old.rank, old.rank, generator=rng).double()
            b = (torch.linalg.qr(old.b.double()).Q @ core).float()
        reply[name] = Factors(a, b, scaling)
    return reply
