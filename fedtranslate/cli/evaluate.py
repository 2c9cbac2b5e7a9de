"""``fedtranslate evaluate``: all scores of a model on pairs whose answer is known."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fedtranslate.cli import options
from fedtranslate.cli.progress import quiet_libraries, stages

if TYPE_CHECKING:
    from fedtranslate.checks.compile import CompileContext

_NOT_ASKED = "compiling was not asked for"


def _namespaces(
    _context: click.Context, _option: click.Parameter, names: tuple[str, ...]
) -> tuple[str, ...]:
    from fedtranslate.config.federation import fit_for_a_namespace

    try:
        return tuple(fit_for_a_namespace(name) for name in names)
    except ValueError as error:
        raise click.BadParameter(f"{error}.") from None


@click.command()
@click.argument("pairs")
@options.languages
@options.model
@click.option("--limit", type=click.IntRange(1), help="Use the first N pairs only.")
@options.decoding
@click.option(
    "--class-path",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    help="Folder of target sources to compile translations against; asks for compiling.",
)
@click.option(
    "--using",
    "usings",
    multiple=True,
    callback=_namespaces,
    help="Namespace that translations import; asks for compiling.",
)
@click.option(
    "--run-tests",
    is_flag=True,
    help="Run the tests of the pairs on their translations, in the sandbox.",
)
@click.option(
    "--predictions",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write translations, references and verdicts here: a .jsonl file.",
)
@options.as_json
def evaluate(
    pairs: str,
    source: str,
    target: str,
    base_name: str,
    adapter: Path | None,
    limit: int | None,
    beams: int,
    guard: bool,
    class_path: tuple[Path, ...],
    usings: tuple[str, ...],
    run_tests: bool,
    predictions: Path | None,
    as_json: bool,
) -> None:
    """Translate PAIRS and print all scores, beside those of a mere copy of the source.

    PAIRS is a .jsonl, .parquet or .csv file, parallel line files in the CodeXGLUE layout (name
    either of them), a source of the datasets library, or a folder of 'pairs split', of which the
    held-out part is taken.  Translations are compiled only if --class-path or --using is given.
    With --run-tests, the program in the column 'tests' of a pair is run with its translation in
    the place of {candidate}, or after it; what ends with exit code 0 is counted as tests_passed.

    \b
    Example:
        fedtranslate evaluate pairs.jsonl --from java --to csharp --adapter my-adapter
    """
    quiet_libraries()
    from fedtranslate.evaluation.evaluate import evaluate as measure
    from fedtranslate.evaluation.evaluate import score
    from fedtranslate.evaluation.floors import copy_floor
    from fedtranslate.languages.registry import load_pack

    if predictions is not None and predictions.suffix != ".jsonl":
        raise click.UsageError(
            f"--predictions {predictions}: they are written as JSON lines, to a .jsonl file."
        )
    file = _file(pairs)
    options.check_out(predictions, "--predictions", Path(file))
    languages = (load_pack(source).name, load_pack(target).name)
    found = options.some_pairs(file, *languages)[:limit]
    translator = options.open_translator(base_name, adapter, languages, beams=beams, guard=guard)
    context = _context(class_path, usings, languages[1])
    done = 0
    with stages() as shown:

        def on_done(count: int) -> None:
            nonlocal done
            done += count
            shown("translate", done, len(found))

        result = measure(
            translator, found, context=context, test_jobs=2 * run_tests, on_done=on_done
        )
    copied = score(copy_floor(found), languages[1])
    if predictions is not None:
        _write(predictions, found, result.translations)
    is_checked = context is not None or run_tests
    reasons = _reasons(result.translations) if is_checked else [_NOT_ASKED]
    if as_json:
        document = _plain(result.scores)
        document |= {"copy": _plain(copied.scores), "not_checked": reasons}
        click.echo(json.dumps(document, indent=2))
    else:
        _print(result.scores, copied.scores, compiled=is_checked)
        _print_unchecked(reasons, compiled=is_checked)


def _context(
    class_path: tuple[Path, ...], usings: tuple[str, ...], language: str
) -> "CompileContext | None":
    """Return what to compile against, None for nothing; warn when nothing can compile with it."""
    from fedtranslate.checks.compile import CompileContext
    from fedtranslate.evaluation.surroundings import unknown_surroundings

    if not class_path and not usings:
        return None
    context = CompileContext(class_path, usings)
    if problem := unknown_surroundings(context, language):
        click.echo(
            f"Warning: no translation can compile; the compiler says '{problem.message}' of an"
            " empty file. Correct --using or --class-path.",
            err=True,
        )
    return context


def _reasons(translations: Sequence[Any]) -> list[str]:
    """Return why translations were not compiled, each reason once."""
    unchecked = {t.verdict for t in translations if t.verdict.compile_state == "not_checked"}
    return sorted({verdict.reason.partition("; tests: ")[0] for verdict in unchecked})


def _plain(scores: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return what JSON shows of ``scores``: those of all units together."""
    return {name: value for name, value in scores.as_dict().items() if name != "per_unit"}


def _write(path: Path, pairs: Sequence[Any], translations: Sequence[Any]) -> None:
    """Write each translation as the target of its pair, with what is known of it beside."""
    from dataclasses import replace

    from fedtranslate.corpus.formats import write_pairs

    write_pairs(
        path,
        [replace(p, target=t.text) for p, t in zip(pairs, translations, strict=True)],
        [
            {
                "reference": t.reference,
                "finished": t.finished,
                "parses": t.verdict.parses,
                "compile": str(t.verdict.compile_state),
                "reason": t.verdict.reason,
            }
            for t in translations
        ],
    )


def _file(pairs: str) -> str:
    """Return the file that PAIRS means: the held-out part where it is a folder of parts."""
    from fedtranslate.corpus.formats import named_part, part_file

    if (named := named_part(pairs)) is not None:
        return str(named)
    held_out = part_file(Path(pairs), "held_out")
    if not held_out.is_file():
        return pairs
    click.echo(f"{pairs} is a folder of parts; {held_out} is evaluated.", err=True)
    return str(held_out)


def _print(scores: Any, copied: Any, *, compiled: bool) -> None:  # noqa: ANN401
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{scores.units} pairs")
    table.add_column("score")
    table.add_column("model", justify="right")
    table.add_column("copy of the source", justify="right")
    for name, title in (
        ("token_exact", "exact match by token, %"),
        ("exact", "exact match to the letter, %"),
        ("bleu", "BLEU (CodeXGLUE)"),
        ("codebleu", "CodeBLEU (corpus)"),
        ("codebleu_mean", "CodeBLEU (mean of units)"),
        ("chrf", "chrF"),
        ("edit_similarity", "edit similarity, %"),
        ("parse_rate", "parses, %"),
    ):
        table.add_row(title, f"{getattr(scores, name):.1f}", f"{getattr(copied, name):.1f}")
    for state, count in (scores.compile or {}).items() if compiled else ():
        table.add_row(f"compile: {state}", str(count), "")
    Console().print(table)


def _print_unchecked(reasons: Sequence[str], *, compiled: bool) -> None:
    """Say why translations were not compiled, where they were not."""
    if not compiled:
        click.echo(
            "Compiling was not asked for; ask with --class-path FOLDER or --using NAMESPACE."
        )
        return
    for reason in reasons:
        click.echo(f"not checked: {reason}")
