"""What the page shows, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Reply:
    """One site's part in a round; None where the journal does not tell."""

    pairs: int | None
    weight: float | None
    train_loss: float | None
    received_bytes: int | None
    """Of the site's reply."""


@dataclass(frozen=True, slots=True)
class Score:
    """One site's evaluation of a joint adapter."""

    loss: float
    """Summed over ``tokens``."""
    tokens: int


@dataclass(frozen=True, slots=True)
class Worth:
    """What one site's reply was worth."""

    value: float
    """By how much it lowers the validation loss per token."""
    error: float | None
    """Standard error of that; None where it is unknown."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """What the replies to a round were worth."""

    summary: str
    """How that was found, or why it was not, as a sentence."""
    caution: str
    """What is wrong with the estimates; may be empty."""
    warning: str
    """What holds for all such estimates."""
    worth: Mapping[str, Worth]
    """By site."""


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a run; round 0 is the adapter that it began with."""

    number: int
    checksum: str = ""
    rank: int | None = None
    replies: Mapping[str, Reply] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Site to the reason."""
    scores: Mapping[str, Score] = field(default_factory=dict)
    sent_bytes: int | None = None
    """To all sites together."""
    weighing: Weighing | None = None
    """None where nobody asked."""
    problem: str = ""
    """What of it is damaged, in a sentence."""


@dataclass(frozen=True)
class Run:
    """One run."""

    name: str
    state: str
    """ordered, running, waiting, stopping, interrupted, stopped, completed, failed or unknown."""
    cause: str
    """Why it failed, waits, was interrupted or stopped."""
    rounds: tuple[Round, ...]
    """Those that are finished, from 0 on; damaged ones may be missing."""
    of: int | None
    """How many rounds it shall have."""
    sites: tuple[str, ...]
    source: str
    target: str
    method: str
    """With the options that it was given."""
    robust: str
    """Name of the rule before it; none, or empty where nothing tells."""
    formats: str
    """How numbers travel; empty where nothing tells."""
    base: str
    started: int
    """When it was last started, in seconds since 1970; 0 where nobody noted it."""
    first: str
    """Time of the first event, in ISO 8601."""
    last: str
    """Time of the last event."""
    patience: float
    """Seconds within which something happens at every run that is well."""
    problems: tuple[str, ...] = ()
    """What of it is damaged, in sentences."""

    @property
    def last_round(self) -> int:
        """The last round that is finished; 0 before the first."""
        return max((each.number for each in self.rounds), default=0)

    @cached_property
    def losses(self) -> tuple[float | None, ...]:
        """The loss per token after each of ``rounds``, over the sites that evaluated all of them.

        As in ``federation.coordinator.result``, rounds are compared on the same code only.  The
        newest round, which no site may have evaluated yet, takes no part in that choice.
        """
        measured = [each.scores for each in self.rounds if each.scores]
        common = set.intersection(*(set(scores) for scores in measured)) if measured else set()
        if not sum(scores[name].tokens for scores in measured for name in common):
            common = set().union(*measured)
        return tuple(_per_token(each.scores, common) for each in self.rounds)


def _per_token(scores: Mapping[str, Score], names: set[str]) -> float | None:
    chosen = [scores[name] for name in sorted(names & set(scores))]
    tokens = sum(score.tokens for score in chosen)
    return sum(score.loss for score in chosen) / tokens if tokens else None


@dataclass(frozen=True, slots=True)
class Happening:
    """An event of a run, or of the register of sites."""

    number: int
    """Counted from 1 by the process that serves the page."""
    run: str
    """Empty for events of the register."""
    site: str
    """Empty for events of runs."""
    kind: str
    round: int | None
    text: str
    values: Mapping[str, float]
    time: str
    """ISO 8601; empty where it cannot be read."""


@dataclass(frozen=True, slots=True)
class Site:
    """A site as the register has it."""

    name: str
    state: str
    """invited, pending, approved, revoked, left, or unknown where the register does not have it."""
    version: str = ""
    seen: int = 0
    """Times are seconds since 1970; 0 is never."""
    invited: int = 0
    joined: int = 0
    approved: int = 0
    ended: int = 0
    online: bool | None = None
    """None where nobody told."""


@dataclass(frozen=True, slots=True)
class Release:
    """A published adapter."""

    id: str
    run: str
    round: int | None
    parent: str
    direction: str
    created: str
    method: str
    rank: int | None
    sites: int | None
    loss: float | None
    is_in_use: bool
    last: str
    """What became of it last, such as published, promoted or withdrawn."""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One look at a coordinator's folder."""

    federation: str
    organisation: str
    sites: tuple[Site, ...]
    runs: tuple[Run, ...]
    """The newest first."""
    releases: tuple[Release, ...]
    """The newest first."""
    last_event: int
    """Number of the newest event; 0 before any."""
    problems: tuple[str, ...]
    """What is damaged outside of runs, in sentences."""
