"""From the record of a run to groups of its sites, and to the runs of these.

A group is a run of its own for some of the sites, which begins with what all have learned
together, or with nothing.  So everything that holds for runs holds for groups: rules, journal,
releases, resuming.

Groups may keep the factor A of what all have learned: it is then the same, bit by bit, in
the adapters of all groups, and what a group adds is its B.

Where peers are asked for instead, each site has a run with the sites most like it, whose release is
for that site alone: no adapter is the central one, and a site trains in every neighbourhood that it
is in.  Messages still go by way of the coordinator, since sites only connect outwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from fedtranslate.adapters.grouping import (
    FEWEST,
    Groups,
    Peers,
    Similarity,
    grouped,
    neighbourhoods,
)
from fedtranslate.adapters.methods.registry import find_method
from fedtranslate.config.federation import RunSettings
from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.journal import read_round
from fedtranslate.federation.coordinator.orders import last_round
from fedtranslate.federation.sketch import likeness

By: TypeAlias = Literal["similarity", "signature"]
"""What sites are compared by: the changes that they made to the product, or their sketches."""

_LONGEST = 54
"""Characters of a run's name that the names of its groups begin with."""

_APART = 1000
"""Between the seeds of runs that begin with one round of another and with the next."""

_UNDER_A = "ffa"
"""The method of groups that keep A: only B is trained, and only B travels."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Groups of the sites of a run, and what speaks for them."""

    round: int
    similarity: Similarity
    groups: Groups
    released_to: Groups
    """For each group, the sites whose neighbourhood it is; empty where it is for all of its own."""
    missing: tuple[str, ...]
    """Sites of the run that are in no group: they had no part in this round, or were unmoved."""
    unmoved: tuple[str, ...] = ()
    """Those whose replies left the product of the factors as it was, so that nothing is known."""


def propose(
    folder: Path,
    sites: Sequence[str],
    into: int | Peers | None = None,
    *,
    by: By = "similarity",
    number: int | None = None,
    fewest: int = FEWEST,
) -> Proposal:
    """Return groups of the sites of the run in ``folder``.

    Args:
        folder: Of the run.
        sites: That take part in it.
        into: How many groups, or neighbourhoods of how many peers; None chooses.
        by: What the sites are compared by.
        number: Round whose updates are compared; None takes the last.
        fewest: Sites of a group, at least.

    Raises:
        FederationError: No such round is finished, or its record does not tell how alike the
            sites are.
        AggregationError: There are not so many sites.
    """
    number = last_round(folder) if number is None else number
    if not number:
        raise FederationError(
            f"The run {folder.name} has no finished round yet, so nobody knows which sites are"
            " alike.",
            hint="Wait for its first round.",
        )
    record = read_round(folder, number)
    found, unmoved = record.get("similarity"), tuple(sorted(map(str, record.get("unmoved", []))))
    if by == "signature":
        found, unmoved = _by_signature(record, folder), ()
    if found == {} and unmoved:
        raise FederationError(
            f"No reply to round {number} of the run {folder.name} changed the product of B and A,"
            " so nothing tells which sites are alike: with a method that keeps B at the sites, such"
            " as fedsa, the joint adapter's B is 0.",
            hint="Groups of such a run can only be named by hand; other methods show likeness.",
        )
    if not isinstance(found, dict) or not found:
        raise FederationError(
            f"The record of round {number} of the run {folder.name} does not tell how alike the"
            " sites are: it is of an older version, or of very many sites.",
            hint="Groups of very many sites can only be named by hand.",
        )
    missing = tuple(sorted(set(sites) - set(found)))
    if isinstance(into, Peers):
        near = neighbourhoods(found, into.count)
        return Proposal(number, found, tuple(near), tuple(near.values()), missing, unmoved)
    groups = grouped(found, into, fewest=fewest)
    return Proposal(number, found, groups, ((),) * len(groups), missing, unmoved)


def _by_signature(record: Mapping[str, Any], folder: Path) -> dict[str, dict[str, float]]:
    """Return the estimated Jaccard indices of the names that the sites' pairs use."""
    signatures = record.get("signatures")
    if not isinstance(signatures, dict) or not signatures:
        raise FederationError(
            f"The record of round {record['round']} of the run {folder.name} has no signatures of"
            " its sites.",
            hint='Start a run with signature = "apis" below [federation], or take --by similarity.',
        )
    try:
        return likeness(signatures)
    except FederationError as error:
        raise FederationError(
            f"The record of round {record['round']} of the run {folder.name} is damaged: {error}",
            hint="Take --by similarity.",
        ) from None


def group_settings(
    settings: RunSettings,
    number: int,
    rounds: int,
    shared: Path | None = None,
    best: int = 0,
    *,
    keep_a: bool = False,
    sites: tuple[str, ...] = (),
    released_to: tuple[str, ...] = (),
) -> RunSettings:
    """Return the settings of the run of a group: those of all, but for how it begins.

    The learning rate has decayed as far as it had in the round that the group begins with, and
    the seed is another, or sites would see their pairs in the same order again.

    Args:
        settings: Of the run of all.
        number: Of the group, from 1.
        rounds: Of the group's run.
        shared: Folder of the run of all; None begins with nothing.
        best: Its round that the group begins with.
        keep_a: Keep the A of that round and train B alone, with the method ffa.
        sites: Of the group, where it is one of several: its release is for them, and takes the
            place of no other group's.
        released_to: Whose neighbourhood the group is; empty for a group that is for all its sites.

    Raises:
        FederationError: There is no record of that round, or A cannot be kept.
    """
    if keep_a:
        check_keeping(settings)
    changes: dict[str, Any] = {
        "name": f"{settings.name[:_LONGEST]}-{'peers' if released_to else 'group'}-{number}",
        "rounds": rounds,
        "personal_from": 0,
        "begins_with": "",
        "begins_checksum": "",
        "released_to": released_to or sites,
        "signature": "none",
    }
    if keep_a:
        changes |= {"method": _UNDER_A, "method_options": {}}
    if shared is not None:
        rate = settings.training.learning_rate * settings.round_decay**best
        changes |= {
            "begins_with": f"{shared.name}@{best}",
            "begins_checksum": str(read_round(shared, best)["checksum"]),
            "seed": settings.seed + _APART * best,
            "training": settings.training.model_copy(update={"learning_rate": rate}),
        }
    return settings.model_copy(update=changes)


def check_keeping(settings: RunSettings) -> None:
    """Refuse to keep the A of a run where that is not all that its sites share.

    Raises:
        FederationError: The method of the run folds something into the base model.
    """
    if find_method(settings.method).folds:
        raise FederationError(
            f"Groups cannot keep the A of {settings.name}: the method {settings.method} folds a"
            f" part of what all have learned into the base model, which {_UNDER_A} does not do.",
            hint="Leave out --keep, or take a method for all that folds nothing, such as fra.",
        )
