"""Parse every gold method of CodeXGLUE's training and validation data, and name those that fail.

    python -m benchmarks.accuracy.gold_units DATA_FOLDER

Each is a lone method, so this shows that wrapping works; what fails is listed by file and line.
"""

from collections.abc import Iterator
from pathlib import Path

import click

from benchmarks.datafolder import CODEXGLUE, DataFolder
from benchmarks.record import record
from fedtranslate.languages.parsing import parse_problems
from fedtranslate.languages.registry import load_pack

ENDINGS = {"java": "java", "csharp": "cs"}
SPLITS = ("train", "valid")


def gold_units(data: Path, language: str) -> Iterator[tuple[str, str]]:
    """Yield file and line of each method, such as ``train.java-cs.txt.java:7``, and its text."""
    for split in SPLITS:
        file = data / f"{split}.java-cs.txt.{ENDINGS[language]}"
        for number, text in enumerate(file.read_text("utf-8").splitlines(), start=1):
            yield f"{file.name}:{number}", text


@click.command()
@click.argument("data", type=DataFolder(*CODEXGLUE))
def main(data: Path) -> None:
    """Print one line per language and one per failure, and write the raw counts."""
    results = {}
    for language in ENDINGS:
        pack = load_pack(language)
        judged = [(place, parse_problems(text, pack)) for place, text in gold_units(data, language)]
        failed = {place: problems[0] for place, problems in judged if problems}
        share = 1 - len(failed) / len(judged)
        click.echo(f"{pack.title}: {len(judged)} gold units, {share:.4%} parse")
        for place, problem in failed.items():
            click.echo(f"  {place}: column {problem.column}: {problem.message}")
        results[language] = {"units": len(judged), "parse": share, "failed": list(failed)}
    record("gold_units", results)


if __name__ == "__main__":
    main()
