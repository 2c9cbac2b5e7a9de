"""The table of groups of sites that learn alike."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean, stdev
from typing import Any


def groups_table(files: Sequence[Path]) -> str:
    """Return losses by who shares with whom, the groups that were found, and the likeness."""
    documents = [json.loads(file.read_text("utf-8")) for file in files]
    seeds = [{row["arrangement"]: row for row in document["rows"]} for document in documents]
    lines = [
        "| the sites go on as | own code | worst site's own code | everyone's code"
        " | own code, less one group |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    names = list(seeds[0])
    for name in names:
        rows = [seed[name] for seed in seeds]
        apart = [_own(row) - _own(seed[names[0]]) for row, seed in zip(rows, seeds, strict=True)]
        cells = [_told([read(row) for row in rows]) for read in (_own, _worst, _everyone)]
        cells.append(_signed(apart) if name != names[0] else "-")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    parts = [_provenance(documents), "\n".join(lines), _found(seeds), _likeness(seeds, names[0])]
    return "\n\n".join(parts)


def _own(row: Mapping[str, Any]) -> float:
    return fmean(losses[site] for site, losses in row["losses"].items())


def _worst(row: Mapping[str, Any]) -> float:
    return max(float(losses[site]) for site, losses in row["losses"].items())


def _everyone(row: Mapping[str, Any]) -> float:
    return fmean(fmean(losses.values()) for losses in row["losses"].values())


def _told(values: Sequence[float]) -> str:
    return f"{fmean(values):.3f} ± {_spread(values):.3f}"


def _signed(values: Sequence[float]) -> str:
    return f"{fmean(values):+.3f} ± {_spread(values):.3f}"


def _spread(values: Sequence[float]) -> float:
    return stdev(values) if len(values) > 1 else 0.0


def _found(seeds: Sequence[Mapping[str, Any]]) -> str:
    lines = ["| seed | two groups | groups by silhouette |", "| ---: | --- | --- |"]
    for number, seed in enumerate(seeds):
        told = [
            "; ".join(", ".join(group) for group in seed[name]["groups"])
            for name in ("two groups", "groups by silhouette")
        ]
        lines.append(f"| {number} | " + " | ".join(told) + " |")
    return "\n".join(lines)


def _likeness(seeds: Sequence[Mapping[str, Any]], name: str) -> str:
    tables = [seed[name]["similarity"] for seed in seeds]
    sites = sorted(tables[0])
    lines = ["| cosine, mean over seeds | " + " | ".join(sites) + " |"]
    lines.append("| --- |" + " ---: |" * len(sites))
    for one in sites:
        row = [f"{fmean(table[one][other] for table in tables):.2f}" for other in sites]
        lines.append(f"| {one} | " + " | ".join(row) + " |")
    return "\n".join(lines)


def _provenance(documents: Sequence[Mapping[str, Any]]) -> str:
    about = documents[0]["about"]
    settings, machine, shared = about["settings"], about["machine"], about["shared_rounds"]
    pairs = ", ".join(f"{name} {count}" for name, count in about["validation_pairs"].items())
    return (
        f"{len(documents)} seeds, {settings['rounds']} rounds of {settings['steps']} steps,"
        f" {shared} of them of all sites but in the row that shares nothing; method"
        f" {settings['method']}, LoRA rank {settings['lora']['rank']}, base {settings['base']}"
        f" ({about['base_fingerprint']}). Validation pairs: {pairs}. Each loss is per token, of the"
        " best round by validation in the group; mean over sites, then over seeds, ± standard"
        f" deviation over seeds. torch {machine['packages']['torch']}, commit"
        f" {machine['commit'][:10]}."
    )
