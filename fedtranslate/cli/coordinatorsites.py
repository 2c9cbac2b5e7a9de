"""``fedtranslate coordinator invite | approve | revoke | sites``: who may take part."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fedtranslate.cli import options
from fedtranslate.cli.folders import COORDINATOR

if TYPE_CHECKING:
    from fedtranslate.federation.coordinator.members import Member
    from fedtranslate.federation.membership.invite import Invite

_DAY_SECONDS = 86_400
_LEAVES = (
    "Factors of the adapter (LoRA matrices in float32), trained on your pairs, in each round.",
    "Per round: the number of training pairs, mean losses in training and validation, and counts"
    " of validation pairs and tokens.",
    "Once per run: a fingerprint of your base model and of your data, from which neither can be"
    " read.",
    "Name, public key and version of fedtranslate of your site; when it was online.",
    "If something fails: a reason code. No source code, no file names, no texts of errors.",
)
_COLUMNS = ("name", "state", "node", "version", "joined", "last seen", "key")


@click.command()
@click.argument("name")
@COORDINATOR.option
@click.option("--days", type=click.FloatRange(0, 365, min_open=True), help="How long it is good.")
@click.option("--approve", "approves", is_flag=True, help="Let it take part as soon as it joins.")
@click.option(
    "--to",
    "out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="New file to write the invite to, readable by you only.",
)
@click.option(
    "--run",
    "run_file",
    type=click.Path(path_type=Path),
    metavar="RUN.toml",
    help="A run that is planned: tells the site how many bytes will leave in a round.",
)
@options.as_json
def invite(
    name: str,
    folder: Path,
    days: float | None,
    approves: bool,
    out: Path | None,
    run_file: Path | None,
    as_json: bool,
) -> None:
    """Invite an organisation; NAME is what its site will be called.

    Prints the invite: one text, to be used once.  Hand it over on a way that you trust: it tells
    the site which coordinator is the right one.  A new invite makes an older one void.

    \b
    Example:
        fedtranslate coordinator invite north --days 3 --to north.invite
    """
    from fedtranslate.federation.coordinator.founding import open_folder
    from fedtranslate.federation.coordinator.members import Members, hash_token
    from fedtranslate.federation.coordinator.place import CoordinatorPlace

    if out is not None and (out.exists() or not out.absolute().parent.is_dir()):
        raise click.UsageError(f"--to: {out} is there already, or its folder is not.")
    place = CoordinatorPlace(folder.resolve())
    settings = open_folder(place)
    now = int(time.time())
    expires = now + int((days or settings.invite_days) * _DAY_SECONDS)
    made = _invite(place, settings, name, expires, _round_bytes(run_file))
    with Members(place.members) as members:
        members.invite(name, hash_token(made.token), expires, now, approves=approves)
    if out is not None:
        from fedtranslate.config.files import write_secret

        write_secret(out, f"{made.text()}\n".encode())
    if as_json:
        about = made.model_dump(mode="json", exclude={"token"}) | {"approves": approves}
        click.echo(json.dumps(about | {"invite": made.text(), "file": str(out or "")}, indent=2))
    elif out is None:
        click.echo(made.text())
    click.echo(_explained(made, folder, out, approves=approves), err=True)


@click.command()
@click.argument("name")
@COORDINATOR.option
@click.option("--key", metavar="SHA256:...", help="Approve only if the site's key is this one.")
def approve(name: str, folder: Path, key: str | None) -> None:
    """Let a site that has joined take part.

    Compare the key with the one that the site shows, over the telephone for example.

    \b
    Example:
        fedtranslate coordinator approve north --key SHA256:9C3xQl...
    """
    from fedtranslate.errors import FederationError
    from fedtranslate.federation.membership.keys import key_fingerprint

    with _members(folder) as members:
        waiting = members.find(name)
        if key and waiting and waiting.public_key:
            found = key_fingerprint(waiting.public_key)
            if found != key:
                raise FederationError(
                    f"The key of {name} is {found}, and not {key}.",
                    hint=f"If the site has no such key: 'fedtranslate coordinator revoke {name}'.",
                )
        member = members.approve(name, int(time.time()))
    click.echo(f"{name} is approved, with the key {key_fingerprint(member.public_key)}.")
    click.echo(_soon("The SuperLink lets it in", folder), err=True)


@click.command()
@click.argument("name")
@COORDINATOR.option
def revoke(name: str, folder: Path) -> None:
    """End a site's membership, or an invite that was not used.

    Its key is refused for ever; invite the site anew to let it back in with another one.

    \b
    Example:
        fedtranslate coordinator revoke north
    """
    with _members(folder) as members:
        member = members.revoke(name, int(time.time()))
    what = "" if member.public_key else "The invite of "
    click.echo(f"{what}{name} is revoked.")
    if member.public_key:
        click.echo(_soon("The SuperLink shuts it out", folder), err=True)


@click.command()
@COORDINATOR.option
@options.as_json
def sites(folder: Path, as_json: bool) -> None:
    """List all sites: invited ones, members, and former ones.

    \b
    Example:
        fedtranslate coordinator sites --json
    """
    with _members(folder) as members:
        rows = [_row(member) for member in members.all()]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    if not rows:
        words = COORDINATOR.words(folder)
        click.echo(f"No site is invited yet: fedtranslate coordinator invite NAME{words}")
        return
    table = [_COLUMNS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in table) for column in range(len(_COLUMNS))]
    for line in table:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


def _members(folder: Path) -> Any:  # noqa: ANN401 - Members
    from fedtranslate.federation.coordinator.founding import open_folder
    from fedtranslate.federation.coordinator.members import Members
    from fedtranslate.federation.coordinator.place import CoordinatorPlace

    place = CoordinatorPlace(folder.resolve())
    open_folder(place)
    return Members(place.members)


def _invite(place: Any, settings: Any, name: str, expires: int, size: int) -> "Invite":  # noqa: ANN401
    from fedtranslate.config.reading import validate
    from fedtranslate.federation.membership.certificates import fingerprint
    from fedtranslate.federation.membership.invite import Invite, new_token

    values = {
        "federation": settings.federation,
        "site": name,
        "organisation": settings.organisation,
        "contact": settings.contact,
        "endpoint": settings.endpoint,
        "ca": fingerprint(place.ca_certificate.read_bytes()),
        "token": new_token(),
        "expires": expires,
        "leaves": _LEAVES,
        "round_bytes": size,
    }
    return validate(Invite, values, "The invite")


def _round_bytes(run_file: Path | None) -> int:
    """Return how many bytes of factors a site sends in a round of a run; 0 if that is not known."""
    if run_file is None:
        return 0
    from fedtranslate.config.federation import RunSettings
    from fedtranslate.config.reading import read_toml, validate

    table = read_toml(run_file).get("federation", {})
    run = validate(RunSettings, table, f"[federation] in {run_file}")
    if run.base != "builtin" and not Path(run.base).is_dir():
        return 0
    from fedtranslate.cli.progress import quiet_libraries

    quiet_libraries()
    from fedtranslate.adapters.wire.formats import find_format
    from fedtranslate.models.load import load_base
    from fedtranslate.models.lora import adapted_shapes

    shapes = adapted_shapes(load_base(run.base), run.lora).values()
    wire = find_format(run.traffic.up, run.traffic.top_k)
    return sum(wire.size(run.lora.rank * side) for sides in shapes for side in sides)


def _explained(made: "Invite", folder: Path, out: Path | None, *, approves: bool) -> str:
    words = COORDINATOR.words(folder)
    size = f"{made.round_bytes / 1e6:.1f} MB" if made.round_bytes else "not known yet"
    then = (
        "It takes part as soon as it has joined."
        if approves
        else f"When it has joined: fedtranslate coordinator approve {made.site}{words}"
    )
    return "\n".join(
        (
            f"{made.site} can join {made.federation} at {made.endpoint} with this invite, once,"
            f" until {minute(made.expires)}.",
            f"What leaves it in a round: {size}" + ("." if made.round_bytes else _PLANNED),
            f"It types:  fedtranslate site join {out or 'INVITE'}",
            then,
        )
    )


_PLANNED = "; --run RUN.toml tells the site."


def _soon(what: str, folder: Path) -> str:
    words = COORDINATOR.words(folder)
    return f"{what} within seconds if it is up, else at the next 'coordinator up{words}'."


def _row(member: "Member") -> dict[str, Any]:
    from fedtranslate.federation.membership.keys import key_fingerprint

    # The key of a member that has left, or was revoked, is not that of the site that is invited.
    has_key = member.public_key and member.standing != "invited"
    return {
        "name": member.name,
        "state": member.standing,
        "node": member.node,
        "version": member.version,
        "invited": member.invited,
        "joined": member.joined,
        "approved": member.approved,
        "ended": member.ended,
        "seen": member.seen,
        "key": key_fingerprint(member.public_key) if has_key else "",
    }


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    times = (minute(row["joined"]), minute(row["seen"]))
    node, version = str(row["node"] or "-"), row["version"] or "-"
    return (row["name"], row["state"], node, version, *times, row["key"] or "-")


def minute(second: int) -> str:
    """Return a time to the minute; a dash for never."""
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%d %H:%M} UTC" if second else "-"
