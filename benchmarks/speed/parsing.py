"""Time the parse check of one unit, over all methods of CodeXGLUE's validation data.

    python -m benchmarks.speed.parsing DATA_FOLDER

The limit is 100 microseconds in the median.  Beside it stands what tree-sitter alone takes to
parse the same texts, wrapped: the rest is ours.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import TypeVar

import click
from tree_sitter import Parser

from benchmarks.accuracy.gold_units import ENDINGS
from benchmarks.datafolder import DataFolder
from benchmarks.record import record
from fedtranslate.languages.parsing import parse_problems, wrapping
from fedtranslate.languages.registry import load_pack

Text = TypeVar("Text", str, bytes)
ROUNDS = 7
LIMIT_MICROSECONDS = 100


def medians(check: Callable[[Text], object], texts: Sequence[Text]) -> list[float]:
    """Return the median time of a text, in microseconds, for each round over all texts."""
    rounds = []
    for _ in range(ROUNDS):
        times = []
        for text in texts:
            start = time.perf_counter_ns()
            check(text)
            times.append((time.perf_counter_ns() - start) / 1000)
        rounds.append(median(times))
    return rounds


@click.command()
@click.argument("data", type=DataFolder(*(f"valid.java-cs.txt.{end}" for end in ENDINGS.values())))
def main(data: Path) -> None:
    """Print one line per language, and write the raw times."""
    results = {}
    for language, ending in ENDINGS.items():
        pack = load_pack(language)
        texts = (data / f"valid.java-cs.txt.{ending}").read_text("utf-8").splitlines()
        wrapped = [text.join(wrapping(text, pack)).encode() for text in texts]
        parser = Parser(pack.grammar)
        ours = medians(partial(parse_problems, pack=pack), texts)
        bare = medians(parser.parse, wrapped)
        click.echo(
            f"{pack.title}: {median(ours):.0f} µs a unit ({min(ours):.0f} to {max(ours):.0f}), "
            f"limit {LIMIT_MICROSECONDS}; tree-sitter alone {median(bare):.0f} µs"
        )
        results[language] = {"units": len(texts), "ours": ours, "tree_sitter": bare}
    record("parse_speed", {"microseconds": results, "limit": LIMIT_MICROSECONDS})


if __name__ == "__main__":
    main()
