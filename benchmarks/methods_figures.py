"""The tables and plots of the studies of aggregation methods.

python -m benchmarks.methods_figures      # redraw the plots; the tables are of benchmarks.tables

"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, TypeAlias

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.study import RESULTS
from fedtranslate.adapters.methods.method import Exactness
from fedtranslate.adapters.methods.registry import METHODS

MADE, CODE = "methods-made", "methods"
_CALM = {MADE: ("unlike", 5, "same"), CODE: ("origin", 5, "same")}
"""The setting of each study that is told in full and drawn."""
_ERRORS = 2.0

Kind: TypeAlias = tuple[str, int, str]
Runs: TypeAlias = Mapping[tuple[Kind, str], Sequence[Mapping[str, Any]]]
"""By setting and method, a run for each seed."""


def tables(study: str) -> str:
    """Return what came of every method in every setting of a study, ``MADE`` or ``CODE``."""
    runs, calm = _read(study), _CALM[study]
    kinds = sorted({kind for kind, _ in runs}, key=lambda k: (k[2] != "same", k[0] != calm[0], k))
    return "\n\n".join(
        [
            _provenance(runs),
            "**Loss of the best round, by setting**",
            _by_setting(runs, kinds, calm),
            f"**{_title(calm)}, in full**",
            _in_full(runs, calm),
            _rates(runs),
            _verdict(runs, kinds),
        ]
    )


def plots(study: str, file: Path) -> None:
    """Draw losses by round, by bytes and by seconds into an SVG file."""
    runs = _read(study)
    mpl.rcParams["svg.hashsalt"] = "methods"
    figure = Figure(figsize=(13, 5), layout="constrained")
    axes: Sequence[Axes] = figure.subplots(1, 3, sharey=True)
    for number, (found, method) in enumerate(sorted(runs)):
        if found != _CALM[study]:
            continue
        losses = _means([run["validation"] for run in runs[found, method]])
        traffic = _means([_summed(run) for run in runs[found, method]])
        seconds = fmean(run["seconds"] for run in runs[found, method]) / (len(losses) - 1)
        style = ("-", "--", ":")[number % 3]
        axes[0].plot(range(len(losses)), losses, style, label=method)
        axes[1].plot([one / 1e3 for one in traffic], losses, style)
        axes[2].plot([at * seconds for at in range(len(losses))], losses, style)
    for one, label in zip(axes, ("round", "kB, up and down", "seconds"), strict=True):
        one.set_xlabel(label)
        one.set_yscale("log")
    axes[0].set_ylabel("validation loss")
    figure.legend(loc="outside right upper", fontsize="small")
    figure.savefig(file, metadata={"Date": None})


def _read(study: str) -> Runs:
    runs: dict[tuple[Kind, str], list[Mapping[str, Any]]] = {}
    for file in sorted((RESULTS / study).glob("*-[0-9]*.json")):
        document = json.loads(file.read_text("utf-8"))
        about = document["about"]
        if study == MADE:
            likeness = "alike" if about["alike"] else "unlike"
            kind = (likeness, about["sites"], "mixed" if about["mixed"] else "same")
        else:
            kind = (about["split"], about["sites"], about["ranks"])
        runs.setdefault((kind, about["method"]), []).append(document)
    return runs


def _title(kind: Kind) -> str:
    words = {
        "unlike": "sites unlike each other",
        "alike": "sites alike",
        "origin": "pairs by origin",
        "iid": "pairs dealt out",
    }
    ranks = "one rank" if kind[2] == "same" else "mixed ranks"
    return f"{kind[1]} sites, {words[kind[0]]}, {ranks}"


def _provenance(runs: Runs) -> str:
    every = [run for found in runs.values() for run in found]
    seeds = sorted({run["about"]["seed"] for run in every})
    commits = sorted({run["about"]["machine"]["commit"][:10] for run in every})
    rounds = len(every[0]["validation"]) - 1
    return (
        f"Seeds {', '.join(map(str, seeds))}; {rounds} rounds; commit {', '.join(commits)}; torch"
        f" {every[0]['about']['machine']['packages']['torch']}. Means and standard deviations."
    )


def _by_setting(runs: Runs, kinds: Sequence[Kind], calm: Kind) -> str:
    lines = ["| method | " + " | ".join(_title(kind) for kind in kinds) + " |"]
    lines.append("| --- |" + " ---: |" * len(kinds))
    # Methods that were not run in the first setting are in others.
    found = _methods(runs, calm)
    others = sorted({method for _, method in runs}.difference(found))
    for method in [*found, *others]:
        cells = [_spread(_bests(runs.get((kind, method), ()))) for kind in kinds]
        lines.append(f"| {method} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _in_full(runs: Runs, kind: Kind) -> str:
    lines = [
        "| method | best round's loss | after round 1 | after round 3 | kB up a round and site |"
        " kB down | seconds a round |",
        "| --- |" + " ---: |" * 6,
    ]
    for method in _methods(runs, kind):
        found = runs[kind, method]
        rounds = len(found[0]["validation"]) - 1
        up, down = (
            fmean(fmean(run[way][1:] or run[way]) / kind[1] / 1e3 for run in found)
            for way in ("up", "down")
        )
        early = [_spread([run["validation"][min(at, rounds)] for run in found]) for at in (1, 3)]
        seconds = fmean(run["seconds"] / rounds for run in found)
        lines.append(
            f"| {method} | {_spread(_bests(found))} | {early[0]} | {early[1]} | {up:.1f} |"
            f" {down:.1f} | {seconds:.2f} |"
        )
    return "\n".join(lines)


def _rates(runs: Runs) -> str:
    """Say which learning rate each method has."""
    by_rate: dict[float, set[str]] = {}
    for (_, method), found in runs.items():
        about = found[0]["about"]
        choice = about.get("choice") or about["settings"]["training"]
        by_rate.setdefault(choice["learning_rate"], set()).add(method)
    rates = sorted(by_rate, key=lambda rate: (len(by_rate[rate]), rate))
    told = [f"{rate:g} {', '.join(sorted(by_rate[rate]))}" for rate in rates[:-1]]
    return f"Learning rates: {'; '.join([*told, f'{rates[-1]:g} the others'])}."


def _verdict(runs: Runs, kinds: Sequence[Kind]) -> str:
    """Say in how many settings each method is within the spread of the best one."""
    near: dict[str, int] = {}
    joint = {m for _, m in runs if METHODS[m].exactness is not Exactness.PERSONAL}
    for kind in kinds:
        found = {m: _bests(runs[kind, m]) for k, m in runs if k == kind and m in joint}
        best = min(found, key=lambda m: fmean(found[m]))
        for method, losses in found.items():
            apart = [one - other for one, other in zip(losses, found[best], strict=False)]
            error = (stdev(apart) / len(apart) ** 0.5) if len(apart) > 1 else 0.0
            near[method] = near.get(method, 0) + (fmean(apart) <= _ERRORS * error)
    of = {m: sum((kind, m) in runs for kind in kinds) for m in near}
    told = ", ".join(f"{m} {near[m]} of {of[m]}" for m in sorted(near, key=lambda m: -near[m]))
    return (
        f"Settings in which a method with one joint adapter is not worse than the best one by more"
        f" than {_ERRORS:g} standard errors of the paired difference: {told}."
    )


def _methods(runs: Runs, kind: Kind) -> list[str]:
    """Return the methods of a setting, the best first."""
    found = [method for known, method in runs if known == kind]
    return sorted(found, key=lambda method: fmean(_bests(runs[kind, method])))


def _bests(runs: Sequence[Mapping[str, Any]]) -> list[float]:
    return [min(run["validation"][1:]) for run in runs]


def _summed(run: Mapping[str, Any]) -> list[float]:
    total, sums = 0.0, [0.0]
    for up, down in zip(run["up"], run["down"], strict=True):
        total += up + down
        sums.append(total)
    return sums


def _means(rows: Sequence[Sequence[float]]) -> list[float]:
    return [fmean(column) for column in zip(*rows, strict=True)]


def _spread(values: Sequence[float]) -> str:
    if not values:
        return "-"
    return f"{fmean(values):.3f} ± {stdev(values):.3f}" if len(values) > 1 else f"{values[0]:.3f}"


if __name__ == "__main__":
    for name in (MADE, CODE):
        plots(name, RESULTS / name / "methods.svg")
