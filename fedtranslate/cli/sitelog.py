"""``fedtranslate site log``: what left, when, how many bytes, under which policy."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fedtranslate.cli import options
from fedtranslate.cli.folders import SITE
from fedtranslate.cli.siteoptions import known_place

if TYPE_CHECKING:
    from fedtranslate.federation.site.ledger import Departure


@click.command()
@SITE.option
@click.option("--run", metavar="NAME", help="Of this run only.")
@click.option("--verify", is_flag=True, help="Check that no entry was changed, too.")
@options.as_json
def log(folder: Path, run: str | None, verify: bool, as_json: bool) -> None:
    """List everything that left this site, oldest first.

    Each line has the time, the run and its round, what it was, its bytes, and the fingerprint of
    the policy under which it left; below decisions on releases and refusals, why.  With --verify,
    exit code 1 means that the ledger is not what was written.
    """
    from fedtranslate.federation.site.ledger import Ledger

    ledger = Ledger(known_place(folder).ledger)
    verified = ledger.verify() if verify else None
    if verified is not None and verified.problem:
        if as_json:
            click.echo(json.dumps({"verified": asdict(verified)}, indent=2))
        else:
            click.echo(f"The ledger is not what was written: {verified.problem}")
        raise SystemExit(1)
    entries = [entry for entry in ledger.entries() if run in (None, entry.run)]
    if as_json:
        document: dict[str, Any] = {"entries": [_plain(entry) for entry in entries]}
        document["bytes"] = sum(entry.bytes for entry in entries)
        if verified is not None:
            document["verified"] = asdict(verified)
        click.echo(json.dumps(document, indent=2))
        return
    for entry in entries:
        click.echo(_line(entry))
    size = sum(entry.bytes for entry in entries)
    click.echo(f"{len(entries)} messages, {_size(size)} in all")
    if verified is not None:
        tied = verified.entries - verified.unchained
        last = f", the last {verified.last}" if verified.last else ""
        click.echo(f"The ledger is what was written: {tied} entries{last}")


def _plain(entry: "Departure") -> dict[str, Any]:
    return asdict(entry) | {"bytes": entry.bytes}


def _line(entry: "Departure") -> str:
    policy = f"policy {entry.policy}" if entry.policy else "no policy"
    cells = f"{entry.time}  {entry.run}  round {entry.round:<4} {entry.kind:<12}"
    formats = sorted({str(array.get("format", "")) for array in entry.arrays.values()} - {""})
    line = "  ".join([f"{cells} {_size(entry.bytes):>9}", policy, *formats])
    if entry.kind in ("refusal", "error"):
        told = ", ".join(str(v) for record in entry.values.values() for v in record.values())
        line = f"{line}  {told}"
    if entry.kind == "decision":
        about = entry.values.get("decision", {})
        line = f"{line}  {about.get('decision', '?')} the release {about.get('release', '?')}"
    if entry.checksum:
        line = f"{line}  adapter {entry.checksum[:16]}"
    return f"{line}\n    {entry.note}" if entry.note else line


def _size(count: int) -> str:
    if count < 10_000:
        return f"{count} B"
    return f"{count / 1e3:.1f} kB" if count < 1e6 else f"{count / 1e6:.2f} MB"
