"""``fedtranslate coordinator init``: make the folder of a coordinator, or renew its certificate."""

import json
import time
from pathlib import Path
from typing import Any

import click

from fedtranslate.cli import options
from fedtranslate.cli.folders import COORDINATOR

_COMMENTS = {
    "federation": "Its name, as sites and invites know it.",
    "organisation": "Who runs it, as sites are told.",
    "contact": "Whom sites can ask.",
    "address": "Interface to listen at; 0.0.0.0 for all.",
    "port": "The only port that sites need.",
    "names": "DNS names and IP addresses by which sites reach it; the first stands in invites.\n"
    "# After a change run 'fedtranslate coordinator init' again: the certificate holds them.",
    "link_port": "Of the SuperLink, on loopback.",
    "gateway_port": "Of the enrolment behind nginx, on loopback.",
    "page_port": "Of the status page.",
    "page_address": "Interface of the status page; it is for those who run the federation.",
    "door": 'What listens at the port: "nginx", "own", or "auto" for nginx where it is found.',
    "invite_days": "How long an invite can be used.  Stays last: a file without it was cut off.",
}


@click.command()
@click.argument(
    "folder",
    metavar="[DIR]",
    envvar=COORDINATOR.variable,
    default=COORDINATOR.usual,
    type=click.Path(path_type=Path),
)
@click.option("--federation", metavar="NAME", help="Name of the federation; needed at first.")
@click.option("--organisation", metavar="TEXT", help="Who runs it; needed at first.")
@click.option("--contact", metavar="TEXT", help="Whom sites can ask.")
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="HOST",
    help="DNS name or IP address by which sites reach it; may be given more than once.",
)
@click.option("--address", help="Interface to listen at; 0.0.0.0 for all.  [default: 127.0.0.1]")
@click.option("--port", type=int, help="The only port that sites need.  [default: 9443]")
@click.option("--link-port", type=int, help="Of the SuperLink, on loopback.  [default: 9444]")
@click.option("--gateway-port", type=int, help="Of the enrolment, on loopback.  [default: 9445]")
@click.option("--page-port", type=int, help="Of the status page.  [default: 9446]")
@click.option("--door", type=click.Choice(["auto", "nginx", "own"]), help="What listens outside.")
@options.as_json
def init(folder: Path, as_json: bool, **given: Any) -> None:  # noqa: ANN401
    """Make the folder of a coordinator: settings, a certificate authority, keys.

    DIR is new or empty.  A folder that is whole already is left as it is, but for a certificate
    of the door that ends within 30 days: that one is renewed.  Keep a copy of the folder; whoever
    has it can speak for the federation.

    \b
    Example:
        fedtranslate coordinator init coordinator --federation trade \\
            --organisation "Trade AG" --name coordinator.example --address 0.0.0.0
    """
    from fedtranslate.federation.coordinator.founding import found, is_founded
    from fedtranslate.federation.coordinator.place import CoordinatorPlace

    place = CoordinatorPlace(folder.resolve())
    values = {key: value for key, value in given.items() if value not in (None, ())}
    document = None
    if is_founded(place):
        _check_same(place, values)
    else:
        for key in ("federation", "organisation"):
            if key not in values:
                raise click.UsageError(f"--{key} is needed for a new folder.")
        document = document_of(values)
    founded = found(place, document, int(time.time()))
    about = _about(place, founded)
    click.echo(json.dumps(about, indent=2) if as_json else _words(folder, about))


def document_of(values: dict[str, Any]) -> str:
    """Return coordinator.toml: what was given, and the rest but for the last as comments."""
    from fedtranslate.config.coordinator import LAST, CoordinatorSettings

    values = {LAST: CoordinatorSettings.model_fields[LAST].default, **values}
    lines = ["# Settings of a coordinator.  Its programs read them when they start."]
    for name, field in CoordinatorSettings.model_fields.items():
        value = values.get(name, field.default)
        mark = "" if name in values else "# "
        lines += ["", f"# {_COMMENTS[name]}", f"{mark}{name} = {_toml(value)}"]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:  # noqa: ANN401
    # JSON's strings, numbers and lists are TOML's, but for one letter.
    plain = list(value) if isinstance(value, tuple) else value
    return json.dumps(plain, ensure_ascii=False).replace("\x7f", "\\u007f")


def _check_same(place: Any, values: dict[str, Any]) -> None:  # noqa: ANN401 - CoordinatorPlace
    from fedtranslate.config.coordinator import read_coordinator
    from fedtranslate.errors import ConfigError

    settings = read_coordinator(place.settings).model_dump()
    other = [name for name in values if values[name] != settings[name]]
    if other:
        raise ConfigError(
            f"{place.root} is a coordinator already, with other settings: {', '.join(other)}.",
            hint=f"Edit {place.settings} and run this again without options, which renews the"
            " certificate where names have changed; or name another folder.",
        )


def _about(place: Any, founded: Any) -> dict[str, Any]:  # noqa: ANN401
    from fedtranslate.federation.membership.certificates import days_left, fingerprint

    authority, server = place.ca_certificate.read_bytes(), place.server_certificate.read_bytes()
    now = int(time.time())
    return {
        "federation": founded.settings.federation,
        "organisation": founded.settings.organisation,
        "endpoint": founded.settings.endpoint,
        "folder": str(place.root),
        "made": list(founded.made),
        "renewed": founded.renewed,
        "ca_fingerprint": fingerprint(authority),
        "ca_days_left": int(days_left(authority, now)),
        "certificate_days_left": int(days_left(server, now)),
    }


def _words(folder: Path, about: dict[str, Any]) -> str:
    lines = []
    if about["made"]:
        lines.append(f"{folder} is the coordinator of {about['federation']} now.")
    elif about["renewed"]:
        lines.append("The certificate of the door was renewed; nothing else has changed.")
    else:
        lines.append(f"{folder} is whole; nothing has changed.")
    lines += [
        f"Run by:                 {about['organisation']}",
        f"Sites reach it at:      {about['endpoint']}",
        f"Certificate authority:  sha256 {about['ca_fingerprint']}",
        f"  good for {about['ca_days_left']} days; the door's certificate for"
        f" {about['certificate_days_left']}, and 'init' renews it in its last 30",
    ]
    if about["made"]:
        words = COORDINATOR.words(folder)
        lines += [
            "Next:",
            f"  fedtranslate coordinator up{words}",
            f"  fedtranslate coordinator invite NAME --to NAME.invite{words}",
        ]
    return "\n".join(lines)
