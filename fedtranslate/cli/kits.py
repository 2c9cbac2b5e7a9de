"""``fedtranslate coordinator kit`` and ``fedtranslate site kit``: files to run one end for good.

A kit is for systemd, Docker or Kubernetes.  It is copied out with names and paths filled in, to be
read, changed and kept; nothing is installed or started.
"""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import click

from fedtranslate import __version__
from fedtranslate.errors import ConfigError
from fedtranslate.resources import shipped

End = Literal["coordinator", "site"]
_FORMS = ("systemd", "docker", "kubernetes")
_IMAGE = "image"
"""Folder of what the image of the containers is built from."""
_PLACEHOLDER = re.compile(r"@([A-Z_]+)@")
_PART = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_PART}(\.{_PART})*")
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_PATH = re.compile(r"(/[A-Za-z0-9][A-Za-z0-9._-]*)+")
_PROGRAMS = "/opt/fedtranslate"

_target = click.argument("target", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
_form = click.option(
    "--form", type=click.Choice(_FORMS), required=True, help="What the kit is for."
)
_endpoint = click.option(
    "--endpoint",
    metavar="URL",
    required=True,
    help="Where sites reach the coordinator, such as https://coordinator.example:9443.",
)
_programs = click.option(
    "--programs",
    metavar="PATH",
    default=_PROGRAMS,
    show_default=True,
    help="systemd: the virtual environment that fedtranslate is installed in.",
)


@click.command("kit")
@_target
@_form
@_endpoint
@_programs
@click.option(
    "--folder",
    metavar="PATH",
    default="/var/lib/fedtranslate/coordinator",
    show_default=True,
    help="systemd: the folder of the coordinator.",
)
def coordinator_kit(target: Path, form: str, endpoint: str, programs: str, folder: str) -> None:
    """Copy the files to run a coordinator under systemd, Docker or Kubernetes to DIR.

    Nothing is installed or started: README.md in DIR says how.

    \b
    Example:
        fedtranslate coordinator kit kit --form systemd --endpoint https://coordinator.example:9443
    """
    host, port = read_endpoint(endpoint)
    paths = {"PROGRAMS": _path(programs), "FOLDER": _path(folder)}
    about = {"ENDPOINT": endpoint, "HOST": host, "PORT": port}
    _copied("coordinator", form, target, {**about, **paths})


@click.command("kit")
@_target
@_form
@click.option("--name", metavar="SITE", required=True, help="Name of the site.")
@_endpoint
@click.option(
    "--address",
    metavar="IP",
    required=True,
    help="Address of the coordinator: the only one that the site may connect to.",
)
@click.option(
    "--code",
    metavar="PATH",
    default="/srv/code",
    show_default=True,
    help="systemd, docker: the folder of the site's code and pairs.",
)
@_programs
@click.option(
    "--folder",
    metavar="PATH",
    default="/var/lib/fedtranslate/site",
    show_default=True,
    help="systemd: the folder of the site.",
)
def site_kit(
    target: Path,
    form: str,
    name: str,
    endpoint: str,
    address: str,
    code: str,
    programs: str,
    folder: str,
) -> None:
    """Copy the files to run a site under systemd, Docker or Kubernetes to DIR.

    Nothing is installed or started: README.md in DIR says how.

    \b
    Example:
        fedtranslate site kit kit --form systemd --name north \\
            --endpoint https://coordinator.example:9443 --address 192.0.2.7
    """
    host, port = read_endpoint(endpoint)
    if form != "systemd" and _is_address(host):
        raise ConfigError(
            f"{endpoint} has no name, but an address; containers are led to {address} by name.",
            hint="Put a name into 'names' of coordinator.toml, and run 'fedtranslate coordinator"
            " init' again: it renews the certificate.",
        )
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{name!r} is no name of a site.")
    paths = {"PROGRAMS": _path(programs), "FOLDER": _path(folder), "CODE": _path(code)}
    about = {"SITE": name, "ENDPOINT": endpoint, "HOST": host, "PORT": port}
    _copied("site", form, target, {**about, **_address(address), **paths})


def read_endpoint(url: str) -> tuple[str, str]:
    """Return host and port of a coordinator's URL.

    Raises:
        ConfigError: It is of another form than ``https://HOST:PORT``.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 443
        is_bare = not (parts.path.strip("/") or parts.query or parts.fragment or parts.username)
        is_host = _HOST.fullmatch(host) is not None or _is_address(host)
        if parts.scheme == "https" and is_bare and is_host:
            return host, str(port)
    except ValueError:
        pass
    raise ConfigError(f"{url!r} is not of the form https://HOST:PORT.")


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return ``text`` with every ``@NAME@`` replaced by the value of that name."""
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)


def kit_files(end: End, form: str) -> Iterator[tuple[Path, Path]]:
    """Yield the files of a kit, and where in it they go."""
    home = shipped("clients") / "kits" / end
    yield home / "README.md", Path("README.md")
    for source in sorted((home / form).rglob("*")):
        if source.is_file():
            yield source, source.relative_to(home / form)
    if form != "systemd":
        for source in sorted((home / _IMAGE).iterdir()):
            yield source, source.relative_to(home)
        yield shipped("constraints.txt"), Path(_IMAGE, "constraints.txt")


def _copied(end: End, form: str, target: Path, values: Mapping[str, str]) -> None:
    known = {**values, "FORM": form, "VERSION": __version__}
    texts = {
        target / place: filled(source.read_text("utf-8"), known)
        for source, place in kit_files(end, form)
    }
    if there := [path for path in texts if path.exists()]:
        raise ConfigError(
            f"{there[0]} is there already.", hint="Copy the kit to another folder, and compare."
        )
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        click.echo(path)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _address(text: str) -> dict[str, str]:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise ConfigError(f"{text!r} is no IP address.") from None
    return {
        "ADDRESS": str(address),
        "CIDR": f"{address}/{address.max_prefixlen}",
        "FAMILY": "ip" if address.version == 4 else "ip6",
        "SOCAT_ADDRESS": str(address) if address.version == 4 else f"[{address}]",
    }


def _path(text: str) -> str:
    """Return a path that needs no quotes, be it in a unit, in YAML or in a shell."""
    if not _PATH.fullmatch(text):
        raise ConfigError(
            f"{text!r} cannot be filled in.",
            hint="Give an absolute path of letters, digits, '.', '_' and '-'.",
        )
    return text
