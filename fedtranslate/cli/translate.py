"""``fedtranslate translate``: translate one file, or standard input."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from fedtranslate.cli import options
from fedtranslate.cli.progress import quiet_libraries


@click.command()
@click.argument("file", type=click.Path(path_type=Path), default=Path("-"))
@options.languages
@options.model
@options.decoding
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
@options.as_json
def translate(
    file: Path,
    source: str,
    target: str,
    base_name: str,
    adapter: Path | None,
    beams: int,
    guard: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Translate every unit of FILE (or of standard input) and print the translations.

    FILE is one file, not a folder.  Each translation is parsed; complaints go to standard error.
    An input that does not look like what --from says is warned of, and translated all the same.
    Exit code 1: a translation does not parse, or the model did not come to its end.

    \b
    Example:
        fedtranslate translate Stack.java --from java --to csharp --adapter runs/demo/adapter
        echo 'int size() { return n; }' | fedtranslate translate --from java --to csharp
    """
    quiet_libraries()
    from fedtranslate.checks.verdicts import check
    from fedtranslate.errors import CorpusError
    from fedtranslate.languages.registry import load_pack
    from fedtranslate.languages.units import read_source
    from fedtranslate.languages.worker import ParseWorker

    languages = (load_pack(source).name, load_pack(target).name)
    options.check_out(out, "--out", file)
    data = _bytes(file)
    if b"\0" in data[:8192] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise CorpusError(f"{_title(file)} is binary, not source code.")
    text = read_source(data).text
    with ParseWorker() as worker:
        units, problems = worker.units(text, languages[0], str(file))
    if problems:
        raise CorpusError(f"{_title(file)} cannot be cut into units: {problems[0].message}.")
    texts = [unit.text for unit in units] or ([text] if text.strip() else [])
    if not texts:
        raise CorpusError(f"There is no code to translate in {_title(file)}.")
    for doubt in _doubts(file, text, languages[0]):
        click.echo(f"Warning: {doubt}", err=True)
    translator = options.open_translator(base_name, adapter, languages, beams=beams, guard=guard)
    written = translator.translate(texts, languages)
    verdicts = check([translation.text for translation in written], languages[1], context=None)
    names = [unit.name for unit in units] or [str(file)]
    failed = 0
    for name, translation, verdict in zip(names, written, verdicts, strict=True):
        if not verdict.parses or not translation.finished:
            failed += 1
            click.echo(f"{name}: {_complaint(translation, verdict)}", err=True)
    if as_json:
        rows = [
            {
                "name": name,
                "source": t.source,
                "translation": t.text,
                "parses": v.parses,
                "finished": t.finished,
            }
            for name, t, v in zip(names, written, verdicts, strict=True)
        ]
        result = json.dumps(rows, indent=2)
    else:
        result = "\n\n".join(translation.text for translation in written)
    _write(result, out)
    raise SystemExit(1 if failed else 0)


def _title(file: Path) -> str:
    return "standard input" if str(file) == "-" else str(file)


def _bytes(file: Path) -> bytes:
    from fedtranslate.config.files import read_plain
    from fedtranslate.errors import CorpusError

    if str(file) == "-":
        return sys.stdin.buffer.read()
    if file.is_dir():
        raise CorpusError(
            f"{file} is a folder, but translate takes one file or standard input.",
            hint="For all its files use a loop of the shell, such as"
            f' for f in {file}/*.java; do fedtranslate translate "$f" --out "$f.out"; done.',
        )
    try:
        return read_plain(file)
    except OSError as error:
        raise CorpusError(f"{file} cannot be read: {error.strerror}.") from None


def _doubts(file: Path, text: str, source: str) -> list[str]:
    """Return what speaks against ``text`` being code of the language ``source``."""
    from fedtranslate.languages.parsing import parse_problems
    from fedtranslate.languages.registry import known_languages, load_pack

    pack, ending = load_pack(source), file.suffix.lower()
    doubts = []
    others = (load_pack(name) for name in known_languages())
    named = [other.title for other in others if ending in other.extensions]
    if named and pack.title not in named:
        doubts.append(f"{file} is named like {named[0]}, but --from says {pack.title}.")
    if problems := parse_problems(text, pack):
        first = problems[0]
        doubts.append(
            f"{_title(file)} does not parse as {pack.title} (line {first.line}: {first.message});"
            " it is translated all the same."
        )
    return doubts


def _write(result: str, out: Path | None) -> None:
    if out is None:
        click.echo(result)
        return
    from fedtranslate.config.files import write_durably

    write_durably(out, (result + "\n").encode("utf-8", "replace"))
    click.echo(f"Written to {out}.", err=True)


def _complaint(translation: Any, verdict: Any) -> str:  # noqa: ANN401
    if not translation.finished and not translation.text:
        return "the unit is too long for this model, or the model wrote nothing"
    if not translation.finished:
        return "the model did not come to the end of the unit"
    first = verdict.problems[0] if verdict.problems else None
    return f"line {first.line}: {first.message}" if first else "the translation does not parse"
