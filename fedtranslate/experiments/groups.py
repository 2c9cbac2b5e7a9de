"""A federation on one machine whose sites part into groups after some rounds together.

Or each of them goes on in the neighbourhood of those most like it.
Each group is a run of its own in a folder of its own, beside that of all; so, as with any
simulation, everything is done once, and a killed one goes on where it was.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fedtranslate.adapters.grouping import FEWEST, Groups, Peers, Similarity
from fedtranslate.adapters.methods.method import Exactness, Joint
from fedtranslate.adapters.methods.registry import find_method
from fedtranslate.config.federation import FederationFile, RunSettings
from fedtranslate.errors import AggregationError, ConfigError, FederationError
from fedtranslate.experiments.simulation import Runtime, run_folder
from fedtranslate.federation.coordinator.enough import Need
from fedtranslate.federation.coordinator.grouping import (
    By,
    Proposal,
    check_keeping,
    group_settings,
    propose,
)
from fedtranslate.federation.coordinator.journal import Event, read_evaluation
from fedtranslate.federation.coordinator.result import RunResult
from fedtranslate.federation.coordinator.roundfolder import kept_round
from fedtranslate.federation.exchange import Task
from fedtranslate.federation.flower.local import run_local
from fedtranslate.federation.flower.sitefiles import site_folder
from fedtranslate.federation.site.lessons import Lessons
from fedtranslate.federation.site.personal import own_joint

Place = Callable[[FederationFile], Path]
"""Returns the folder of a run."""


@dataclass(frozen=True, slots=True)
class Group:
    """The run of some of the sites."""

    name: str
    """Of the run."""
    sites: tuple[str, ...]
    serves: tuple[str, ...]
    """The sites that its adapter is for: all of them, or those whose neighbourhood it is."""
    result: RunResult

    def losses(self) -> dict[str, float]:
        """Return the validation loss per token of the group's best adapter, by site."""
        return site_losses(self.result.folder, self.result.best_round)


@dataclass(frozen=True, slots=True)
class Parted:
    """What came of it."""

    shared: RunResult | None
    """The rounds of all; None where there were none."""
    similarity: Similarity
    groups: tuple[Group, ...]
    missing: tuple[str, ...] = ()
    """Sites that had no part in the last round of all, and so are in no group."""


def place_of(sites: Sequence[Lessons], root: Path) -> Place:
    """Return where runs of ``sites`` are kept below ``root``, as ``run_folder`` has it."""
    known = {site.corpus.name: site for site in sites}
    return lambda file: run_folder(file, [known[site.name] for site in file.sites], root)


def simulate_groups(
    federation: FederationFile,
    place: Place,
    *,
    into: int | Peers | None,
    shared_rounds: int,
    keep_a: bool = False,
    by: By = "similarity",
    on_event: Callable[[str, Event], None] | None = None,
    runtime: Runtime = run_local,
) -> Parted:
    """Run rounds of all sites, group them by how alike they learn, and run rounds of each group.

    Args:
        federation: The run, whose rounds are those of all and of a group together, and its sites.
        place: Where runs are kept, all in one folder.
        into: How many groups; as many as there are sites share nothing.  None chooses.  Peers ask
            for the neighbourhood of each site: sites with the same one share a run.
        shared_rounds: Rounds of all; below those of the run.  Where there are none, nothing tells
            who is alike, so that there can be one group, or one for each site.
        keep_a: Keep the A that all have learned together; groups train B alone.
        by: What sites are compared by; signatures need a run whose setting asks for them.
        on_event: Is told the name of a run and what happens in it.
        runtime: What runs the rounds.

    Raises:
        ConfigError: There are too few rounds or sites for this.
        FederationError: A run has failed, or its A cannot be kept.
    """
    check_parting(federation, into=into, shared_rounds=shared_rounds, keep_a=keep_a, by=by)
    run, names = federation.run, tuple(sorted(site.name for site in federation.sites))

    def rounds_of(file: FederationFile) -> RunResult:
        def tell(event: Event) -> None:
            if on_event is not None:
                on_event(file.run.name, event)

        return runtime(file, place(file), on_event=tell)

    shared: RunResult | None = None
    if shared_rounds:
        first = run.model_copy(update={"rounds": shared_rounds})
        shared = rounds_of(federation.model_copy(update={"run": first}))
        # As many groups as sites: each alone.  That is asked for, where two would be one group.
        fewest = 1 if into == len(names) else FEWEST
        found = propose(shared.folder, names, into, by=by, number=shared_rounds, fewest=fewest)
    else:
        found = _unasked(names, into)
    done = []
    for number, (group, released_to) in enumerate(
        zip(found.groups, found.released_to, strict=True), 1
    ):
        settings = group_settings(
            run,
            number,
            run.rounds - shared_rounds,
            shared.folder if shared else None,
            shared.best_round if shared else 0,
            keep_a=keep_a,
            sites=group if len(found.groups) > 1 else (),
            released_to=released_to,
        )
        members = tuple(site for site in federation.sites if site.name in group)
        result = rounds_of(FederationFile(run=settings, sites=members))
        done.append(Group(settings.name, group, released_to or group, result))
    return Parted(shared, found.similarity, tuple(done), found.missing)


def _unasked(names: tuple[str, ...], into: int | Peers | None) -> Proposal:
    """Return the groups that are known without a round of all: one of all sites, or one of each."""
    groups: Groups = (names,) if into == 1 else tuple((name,) for name in names)
    return Proposal(0, {}, groups, ((),) * len(groups), ())


def site_losses(folder: Path, number: int) -> dict[str, float]:
    """Return the validation loss per token of a round's adapter, by site; of those that have it."""
    scores = read_evaluation(folder, number) or {}
    return {name: score.loss / score.tokens for name, score in scores.items() if score.tokens}


def losses_everywhere(group: Group, sites: Sequence[Lessons]) -> dict[str, dict[str, float]]:
    """Return by each site that ``group`` serves how its adapter does at each of ``sites``.

    The validation loss per token, of those that have validation pairs.  What a site keeps to itself
    belongs to its adapter.
    """
    kept = kept_round(group.result.folder, group.result.best_round)
    if kept is None:
        raise FederationError(
            f"Round {group.result.best_round} in {group.result.folder} is damaged.",
            hint="Delete its folder and those of later rounds, and start again.",
        )
    joint, found = kept.joint, {}
    same: dict[str, float] | None = None
    for name in group.serves:
        place = site_folder(group.result.folder, name)
        own = own_joint(joint.adapter, place, group.name, kept.number)
        if own is not joint.adapter:
            found[name] = _losses(Joint(own, joint.folded), sites)
        else:
            same = same or _losses(joint, sites)
            found[name] = same
    return found


def _losses(joint: Joint, sites: Sequence[Lessons]) -> dict[str, float]:
    heard = {site.corpus.name: site.train(joint, Task(1, 0), 0) for site in sites}
    return {
        name: update.validation_loss / update.validation_tokens
        for name, update in heard.items()
        if update.validation_tokens
    }


def check_parting(
    federation: FederationFile,
    *,
    into: int | Peers | None,
    shared_rounds: int,
    keep_a: bool = False,
    by: By = "similarity",
) -> None:
    """Check what ``simulate_groups`` is asked for, as far as that is known without a round.

    Raises:
        ConfigError: It cannot be had.
        AggregationError: The run's robust rule cannot bear so few sites.
    """
    run, sites = federation.run, len(federation.sites)
    if not 0 <= shared_rounds < run.rounds:
        raise ConfigError(
            f"Of {run.rounds} rounds, {shared_rounds} cannot be rounds of all sites.",
            hint=f"Take 0 to {run.rounds - 1} with --shared-rounds; the groups have the others.",
        )
    _check_number(into, sites)
    if isinstance(into, Peers) or into == sites:
        _check_rule(run, into.count + 1 if isinstance(into, Peers) else 1)
    if not shared_rounds and into not in (1, sites):
        raise ConfigError(
            "Without a round of all sites, nobody knows which of them are alike.",
            hint="Ask for at least one with --shared-rounds.",
        )
    if shared_rounds and by == "similarity":
        _check_likeness(run)
    _check_signatures(run, by)
    if keep_a:
        _check_keeping(run, shared_rounds)


def _check_number(into: int | Peers | None, sites: int) -> None:
    if isinstance(into, Peers):
        if not 1 <= into.count < sites:
            raise ConfigError(
                f"Each of {sites} sites has {sites - 1} others, so it cannot have"
                f" {into.count} peers.",
                hint=f"Take peers:1 to peers:{sites - 1}." if sites > 1 else "Add sites.",
            )
        return
    most = max(1, sites // FEWEST)
    if into is not None and not 1 <= into <= most and into != sites:
        some = f"1 to {most}" if most > 1 else "1"
        raise ConfigError(
            f"{sites} sites cannot make {into} groups of {FEWEST} sites at least.",
            hint=f"Take {some}, auto, or {sites} for each site alone.",
        )


def _check_rule(run: RunSettings, size: int) -> None:
    try:
        Need.of(run, size)
    except AggregationError as error:
        sites = "site" if size == 1 else "sites"
        raise AggregationError(f"Groups would have {size} {sites}. {error}") from None


def _check_likeness(run: RunSettings) -> None:
    if find_method(run.method).exactness is Exactness.PERSONAL:
        raise ConfigError(
            f"With {run.method} each site's B stays at the site, so that nothing tells which sites"
            " are alike.",
            hint="Take another method, or --by signature in a run that asks for signatures.",
        )


def _check_signatures(run: RunSettings, by: By) -> None:
    if by == "signature" and run.signature == "none":
        raise ConfigError(
            f"The run {run.name} asks no site for its signature.",
            hint='Write signature = "apis" below [federation].',
        )


def _check_keeping(run: RunSettings, shared_rounds: int) -> None:
    check_keeping(run)
    if not shared_rounds:
        raise ConfigError(
            "Without a round of all sites, there is no A that all have learned.",
            hint="Ask for at least one with --shared-rounds, or leave out --keep.",
        )
