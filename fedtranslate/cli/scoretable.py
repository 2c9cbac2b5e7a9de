"""Print scores as tables, to be read by people."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

TITLES = {
    "exact": "exact match to the letter, %",
    "token_exact": "exact match by token, %",
    "bleu": "BLEU (CodeXGLUE)",
    "sacre_bleu": "BLEU (sacrebleu)",
    "crystal_bleu": "CrystalBLEU",
    "codebleu": "CodeBLEU (corpus)",
    "codebleu_mean": "CodeBLEU (mean of units)",
    "chrf": "chrF",
    "edit_similarity": "edit similarity, %",
    "parse_rate": "parses, %",
}


def print_scores(document: Mapping[str, Any]) -> None:
    """Print what ``fedtranslate score`` has found."""
    console = Console(highlight=False)
    title = f"{document['units']} units of {document['language']}"
    table = _table(title, "metric", "score", "95 % interval")
    for name, heading in TITLES.items():
        table.add_row(heading, _number(document[name]), _interval(document["intervals"][name]))
        for part, value in document["codebleu_parts"].items() if name == "codebleu" else ():
            table.add_row(f"  {part.replace('_', ' ')}", _number(value), "")
    console.print(table)
    if not document["compat"] and document["codebleu_parts"]["syntax"] is not None:
        lowest = min(document["parse_rate"], document.get("baseline", document)["parse_rate"])
        if lowest < 100:
            console.print("CodeBLEU gives 0 to what does not parse; --compat k4black does not.")
    if "baseline" in document:
        _print_differences(console, document)
    if "oracle" in document:
        _print_oracle(console, document["oracle"])
    versions = ", ".join(f"{name} {number}" for name, number in document["versions"].items())
    console.print(f"Made with {versions}.", soft_wrap=True)


def _print_differences(console: Console, document: Mapping[str, Any]) -> None:
    table = _table("Against the baseline", "metric", "baseline", "gain", "95 % interval", "p")
    tests: dict[str, str] = {}
    for one in document["differences"]:
        name, mark = one["metric"], tests.setdefault(one["test"], "*" * len(tests))
        table.add_row(
            TITLES[name],
            _number(document["baseline"][name]),
            f"{one['difference']:+.2f}",
            f"{one['low']:+.1f} to {one['high']:+.1f}",
            f"{one['p_value']:.4f}{mark:<1}",
        )
    console.print(table)
    told = "; ".join(f"{mark or 'p'}: {test}" for test, mark in tests.items())
    console.print(
        f"{told}; {document['samples']} samples, seed {document['seed']}.", soft_wrap=True
    )


def _print_oracle(console: Console, answer: Mapping[str, Any]) -> None:
    title = "CodeBLEU of the corpus, twice"
    table = _table(title, "part", "ours, compat k4black", answer["package"])
    for name, value in answer["ours"].items():
        theirs = "breaks off" if answer["theirs"] is None else f"{answer['theirs'][name]:.6f}"
        table.add_row(name.replace("_", " "), f"{value:.6f}", theirs)
    console.print(table)
    told = ", ".join(f"{count} {verdict}" for verdict, count in answer["units"].items())
    console.print(f"Units: {told}.", soft_wrap=True)


def _table(title: str, first: str, *others: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(first, no_wrap=True)
    for heading in others:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _interval(edges: Sequence[float]) -> str:
    return f"{edges[0]:.2f} to {edges[1]:.2f}"
