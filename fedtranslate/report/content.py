"""What a page tells about one run, as plain values; nothing here knows HTML.

A page is made at one place that may see all of it, for the people of that place: it shows code.
The pages of a coordinator leave ``samples`` and ``migrated`` empty, having none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fedtranslate.evaluation.gate import Decision
from fedtranslate.experiments.comparison import Sample
from fedtranslate.experiments.table import Table
from fedtranslate.federation.coordinator.worth import Contribution
from fedtranslate.records import Translation


@dataclass(frozen=True, slots=True)
class Curve:
    """A loss over the rounds."""

    name: str
    """Site, or what else the loss is of."""
    points: tuple[tuple[int, float], ...]
    """Round and loss per token; rounds may be missing."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A reply that did not count in a round."""

    round: int
    site: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sent:
    """All messages of one kind that left a site."""

    kind: str
    """introduction, update, trial or error."""
    messages: int
    tensors: int
    bytes: int
    """Of the tensors as they were serialised, without what the transport adds."""
    values: tuple[str, ...]
    """Names of the numbers and texts that went along."""


@dataclass(frozen=True, slots=True)
class SiteTraffic:
    """Everything that left one site in one run, as its ledger lists it."""

    site: str
    sent: tuple[Sent, ...]
    by_round: tuple[tuple[int, int], ...]
    """Round and bytes of tensors, in order of the rounds."""

    @property
    def bytes(self) -> int:
        """Bytes of all tensors."""
        return sum(sent.bytes for sent in self.sent)

    @property
    def messages(self) -> int:
        """Number of messages of all kinds."""
        return sum(sent.messages for sent in self.sent)

    @property
    def tensors(self) -> int:
        """Number of tensors in all messages."""
        return sum(sent.tensors for sent in self.sent)


@dataclass(frozen=True, slots=True)
class CompileLine:
    """How far a compiler got with the translations of one row; states are never merged."""

    row: str
    site: str
    """Whose own code it was; empty for the sum over all sites."""
    units: int
    counts: Mapping[str, int]
    """By the names of ``CompileState``."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """A unit that had no translation, as the installed adapter translated it."""

    site: str
    translation: Translation


@dataclass(frozen=True, slots=True)
class NextStep:
    """A command that the reader may want to type now."""

    command: str
    what: str
    """What it does, as a sentence."""


@dataclass(frozen=True, slots=True)
class RunPage:
    """One run, ready to be shown.  A part that is empty does not appear on the page."""

    title: str
    description: str = ""
    state: str = "completed"
    """running, completed or failed."""
    reason: str = ""
    """Why the run failed."""
    settings: Sequence[tuple[str, str]] = ()
    """Name and value."""
    sites: Sequence[str] = ()
    tables: Sequence[Table] = ()
    """Of each direction, the first metric is the one that is told in sentences and bars."""
    compiled: Sequence[CompileLine] = ()
    validation: Sequence[Curve] = ()
    """Of each joint adapter, on each site's validation pairs."""
    joint_validation: Curve | None = None
    """The same over all sites."""
    training: Sequence[Curve] = ()
    """Mean over the steps of a round, at each site."""
    best_round: int | None = None
    left_out: Sequence[LeftOut] = ()
    contribution: tuple[int, Contribution] | None = None
    """The round whose replies were weighed up, and what they were worth."""
    traffic: Sequence[SiteTraffic] = ()
    gates: Mapping[str, Decision] = field(default_factory=dict)
    """By site."""
    samples: Sequence[Sample] = ()
    migrated: Sequence[Migrated] = ()
    next_steps: Sequence[NextStep] = ()
