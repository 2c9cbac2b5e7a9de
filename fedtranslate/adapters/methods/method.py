"""What a method is: how each round goes, and what can be relied on."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from torch import Tensor

from fedtranslate.adapters.combine import summed
from fedtranslate.adapters.compress import truncate
from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.errors import AggregationError, ConfigError

Options: TypeAlias = Mapping[str, float]
"""Of a method, complete: every option with its value."""
FOLDED = "folded."
"""Begins the names of modules that are folded, where they travel beside the others."""


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """What the coordinator holds between two rounds."""

    adapter: Adapter
    """What sites train from."""
    folded: Adapter = field(default_factory=dict)
    """What sites add to their base model before it, and do not train; empty where nothing is."""
    memory: Mapping[str, Tensor] = field(default_factory=dict)
    """Of a server optimiser; it stays at the coordinator."""

    def packed(self) -> Adapter:
        """Return adapter and what is folded as one mapping, as they travel together.

        Modules of the latter have names of their own; all have the scaling of the adapter.
        """
        return _Packed(self.adapter, self.folded) if self.folded else self.adapter

    @classmethod
    def of(cls, packed: Adapter, memory: Mapping[str, Tensor] | None = None) -> "Joint":
        """Return what was packed."""
        if not any(name.startswith(FOLDED) for name in packed):
            return cls(packed, memory=memory or {})
        folded = {
            name.removeprefix(FOLDED): one
            for name, one in packed.items()
            if name.startswith(FOLDED)
        }
        adapter = {name: one for name, one in packed.items() if not name.startswith(FOLDED)}
        return cls(adapter, folded, memory or {})

    def whole(self) -> Adapter:
        """Return the one adapter that stands for both: what is released and judged."""
        if not self.folded:
            return self.adapter
        return summed([(self.folded, 1.0), (self.adapter, 1.0)])


class _Packed(Mapping[str, Factors]):
    """Two adapters as one; modules are read when they are asked for."""

    def __init__(self, adapter: Adapter, folded: Adapter) -> None:
        self._adapter = adapter
        self._folded = folded

    def __getitem__(self, name: str) -> Factors:
        if not name.startswith(FOLDED):
            return self._adapter[name]
        module = name.removeprefix(FOLDED)
        one, scaling = self._folded[module], self._adapter[module].scaling
        return Factors(one.a, one.b * (one.scaling / scaling), scaling)

    def __iter__(self) -> Iterator[str]:
        yield from self._adapter
        yield from (FOLDED + name for name in self._folded)

    def __len__(self) -> int:
        return len(self._adapter) + len(self._folded)


class Part(StrEnum):
    """What of an adapter is trained, or travels."""

    A = "a"
    B = "b"
    CORE = "core"
    """The (rank, rank) matrix R of b = Q R, where Q is a basis that both ends know."""


BOTH = frozenset({Part.A, Part.B})

Combine: TypeAlias = Callable[[Sequence[Adapter], Sequence[float], Joint], Joint]
"""Makes what comes next from the sites' replies, their weights, and what they trained from."""


@dataclass(frozen=True, slots=True)
class Phase:
    """How one round goes."""

    combine: Combine
    trains: frozenset[Part] = BOTH
    """What sites train; the rest they keep as they got it."""
    shares: frozenset[Part] = BOTH
    """What of that leaves the sites; the rest is each site's own."""

    @property
    def personal(self) -> frozenset[Part]:
        """Return what each site trains and keeps to itself."""
        return self.trains - self.shares


class Exactness(StrEnum):
    """How near the next joint adapter is to the weighted mean of the sites' updates."""

    EXACT = "exact"
    BEST = "best of its rank"
    APPROXIMATE = "approximate"
    PERSONAL = "personal"
    """There is no one joint adapter: a part is each site's own."""


class Fit(StrEnum):
    """How a site with a smaller rank of its own gets what it trains from."""

    NONE = "none"
    """All sites have the rank of the run."""
    SVD = "svd"
    """The best approximation of that rank."""
    ROWS = "rows"
    """The first rows of A and columns of B."""


@dataclass(frozen=True, slots=True)
class Option:
    """A number that a method can be given."""

    default: float
    least: float
    most: float
    meaning: str
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Method:
    """One way to federate an adapter."""

    name: str
    title: str
    paper: str
    """Authors, year and arXiv number."""
    exactness: Exactness
    phase: Callable[[int, Options], Phase]
    """Returns how a round goes, from its number, counted from 1, and the options."""
    fit: Fit = Fit.NONE
    sums_only: bool = False
    """Whether the coordinator needs sums of replies only, as secure aggregation gives."""
    folds: bool = False
    """Whether something is folded into the base model; it then travels down, too."""
    begins_anew: bool = False
    """Whether each round's factors are drawn anew: what is left over of the last has no place."""
    options: Mapping[str, Option] = field(default_factory=dict)

    @property
    def mixed_ranks(self) -> bool:
        """Return whether sites may have ranks of their own."""
        return self.fit is not Fit.NONE

    def complete(self, given: Mapping[str, float]) -> Options:
        """Return all options, the ``given`` ones checked.

        Raises:
            ConfigError: One is unknown, or out of its range; all such are listed.
        """
        wrong = [line for name, value in given.items() if (line := self._wrong(name, value))]
        if wrong:
            raise ConfigError("method_options: " + " ".join(wrong))
        return {name: given.get(name, option.default) for name, option in self.options.items()}

    def _wrong(self, name: str, value: float) -> str:
        option = self.options.get(name)
        if option is None:
            known = ", ".join(sorted(self.options)) or "none"
            return f"{name!r} is no option of {self.name} (it has {known})."
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not math.isfinite(value) or not option.least <= value <= option.most:
            return f"{name} must be a number from {option.least:g} to {option.most:g}."
        return f"{name} must be a whole number." if option.is_whole and value % 1 else ""

    def rank_problem(self, rank: int, most: int) -> str:
        """Return why a site of ``rank`` cannot take part in a run of the rank ``most``, or ""."""
        if rank > most:
            return f"its own rank is {rank}, and that of the run is {most}"
        if rank < most and not self.mixed_ranks:
            return f"it has a rank of its own, {rank}, and {self.name} has one for all, {most}"
        return ""

    def started(self, joint: Adapter, rank: int, scaling: float) -> Adapter:
        """Return what a site of ``rank`` trains from.

        Args:
            joint: That of the run.
            rank: Of the site; that of ``joint`` or less.
            scaling: That the site trains with.

        Raises:
            AggregationError: The method has one rank for all, and it is another.
        """
        found = {factors.rank for factors in joint.values()}
        if found == {rank}:
            return joint
        if self.fit is Fit.SVD:
            return truncate(joint, rank, scaling=scaling)
        if self.fit is Fit.ROWS and min(found) >= rank:
            return {
                name: Factors(one.a[:rank], one.b[:, :rank] * (one.scaling / scaling), scaling)
                for name, one in joint.items()
            }
        raise AggregationError(
            f"The method {self.name} has one rank for all sites, {max(found)}, and this site has"
            f" {rank}.",
            hint="Take a method for mixed ranks, such as flexlora, or leave out the site's rank.",
        )
