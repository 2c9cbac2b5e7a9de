"""The table of groups of sites that learn alike."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

FIRST = "one group"
"""The arrangement that the others are compared with."""
FOUND = ("two groups", "groups by silhouette", "peers of 2")
"""Those whose groups were found, and not given."""


def groups_table(files: Sequence[Path]) -> str:
    """Return losses by who shares with whom, the groups that were found, and the likeness."""
    documents = [json.loads(file.read_text("utf-8")) for file in files]
    seeds = [{row["arrangement"]: row for row in document["rows"]} for document in documents]
    # A study that is under way has rows that not all seeds have yet.
    names = list(dict.fromkeys(name for seed in seeds for name in seed))
    lines = [
        "| the sites go on as | own code | worst site's own code | everyone's code"
        " | own code, less one group |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name in names:
        having = [seed for seed in seeds if name in seed]
        rows = [seed[name] for seed in having]
        apart = [_own(seed[name]) - _own(seed[FIRST]) for seed in having if FIRST in seed]
        cells = [_told([read(row) for row in rows]) for read in (_own, _worst, _everyone)]
        cells.append(_signed(apart) if name != FIRST and apart else "-")
        fewer = f" ({len(having)} of {len(seeds)} seeds)" if len(having) < len(seeds) else ""
        lines.append(f"| {name}{fewer} | " + " | ".join(cells) + " |")
    parts = [_provenance(documents), "\n".join(lines), _found(seeds), _likeness(seeds)]
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
    names = [name for name in FOUND if any(name in seed for seed in seeds)]
    lines = ["| seed | " + " | ".join(names) + " |", "| ---: |" + " --- |" * len(names)]
    for number, seed in enumerate(seeds):
        told = [_told_groups(seed[name]) if name in seed else "-" for name in names]
        lines.append(f"| {number} | " + " | ".join(told) + " |")
    return "\n".join(lines)


def _told_groups(row: Mapping[str, Any]) -> str:
    """Say who is in each group, and, where they overlap, whom it is for."""
    groups = row["groups"]
    serves = row.get("serves", groups)
    return "; ".join(
        ", ".join(group) + (f" (for {', '.join(served)})" if served != group else "")
        for group, served in zip(groups, serves, strict=True)
    )


def _likeness(seeds: Sequence[Mapping[str, Any]]) -> str:
    tables = [seed[FIRST]["similarity"] for seed in seeds if FIRST in seed]
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
    # Rows of older files were all measured with one.
    commits = dict.fromkeys(
        str(row.get("commit", document["about"]["machine"]["commit"]))[:10]
        for document in documents
        for row in document["rows"]
    )
    pairs = ", ".join(f"{name} {count}" for name, count in about["validation_pairs"].items())
    return (
        f"{len(documents)} seeds, {settings['rounds']} rounds of {settings['steps']} steps,"
        f" {shared} of them of all sites but in the row that shares nothing; method"
        f" {settings['method']}, LoRA rank {settings['lora']['rank']}, base {settings['base']}"
        f" ({about['base_fingerprint']}). Validation pairs: {pairs}. Each loss is per token, of the"
        " best round by validation in the group; mean over sites, then over seeds, ± standard"
        f" deviation over seeds. torch {machine['packages']['torch']}, commit"
        f" {', '.join(commits)}."
    )
