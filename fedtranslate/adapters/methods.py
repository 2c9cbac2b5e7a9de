"""The ways to federate an adapter, by name: ours, and those of installed plugins.

A method says for every round how the sites train and how their replies become the next joint
adapter.  To add one here, write a pure function in ``combine`` and one line below.  To add
one from another distribution, announce a ``Method`` as an entry point of the group
``fedtranslate.methods``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import TypeAlias

import torch

from fedtranslate.adapters.combine import average_b, average_factors, full_rank, stack
from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.errors import AggregationError, UnknownNameError

Combine: TypeAlias = Callable[[Sequence[Adapter], Sequence[float], Adapter], Adapter]
"""Makes the next joint adapter from the sites' replies, their weights, and the last one."""


@dataclass(frozen=True, slots=True)
class Phase:
    """How one round goes."""

    combine: Combine
    trains_a: bool = True
    """Whether sites train A; if not, they return it as they got it."""
    starts_afresh: bool = False
    """Whether sites fold the joint adapter into the base and train a new adapter on top.

    Their replies are then what comes on top of the joint adapter, and may have another rank.
    """


Method: TypeAlias = Callable[[int, int], Phase]
"""The phase of a round, from its number (counted from 1) and the ``fra_rounds`` of the run."""


def _fedit(updates: Sequence[Adapter], weights: Sequence[float], joint: Adapter) -> Adapter:  # noqa: ARG001
    return average_factors(updates, weights)


def _ffa(updates: Sequence[Adapter], weights: Sequence[float], joint: Adapter) -> Adapter:
    for name, factors in joint.items():
        if not torch.equal(factors.a, updates[0][name].a):
            raise AggregationError(f"A site changed the frozen A of {name}.")
    return average_b(updates, weights)


def _fra(updates: Sequence[Adapter], weights: Sequence[float], joint: Adapter) -> Adapter:
    first = next(iter(joint.values()))
    return full_rank(updates, weights, first.rank, first.scaling)


def _flora(updates: Sequence[Adapter], weights: Sequence[float], joint: Adapter) -> Adapter:
    """Put the stack of the replies beside what the sites had folded into their base."""
    new = stack(updates, weights)
    if not any(bool(factors.b.any()) for factors in joint.values()):
        return new
    return {
        name: Factors(
            a=torch.cat([joint[name].a, factors.a]),
            b=torch.cat([joint[name].b * joint[name].scaling, factors.b], dim=1),
        )
        for name, factors in new.items()
    }


def _fra_then_ffa(number: int, fra_rounds: int) -> Phase:
    """Average at full rank while much is learned, then freeze A (arXiv:2501.06332)."""
    return Phase(_fra) if number <= fra_rounds else Phase(_ffa, trains_a=False)


METHODS: Mapping[str, Method] = {
    "fedit": lambda _number, _fra_rounds: Phase(_fedit),
    "ffa": lambda _number, _fra_rounds: Phase(_ffa, trains_a=False),
    "flora": lambda _number, _fra_rounds: Phase(_flora, starts_afresh=True),
    "fra": lambda _number, _fra_rounds: Phase(_fra),
    "fra-then-ffa": _fra_then_ffa,
}


def find_method(name: str) -> Method:
    """Return the method called ``name``; a built-in one wins over a plugin.

    Raises:
        UnknownNameError: Neither built in nor announced by an installed plugin.
    """
    if name in METHODS:
        return METHODS[name]
    plugins = entry_points(group="fedtranslate.methods")
    if name not in plugins.names:
        raise UnknownNameError("method", name, {*METHODS, *plugins.names})
    method: Method = plugins[name].load()
    return method
