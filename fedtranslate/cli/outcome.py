"""Print what came out of a federation on one machine, and write its report."""

import json
from collections import Counter
from math import isfinite
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table as Grid

from fedtranslate.adapters.methods.method import Exactness
from fedtranslate.adapters.methods.registry import find_method
from fedtranslate.cli.runsettings import round_bytes, settings_line, told_bytes
from fedtranslate.config.federation import FederationFile
from fedtranslate.experiments.simulation import Simulation
from fedtranslate.experiments.table import Entry, Table, build_table
from fedtranslate.federation.coordinator.result import RunResult
from fedtranslate.federation.flower.sitefiles import site_folder
from fedtranslate.federation.site.installing import has_installed, installed_folder
from fedtranslate.report.content import Migrated, NextStep
from fedtranslate.report.page import write_report
from fedtranslate.report.reading import page_of_run

_TABLES = (("token_exact", "Exact match by token, %"), ("codebleu", "CodeBLEU"))
_UNITS = {"token_exact": "percentage points of exact match by token", "codebleu": "CodeBLEU points"}


def print_outcome(outcome: Simulation, file: FederationFile, *, as_json: bool) -> None:
    """Print ``outcome``, to be read by people or (``as_json``) by programs."""
    report = _write_report(outcome, file)
    if as_json:
        click.echo(json.dumps(_document(outcome, file, report), indent=2))
        return
    console = Console(highlight=False)
    run = outcome.run
    losses = "  ".join(f"{loss:.3f}" if isfinite(loss) else "-" for loss in run.validation)
    console.print(f"Validation loss after rounds 0 to {run.rounds}: {losses}", soft_wrap=True)
    console.print(f"Best round: {run.best_round}. Checksum of the last: {run.checksum[:16]}")
    console.print(settings_line(file.run), soft_wrap=True)
    console.print(f"In all rounds together: {told_bytes(_bytes(run))}.", soft_wrap=True)
    for number, site, reason in run.left_out:
        console.print(f"Round {number} went on without {site}: {reason}", soft_wrap=True)
    for table, title in _tables(outcome, file):
        console.print(_grid(table, title))
        _conclude(console, table)
    _decisions(console, outcome)
    _migrated(console, outcome, file)
    _places(console, outcome, file, report)


def _bytes(run: RunResult) -> dict[str, int]:
    """Return what travelled in all rounds together."""
    rounds = round_bytes(run.folder, run.rounds).values()
    return {way: sum(one[way] for one in rounds) for way in ("up", "down")}


def _tables(outcome: Simulation, file: FederationFile) -> list[tuple[Table, str]]:
    if outcome.comparison is None:
        return []
    direction = f"{file.run.source}-{file.run.target}"
    cells = outcome.comparison.cells
    return [
        (build_table(cells, metric, direction), f"{title}, {direction.replace('-', ' to ')}")
        for metric, title in _TABLES
    ]


def _grid(table: Table, title: str) -> Grid:
    grid = Grid(title=f"{title}, on held-out code", title_justify="left")
    grid.add_column("row")
    for site in table.sites:
        grid.add_column(f"{site}\nown code", justify="right")
    grid.add_column("mean\nown code", justify="right")
    grid.add_column("everyone's\ncode", justify="right")
    for line in table.lines:
        own = [_number(line.own[site]) for site in table.sites]
        grid.add_row(line.row, *own, _number(line.own_mean), _number(line.everyone))
    return grid


def _number(entry: Entry) -> str:
    if not entry.is_known:
        return "-"
    spread = f" ± {entry.spread:.1f}" if entry.seeds > 1 else ""
    return f"{entry.mean:.1f}{spread}"


def _value(entry: Entry) -> float | None:
    return entry.mean if entry.is_known else None


def _conclude(console: Console, table: Table) -> None:
    if table.gain is not None:
        share = table.share_of_ceiling
        reached = f", {share:.0%} of the way from local to central" if share is not None else ""
        unit = _UNITS.get(table.metric, f"points of {table.metric}")
        console.print(f"Federated gain on everyone's code: {table.gain:+.1f} {unit}{reached}.\n")


def _decisions(console: Console, outcome: Simulation) -> None:
    for site, by_name in outcome.decisions.items():
        for name, decision in by_name.items():
            verb = "installs" if decision.installed else "declines"
            console.print(
                f"{site} {verb} the {name} adapter: gain {decision.gain:+.1f} CodeBLEU points per"
                f" validation pair (95 % interval {decision.low:+.1f} to {decision.high:+.1f};"
                f" what does not parse counts 0), {decision.reason}.",
                soft_wrap=True,
            )


def _migrated(console: Console, outcome: Simulation, file: FederationFile) -> None:
    for site in file.sites:
        verdicts = [m.translation.verdict for m in outcome.migrated if m.site == site.name]
        if not verdicts:
            continue
        parsed = sum(verdict is not None and verdict.parses for verdict in verdicts)
        states = Counter(str(verdict.compile_state) for verdict in verdicts if verdict)
        listed = ", ".join(f"{count} {state}" for state, count in states.most_common())
        console.print(
            f"{site.name}: {len(verdicts)} units not migrated before are translated;"
            f" {parsed} parse; compiler: {listed}.",
            soft_wrap=True,
        )
        reasons = {v.reason for v in verdicts if v and v.compile_state == "not_checked"}
        for reason in sorted(reasons):
            console.print(f"  not checked: {reason}", soft_wrap=True)


def _places(
    console: Console,
    outcome: Simulation,
    file: FederationFile,
    report: Any,  # noqa: ANN401
) -> None:
    adapter = outcome.run.adapter_folder()
    console.print(f"\nReport:        {report}", soft_wrap=True)
    console.print(f"Joint adapter: {adapter}", soft_wrap=True)
    console.print(f"Ledgers:       {outcome.folder / 'sites'}/*/ledger.jsonl", soft_wrap=True)
    installed = _installed(outcome, file)
    if _has_nothing_to_translate_with(outcome, file):
        console.print(
            f"\nWith {file.run.method} each site's B stays at the site, and the joint adapter alone"
            " changes nothing. No site has installed its own.",
            soft_wrap=True,
        )
        return
    whose = (
        f"what {installed[0]} has installed"
        if installed
        else "the joint adapter, which no site installed"
    )
    console.print(f"\nNext, translate a file with {whose}:", soft_wrap=True)
    console.print(f"  {_next_command(outcome, file)}", soft_wrap=True)


def _document(outcome: Simulation, file: FederationFile, report: Path) -> dict[str, Any]:
    run = outcome.run
    tables = {}
    for table, _ in _tables(outcome, file):
        tables[table.metric] = {
            line.row: {
                "own": {site: _value(entry) for site, entry in line.own.items()},
                "own_mean": _value(line.own_mean),
                "everyone": _value(line.everyone),
            }
            for line in table.lines
        }
    return {
        "folder": str(outcome.folder),
        "report": str(report),
        "settings": file.run.model_dump(mode="json"),
        "bytes": _bytes(run),
        "rounds": run.rounds,
        "best_round": run.best_round,
        "checksum": run.checksum,
        "validation": [loss if isfinite(loss) else None for loss in run.validation],
        "left_out": [list(entry) for entry in run.left_out],
        "adapter": str(run.adapter_folder()),
        "installed": {
            site: {name: decision.installed for name, decision in by_name.items()}
            for site, by_name in outcome.decisions.items()
        },
        "tables": tables,
    }


def _write_report(outcome: Simulation, file: FederationFile) -> Path:
    """Write the report of the run, and return where it is."""
    comparison = outcome.comparison
    cells = comparison.cells if comparison else ()
    samples = comparison.samples if comparison else ()
    page = page_of_run(
        outcome.folder,
        title=f"Federation {file.run.name}",
        description=f"{len(file.sites)} sites, {file.run.source} to {file.run.target}.",
        cells=cells,
        samples=samples,
        gates={
            f"{site}: {name} adapter": decision
            for site, by_name in outcome.decisions.items()
            for name, decision in by_name.items()
        },
        migrated=[Migrated(m.site, m.translation) for m in outcome.migrated],
        next_steps=(
            ()
            if _has_nothing_to_translate_with(outcome, file)
            else [NextStep(_next_command(outcome, file), "Translate a file.")]
        ),
    )
    path = outcome.folder / "report.html"
    write_report(path, page)
    return path


def _installed(outcome: Simulation, file: FederationFile) -> tuple[str, Path] | None:
    """Return the first site that uses an adapter, of this or of an earlier run, and its folder."""
    places = ((site.name, site_folder(outcome.folder, site.name)) for site in file.sites)
    using = ((name, installed_folder(place)) for name, place in places if has_installed(place))
    return next(using, None)


def _has_nothing_to_translate_with(outcome: Simulation, file: FederationFile) -> bool:
    """Tell whether all there is is a joint adapter whose B is 0."""
    is_personal = find_method(file.run.method).exactness is Exactness.PERSONAL
    return is_personal and not _installed(outcome, file)


def _next_command(outcome: Simulation, file: FederationFile) -> str:
    """Return the command that translates a file with what a site has installed."""
    run = file.run
    installed = _installed(outcome, file)
    adapter = installed[1] if installed else outcome.run.adapter_folder()
    base = "" if run.base == "builtin" else f" --model {run.base}"
    return (
        f"fedtranslate translate FILE --from {run.source} --to {run.target}{base}"
        f" --adapter {adapter}"
    )
