"""Tables in words: titles of rows and metrics, cells as strings, and what a table says.

The command line, Markdown and the page show the same strings; only the drawing differs.
"""

import math
from collections.abc import Iterator

from fedtranslate.errors import UnknownNameError
from fedtranslate.experiments.table import Entry, Line, Table
from fedtranslate.languages.registry import load_pack

DASH = "\N{EN DASH}"
"""Stands for what was not measured."""
ROW_TITLES = {
    "copy": "Copy of the source",
    "nearest": "Nearest neighbour",
    "base": "Base model",
    "local": "Each site alone",
    "federated": "Federated",
    "personalised": "Personalised",
    "central": "All data in one place",
}
ROW_NOTES = {
    "copy": "The source itself, unchanged: a floor.",
    "nearest": "The most similar training pair of the site, its names replaced: a floor.",
    "base": "The base model as it came, without training.",
    "local": "One model per site, trained on its own pairs with as many steps as it spends in all "
    "rounds; the best checkpoint by its own validation pairs.",
    "federated": "One joint adapter for all; the round chosen on the sites' validation pairs.",
    "personalised": "The joint adapter of an earlier round, finished by each site alone; the "
    "same total steps as alone.",
    "central": "One model trained on the pairs of all sites together, with the steps of all: the "
    "ceiling that privacy forbids.",
}
METRIC_TITLES = {
    "token_exact": "Token exact match",
    "exact": "Exact match",
    "bleu": "BLEU (CodeXGLUE)",
    "codebleu": "CodeBLEU (corpus)",
    "codebleu_mean": "CodeBLEU (mean of units)",
    "parse_rate": "Parse rate",
}
METRIC_NOTES = {
    "token_exact": "Percent of units that are the reference but for layout and comments.",
    "exact": "Percent of units that are the reference to the letter.",
    "bleu": "Overlap of words with the reference, 0 to 100; a mere copy can score high.",
    "codebleu": "Overlap of words, syntax and data flow with the reference over all units as one "
    "corpus, 0 to 100; a mere copy can score high.",
    "codebleu_mean": "Overlap of words, syntax and data flow with the reference, mean of the "
    "units, 0 to 100; a mere copy can score high.",
    "parse_rate": "Percent of units that parse; it does not say that they are right.",
}
STATE_TITLES = {
    "tests_passed": "Tests passed",
    "compiled": "Compiled",
    "unresolved_only": "Only unknown names",
    "type_error": "Type error",
    "syntax_error": "Syntax error",
    "not_checked": "Not checked",
}
"""All of ``CompileState``, best first."""
OWN_VIEW = (
    "Own code: each site's held-out code, translated by the model that this site would use. It is "
    "what a site gains for the work it already knows."
)
EVERYONES_VIEW = (
    "Everyone's code: each model on the held-out code of all sites, every site weighing the same. "
    "It is what a migration of new code looks like."
)
_OWN_MODELS = ("nearest", "local", "personalised")
"""Rows that have one model per site, so that the two views differ."""


def table_rows(table: Table) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the header and the rows of ``table``; what was not measured is a dash."""
    header = ("Model", *table.sites, "Mean of sites", "Worst site", "Everyone's code")
    rows = [
        (
            row_title(line.row),
            *(entry_text(line.own.get(site)) for site in table.sites),
            entry_text(line.own_mean),
            _worst(line),
            entry_text(everyones(table, line)),
        )
        for line in table.lines
    ]
    return header, rows


def remarks(table: Table) -> tuple[str, ...]:
    """Say in sentences what ``table`` shows, also where the federation does not help."""
    return (*_about_everyone(table), *_about_own(table), *_about_seeds(table))


def everyones(table: Table, line: Line) -> Entry | None:
    """Return a line's score on everyone's code; None if its models saw their own code only."""
    one_each = line.row in _OWN_MODELS and len(table.sites) > 1
    return None if one_each and line.everyone == line.own_mean else line.everyone


def entry_text(entry: Entry | None) -> str:
    """Return ``47.1``, or ``47.1 ± 0.8`` when there are several seeds."""
    if entry is None or not math.isfinite(entry.mean):
        return DASH
    spread = f" ± {entry.spread:.1f}" if entry.seeds > 1 else ""
    return f"{entry.mean:.1f}{spread}"


def row_title(row: str) -> str:
    """Return how a row is called in print."""
    return ROW_TITLES.get(row, row)


def metric_title(metric: str) -> str:
    """Return how a metric is called in print."""
    return METRIC_TITLES.get(metric, metric)


def direction_title(direction: str) -> str:
    """Return ``Java → C#`` for ``java-csharp``."""
    return " → ".join(_language_title(name) for name in direction.split("-", 1))


def signed(points: float) -> str:
    """Return a difference with its sign, such as ``+5.9``; 0 has none."""
    text = f"{points:+.1f}"
    return "0.0" if text in {"+0.0", "-0.0"} else text.replace("-", "\N{MINUS SIGN}")


def size_text(size: int) -> str:
    """Return a number of bytes in decimal units, such as ``1.3 MB``."""
    if size < 1000:
        return f"{size} B"
    value, units = size / 1000, ["kB", "MB", "GB", "TB"]
    while value >= 999.95 and len(units) > 1:
        value /= 1000
        units.pop(0)
    return f"{value:.1f} {units[0]}"


def _language_title(name: str) -> str:
    try:
        return load_pack(name).title
    except UnknownNameError:
        return name


def _worst(line: Line) -> str:
    site, score = line.worst
    return f"{score:.1f} {site}" if math.isfinite(score) else DASH


def _about_everyone(table: Table) -> Iterator[str]:
    local, federated, gain = table.line("local"), table.line("federated"), table.gain
    if local is None or federated is None or gain is None:
        return
    yield (
        f"On everyone's code the joint adapter scores {federated.everyone.mean:.1f}, each site "
        f"alone {local.everyone.mean:.1f}: a federated {'gain' if gain >= 0 else 'loss'} of "
        f"{signed(gain)} points."
    )
    central, share = table.line("central"), table.share_of_ceiling
    if central is None:
        return
    ceiling = f"all data in one place ({central.everyone.mean:.1f})"
    if share is None:
        yield f"Training on {ceiling} is no better than alone, so there is no ceiling to approach."
    elif gain > 0:
        yield f"That is {share:.0%} of the way to training on {ceiling}."


def _about_own(table: Table) -> Iterator[str]:
    alone = table.line("local")
    others = [line for row in ("federated", "personalised") if (line := table.line(row))]
    if alone is None or not others:
        return
    better_off = 0
    for site in table.sites:
        rest = ", ".join(f"{row_title(o.row).lower()} {o.own[site].mean:.1f}" for o in others)
        own, best = alone.own[site].mean, max(other.own[site].mean for other in others)
        better_off += best > own
        if own > best:
            yield f"{site} is best served by its own model on its own code ({own:.1f}; {rest})."
    if better_off == len(table.sites):
        yield "Every site is better served by the federation than by its own model on its own code."


def _about_seeds(table: Table) -> Iterator[str]:
    seeds = max((line.everyone.seeds for line in table.lines), default=0)
    if seeds > 1:
        yield f"± is the standard deviation over {seeds} seeds."
    elif seeds == 1:
        yield "One seed: the spread is not known, and a small difference may be chance."
