"""``fedtranslate pairs``: find, check and split pairs of source code."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from fedtranslate.cli.options import as_json, languages, some_pairs
from fedtranslate.corpus.formats import PARTS, part_file, write_pairs
from fedtranslate.corpus.hygiene import MAX_TOKENS, MIN_TOKENS, Cleaned, clean
from fedtranslate.corpus.pairing import Mined, mine_pairs, unit_id
from fedtranslate.corpus.split import split_by_group
from fedtranslate.records import Unit

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_SHOWN = 20
_JSON_LINES = ".jsonl"


@click.group()
def pairs() -> None:
    """Find, check and split pairs: units of code with their translations.

    \b
    Example:
        fedtranslate pairs mine old/java new/csharp --from java --to csharp --out pairs.jsonl
        fedtranslate pairs check pairs.jsonl --from java --to csharp
        fedtranslate pairs split pairs.jsonl --from java --to csharp --out parts
    """


@pairs.command()
@click.argument("source_dir", type=_FOLDER)
@click.argument("target_dir", type=_FOLDER, required=False)
@languages
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
@click.option(
    "--minimum-confidence",
    type=click.FloatRange(0, 1),
    default=0.6,
    show_default=True,
    help="Leave out pairs that are less sure.",
)
@click.option("--unmatched", is_flag=True, help="Name the units without a partner.")
@as_json
def mine(
    source_dir: Path,
    target_dir: Path | None,
    source: str,
    target: str,
    out: Path | None,
    minimum_confidence: float,
    unmatched: bool,
    as_json: bool,
) -> None:
    """Find pairs in two source trees, or in one repository that is half migrated.

    Without --out nothing is written.  Units without a partner are counted; a source file with no
    counterpart at all is listed, as it is still to migrate.  Exit code 1: no pairs were found.
    """
    if out is not None and out.suffix != _JSON_LINES:
        raise click.UsageError(f"--out {out}: pairs are written as JSON lines, to a .jsonl file.")
    with _progress("reading files", None) as advance:
        mined = mine_pairs(
            source_dir,
            target_dir or source_dir,
            source,
            target,
            minimum_confidence=minimum_confidence,
            on_file=advance,
        )
    if out is not None:
        write_pairs(out, mined.pairs)
    if as_json:
        click.echo(json.dumps(_mined_values(mined, out)))
    else:
        click.echo(_mined_text(mined, out, names=unmatched))
    raise SystemExit(0 if mined.pairs else 1)


@pairs.command()
@click.argument("file")
@languages
@click.option("--max-tokens", type=click.IntRange(1), default=MAX_TOKENS, show_default=True)
@click.option("--min-tokens", type=click.IntRange(1), default=MIN_TOKENS, show_default=True)
@as_json
def check(
    file: str, source: str, target: str, max_tokens: int, min_tokens: int, as_json: bool
) -> None:
    """Say which pairs of FILE training would drop, and why.

    FILE is JSON lines, CSV, Parquet, the stem of two parallel line files, or hub:NAME[:SPLIT].
    Nothing is changed.  Exit code 1: nothing is left.

    The pairs are checked as one heap; 'train' and 'federate simulate' split them first, and check
    each part.  They also drop training pairs that are like others in validation or held-out
    parts, and what is too long for the model, and say how many.
    """
    found = some_pairs(file, source, target)
    with _progress("checking pairs", len(found)) as advance:
        cleaned = clean(found, max_tokens=max_tokens, min_tokens=min_tokens, on_pair=advance)
    click.echo(json.dumps(_cleaned_values(cleaned)) if as_json else _cleaned_text(cleaned))
    raise SystemExit(0 if cleaned.kept else 1)


@pairs.command()
@click.argument("file")
@languages
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for train.jsonl, validation.jsonl and held_out.jsonl.",
)
@click.option("--validation", type=click.FloatRange(0, 1), default=0.1, show_default=True)
@click.option("--held-out", type=click.FloatRange(0, 1), default=0.1, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@as_json
def split(
    file: str,
    source: str,
    target: str,
    out: Path,
    validation: float,
    held_out: float,
    seed: int,
    as_json: bool,
) -> None:
    """Split the pairs of FILE, never through a file of source code.

    Nothing is dropped.  The same file and seed always give the same parts.
    """
    found = some_pairs(file, source, target)
    parts = split_by_group(found, validation=validation, held_out=held_out, seed=seed)
    files = {part_file(out, name): getattr(parts, name) for name in PARTS}
    if any(path.resolve() == Path(file).resolve() for path in files):
        raise click.UsageError(f"--out {out}: that would overwrite {file}; name another folder.")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.UsageError(f"--out {out} cannot be made: {error.strerror}.") from None
    counts = {str(path): write_pairs(path, members) for path, members in files.items()}
    if as_json:
        click.echo(json.dumps(counts))
    else:
        click.echo("\n".join(f"{count:6} {path}" for path, count in counts.items()))


@contextmanager
def _progress(title: str, total: int | None) -> Iterator[Callable[[object], None]]:
    """Draw progress on stderr while the block runs, on a terminal only."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(title, total=total)
        yield lambda _: progress.advance(task)


def _mined_values(mined: Mined, out: Path | None) -> dict[str, Any]:
    return {
        "pairs": len(mined.pairs),
        "out": None if out is None else str(out),
        "source_files": mined.source_files,
        "target_files": mined.target_files,
        "skipped": dict(mined.skipped),
        "unmatched_source": [unit_id(unit) for unit in mined.unmatched_source],
        "unmatched_target": [unit_id(unit) for unit in mined.unmatched_target],
        "pending": [unit_id(unit) for unit in mined.pending],
    }


def _mined_text(mined: Mined, out: Path | None, *, names: bool) -> str:
    lines = [
        f"{len(mined.pairs)} pairs from {mined.source_files} source files "
        f"and {mined.target_files} target files" + (f", written to {out}" if out else "")
    ]
    lines += [f"skipped: {count} {reason}" for reason, count in mined.skipped.items()]
    pending = set(map(unit_id, mined.pending))
    left = [unit_id(unit) for unit in mined.unmatched_source]
    for title, unmatched in (
        ("in source files that have one", [name for name in left if name not in pending]),
        ("in target files", [unit_id(unit) for unit in mined.unmatched_target]),
    ):
        lines.append(f"units without a partner: {len(unmatched)} {title}")
        lines += [f"  {name}" for name in unmatched] if names else []
    if not names and mined.unmatched_source + mined.unmatched_target:
        lines[-1] += " (--unmatched names them)"
    listed = [f"\n  {unit_id(unit)}" for unit in mined.pending] if names else None
    lines.append(f"still to migrate: {_files_of(mined.pending, listed)}")
    return "\n".join(lines)


def _files_of(units: Sequence[Unit], listed: Sequence[str] | None) -> str:
    """Say how many ``units`` are in how many files, and list these files or what is ``listed``."""
    per_file = Counter(unit.path for unit in units)
    if listed is None:
        listed = [f"\n  {path} ({count})" for path, count in list(per_file.items())[:_SHOWN]]
        if len(per_file) > _SHOWN:
            listed.append(f"\n  and {len(per_file) - _SHOWN} files more; --json lists all")
    return f"{len(units)} units in {len(per_file)} files" + "".join(listed)


def _cleaned_values(cleaned: Cleaned) -> dict[str, Any]:
    return {
        "kept": len(cleaned.kept),
        "counts": cleaned.counts(),
        "dropped": [
            {"id": entry.pair.id, "reason": str(entry.reason), "detail": entry.detail}
            for entry in cleaned.dropped
        ],
    }


def _cleaned_text(cleaned: Cleaned) -> str:
    lines = [f"{len(cleaned.kept)} pairs are kept, {len(cleaned.dropped)} would be dropped"]
    lines += [f"{count:6} {reason}" for reason, count in cleaned.counts().items()]
    lines += [f"{e.pair.id}: {e.reason} ({e.detail})" for e in cleaned.dropped[:_SHOWN]]
    if len(cleaned.dropped) > _SHOWN:
        lines.append(f"and {len(cleaned.dropped) - _SHOWN} more; --json lists all")
    lines.append("After a split, training also drops what is like validation or held-out pairs.")
    return "\n".join(lines)
