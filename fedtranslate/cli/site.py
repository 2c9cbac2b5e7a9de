"""``fedtranslate site``: take part in a federation with one's own code.

Commands of other modules join the group at the end of this one.
"""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fedtranslate.cli import options
from fedtranslate.cli.folders import SITE
from fedtranslate.cli.kits import site_kit
from fedtranslate.cli.sitedoctor import doctor
from fedtranslate.cli.sitejoin import join
from fedtranslate.cli.sitelog import log
from fedtranslate.cli.siteoptions import ask_consent, clock
from fedtranslate.cli.siteservice import down, up

if TYPE_CHECKING:
    from fedtranslate.federation.membership.requests import Membership
    from fedtranslate.federation.site.enrolment.kept import Enrolment
    from fedtranslate.federation.site.place import SitePlace


@click.group()
def site() -> None:
    """Take part in a federation: your code stays here, adapters leave.

    All that a site has lies in one folder: --dir, or what FEDTRANSLATE_SITE names.

    \b
    Example:
        fedtranslate site join invite.txt --pairs pairs.jsonl
        fedtranslate site doctor
        fedtranslate site status
    """


@site.command()
@SITE.option
@click.option(
    "--part",
    type=click.Choice(("network", "data")),
    help="Tell whether that part's programs run, and ask nobody; for checks of health.",
)
@options.as_json
def status(folder: Path, part: str | None, as_json: bool) -> None:
    """Ask the coordinator what this site is to it.

    Exit code 1 means that the coordinator could not be asked, or that the membership is over; with
    --part, that a program does not run, or is not connected.
    """
    if part is not None:
        _tell_part(folder, part, as_json=as_json)
        return
    from fedtranslate.errors import FederationError
    from fedtranslate.federation.site.enrolment import joining
    from fedtranslate.federation.site.place import SitePlace

    place = SitePlace(folder)
    known, answer, problem = joining.joined(place), None, ""
    try:
        known, answer = joining.status(place, clock)
    except FederationError as error:
        known, problem = joining.joined(place), SITE.completed(str(error), folder)
    document = _document(place, known, answer, problem)
    told = json.dumps(document, indent=2) if as_json else _text(document, known, answer, problem)
    click.echo(told)
    if problem or known.is_over:
        raise SystemExit(1)


@site.command()
@SITE.option
def rotate(folder: Path) -> None:
    """Replace the key of this site by a new one; the membership stays.

    A rotation that was interrupted is brought to its end.
    """
    from fedtranslate.federation.site.enrolment import joining
    from fedtranslate.federation.site.place import SitePlace

    known = joining.rotate(SitePlace(folder), clock)
    click.echo(f"{known.site} has a new key; the coordinator has taken it for the old one.")
    where = SITE.words(folder)
    click.echo("The coordinator refuses the old one. Programs that run take the new one when they")
    click.echo("notice; to have it at once, restart them:")
    click.echo(f"    fedtranslate site down{where}\n    fedtranslate site up{where}")


@site.command()
@SITE.option
@options.yes
def leave(folder: Path, yes: bool) -> None:
    """End the membership of this site, for good.

    Its key is worth nothing afterwards.  What is on this machine stays: adapters, the ledger, and
    site.toml.  To come back takes a new invite.
    """
    from fedtranslate.federation.site.enrolment import joining
    from fedtranslate.federation.site.place import SitePlace

    place = SitePlace(folder)
    known = joining.joined(place)
    if known.is_over:
        click.echo(f"{known.site} has {known.state} already.")
        return
    ask_consent(f"Shall {known.site} leave the federation {known.federation}, for good?", yes=yes)
    over = joining.leave(place, clock)
    click.echo(f"{over.site} has {over.state}: it is no longer a member of {over.federation}.")
    click.echo(f"Stop what still runs: fedtranslate site down{SITE.words(folder)}")


def _tell_part(folder: Path, part: str, *, as_json: bool) -> None:
    from fedtranslate.federation.service.site import Part, is_ready
    from fedtranslate.federation.site.place import SitePlace

    ready = is_ready(SitePlace(folder.resolve()), Part(part))
    told = json.dumps({"part": part, "ready": ready})
    click.echo(told if as_json else f"{part}: {'ready' if ready else 'not ready'}")
    if not ready:
        raise SystemExit(1)


def _document(
    place: "SitePlace", known: "Enrolment", answer: "Membership | None", problem: str
) -> dict[str, Any]:
    from fedtranslate.federation.membership.keys import (
        key_fingerprint,
        load_site_key,
        public_text,
    )
    from fedtranslate.federation.service.site import damages, running_parts

    document = known.model_dump(mode="json")
    key = place.key
    document["key"] = (
        key_fingerprint(public_text(load_site_key(key))) if key.exists() else "missing"
    )
    document["running"] = sorted(running_parts(place))
    document["reached"] = answer is not None
    document["seconds_ahead"] = None if answer is None else int(time.time()) - answer.time
    document["coordinator_version"] = "" if answer is None else answer.version
    document["warnings"] = [SITE.completed(one, place.root) for one in damages(place)]
    document["problem"] = problem or ("" if answer is None else known.conflict(answer))
    return document


def _text(
    document: dict[str, Any], known: "Enrolment", answer: "Membership | None", problem: str
) -> str:
    from fedtranslate.federation.site.enrolment.door import printable

    lines = [
        f"site          {known.site}",
        f"federation    {known.federation}, run by {printable(known.organisation)}",
        f"coordinator   {known.endpoint}",
        f"state         {known.state}{'' if answer else ', as last told'}",
        f"key           {document['key']}",
        f"programs      {' and '.join(document['running']) or 'none'} running",
    ]
    if answer is not None and (strange := known.conflict(answer)):
        lines.append(f"warning       {strange}")
    lines += [f"warning       {warning}" for warning in document["warnings"]]
    if problem:
        lines.append(f"problem       {problem}")
    elif known.state == "pending":
        who = printable(known.contact or known.organisation) or "who runs it"
        lines.append(f"next          ask {who} to approve it")
    return "\n".join(lines)


for _command in (join, doctor, up, down, log, site_kit):
    site.add_command(_command)
