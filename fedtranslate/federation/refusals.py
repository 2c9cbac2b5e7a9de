"""Why a site refuses what it is asked for: a code is all that the coordinator is told.

The words are the coordinator's own, the same for all sites, and tell what to do.
"""

from enum import StrEnum


class RefusalCode(StrEnum):
    """What of the policy speaks against it."""

    SITE_NAME = "site-name"
    LANGUAGE = "language"
    BASE = "base"
    METHOD = "method"
    TOO_FEW_SITES = "too-few-sites"
    RANK = "rank"
    ROUNDS = "rounds"
    STEPS = "steps"
    EPOCHS = "epochs"
    HOURS = "hours"
    BYTES = "bytes"
    EPSILON = "epsilon"
    SHOWN = "shown"
    """Other sites could find out this site's adapter from what they are shown."""
    SIGNATURE = "signature"
    """A sketch of the names that the site's code uses is asked for."""
    TRIALS = "trials"
    """Too many joint adapters of some of the replies were to be evaluated."""
    METRICS = "metrics"
    """The run needs a number that this site does not report."""
    REPEATED = "repeated"
    """A round was asked for before, with another adapter or another task."""
    REPOSITORY = "repository"
    LICENCE = "licence"
    """Nothing is left to learn from when the policy's repositories or licences are asked."""
    BUNDLE = "bundle"
    JOINT = "joint"
    """The joint adapter came as seen from one that is not here; asked with all of it, the site
    does what it is asked."""


_WORDS = {
    RefusalCode.SITE_NAME: "the run is not for a site of its name",
    RefusalCode.LANGUAGE: "it does not take part in runs of these languages",
    RefusalCode.BASE: "it does not allow this base model",
    RefusalCode.METHOD: "it does not allow this method",
    RefusalCode.TOO_FEW_SITES: "it wants more sites in a run than there are",
    RefusalCode.RANK: "it does not allow this LoRA rank",
    RefusalCode.ROUNDS: "it allows fewer rounds",
    RefusalCode.STEPS: "it allows fewer steps",
    RefusalCode.EPOCHS: "it allows fewer passes over its pairs",
    RefusalCode.HOURS: "the run has used up the hours of computing that it allows",
    RefusalCode.BYTES: "the run has used up the bytes that it lets out",
    RefusalCode.EPSILON: "it asks for differential privacy, which the run has not",
    RefusalCode.SHOWN: "it lets nobody be shown adapters of few replies",
    RefusalCode.SIGNATURE: "it shows no signature of its code",
    RefusalCode.TRIALS: "it allows fewer trials of some of the replies",
    RefusalCode.METRICS: "it does not report a number that the run needs",
    RefusalCode.REPEATED: "it was asked for this round before, with another adapter or task; a run"
    " that was set back goes on under another name only",
    RefusalCode.REPOSITORY: "no pairs are left of the repositories that it allows",
    RefusalCode.LICENCE: "no pairs are left of the licences that it allows",
    RefusalCode.BUNDLE: "it does not allow this program",
    RefusalCode.JOINT: "it does not have the joint adapter that this one is seen from",
}


def refusal_told(code: str) -> str:
    """Return why a site refuses, in words where its code is known."""
    words = {str(known): told for known, told in _WORDS.items()}.get(code, "")
    return f"its policy refuses: {code!r}" + (f" ({words})" if words else "")
