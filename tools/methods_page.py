"""Write the list of aggregation methods and robust rules from their registries.

python -m tools.methods_page            # rewrite fedtranslate/adapters/methods/README.md
python -m tools.methods_page --check    # exit 1 if it is not up to date
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from fedtranslate.adapters.methods.method import Method, Option, Part
from fedtranslate.adapters.methods.registry import METHODS
from fedtranslate.adapters.robust.rules import RULES, Rule

PAGE = Path(__file__).resolve().parent.parent / "fedtranslate/adapters/methods/README.md"
_SIZES = {Part.A: "r in", Part.B: "r out", Part.CORE: "r r"}
_ROUNDS = 12
"""So many are looked at, with the defaults of all options."""
_HEAD = """\
# Aggregation methods and robust rules

Generated from the registries by `python -m tools.methods_page`; do not edit.

## Methods

Numbers that travel in a round are for each adapted matrix of shape (out, in) at rank r.  *Exact*
means that what comes next is the weighted mean of the sites' updates, to rounding.  *Mixed ranks*:
sites may have ranks of their own.  *Sums only*: the coordinator needs no more than sums of replies,
so that secure aggregation can hide them.
"""
_RULES_HEAD = """\

## Robust rules

A rule stands before the method and bears f replies that may be anything.
"""


def page() -> str:
    """Return the page as Markdown."""
    methods = _table(
        (
            "name",
            "method",
            "paper",
            "exactness",
            "up",
            "down",
            "mixed ranks",
            "sums only",
            "options: default (range), meaning",
        ),
        (_method(one) for one in METHODS.values()),
    )
    rules = _table(
        ("name", "rule", "paper", "replies to bear f", "makes"),
        (_rule(one) for one in RULES.values()),
    )
    return f"{_HEAD}\n{methods}\n{_RULES_HEAD}\n{rules}\n"


def traffic_up(method: Method) -> str:
    """Return what a site sends for each matrix: in all rounds, in turns, or first and then."""
    options = method.complete({})
    sizes = [_size(method.phase(number, options).shares) for number in range(1, _ROUNDS + 1)]
    different = list(dict.fromkeys(sizes))
    in_turns = len(different) > 1 and sizes[2] == sizes[0] != sizes[1]
    return f"{different[0]} and {different[1]} in turns" if in_turns else ", then ".join(different)


def _size(shares: Iterable[Part]) -> str:
    parts = set(shares)
    return "r (in + out)" if parts == {Part.A, Part.B} else " + ".join(_SIZES[p] for p in parts)


def _method(method: Method) -> Sequence[str]:
    return (
        f"`{method.name}`",
        method.title,
        method.paper,
        str(method.exactness),
        traffic_up(method),
        "the adapter and what is folded" if method.folds else "the adapter",
        "yes" if method.mixed_ranks else "no",
        "yes" if method.sums_only else "no",
        "; ".join(_option(name, one) for name, one in method.options.items()) or "-",
    )


def _option(name: str, option: Option) -> str:
    whole = "whole, " if option.is_whole else ""
    span = f"{whole}{option.least:g} to {option.most:g}"
    return f"`{name}`: {option.default:g} ({span}), {option.meaning}"


def _rule(rule: Rule) -> Sequence[str]:
    makes = "one new reply, entry by entry" if rule.by_coordinates else "other weights"
    needs = f"{rule.times} f + {rule.more}"
    return (f"`{rule.name}`", rule.title, rule.paper, needs, makes)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; exit 1 if the page is out of date.")
def main(check: bool) -> None:
    """Rewrite the page of methods."""
    wanted = page()
    if PAGE.exists() and PAGE.read_text("utf-8") == wanted:
        return
    if check:
        click.echo("The page of methods is out of date. Run python -m tools.methods_page.")
        sys.exit(1)
    PAGE.write_text(wanted, "utf-8")


if __name__ == "__main__":
    main()
