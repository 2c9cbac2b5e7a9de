"""What the coordinator and the sites say to each other, as plain values.

Adapters and numbers only: nothing here can hold source code.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from fedtranslate.adapters.factors import Adapter
from fedtranslate.adapters.methods.method import BOTH, Part


@dataclass(frozen=True, slots=True)
class Introduction:
    """How a site introduces itself, once per run and start."""

    site: str
    base_fingerprint: str
    """Of the base model the site has loaded."""
    data: str
    """Fingerprint of the site's pairs; tells only whether they have changed."""
    pairs: int
    """Training pairs."""
    shapes: Mapping[str, tuple[int, int]]
    """(out, in) of every module that is adapted."""
    keeps: str = ""
    """SHA-256 of the joint adapter that the site has; empty if it has none."""
    signature: str = ""
    """Salted sketch of the names that its training pairs use, as of ``sketch``; empty in runs that
    do not ask for it."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a site is asked to do with the joint adapter it gets."""

    round: int
    """Counted from 1; the joint adapter is that of the round before."""
    steps: int
    """Optimiser steps; 0 asks for the evaluation only."""
    trains: frozenset[Part] = BOTH
    """What of the adapter is trained; the rest stays as it came."""
    shares: frozenset[Part] = BOTH
    """What of that is answered; the rest is the site's own."""

    trial: int = 0
    """Counted from 1: the joint adapter is of some of the replies, and is only to be evaluated; 0
    if it is that of the run."""

    @property
    def personal(self) -> frozenset[Part]:
        """Return what the site trains and keeps to itself."""
        return self.trains - self.shares


@dataclass(frozen=True, slots=True)
class SiteUpdate:
    """What a site answers: its adapter, and how good the joint one was."""

    adapter: Adapter | None
    """None when no steps were asked for."""
    pairs: int
    """Training pairs that the steps were drawn from."""
    train_loss: float
    """Mean over the steps, per token; 0 without steps."""
    validation_loss: float
    """Of the joint adapter as it came in: summed over ``validation_tokens``."""
    validation_tokens: int
    validation_pairs: int
    keeps: str = ""
    """SHA-256 of the joint adapter that the site has kept; empty if it has kept none."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One site's reply to a task, or why there is none that counts."""

    site: str
    update: SiteUpdate | None
    refusal: str = ""
    sent_bytes: int = 0
    """Of the task's content."""
    received_bytes: int = 0
    """Of the reply's content; 0 if there is none that can be read."""
    is_away: bool = False
    """Whether the site is not there now, and may answer when it is back."""
    is_silent: bool = False
    """Whether the site is there, was asked, and nothing came in time."""
    is_wrong: bool = False
    """Whether a reply came and was refused for what it holds, whatever others sent."""

    @property
    def is_missing(self) -> bool:
        """Return whether there is no reply, good or bad, and one may still come."""
        return self.update is None and (self.is_away or self.is_silent)


class Decision(StrEnum):
    """What a site made of a release that it was offered."""

    INSTALLED = "installed"
    DECLINED = "declined"
    """Its gate found it no better than what is there."""
    UNJUDGED = "unjudged"
    """It has no pairs to judge it by, or does not speak this direction."""
    REFUSED = "refused"
    """The release is not in order, or not signed by the coordinator it joined."""


def seed_of(run_seed: int, number: int, site: str = "") -> int:
    """Return the seed of one round at one site; of the round for all sites if none is named."""
    digest = hashlib.sha256(f"{run_seed} {number} {site}".encode()).digest()
    return int.from_bytes(digest[:6], "big")
