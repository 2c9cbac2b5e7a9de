"""``fedtranslate federate start | status | stop | resume | history | logs``: runs of members."""

import json
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from fedtranslate.cli import options
from fedtranslate.cli.contributions import contribution_values, print_contribution
from fedtranslate.cli.folders import COORDINATOR
from fedtranslate.cli.progress import quiet_libraries
from fedtranslate.cli.runnames import wrong_names
from fedtranslate.cli.runsettings import (
    round_bytes,
    settings_line,
    settings_values,
    told_bytes,
)

_LOOK_SECONDS = 1.0
_SILENCE_SECONDS = 60.0
"""After so long without an event, whoever follows a run is told that it is still at work."""
_OVER = ("completed", "failed", "stopped")


@click.command()
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN.toml")
@click.option("--rounds", type=int, help="Rounds to come to; a finished run goes on from there.")
@click.option("--site", "sites", multiple=True, metavar="NAME", help="A site that takes part.")
@click.option("--follow", is_flag=True, help="Stay, and tell what happens until it ends.")
@COORDINATOR.option
def start(
    run: Path, rounds: int | None, sites: tuple[str, ...], follow: bool, folder: Path
) -> None:
    """Start a run among the members of the federation.

    All approved sites take part, unless RUN.toml or --site name some.

    \b
    Example:
        fedtranslate federate start run.toml --follow
    """
    quiet_libraries()
    from fedtranslate.config.federation import read_run
    from fedtranslate.federation.service.runs import start_run

    settings, named = read_run(run, wrong_names=wrong_names, rounds=rounds)
    place, link = _opened(folder)
    chosen = _members(place, sites or named)
    with link:
        start_run(link, place.runs, settings, chosen, int(time.time()))
    click.echo(f"The run {settings.name} is started for {', '.join(chosen)}.")
    if follow:
        _follow(place.run(settings.name), folder)


@click.command()
@click.argument("name", required=False)
@click.option("--follow", is_flag=True, help="Stay, and tell what happens until it ends.")
@options.as_json
@COORDINATOR.option
def status(name: str | None, follow: bool, as_json: bool, folder: Path) -> None:
    """Tell how a run stands; the one that was started last if none is named.

    With it: how adapters are joined, how numbers travel, and the loss and bytes of each round. A
    site that has more than half of the weight of a round is named.
    Exit code 1 if it has failed.

    \b
    Example:
        fedtranslate federate status --follow
    """
    quiet_libraries()
    from fedtranslate.federation.coordinator.orders import damages, read_order, state_of

    place = _place(folder)
    run = _known(place, name or _newest(place))
    if follow:
        _follow(run, folder)
        return
    state = state_of(run)
    scores, heaviest = _scores(run, state.last_round), _heaviest(run, state.last_round)
    settings, travelled = read_order(run).settings, round_bytes(run, state.last_round)
    problems = damages(run)
    if as_json:
        dominant = [
            {"round": number, "site": site, "share": share}
            for number, (site, share) in heaviest.items()
        ]
        worth = contribution_values(run, state.last_round)
        sizes = [{"round": number, **sizes} for number, sizes in travelled.items()]
        more = {**settings_values(settings), "scores": scores, "bytes": sizes}
        more |= {"dominant": dominant, "contribution": worth, "problems": problems}
        click.echo(json.dumps({**asdict(state), **more}, indent=2))
    else:
        _print_state(state, folder)
        click.echo(f"  {settings_line(settings)}")
        for number, loss in enumerate(scores):
            told = [] if loss is None else [f"validation loss {loss:.4f}"]
            if number in travelled:
                told.append(told_bytes(travelled[number]))
            if number in heaviest:
                told.append("{} has {:.1%} of the weight".format(*heaviest[number]))
            if told:
                click.echo(f"  round {number:>3}: {', '.join(told)}")
        print_contribution(run, state.last_round)
        for problem in problems:
            click.echo(f"  {problem}")
    if state.state == "failed":
        raise SystemExit(1)


@click.command()
@click.argument("name")
@COORDINATOR.option
def stop(name: str, folder: Path) -> None:
    """Stop a run; what it has done is kept, and 'resume' lets it go on.

    A release that is at the gates of the sites just then stays offered and is not published; sites
    that have installed it keep it. Of a run that is completed, sites that were away are offered the
    release no more, but are told if it is withdrawn.

    \b
    Example:
        fedtranslate federate stop cairn
    """
    quiet_libraries()
    from fedtranslate.federation.service.runs import stop_run
    from fedtranslate.federation.supervision.standing import is_up

    place, link = _opened(folder, must_be_up=False)
    with link:
        stop_run(link if is_up(place.state) else None, _known(place, name))
    again = f"fedtranslate federate resume {name}{COORDINATOR.words(folder)}"
    click.echo(f"The run {name} is stopped; '{again}' lets it go on.")


@click.command()
@click.argument("name")
@click.option("--follow", is_flag=True, help="Stay, and tell what happens until it ends.")
@COORDINATOR.option
def resume(name: str, follow: bool, folder: Path) -> None:
    """Let a run go on that was stopped or has failed, after its last finished round.

    \b
    Example:
        fedtranslate federate resume cairn --follow
    """
    quiet_libraries()
    from fedtranslate.federation.service.runs import resume_run

    place, link = _opened(folder)
    with link:
        order = resume_run(link, _known(place, name), int(time.time()))
    click.echo(f"The run {name} goes on after round {order.since_round}.")
    if follow:
        _follow(place.run(name), folder)


@click.command()
@options.as_json
@COORDINATOR.option
def history(as_json: bool, folder: Path) -> None:
    """List all runs of this coordinator.

    \b
    Example:
        fedtranslate federate history
    """
    from fedtranslate.federation.coordinator.orders import states

    place = _place(folder)
    found = states(place.runs)
    if as_json:
        listed = [
            {
                **asdict(state),
                "contribution": contribution_values(place.run(state.name), state.last_round),
            }
            for state in found
        ]
        click.echo(json.dumps(listed, indent=2))
        return
    if not found:
        click.echo("There are no runs yet.")
    for state in found:
        _print_state(state, folder)
        print_contribution(place.run(state.name), state.last_round)


@click.command()
@click.argument("name")
@click.option("--programs", is_flag=True, help="Print what the coordinator's programs logged, too.")
@COORDINATOR.option
def logs(name: str, programs: bool, folder: Path) -> None:
    """Print what happened in a run.

    \b
    Example:
        fedtranslate federate logs cairn
    """
    from fedtranslate.federation.coordinator.journal import read_events
    from fedtranslate.federation.supervision.processes import last_lines

    place = _place(folder)
    for event, _ in read_events(_known(place, name)):
        click.echo(f"{event.time}  {event.kind:<10} {event.text}")
    if programs:
        for log in sorted(place.logs.glob("*.log")):
            click.echo(f"--- {log.name}\n{last_lines(log, 40)}")


COMMANDS: tuple[click.Command, ...] = (start, status, stop, resume, history, logs)


def _follow(run: Path, folder: Path) -> None:
    """Tell what happens in a run until it ends.

    Raises:
        SystemExit: It has failed; the code is 1.
    """
    from fedtranslate.federation.coordinator.journal import read_events
    from fedtranslate.federation.coordinator.orders import state_of

    offset, heard = 0, time.monotonic()
    while True:
        # Before the events: those of a run that is over by now are all there.
        state = state_of(run)
        for event, behind in read_events(run, offset):
            offset, heard = behind, time.monotonic()
            click.echo(f"{event.time}  {event.text}")
        if state.state in _OVER:
            _print_state(state, folder)
            if state.state == "failed":
                raise SystemExit(1)
            return
        if time.monotonic() - heard > _SILENCE_SECONDS:
            heard = time.monotonic()
            click.echo(f"{state.name} is {state.state}; nothing new for a minute.", err=True)
        time.sleep(_LOOK_SECONDS)


def _print_state(state: Any, folder: Path) -> None:  # noqa: ANN401 - RunState
    told = COORDINATOR.completed(state.reason, folder)
    reason = f" {told}" if told else ""
    sites = "1 site" if len(state.sites) == 1 else f"{len(state.sites)} sites"
    known = f" of {state.rounds}, {sites}" if state.rounds else ""
    click.echo(f"{state.name}: {state.state}, round {state.last_round}{known}.{reason}")


def _scores(run: Path, rounds: int) -> list[float | None]:
    """Return the validation loss per token of every round so far, over all sites."""
    from fedtranslate.federation.coordinator.journal import mean_losses, read_evaluation

    found = [read_evaluation(run, number) for number in range(rounds + 1)]
    return [mean_losses([scores])[0] if scores else None for scores in found]


def _heaviest(run: Path, rounds: int) -> dict[int, tuple[str, float]]:
    """Return the rounds in which one site had more than half of the weight, and how much."""
    from fedtranslate.errors import FederationError
    from fedtranslate.federation.coordinator.journal import dominant, read_round

    found = {}
    for number in range(1, rounds + 1):
        try:
            replies = read_round(run, number).get("replies", {})
            weights = {site: float(reply["weight"]) for site, reply in replies.items()}
        except (FederationError, KeyError, TypeError, ValueError, AttributeError):
            continue  # a damaged round is told by those who need it
        if heaviest := dominant(weights):
            found[number] = heaviest
    return found


def _place(folder: Path) -> Any:  # noqa: ANN401 - CoordinatorPlace
    from fedtranslate.federation.service.coordinator import coordinator_place

    return coordinator_place(folder)


def _opened(folder: Path, *, must_be_up: bool = True) -> tuple[Any, Any]:
    """Return the place of a coordinator and the link to its SuperLink."""
    from fedtranslate.config.coordinator import read_coordinator
    from fedtranslate.errors import FederationError
    from fedtranslate.federation.service.coordinator import coordinator_place, open_link
    from fedtranslate.federation.supervision.standing import is_up

    place = coordinator_place(folder)
    if must_be_up and not is_up(place.state):
        raise FederationError(
            "The coordinator is not up.",
            hint=f"Start it: fedtranslate coordinator up{COORDINATOR.words(folder)}.",
        )
    return place, open_link(place, read_coordinator(place.settings))


def find_run(folder: Path, name: str) -> Path:
    """Return the folder of the run ``name`` at the coordinator in ``folder``.

    Raises:
        UnknownNameError: There is no such run.
    """
    return _known(_place(folder), name)


def _known(place: Any, name: str) -> Path:  # noqa: ANN401 - CoordinatorPlace
    """Return the folder of a run.

    Raises:
        UnknownNameError: There is no such run.
    """
    from fedtranslate.errors import UnknownNameError
    from fedtranslate.federation.coordinator.orders import run_folders

    known = {folder.name: folder for folder in run_folders(place.runs)}
    if name not in known:
        raise UnknownNameError("run", name, known)
    return known[name]


def _newest(place: Any) -> str:  # noqa: ANN401 - CoordinatorPlace
    from fedtranslate.errors import FederationError
    from fedtranslate.federation.coordinator.orders import orders, run_folders

    found = [(order.started, folder.name) for folder, order in orders(place.runs)]
    # Where all orders are damaged, that is what there is to tell.
    found = found or [(0, folder.name) for folder in run_folders(place.runs)]
    if not found:
        raise FederationError(
            "There are no runs yet.", hint="'fedtranslate federate start RUN.toml' starts one."
        )
    return max(found)[1]


def _members(place: Any, named: Iterable[str]) -> tuple[str, ...]:  # noqa: ANN401
    """Return the names of the sites of a run: those named, or all that are approved.

    Raises:
        FederationError: One is not approved, or nobody is.
        UnknownNameError: One is unknown.
    """
    from fedtranslate.errors import FederationError, UnknownNameError
    from fedtranslate.federation.coordinator.members import Members
    from fedtranslate.federation.membership.requests import State

    with Members(place.members) as members:
        every = members.all()
    states = {one.name: one.state for one in every}
    invited = {one.name for one in every if one.state is State.PENDING and not one.public_key}
    approved = sorted(name for name, state in states.items() if state is State.APPROVED)
    for name in (chosen := sorted(set(named))):
        if name not in states:
            raise UnknownNameError("site", name, states)
        if name in invited:
            raise FederationError(
                f"The site {name} was invited, and has not joined yet.",
                hint="Start the run when it has, or without it.",
            )
        if name not in approved:
            raise FederationError(
                f"The site {name} is {states[name]}.",
                hint=f"'fedtranslate coordinator approve {name}' lets it in."
                if states[name] is State.PENDING
                else "It can take part in no run.",
            )
    if not approved:
        raise FederationError(
            "No site is approved yet.", hint="'fedtranslate coordinator sites' lists them."
        )
    if not chosen:
        pending = {name for name, state in states.items() if state is State.PENDING}
        for why, names in (
            ("since they were invited and have not joined yet", invited),
            ("since nobody has approved them yet", pending - invited),
        ):
            if names:
                click.echo(f"Not in it, {why}: {', '.join(sorted(names))}.", err=True)
    return tuple(chosen or approved)
