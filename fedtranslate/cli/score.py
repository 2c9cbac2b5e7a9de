"""``fedtranslate score``: all metrics of translations that are there already."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import click

from fedtranslate.cli import options

_PREDICTION_FIELDS = ("prediction", "target")
_REFERENCE_FIELDS = ("reference", "target")


@click.command()
@click.argument("predictions")
@click.argument("references")
@click.option("--language", required=True, metavar="LANGUAGE", help="Language of both files.")
@options.as_json
@click.option(
    "--compat",
    type=click.Choice(["k4black", "microsoft"]),
    help="Give the CodeBLEU of codebleu 0.7.0, or of CodeXGLUE's evaluator, faults included.",
)
@click.option(
    "--tokens",
    type=click.Choice(["lexer", "whitespace"]),
    default="lexer",
    show_default=True,
    help="What the n-gram parts of CodeBLEU count.",
)
@click.option(
    "--baseline",
    metavar="OTHER_PREDICTIONS",
    help="Translations of another system; tells whether the difference is more than chance.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Of intervals and tests.",
)
@click.option(
    "--samples",
    type=click.IntRange(100, 100_000),
    default=1_000,
    show_default=True,
    help="How many sets are drawn for intervals and tests.",
)
@click.option(
    "--jobs", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes that work."
)
@click.option(
    "--per-unit",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the scores of each unit here: a .jsonl file.",
)
@click.option("--jsonl", is_flag=True, help="Take every file, and what comes in, for JSON lines.")
@click.option("--field", help="JSON field of a prediction; 'prediction' or 'target' if not said.")
@click.option(
    "--reference-field", help="JSON field of a reference; 'reference' or 'target' if not said."
)
@click.option(
    "--oracle",
    is_flag=True,
    help="Ask the package codebleu 0.7.0 as well, in an environment of its own.",
)
@click.option(
    "--oracle-folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("~/.cache/fedtranslate/codebleu-0.7.0"),
    show_default=True,
    help="Where that environment is, or is made on first use.",
)
def score(
    predictions: str,
    references: str,
    language: str,
    as_json: bool,
    compat: str | None,
    tokens: str,
    baseline: str | None,
    seed: int,
    samples: int,
    jobs: int,
    per_unit: Path | None,
    jsonl: bool,
    field: str | None,
    reference_field: str | None,
    oracle: bool,
    oracle_folder: Path,
) -> None:
    """Score PREDICTIONS against REFERENCES: every metric, with its interval.

    Both are files with one unit per line, line by line the same units, or .jsonl files, in which
    units may hold line ends; - is what comes in.  A prediction that is empty scores 0, and
    one that does not parse has a CodeBLEU of 0; published evaluators (--compat) do not look.

    \b
    Example:
        fedtranslate score predicted.txt reference.txt --language java
    """
    from fedtranslate.cli.scoretable import print_scores
    from fedtranslate.languages.registry import load_pack

    pack = load_pack(language)
    places = [predictions, references, *([baseline] if baseline else [])]
    if places.count("-") > 1:
        raise click.UsageError("Only one of the files can be what comes in (-).")
    for place in places if per_unit is not None else ():
        options.check_out(per_unit, "--per-unit", Path(place))
    texts = _read(places, field, reference_field, as_json=jsonl)
    folder = oracle_folder.expanduser()
    if oracle:
        _prepare(folder, pack.name)
    wanted = _Wanted(pack, tokens, compat, seed, samples, jobs)
    document, units = _document(texts, wanted)
    if oracle:
        document["oracle"] = _asked(folder, pack, texts)
    if per_unit is not None:
        _write(per_unit, units)
    if as_json:
        click.echo(json.dumps(document, indent=2))
    else:
        print_scores(document)


class _Wanted(NamedTuple):
    """How the texts are to be scored."""

    pack: Any
    tokens: Any
    compat: Any
    seed: int
    samples: int
    jobs: int


def _document(texts: Sequence[Sequence[str]], wanted: _Wanted) -> tuple[dict[str, Any], Any]:
    """Return all that is told of predictions, references and, if it is there, the baseline.

    Beside it, the scores of each unit.
    """
    from fedtranslate.metrics.scores import score_corpus, trivial_of
    from fedtranslate.metrics.significance import differences, intervals

    pack, seed, samples = wanted.pack, wanted.seed, wanted.samples
    trivial = trivial_of(texts[1], pack)
    mine, *others = [
        score_corpus(
            some,
            texts[1],
            pack.name,
            tokens=wanted.tokens,
            compat=wanted.compat,
            trivial=trivial,
            jobs=wanted.jobs,
        )
        for some in (texts[0], *texts[2:])
    ]
    document: dict[str, Any] = {
        "language": pack.name,
        "compat": wanted.compat,
        "tokens": "whitespace" if wanted.compat else wanted.tokens,
        "seed": seed,
        "samples": samples,
        **_plain(mine.scores),
        "intervals": {
            name: [found.low, found.high]
            for name, found in intervals(mine.tallies, seed=seed, samples=samples).items()
        },
    }
    for other in others:
        compared = differences(mine.tallies, other.tallies, seed=seed, samples=samples)
        document["baseline"] = _plain(other.scores)
        document["differences"] = [asdict(one) for one in compared]
    return document, mine.scores.per_unit


def _plain(scores: Any) -> dict[str, Any]:  # noqa: ANN401
    return {name: value for name, value in scores.as_dict().items() if name != "per_unit"}


def _read(
    places: Sequence[str], field: str | None, reference_field: str | None, *, as_json: bool
) -> list[list[str]]:
    """Return the texts of every file; all have the same number of them.

    Raises:
        CorpusError: One cannot be read, or they do not belong together.
    """
    from fedtranslate.cli.textfiles import read_texts
    from fedtranslate.errors import CorpusError
    from fedtranslate.metrics.meter import MAX_CHARACTERS

    found = []
    for number, place in enumerate(places):
        is_reference = number == 1
        named = reference_field if is_reference else field
        usual = _REFERENCE_FIELDS if is_reference else _PREDICTION_FIELDS
        found.append(read_texts(place, (named,) if named else usual, as_json=as_json))
    for place, texts in zip(places, found, strict=True):
        if len(texts) != len(found[1]):
            raise CorpusError(
                f"{place} has {len(texts)} units but {places[1]} has {len(found[1])}.",
                hint="Unit i of one must belong to unit i of the other.",
            )
    for number, text in enumerate(found[1], 1):
        if len(text) > MAX_CHARACTERS:
            raise CorpusError(
                f"{places[1]}, unit {number}, has {len(text):,} characters; a reference has at"
                f" most {MAX_CHARACTERS:,}.",
                hint="Score units such as methods, not whole systems.",
            )
    return found


def _prepare(folder: Path, language: str) -> None:
    """Make the environment of the package, if it is not there yet, after saying so."""
    from fedtranslate.errors import UnknownNameError
    from fedtranslate.metrics.codebleu import oracle

    if language not in oracle.NAMES:
        raise UnknownNameError("language of the package codebleu", language, oracle.NAMES)
    if oracle.has_environment(folder):
        return
    click.echo(
        f"Making an environment with {oracle.PACKAGE} in {folder}; this uses the network once.",
        err=True,
    )
    options.check_folder(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    oracle.make_environment(folder)


def _asked(folder: Path, pack: Any, texts: Sequence[Sequence[str]]) -> dict[str, Any]:  # noqa: ANN401
    """Return what the package says, and our numbers for it, side by side."""
    from fedtranslate.metrics.codebleu import codebleu, oracle

    ours = codebleu(texts[0], texts[1], pack.name, compat="k4black")
    theirs = oracle.ask(folder, pack.name, texts[0], texts[1])
    units = zip(ours.per_unit_parts, ours.per_unit, strict=True)
    compared = oracle.compare(folder, pack.name, texts[0], texts[1], list(units))
    verdicts = [unit.verdict for unit in compared]
    names = (*oracle.PARTS, "corpus")
    return {
        "package": oracle.PACKAGE,
        "ours": {name: 100 * (getattr(ours, name) or 0.0) for name in names},
        "theirs": (
            {name: 100 * value for name, value in zip(names, theirs.corpus, strict=True)}
            if theirs.corpus
            else None
        ),
        "units": {verdict: verdicts.count(verdict) for verdict in sorted(set(verdicts))},
    }


def _write(path: Path, units: Sequence[Any]) -> None:
    lines = [json.dumps({"unit": number, **asdict(unit)}) for number, unit in enumerate(units, 1)]
    path.write_text("\n".join(lines) + "\n", "utf-8")
