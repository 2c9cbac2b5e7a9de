"""What a site allows a federation to do with it: the ``[policy]`` table of its site.toml.

The policy is the site's own and wins over whatever a coordinator asks.  Everything in it has a
default that lets a usual run pass and a strange one not.
"""

from typing import Annotated, Literal

from pydantic import Field

from fedtranslate.config.reading import Settings

Metric = Literal["pairs", "train_loss", "validation_loss"]
Gate = Literal["better", "no-worse"]


class Policy(Settings):
    """Ceilings of a run at one site; None where there is none.

    Ceilings hold for each run by itself, unless they say otherwise.
    """

    languages: tuple[str, ...] = ()
    """Directions that may be trained, such as ``java->csharp``; empty allows all."""
    bases: tuple[str, ...] = ("builtin",)
    """Base models that may be loaded."""
    methods: tuple[str, ...] = ()
    """Aggregation methods that may be used; empty allows all that are installed."""
    repositories: tuple[str, ...] = ()
    """Globs of folders and files, seen from site.toml, that pairs may come from; empty allows all
    that the site's settings name."""
    licences: tuple[str, ...] = ()
    """SPDX names that a file's own licence header may state; empty allows all.  A file that states
    none is the site's own."""
    minimum_sites: int = Field(default=2, ge=1)
    """Fewest sites that a run may be for: with one alone, what comes back is its own adapter."""
    minimum_rank: int = Field(default=1, ge=1)
    maximum_rank: int = Field(default=256, ge=1)
    rounds: int = Field(default=100, ge=1)
    epochs: float = Field(default=1_000, gt=0)
    """Passes over the site's pairs, all rounds together."""
    hours: float | None = Field(default=None, gt=0)
    """Of processor or GPU, whichever trains, all rounds together."""
    gigabytes: float | None = Field(default=None, gt=0)
    """That may leave the site, all rounds together."""
    epsilon: float | None = Field(default=None, gt=0)
    """Privacy that may be spent; once it is set, runs without differential privacy are refused."""
    shows_replies: bool = False
    """Whether other sites may be shown joint adapters from which they could find out this one's, as
    runs with ``contribution`` do."""
    shows_signature: bool = False
    """Whether a salted sketch of 512 bits of the names that this site's training pairs use may be
    shown to the coordinator, as runs with ``signature`` ask.  Of fewer than 256 names none is
    shown, since single ones would be given away with it."""
    trials: int = Field(default=100, ge=0)
    """Joint adapters of some of the replies that a run may have evaluated, to find what each reply
    is worth; a site that allows too few takes part in all else."""
    report: tuple[Metric, ...] = ("pairs", "train_loss", "validation_loss")
    """Numbers that may be reported; the others leave as 0."""
    report_digits: Annotated[int, Field(ge=1, le=15)] = 6
    """Significant digits of losses that are reported."""
    report_pairs_in: int = Field(default=1, ge=1)
    """The number of pairs is reported in multiples of this, rounded down."""
    gate: Gate = "better"
    """What a joint adapter must be on the site's own pairs to be installed: better with
    certainty, or not worse."""
