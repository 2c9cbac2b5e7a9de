"""Generate the tables of benchmarks/README.md, and the results of README.md, from raw JSON.

python -m benchmarks.tables            # rewrite both
python -m benchmarks.tables --check    # exit 1 if either is not up to date
"""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean

import click

from benchmarks import methods_figures, migration_figures, reliability_figures, robustness_figures
from benchmarks.figures import figures_table
from benchmarks.groups_figures import groups_table
from benchmarks.reliability import chaos
from benchmarks.study import RESULTS, read_about
from benchmarks.traffic_figures import traffic_table
from fedtranslate.experiments.results import Cell, read_cells
from fedtranslate.experiments.table import Entry, Table, build_table
from fedtranslate.metrics.bootstrap import paired_bootstrap

ROOT = Path(__file__).resolve().parent.parent
TITLES = {
    "token_exact": "exact match by token, %",
    "codebleu": "CodeBLEU (ours, corpus)",
    "parse_rate": "parse rate, %",
    "bleu": "BLEU (CodeXGLUE)",
}
_SAMPLES_METRICS = ("token_exact", "codebleu", "parse_rate")


def study(files: Sequence[Path], metrics: Sequence[str]) -> str:
    """Return all tables of one study, as Markdown."""
    cells = read_cells(files)
    parts = [_provenance(files)]
    for direction in dict.fromkeys(cell.direction for cell in cells):
        name = direction.replace("-", " to ")
        for metric in metrics:
            table = build_table(cells, metric, direction)
            parts += [f"**{TITLES[metric]}, {name}**", _markdown(table), _conclusions(table)]
        parts += [f"**Personalised against local, {name}**", _paired(cells, direction)]
    return "\n\n".join(parts)


def _markdown(table: Table) -> str:
    header = ["row", *table.sites, "own code, mean", "worst site", "everyone's code"]
    lines = ["| " + " | ".join(header) + " |", "| --- |" + " ---: |" * (len(header) - 1)]
    for line in table.lines:
        own = [_entry(line.own[site]) for site in table.sites]
        row = [line.row, *own, _entry(line.own_mean), f"{line.worst[1]:.1f} ({line.worst[0]})"]
        lines.append("| " + " | ".join([*row, _entry(line.everyone)]) + " |")
    return "\n".join(lines)


def _entry(entry: Entry) -> str:
    if not entry.is_known:
        return "-"
    return f"{entry.mean:.1f} ± {entry.spread:.1f}" if entry.seeds > 1 else f"{entry.mean:.1f}"


def _conclusions(table: Table) -> str:
    local, federated = table.line("local"), table.line("federated")
    if local is None or federated is None or table.gain is None:
        return ""
    spread = max(local.everyone.spread, federated.everyone.spread)
    times = f", {table.gain / spread:.1f} standard deviations" if spread > 0 else ""
    share = table.share_of_ceiling
    reached = f"; share of the ceiling reached: {share:.0%}" if share is not None else ""
    return f"Federated gain on everyone's code: {table.gain:+.1f}{times}{reached}."


def _paired(cells: Sequence[Cell], direction: str) -> str:
    """Compare personalised with local unit by unit, on each site's own code."""
    rows = [
        "| site | units | exact match: gain [95 % interval] | CodeBLEU: gain [95 % interval] |",
        "| --- | ---: | ---: | ---: |",
    ]
    own = [c for c in cells if c.direction == direction and c.model_of == c.code_of]
    for site in dict.fromkeys(cell.code_of for cell in own):
        compared = []
        for read in (_exact, _codebleu):
            a, b = (
                _over_seeds([c for c in own if c.code_of == site and c.row == row], read)
                for row in ("personalised", "local")
            )
            result = paired_bootstrap(a, b, seed=0)
            compared.append(
                f"{result.mean_difference:+.1f} [{result.low:+.1f}, {result.high:+.1f}]"
            )
        rows.append(f"| {site} | {len(a)} | {compared[0]} | {compared[1]} |")
    return "\n".join(rows)


def _exact(cell: Cell) -> list[float]:
    return [100.0 * value for value in cell.token_exact]


def _codebleu(cell: Cell) -> list[float]:
    return list(cell.codebleu)


def _over_seeds(cells: Sequence[Cell], read: Callable[[Cell], list[float]]) -> list[float]:
    return [fmean(values) for values in zip(*(read(cell) for cell in cells), strict=True)]


def _provenance(files: Sequence[Path]) -> str:
    about = [read_about(file) for file in files]
    settings, machine = about[0]["settings"], about[0]["machine"]
    pairs = ", ".join(
        f"{name} {counts['train']}/{counts['validation']}/{counts['held_out']}"
        for name, counts in about[0]["pairs"].items()
    )
    return (
        f"{len(files)} seed(s), {settings['rounds']} rounds of {settings['steps']} steps per site,"
        f" method {settings['method']}, LoRA rank {settings['lora']['rank']}, base"
        f" {settings['base']} ({about[0]['base_fingerprint']}). Pairs per site"
        f" (train/validation/held-out): {pairs}. torch {machine['packages']['torch']},"
        f" {machine['cores']} cores, commit {machine['commit'][:10]}. Best rounds by validation:"
        f" {', '.join(str(entry['best_round']) for entry in about)}."
    )


def _found(folder: str, pattern: str) -> list[Path]:
    return sorted((RESULTS / folder).glob(pattern))


def _base(file: Path) -> str:
    """Return the table of the builtin base model."""
    document = json.loads(file.read_text("utf-8"))
    header = ["held-out pairs", "direction", "pairs", "exact match by token", "parse rate"]
    header += ["CodeBLEU", "BLEU"]
    lines = ["| " + " | ".join(header) + " |", "| --- | --- |" + " ---: |" * 5]
    for row in document["rows"]:
        values = [row["set"], row["direction"], str(row["pairs"])]
        values += [f"{row[key]:.1f}" for key in ("token_exact", "parse_rate", "codebleu", "bleu")]
        lines.append("| " + " | ".join(values) + " |")
    return f"Base {document['base_fingerprint']}, no adapter, greedy.\n\n" + "\n".join(lines)


def gold_table(file: Path) -> str:
    """Return the table of a self-test, and what did not pass, by the fault."""
    document = json.loads(file.read_text("utf-8"))
    tasks, about = document["tasks"], document["about"]
    lines = ["| language | right answers | passed | not passed |", "| --- | ---: | ---: | --- |"]
    for language in dict.fromkeys(task["language"] for task in tasks):
        own = [task for task in tasks if task["language"] == language]
        failed = [task for task in own if task["state"] != "passed"]
        said = "; ".join(f"{one['id']}: {one['fault']}, {one['remark']}" for one in failed)
        lines.append(f"| {language} | {len(own)} | {len(own) - len(failed)} | {said} |")
    lines += [
        f"| {name} | - | - | {tool} missing |" for name, tool in about["missing_tools"].items()
    ]
    tools = ", ".join(about["tools"].values())
    where = f"Sandbox {about['sandbox']}, commit {about['machine']['commit'][:10]}; {tools}."
    return where + "\n\n" + "\n".join(lines)


def chaos_table(file: Path) -> str:
    """Return how disturbed runs ended, by the faults that struck them."""
    runs = chaos.read(file)
    ends = ("right", "otherwise", "wrong")
    lines = ["| fault | tried | " + " | ".join(ends) + " |", "| --- |" + " ---: |" * 4]
    names = sorted({one["fault"] for run in runs for one in run["faults"]})
    for name in names:
        with_it = [run for run in runs if any(one["fault"] == name for one in run["faults"])]
        counts = [sum(run["end"] == end for run in with_it) for end in ends]
        tried = sum(one["fault"] == name for run in with_it for one in run["faults"])
        lines.append(f"| {name} | {tried} | " + " | ".join(map(str, counts)) + " |")
    totals = ", ".join(f"{sum(run['end'] == end for run in runs)} {end}" for end in ends)
    sites = sorted({run["sites"] for run in runs})
    with_sites = ", ".join(f"{sum(run['sites'] == n for run in runs)} with {n}" for n in sites)
    middle = sorted(run["seconds"] for run in runs)[len(runs) // 2]
    resumed = sum(bool(run["resumed_after"]) for run in runs)
    passing = [
        run for run in runs if not any(one["fault"].endswith("end") for one in run["faults"])
    ]
    summary = (
        f"{len(runs)} runs ({with_sites} sites): {totals}; {resumed} had stopped and were resumed; "
        f"median {middle:.0f} s. Of the {len(passing)} without a fault that lasts until the end,"
        f" {sum(run['end'] == 'right' for run in passing)} ended right."
    )
    return summary + "\n\n" + "\n".join(lines)


def _reliability(folder: Path) -> dict[str, str]:
    """Return the sections on deployed federations."""
    sections = {"deployment": figures_table(folder, reliability_figures.READERS)}
    if (runs := folder / "chaos.jsonl").exists():
        sections["chaos"] = chaos_table(runs)
    if (scale := folder / "scale.json").exists():
        sections["scale"] = reliability_figures.scale_table(scale)
    return sections


def _sections() -> dict[Path, dict[str, str]]:
    sections: dict[Path, dict[str, str]] = {
        ROOT / "benchmarks" / "README.md": {},
        ROOT / "README.md": {},
    }
    if (base := RESULTS / "base.json").exists():
        sections[ROOT / "benchmarks" / "README.md"]["base"] = _base(base)
    figures = figures_table(RESULTS / "checks")
    sections[ROOT / "benchmarks" / "README.md"]["figures"] = figures
    migrations = figures_table(RESULTS / "checks", migration_figures.READERS)
    sections[ROOT / "benchmarks" / "README.md"]["migrations"] = migrations
    if (steps := RESULTS / "checks" / "migration_steps.json").exists():
        told = migration_figures.steps_table(steps)
        sections[ROOT / "benchmarks" / "README.md"]["migration-steps"] = told
    for file in _found("checks", "*_gold.json"):
        name = file.stem.removesuffix("_gold").replace("_", "-")
        sections[ROOT / "benchmarks" / "README.md"][name] = gold_table(file)
    if files := _found("traffic", "*-seed-*.json"):
        sections[ROOT / "benchmarks" / "README.md"]["traffic"] = traffic_table(files)
    sections[ROOT / "benchmarks" / "reliability.md"] = _reliability(RESULTS / "reliability")
    if (attacks := RESULTS / "robustness" / "attacks.json").exists():
        told = robustness_figures.attacks_table(attacks)
        sections[ROOT / "benchmarks" / "robustness.md"] = {"attacks": told}
    sections[ROOT / "benchmarks" / "methods.md"] = {
        study: methods_figures.tables(study)
        for study in (methods_figures.MADE, methods_figures.CODE)
        if (RESULTS / study).exists()
    }
    if files := _found("groups", "seed-*.json"):
        sections[ROOT / "benchmarks" / "groups.md"] = {"groups": groups_table(files)}
    if files := _found("codexglue", "test-seed-*.json"):
        sections[ROOT / "benchmarks" / "README.md"]["codexglue"] = study(files, tuple(TITLES))
    if files := _found("samples", "held-out-seed-*.json"):
        sections[ROOT / "benchmarks" / "README.md"]["samples"] = study(files, tuple(TITLES))
        cells = read_cells(files)
        parts = []
        for metric in _SAMPLES_METRICS:
            table = build_table(cells, metric, "java-csharp")
            parts += [f"**{TITLES[metric]}**", _markdown(table), _conclusions(table)]
        sections[ROOT / "README.md"]["samples"] = "\n\n".join(parts)
    return sections


def _filled(text: str, name: str, section: str) -> str:
    start, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    if start not in text or end not in text:
        raise click.ClickException(f"The markers {start} and {end} are missing.")
    before, rest = text.split(start, 1)
    after = rest.split(end, 1)[1]
    return f"{before}{start}\n\n{section}\n\n{end}{after}"


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; exit 1 if a table is out of date.")
def main(check: bool) -> None:
    """Rewrite the generated tables of the documents."""
    stale = []
    for path, sections in _sections().items():
        text = old = path.read_text("utf-8")
        for name, section in sections.items():
            text = _filled(text, name, section)
        if text != old:
            stale.append(path.name)
            if not check:
                path.write_text(text, "utf-8")
    if stale and check:
        click.echo(f"Out of date: {', '.join(stale)}. Run python -m benchmarks.tables.")
        sys.exit(1)


if __name__ == "__main__":
    main()
