"""``fedtranslate federate``: run a federation."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from fedtranslate.cli import groupoptions, options
from fedtranslate.cli.groups import groups
from fedtranslate.cli.methods import methods
from fedtranslate.cli.progress import quiet_libraries, stages
from fedtranslate.cli.runnames import wrong_names
from fedtranslate.cli.runs import COMMANDS
from fedtranslate.cli.simulatedgroups import run_groups
from fedtranslate.cli.simulating import read_sites, runtime_of

_RUNS = Path("runs")


@click.group()
def federate() -> None:
    """Run a federation of sites.

    \b
    Examples:
        fedtranslate federate simulate federation.toml --rounds 4
        fedtranslate federate start run.toml --follow
    """


for command in (*COMMANDS, groups, methods):
    federate.add_command(command)


@federate.command()
@click.argument("federation", type=click.Path(path_type=Path))
@click.option("--rounds", type=int, help="Rounds to come to; a finished run goes on from there.")
@click.option("--seed", type=int, help="Decides everything random.")
@click.option(
    "--strategy",
    metavar="NAME",
    help="How adapters are aggregated, in the place of the file's method and its options;"
    " 'federate methods' lists the names.",
)
@click.option("--base", metavar="MODEL", help="builtin, a model folder, or hub:OWNER/NAME.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=_RUNS,
    show_default=True,
    help="Where runs are kept; each has a folder of its own there.",
)
@click.option("--compare", "compares", is_flag=True, help="Train and measure all other rows too.")
@click.option(
    "--migrate",
    "migrates",
    type=click.IntRange(0),
    default=0,
    metavar="N",
    help="Translate N units per site that have no counterpart yet.",
)
@click.option(
    "--groups",
    "groups_wanted",
    metavar=groupoptions.WANTED,
    help="Let the sites go on in N groups that learn alike, or each with its K likest peers.",
)
@click.option(
    "--shared-rounds",
    type=click.IntRange(0),
    metavar="K",
    help="Rounds of all sites before the groups; half of the rounds if not given.",
)
@groupoptions.by
@groupoptions.keep
@click.option("--deployed", is_flag=True, help="Use a real SuperLink and SuperNodes on loopback.")
@options.as_json
def simulate(
    federation: Path,
    rounds: int | None,
    seed: int | None,
    strategy: str | None,
    base: str | None,
    out: Path,
    compares: bool,
    migrates: int,
    groups_wanted: str | None,
    shared_rounds: int | None,
    by: str | None,
    keep: str | None,
    deployed: bool,
    as_json: bool,
) -> None:
    """Run a whole federation on this machine, from FEDERATION.toml with a [site.NAME] for each.

    Runs are keyed by settings and data: the same command again goes on where a killed run was,
    or prints the result of a finished one.
    """
    quiet_libraries()
    from fedtranslate.adapters.methods.registry import find_method
    from fedtranslate.config.federation import read_federation
    from fedtranslate.experiments.simulation import check_ranks
    from fedtranslate.federation.coordinator.enough import Need

    into = groupoptions.read_wanted(groups_wanted, "--groups")
    for option, value in (("--shared-rounds", shared_rounds), ("--by", by), ("--keep", keep)):
        if groups_wanted is None and value is not None:
            raise click.UsageError(f"{option} goes with --groups.")
    if groups_wanted is not None and (compares or migrates):
        raise click.UsageError("--groups goes with neither --compare nor --migrate.")
    if strategy is not None:
        find_method(strategy)  # what is wrong with it is not the file's fault
    overrides: dict[str, Any] = {"rounds": rounds, "seed": seed, "base": base, "method": strategy}
    file = read_federation(federation, wrong_names=wrong_names, **overrides)
    # Before minutes are spent on pairs, and a folder is made.
    Need.of(file.run, len(file.sites))
    check_ranks(file)
    if groups_wanted is not None:
        first = file.run.rounds // 2 if shared_rounds is None else shared_rounds
        run_groups(
            file,
            out,
            into=into,
            shared_rounds=first,
            by=by or "similarity",
            keep_a=bool(keep),
            deployed=deployed,
            as_json=as_json,
        )
        return
    run_simulation(
        file, out, compares=compares, migrates=migrates, deployed=deployed, as_json=as_json
    )


def run_simulation(
    file: Any,  # noqa: ANN401 - a FederationFile; imported late
    out: Path,
    *,
    compares: bool,
    migrates: int,
    deployed: bool = False,
    as_json: bool = False,
) -> None:
    """Run ``file`` below the folder ``out``, and print what came of it."""
    quiet_libraries()
    from fedtranslate.cli.outcome import print_outcome
    from fedtranslate.experiments.simulation import run_folder, simulate

    options.check_folder(out)
    with stages() as shown:
        sites = read_sites(file, shown)
        for site in sites:
            shown.say(_parts(site))
        _check_parts([site.corpus for site in sites], shown.say, compares=compares)
        if compares or migrates:
            for site in sites:
                _check_surroundings(site.corpus, file.run.target, shown.say)
        folder = run_folder(file, sites, out)
        folder.mkdir(parents=True, exist_ok=True)

        def on_event(event: Any) -> None:  # noqa: ANN401
            if event.kind in ("left-out", "contribution", "failed"):
                shown.say(event.text)
            shown("federated rounds", max(event.round, 0), file.run.rounds)

        outcome = simulate(
            file,
            sites,
            folder,
            on_progress=shown,
            on_event=on_event,
            compares=compares,
            migrates=migrates,
            runtime=runtime_of(deployed=deployed),
        )
    print_outcome(outcome, file, as_json=as_json)


def _parts(site: Any) -> str:  # noqa: ANN401 - Lessons
    """Say what became of the pairs of a site."""
    corpus, split = site.corpus, site.corpus.split
    parts = [
        f"{len(split.train)} pairs to train on",
        f"{len(split.validation)} for validation",
        f"{len(split.held_out)} held out",
        f"{len(corpus.pending)} units not migrated yet",
    ]
    if reasons := corpus.cleaned.counts():
        listed = ", ".join(f"{count} {reason}" for reason, count in reasons.items())
        parts.append(f"{len(corpus.cleaned.dropped)} pairs dropped ({listed})")
    if kept_out := corpus.not_allowed():
        listed = ", ".join(f"{count} {reason}" for reason, count in kept_out.items())
        parts.append(f"{sum(kept_out.values())} files left out by the policy ({listed})")
    if site.too_long:
        limit = min(site.settings.training.max_tokens, site.base.max_tokens)
        parts.append(f"{site.too_long} examples of more than {limit} tokens left out")
    return f"{corpus.name}: {', '.join(parts)}"


def _check_surroundings(corpus: Any, language: str, say: Callable[[str], None]) -> None:  # noqa: ANN401
    """Warn of a site whose units cannot compile, whatever is in them."""
    from fedtranslate.checks.compile import CompileContext
    from fedtranslate.evaluation.surroundings import unknown_surroundings

    context = CompileContext(class_path=corpus.class_path, usings=corpus.usings)
    if (corpus.usings or corpus.class_path) and (
        problem := unknown_surroundings(context, language)
    ):
        say(
            f"Warning: no translation can compile at {corpus.name!r}; the compiler says"
            f" '{problem.message}' of an empty file. Correct usings or class_path of this site."
        )


def _check_parts(
    sites: Sequence[Any],  # SiteCorpus
    say: Callable[[str], None],
    *,
    compares: bool,
) -> None:
    """Refuse, or warn of, what sites without held-out or validation pairs cannot do.

    Raises:
        CorpusError: A comparison is asked for, and sites hold no pairs out.
    """
    from fedtranslate.errors import CorpusError

    if bare := [repr(site.name) for site in sites if not site.split.held_out]:
        if compares:
            raise CorpusError(
                f"--compare measures on held-out pairs, but there are none at {', '.join(bare)}.",
                hint="Name held_out files or held_out_pairs in the site's settings, or leave out"
                " --compare.",
            )
        say(f"Note: nothing is held out at {', '.join(bare)}; --compare would be refused.")
    if unsure := [repr(site.name) for site in sites if not site.split.validation]:
        say(
            f"Warning: there are no validation pairs at {', '.join(unsure)}; the gate cannot"
            " judge the joint adapter there, so it will not be installed."
        )
