"""``fedtranslate behave``: call functions and their translations with the same inputs."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fedtranslate.cli import options
from fedtranslate.cli.progress import stages

if TYPE_CHECKING:
    from fedtranslate.checks.behave.differential import Comparison
    from fedtranslate.checks.behave.functions import Function

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_READ_BYTES = 8 << 20
_NAMED = 10


@click.command()
@click.argument("source_file", metavar="SOURCE", type=_FILE)
@click.argument("target_file", metavar="TARGET", type=_FILE)
@click.option(
    "--from", "source", metavar="LANGUAGE", help="Of SOURCE; else the ending of its name tells."
)
@click.option(
    "--to", "target", metavar="LANGUAGE", help="Of TARGET; else the ending of its name tells."
)
@click.option("--name", help="Compare this function only; else all that both files have.")
@click.option(
    "--inputs", "count", type=click.IntRange(1, 100_000), default=200, show_default=True,
    help="How many inputs are tried.",
)  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="Of the inputs.")
@click.option(
    "--tolerance", type=click.FloatRange(0), default=1e-9, show_default=True,
    help="Of floats, relative and absolute.",
)  # fmt: skip
@click.option(
    "--no-edges",
    is_flag=True,
    help="Leave out numbers near the limits of their types, what is not finite or not ASCII.",
)
@options.as_json
def behave(
    source_file: Path,
    target_file: Path,
    source: str | None,
    target: str | None,
    name: str | None,
    count: int,
    seed: int,
    tolerance: float,
    no_edges: bool,
    as_json: bool,
) -> None:
    """Call the functions of SOURCE and of its translation TARGET with the same inputs.

    Inputs are made from the types that either side writes; results, exceptions, output and changed
    arguments must be the same.  Only functions whose answer depends on nothing but their arguments
    can be compared.  Both files are run, in the sandbox.

    Exit code 0: no difference was found.  1: there is one, or nothing can be said.

    \b
    Example:
        fedtranslate behave Stack.java stack.py --name push
    """
    from fedtranslate.checks.behave.differential import compare

    if not math.isfinite(tolerance):
        raise click.UsageError(f"--tolerance {tolerance}: it must be a finite number.")
    languages = (
        source or _language(source_file, "--from"),
        target or _language(target_file, "--to"),
    )
    pairs = _pairs(source_file, target_file, languages, name)
    compared = []
    with stages() as shown:
        for done, (left, right) in enumerate(pairs):
            shown("compare", done, len(pairs))
            compared.append(
                compare(
                    left,
                    right,
                    count=count,
                    seed=seed,
                    edges=not no_edges,
                    tolerance=tolerance,
                )
            )
        shown("compare", len(pairs), len(pairs))
    if as_json:
        click.echo(json.dumps(_document(pairs, compared), indent=2))
    else:
        for (left, _), comparison in zip(pairs, compared, strict=True):
            click.echo(_in_words(left, comparison))
    raise SystemExit(0 if all(one.likeness == "equal" for one in compared) else 1)


def _language(file: Path, option: str) -> str:
    from fedtranslate.languages.registry import language_of

    found = language_of(file)
    if found is None:
        raise click.UsageError(f"{file}: its name does not tell its language; use {option}.")
    return found


def _pairs(
    source_file: Path, target_file: Path, languages: tuple[str, str], name: str | None
) -> "list[tuple[Function, Function]]":
    """Return the functions to compare: of one name, which no other has on its side.

    Raises:
        CheckError: There are none, or the asked one is not there once.
    """
    from fedtranslate.checks.behave.functions import function_called, functions_in, plain_name
    from fedtranslate.errors import CheckError
    from fedtranslate.languages.registry import load_pack

    packs = [load_pack(language) for language in languages]
    texts = [_text(file) for file in (source_file, target_file)]
    if name is not None:
        left, right = (function_called(name, *both) for both in zip(texts, packs, strict=True))
        return [(left, right)]
    sides: list[dict[str, list[Function]]] = []
    for text, pack in zip(texts, packs, strict=True):
        side: dict[str, list[Function]] = {}
        for function in functions_in(text, pack):
            side.setdefault(plain_name(function.name), []).append(function)
        sides.append(side)
    found = [
        (sides[0][key][0], sides[1][key][0])
        for key in sides[0]
        if len(sides[0][key]) == 1 and len(sides[1].get(key, ())) == 1
    ]
    if not found:
        raise CheckError(
            f"{source_file} and {target_file} have no function of the same name, each once.",
            hint="Upper case and underscores do not count; name one by --name.",
        )
    for file, side in zip((source_file, target_file), sides, strict=True):
        _tell_left_out(file, side, {plain_name(pair[0].name) for pair in found})
    return found


def _tell_left_out(file: Path, side: "dict[str, list[Function]]", compared: set[str]) -> None:
    """Name the functions of a file that are not compared: silence would pass for agreement."""
    names = [one[0].name for key, one in side.items() if key not in compared]
    if names:
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        told = ", ".join(names[:_NAMED]) + more
        click.echo(
            f"Note: not compared, not being once in each file: {told} of {file.name}.", err=True
        )


def _text(file: Path) -> str:
    from fedtranslate.config.files import open_plain
    from fedtranslate.errors import CheckError
    from fedtranslate.languages.units import read_source

    try:
        with open_plain(file) as stream:
            return read_source(stream.read(_READ_BYTES)).text
    except OSError as error:
        raise CheckError(f"{file} cannot be read: {error.strerror}.") from None


def _in_words(function: "Function", comparison: "Comparison") -> str:
    from fedtranslate.checks.complaints import printable

    head = f"{function.name}: {comparison.likeness.replace('_', ' ')}"
    if comparison.inputs:
        head += f", {comparison.equal} of {comparison.inputs} inputs agree"
    if comparison.skipped:
        head += f", {comparison.skipped} say nothing"
    lines = [head]
    if comparison.reason:
        lines.append(f"  {comparison.reason}")
    if comparison.differences:
        lines.append(f"  {comparison.differences[0].in_words(function.name)}")
    # What a function answered or raised may be anything, half a character as well.
    return "\n".join(map(printable, lines))


def _document(
    pairs: "Sequence[tuple[Function, Function]]", compared: "Sequence[Comparison]"
) -> list[dict[str, Any]]:
    return [
        {
            "source": left.name,
            "target": right.name,
            "likeness": str(one.likeness),
            "reason": one.reason,
            "inputs": one.inputs,
            "equal": one.equal,
            "skipped": one.skipped,
            "differences": [
                {
                    "arguments": difference.arguments,
                    "what": difference.what,
                    "edge": difference.edge,
                    "source": difference.source.in_words(),
                    "target": difference.target.in_words(),
                    "in_words": difference.in_words(left.name),
                }
                for difference in one.differences
            ],
        }
        for (left, right), one in zip(pairs, compared, strict=True)
    ]
