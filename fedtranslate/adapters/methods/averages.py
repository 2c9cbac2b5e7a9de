"""Methods that average factors: cheap, sums only, and more or less exact."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import torch
from torch import Tensor

from fedtranslate.adapters.combine import (
    Cohort,
    average_a,
    average_b,
    average_factors,
    finished,
)
from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.methods.method import BOTH, Joint, Options, Part, Phase
from fedtranslate.errors import AggregationError

_RIDGE = 1e-9
"""Share of the mean square that keeps a singular system solvable."""


def fedit(number: int, options: Options) -> Phase:  # noqa: ARG001 - of a Method
    """Average A and B apart (Zhang et al. 2023, arXiv:2305.05644)."""
    return Phase(lambda replies, weights, _: Joint(average_factors(replies, weights)))


def ffa(number: int, options: Options) -> Phase:  # noqa: ARG001
    """Freeze A, average B: exact (FFA-LoRA, Sun et al. 2024, arXiv:2403.12313)."""
    only = frozenset({Part.B})
    return Phase(under_frozen_a, trains=only, shares=only)


def rolora(number: int, options: Options) -> Phase:  # noqa: ARG001
    """Train and average B in odd rounds, A in even ones: exact (arXiv:2409.02346)."""
    if number % 2:
        return ffa(number, {})
    only = frozenset({Part.A})
    return Phase(_under_frozen_b, trains=only, shares=only)


def fedsa(number: int, options: Options) -> Phase:  # noqa: ARG001
    """Average A; each site keeps its own B (FedSA-LoRA, Guo et al. 2024, arXiv:2410.01463)."""
    return Phase(_only_a, trains=BOTH, shares=frozenset({Part.A}))


def lora_fair(number: int, options: Options) -> Phase:  # noqa: ARG001
    """Average A and B, then correct B towards the mean product.

    LoRA-FAIR (Bian et al. 2024, arXiv:2411.14961) asks for the smallest correction that makes the
    product like the mean one.  Here likeness is squared distance, so that the answer has a closed
    form: dB minimises |mean(sBA) - s(B + dB)A|^2 + penalty * |A|^2 s^2 / rank * |dB|^2, where the
    factor makes the penalty a number without unit.
    """
    return Phase(lambda replies, weights, _: _corrected(replies, weights, options["penalty"]))


def fedrot(number: int, options: Options) -> Phase:
    """Turn every site's factors towards the last joint ones, then average them apart.

    FedRot-LoRA: B R and R^T A stand for the same update for every rotation R; the one that brings
    A (in odd rounds) or B (in even ones) nearest to the last joint one is taken (orthogonal
    Procrustes), mixed with the identity by ``softness`` and made a rotation again.  In the first
    round B is zero and there is nothing to turn to.
    """
    if number == 1:
        return fedit(number, options)
    part = Part.A if number % 2 else Part.B
    strength = options["strength"]

    def combine(replies: Sequence[Adapter], weights: Sequence[float], joint: Joint) -> Joint:
        Cohort.of(replies, weights, one_rank=True, may_lack=True)  # what is turned must be sound
        turned = [Turned(reply, joint.adapter, part, strength) for reply in replies]
        return Joint(average_factors(turned, weights))

    return Phase(combine)


class Turned(Mapping[str, Factors]):
    """A reply whose factors are turned towards those of another adapter.

    Each module is turned when it is asked for, so that replies on disk stay there.

    Args:
        reply: Of a site.
        towards: Of the same ranks.
        part: Which factor is brought near.
        strength: 0 turns nothing, 1 all the way.
    """

    def __init__(self, reply: Adapter, towards: Adapter, part: Part, strength: float) -> None:
        self._reply, self._towards = reply, towards
        self._part, self._strength = part, strength

    def __getitem__(self, name: str) -> Factors:
        """Return the turned factors of a module."""
        return _turned(self._reply[name], self._towards[name], self._part, self._strength)

    def __iter__(self) -> Iterator[str]:
        """Return the names of the modules."""
        return iter(self._reply)

    def __len__(self) -> int:
        """Return how many modules there are."""
        return len(self._reply)


def rotation(overlap: Tensor, strength: float) -> Tensor:
    """Return the rotation R for which trace(R^T overlap) is largest, mixed with the identity.

    Args:
        overlap: Shape (rank, rank).
        strength: 0 returns the identity, 1 the rotation itself.
    """
    left, _, right = torch.linalg.svd(overlap)
    signs = torch.ones(len(overlap), dtype=overlap.dtype)
    signs[-1] = torch.sign(torch.linalg.det(left @ right))
    turn: Tensor = (left * signs) @ right
    if strength < 1:
        mixed = (1 - strength) * torch.eye(len(turn), dtype=turn.dtype) + strength * turn
        left, _, right = torch.linalg.svd(mixed)
        turn = left @ right
    return turn


def _turned(one: Factors, goal: Factors, part: Part, strength: float) -> Factors:
    if one.rank != goal.rank:
        raise AggregationError(f"A reply has rank {one.rank}; the joint adapter has {goal.rank}.")
    a, b = one.a.detach().double(), one.b.detach().double()
    by_a = part is Part.A
    overlap = a @ goal.a.detach().double().T if by_a else b.T @ goal.b.detach().double()
    turn = rotation(overlap, strength)
    return Factors((turn.T @ a).float(), (b @ turn).float(), one.scaling)


def under_frozen_a(replies: Sequence[Adapter], weights: Sequence[float], joint: Joint) -> Joint:
    """Average B; the A of all must be that of ``joint``."""
    _check_frozen(replies, weights, joint, lambda one: one.a, "A")
    return Joint(average_b(replies, weights))


def _under_frozen_b(replies: Sequence[Adapter], weights: Sequence[float], joint: Joint) -> Joint:
    _check_frozen(replies, weights, joint, lambda one: one.b, "B")
    return Joint(average_a(replies, weights))


def _only_a(replies: Sequence[Adapter], weights: Sequence[float], joint: Joint) -> Joint:
    cohort = Cohort.of(replies, weights, one_rank=True, may_lack=True)
    return Joint(
        finished(
            {
                name: Factors(cohort.mean(name, lambda one: one.a).float(), one.b, one.scaling)
                for name, one in joint.adapter.items()
            }
        )
    )


def _corrected(replies: Sequence[Adapter], weights: Sequence[float], penalty: float) -> Joint:
    cohort = Cohort.of(replies, weights, one_rank=True, may_lack=True)
    joint = {}
    for name in cohort.modules:
        a, b = cohort.mean(name, lambda one: one.a), cohort.mean(name, lambda one: one.b)
        scaling = next(iter(cohort.modules[name].values())).scaling
        stacked_a, stacked_b = cohort.product(name)
        gram = scaling * (a @ a.T)
        missing = stacked_b @ (stacked_a @ a.T) - b @ gram
        unit = float(gram.diagonal().mean()) or 1.0
        ridge = (penalty + _RIDGE) * unit * torch.eye(len(gram), dtype=gram.dtype)
        b = b + torch.linalg.solve(gram + ridge, missing.T).T
        joint[name] = Factors(a.float(), b.float(), scaling)
    return Joint(finished(joint))


def _check_frozen(
    replies: Sequence[Adapter],
    weights: Sequence[float],
    joint: Joint,
    part: Callable[[Factors], Tensor],
    letter: str,
) -> None:
    """Refuse replies that all agree on another frozen factor; that they agree is checked later."""
    counted = next((one for one, weight in zip(replies, weights, strict=False) if weight), None)
    for name, factors in joint.adapter.items():
        if counted and not torch.equal(part(factors), part(counted[name])):
            raise AggregationError(f"A site changed the frozen {letter} of {name}.")
