"""``fedtranslate review``: what people make of a migration."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fedtranslate.cli import options
from fedtranslate.cli.progress import Stages, stages

if TYPE_CHECKING:
    from fedtranslate.corpus.adding import Added
    from fedtranslate.migration.review.accepting import Judged
    from fedtranslate.migration.review.measuring import FileMeasure

_OUT = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)
_PAIRS = "pairs.jsonl"


@click.group()
def review() -> None:
    """Look a migration through: its report, what was kept of it, and pairs out of it.

    OUT is the folder that 'fedtranslate migrate' has written.

    \b
    Example:
        fedtranslate review report shop-cs
        fedtranslate review measure shop-cs
        fedtranslate review accept shop-cs --pairs pairs.jsonl
    """


@review.command()
@click.argument("out", type=_OUT)
@options.as_json
def measure(out: Path, as_json: bool) -> None:
    """Measure how much of what the model wrote is still in OUT.

    The share of a file is the characters that the model wrote and nobody has changed, of all
    characters that are in the file now.
    """
    from fedtranslate.languages.worker import ParseWorker
    from fedtranslate.migration.journal import Journal
    from fedtranslate.migration.review.measuring import measured

    with stages() as shown, Journal(out, writable=False) as journal, ParseWorker() as worker:
        files = list(measured(journal, journal.settings(), out, worker, _told(shown, "measure")))
    click.echo(json.dumps(_measure_document(files), indent=2) if as_json else _measure_text(files))


@review.command()
@click.argument("out", type=_OUT)
@click.argument("units", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Accept all that the model wrote.")
@click.option(
    "--pairs",
    "file",
    type=_FILE,
    help="JSON lines to add the pairs to.  [default: OUT/.fedtranslate/pairs.jsonl]",
)
@options.as_json
def accept(
    out: Path, units: tuple[str, ...], everything: bool, file: Path | None, as_json: bool
) -> None:
    """Make pairs of UNITS, as they are in OUT now, for the site to learn from.

    Without UNITS and --all, these are the units that people have corrected.  UNIT is an id, or the
    end of one, such as Account.deposit.  A unit that was accepted before is replaced.  Stubs are
    refused.  Exit code 1: a unit that was named is refused.
    """
    from fedtranslate.cli.migration import find_unit
    from fedtranslate.corpus.adding import add_pairs
    from fedtranslate.languages.worker import ParseWorker
    from fedtranslate.migration.journal import FOLDER, Journal
    from fedtranslate.migration.review.accepting import judged

    if units and everything:
        raise click.UsageError("Name units, or give --all.")
    if file is not None:
        options.check_out(file, "--pairs", out)
    place = file or out / FOLDER / _PAIRS
    with Journal(out, writable=False) as journal, ParseWorker() as worker:
        settings = journal.settings()
        ids = [find_unit(journal, name).id for name in units]
        found = list(judged(journal, settings, out, worker, ids, everything=everything))
    added = add_pairs(place, (one.pair for one in found if one.pair is not None))
    refused = [one for one in found if one.pair is None]
    if as_json:
        click.echo(json.dumps(_accept_document(found, added, place), indent=2))
    else:
        click.echo(_accept_text(found, added, place, is_named=bool(units)))
    raise SystemExit(1 if units and refused else 0)


@review.command()
@click.argument("out", type=_OUT)
@click.option("--html", type=_FILE, help="Page to write.  [default: OUT/.fedtranslate/report.html]")
@click.option("--json", "document", type=_FILE, help="JSON document to write as well.")
def report(out: Path, html: Path | None, document: Path | None) -> None:
    """Write the page to review the migration with: one file that works without a network.

    It shows source code, so it belongs to those who may see that code.
    """
    from fedtranslate.migration.journal import FOLDER, Journal
    from fedtranslate.report.migration.writing import PAGE, write_report

    place = html or out / FOLDER / PAGE
    for path, option in ((html, "--html"), (document, "--json")):
        options.check_out(path, option, out)
    with stages() as shown, Journal(out, writable=False) as journal:
        write_report(journal, out, place, document, _told(shown, "report"))
    click.echo(f"{place}" if document is None else f"{place}\n{document}")


def _told(shown: Stages, stage: str) -> Any:  # noqa: ANN401
    done = 0

    def on_file(_: str) -> None:
        nonlocal done
        done += 1
        shown(stage, done, 0)

    return on_file


def _measure_document(files: Sequence["FileMeasure"]) -> dict[str, Any]:
    total = _total(files)
    return {
        "total": _measure_values(total) | {"files": sum(not one.note for one in files)},
        "files": [
            {"path": one.path, "target": one.target, "note": one.note} | _measure_values(one)
            for one in files
        ],
    }


def _measure_values(one: "FileMeasure") -> dict[str, Any]:
    return {
        "characters_now": one.now,
        "characters_by_model": one.by_model,
        "characters_by_model_unchanged": one.kept,
        "share": one.share,
        "units_unchanged": one.unchanged_units,
        "units_changed": one.changed_units,
        "units_gone": one.gone_units,
        "stubs": one.stubs,
        "stubs_replaced": one.replaced_stubs,
    }


def _total(files: Sequence["FileMeasure"]) -> "FileMeasure":
    from fedtranslate.migration.review.measuring import FileMeasure

    return sum((one for one in files if not one.note), FileMeasure("", ""))


def _measure_text(files: Sequence["FileMeasure"]) -> str:
    total = _total(files)
    lines = [f"{_percent(one)}  {one.target}{_units(one)}" for one in files if not one.note]
    lines += [f"     -  {one.target}: {one.note}" for one in files if one.note]
    survived = f"{100 * total.kept / total.by_model:.1f}%" if total.by_model else "-"
    lines += [
        "",
        f"{_percent(total).strip()} of all characters in {sum(not one.note for one in files)} files"
        f" ({total.now:,}) were written by the model and are unchanged ({total.kept:,}).",
        f"{survived} of what the model wrote ({total.by_model:,} characters) is unchanged.",
        f"Units of the model: {total.unchanged_units} unchanged, {total.changed_units} changed,"
        f" {total.gone_units} gone. Stubs: {total.stubs} are left, {total.replaced_stubs} were"
        " replaced by people.",
    ]
    return "\n".join(lines)


def _percent(one: "FileMeasure") -> str:
    return "     -" if one.share is None else f"{100 * one.share:5.1f}%"


def _units(one: "FileMeasure") -> str:
    counts = {
        "changed": one.changed_units,
        "gone": one.gone_units,
        "stubs": one.stubs,
        "stubs replaced": one.replaced_stubs,
    }
    told = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return f"  ({told})" if told else ""


def _accept_document(found: Sequence["Judged"], added: "Added", place: Path) -> dict[str, Any]:
    return {
        "pairs": str(place),
        "new": added.new,
        "replaced": added.replaced,
        "same": added.same,
        "accepted": [
            {"unit": one.unit, "id": one.pair.id, "corrected": one.corrected}
            for one in found
            if one.pair is not None
        ],
        "refused": [{"unit": one.unit, "reason": one.reason} for one in found if one.pair is None],
    }


def _accept_text(found: Sequence["Judged"], added: "Added", place: Path, *, is_named: bool) -> str:
    accepted = [one for one in found if one.pair is not None]
    corrected = sum(one.corrected for one in accepted)
    lines = [f"refused: {one.unit}: {one.reason}" for one in found if one.pair is None]
    if not accepted:
        lines.append(
            "No unit was accepted."
            if is_named
            else "People have corrected no unit yet; name units, or give --all."
        )
        return "\n".join(lines)
    lines.append(
        f"{len(accepted)} units are accepted, {corrected} of them as people have corrected them:"
        f" {added.new} new pairs, {added.replaced} replaced, {added.same} there already, in {place}"
    )
    return "\n".join(lines)
