"""``fedtranslate site join``: from an invite to a member."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fedtranslate.cli import options
from fedtranslate.cli.folders import SITE
from fedtranslate.cli.siteoptions import ask_consent, clock

if TYPE_CHECKING:
    from fedtranslate.config.policy import Policy
    from fedtranslate.federation.membership.invite import Invite
    from fedtranslate.federation.site.enrolment.kept import Enrolment
    from fedtranslate.federation.site.place import SitePlace
    from fedtranslate.federation.site.sitefile import Sources

_MAX_CHARACTERS = 65_536
_POLL_SECONDS = 2.0
_SOURCE = click.Path(path_type=Path, file_okay=False, exists=True)


@click.command()
@click.argument("invite", metavar="INVITE|FILE|-")
@SITE.option
@click.option("--pairs", metavar="FILE", help="Pairs to learn from: a file, or hub:OWNER/NAME.")
@click.option("--source-folder", type=_SOURCE, help="Or: source tree of the old language.")
@click.option("--target-folder", type=_SOURCE, help="And source tree of the new one.")
@click.option(
    "--policy",
    "policy_file",
    type=click.Path(path_type=Path),
    help="TOML file with the policy, to be put into site.toml.",
)
@options.yes
@click.option(
    "--wait",
    "wait_seconds",
    type=click.FloatRange(min=0),
    default=0,
    metavar="SECONDS",
    help="Wait so long for the approval.",
)
def join(
    invite: str,
    folder: Path,
    pairs: str | None,
    source_folder: Path | None,
    target_folder: Path | None,
    policy_file: Path | None,
    yes: bool,
    wait_seconds: float,
) -> None:
    """Join the federation that INVITE is for, and make the folder of this site.

    INVITE is the line that you were given, a file with it, or - for standard input.  A key is made
    on this machine, and its public half is sent.  The folder gets a site.toml, yours to edit, with
    your pairs and your policy; one that is there stays as it is.

    Exit code 1 means that you did not consent, or that the approval did not come in time.
    """
    from fedtranslate.federation.site.enrolment import joining
    from fedtranslate.federation.site.enrolment.door import DoorRefusedError, fetch_ca
    from fedtranslate.federation.site.place import SitePlace

    place, told = SitePlace(folder), _invite(invite)
    sources = _sources(pairs, source_folder, target_folder)
    policy, is_new = _policy(place, policy_file, sources)
    joining.check_free(place, told)
    ca = fetch_ca(told.endpoint, told.ca)
    _show(told, policy)
    ask_consent(f"Shall this machine join {told.federation} as {told.site}?", yes=yes)
    if is_new:
        _write_site_file(place, told, sources, policy)
    try:
        known = joining.join(place, told, ca, clock)[0]
    except DoorRefusedError:
        if is_new:
            place.settings.unlink()  # as if nothing had been tried; the key serves the next try
        raise
    if known.state == "pending" and wait_seconds:
        known = _waited(place, known, wait_seconds)
    _tell(place, known)
    if known.state == "pending" and wait_seconds:
        raise SystemExit(1)


def _invite(text: str) -> "Invite":
    """Return the invite that a command line names; one that is out of date is refused here."""
    from fedtranslate.config.files import read_plain
    from fedtranslate.errors import FederationError
    from fedtranslate.federation.membership.clocks import moment
    from fedtranslate.federation.membership.invite import read_invite

    if text == "-":
        text = sys.stdin.read(_MAX_CHARACTERS)
    elif len(text) < 200 and Path(text).exists():
        text = read_plain(Path(text))[:_MAX_CHARACTERS].decode("utf-8", "replace")
    elif len(text) < 200:
        raise FederationError(f"There is no file {text}, and an invite is longer than that.")
    found = read_invite(text)
    if found.expires < (now := clock()):
        raise FederationError(
            f"The invite has expired on {moment(found.expires)}, and by this machine's clock it is"
            f" {moment(now)}.",
            hint="Set the clock if that is not the time; else ask"
            f" {found.contact or found.organisation} for a new invite.",
        )
    return found


def _sources(pairs: str | None, source: Path | None, target: Path | None) -> "Sources":
    from fedtranslate.federation.site.sitefile import Sources

    if pairs is not None and (source or target):
        raise click.UsageError("Give either --pairs, or --source-folder and --target-folder.")
    if (source is None) != (target is None):
        raise click.UsageError("Give both --source-folder and --target-folder.")
    if pairs is not None and not pairs.startswith("hub:"):
        pairs = str(Path(pairs).absolute())
    folders = [None if folder is None else str(folder.absolute()) for folder in (source, target)]
    return Sources(pairs, *folders)


def _policy(
    place: "SitePlace", policy_file: Path | None, sources: "Sources"
) -> tuple["Policy", bool]:
    """Return the policy of the site, and whether site.toml is still to be written."""
    from fedtranslate.config.federation import read_site
    from fedtranslate.config.policy import Policy
    from fedtranslate.config.reading import read_toml, validate
    from fedtranslate.errors import ConfigError

    if place.settings.exists():
        if policy_file is not None or sources.is_said:
            raise click.UsageError(
                f"There is a {place.settings} already: edit it, and leave out the options that"
                " would write it."
            )
        try:
            return read_site(place.settings).policy, False
        except ConfigError:
            values = read_toml(place.settings).get("policy", {})
            return validate(Policy, values, f"{place.settings} [policy]"), False
    if policy_file is None:
        return Policy(), True
    values = read_toml(policy_file)
    return validate(Policy, values.get("policy", values), str(policy_file)), True


def _show(invite: "Invite", policy: "Policy") -> None:
    """Say who is joined, and what will leave."""
    from fedtranslate.federation.site.enrolment.door import printable
    from fedtranslate.federation.site.sitefile import in_words

    contact = f" ({printable(invite.contact)})" if invite.contact else ""
    size = f"about {invite.round_bytes / 1e6:.1f} MB" if invite.round_bytes else "not told"
    lines = [
        f"You join       the federation {invite.federation}, as {invite.site}",
        f"Run by         {printable(invite.organisation)}{contact}",
        f"At             {invite.endpoint}",
        f"Fingerprint    {invite.ca}",
        "",
        "What will leave this machine, as those who run it say:",
        *(f"  - {printable(sentence)}" for sentence in invite.leaves or ("(nothing is said)",)),
        f"  Each round: {size}.",
        "In any case only adapters, numbers and short codes leave, no source code; each message is",
        "in the ledger before it leaves ('fedtranslate site log').",
        "",
        "What your policy allows:",
        *(f"  - {sentence}" for sentence in in_words(policy)),
        "",
    ]
    click.echo("\n".join(lines))


def _write_site_file(
    place: "SitePlace", invite: "Invite", sources: "Sources", policy: "Policy"
) -> None:
    from fedtranslate.config.files import write_durably
    from fedtranslate.federation.site.sitefile import site_file

    place.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = site_file(invite.site, invite.federation, sources, policy)
    write_durably(place.settings, text.encode())


def _waited(place: "SitePlace", known: "Enrolment", seconds: float) -> "Enrolment":
    """Ask until the site is approved, or the time is over."""
    from fedtranslate.federation.site.enrolment import joining

    click.echo(f"Waiting for the approval, {seconds:g} s at most ...", err=True)
    end = time.monotonic() + seconds
    while known.state == "pending" and (left := end - time.monotonic()) > 0:
        time.sleep(min(_POLL_SECONDS, left))
        known, _ = joining.status(place, clock)
    return known


def _tell(place: "SitePlace", known: "Enrolment") -> None:
    from fedtranslate.config.federation import read_site
    from fedtranslate.errors import ConfigError
    from fedtranslate.federation.site.enrolment.door import printable

    where = SITE.words(place.root)
    if known.state == "approved":
        click.echo(f"{known.site} is a member of {known.federation}.")
    else:
        who = printable(known.contact or known.organisation) or "who runs it"
        click.echo(f"{known.site} has asked to join {known.federation}; {who} has to approve it.")
    click.echo("Next:")
    try:
        read_site(place.settings)
    except ConfigError:
        click.echo(f"    edit {place.settings}: name your pairs, or two folders")
    click.echo(f"    fedtranslate site doctor{where}")
    click.echo(f"    fedtranslate site up{where}")
