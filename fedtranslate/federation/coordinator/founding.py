"""Make the folder of a coordinator: its authority, its settings, its secrets.

Each file appears as a whole or not at all, and one that is there is never changed: a founding
that was killed is finished by the next.  The register of members comes last, so that a folder
with one was whole, and a file that it lacks by then is a loss and not to be made up.
"""

import os
import secrets
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fedtranslate.adapters.releases.signing import new_signing_key
from fedtranslate.config.coordinator import (
    CoordinatorSettings,
    coordinator_settings,
    read_coordinator,
)
from fedtranslate.config.files import locked
from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.memberfile import missing
from fedtranslate.federation.coordinator.members import Members
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.federation.membership import certificates

_SECRET_BYTES = 32
_LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class Founded:
    """What came of it."""

    settings: CoordinatorSettings
    made: tuple[str, ...]
    """Files that are new, seen from the folder; none where it was whole."""
    renewed: bool
    """Whether the door has a new certificate in the place of one that was to end."""


def found(place: CoordinatorPlace, document: str | None, now: int) -> Founded:
    """Make what is missing in the folder of a coordinator, and renew what ends soon.

    Args:
        place: The folder; made if missing, else empty, begun or whole.
        document: Of a new coordinator.toml; None where there must be one already.
        now: Seconds since 1970.

    Raises:
        FederationError: The folder holds something else, or has lost a file.
        ConfigError: coordinator.toml is wrong.
    """
    _check_folder(place, document)
    place.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not place.members.exists():
        place.root.chmod(0o700)
    busy = FederationError(
        f"Another process is making {place.root}.", hint="Wait until it is done."
    )
    with locked(place.root / _LOCK, busy):
        _sweep(place)
        _check_losses(place)
        made: list[str] = []
        if document is not None and not place.settings.exists():
            values = coordinator_settings(tomllib.loads(document), str(place.settings))
            certificates.check_names(values.names)
            _make(place, place.settings, document.encode, 0o600, made)
        settings = read_coordinator(place.settings)
        _make_authority(place, settings, now, made)
        renewed = _make_server(place, settings, now, made)
        _make_secrets(place, made)
        for folder in (place.runs, place.releases, place.logs, place.state):
            folder.mkdir(exist_ok=True, mode=0o700)
        if not place.members.exists():
            with Members(place.members, begins=True):
                made.append(place.members.name)
        return Founded(settings, tuple(made), renewed)


def is_founded(place: CoordinatorPlace) -> bool:
    """Tell whether a folder is that of a coordinator, whole or half made."""
    return place.settings.exists()


def open_folder(place: CoordinatorPlace) -> CoordinatorSettings:
    """Return the settings of a folder that is whole.

    Raises:
        FederationError: It is no coordinator's folder, or lacks something.
        ConfigError: coordinator.toml is wrong.
    """
    if not is_founded(place):
        raise FederationError(
            f"{place.root} is not the folder of a coordinator.",
            hint="Name it with --dir, or make it with 'fedtranslate coordinator init'.",
        )
    _check_losses(place)
    if not place.members.exists():
        raise FederationError(
            f"{place.root} is half made.",
            hint=f"'fedtranslate coordinator init {place.root}' finishes it.",
        )
    return read_coordinator(place.settings)


def _files(place: CoordinatorPlace) -> tuple[Path, ...]:
    return (
        place.settings,
        place.ca_key,
        place.ca_certificate,
        place.server_key,
        place.server_certificate,
        place.apps_secret,
        place.signing_key,
        place.pseudonym_key,
        place.page_token,
    )


def _check_folder(place: CoordinatorPlace, document: str | None) -> None:
    if place.root.exists() and not place.root.is_dir():
        raise FederationError(f"{place.root} is no folder.")
    if place.settings.exists():
        return
    entries = list(place.root.iterdir()) if place.root.is_dir() else []
    if any(not entry.name.startswith(".") for entry in entries):
        raise FederationError(
            f"{place.root} holds something else, and no coordinator.toml.",
            hint="Name a folder that is empty, or that is not there yet.",
        )
    if document is None:
        raise FederationError(f"{place.settings} is not there.")


def _check_losses(place: CoordinatorPlace) -> None:
    """Refuse to go on without a file that was there once."""
    if place.link_database.exists() and not place.members.exists():
        raise missing(place.members)
    lost = [file for file in _files(place) if not file.exists()]
    if place.members.exists() and lost:
        names = ", ".join(str(file.relative_to(place.root)) for file in lost)
        raise FederationError(
            f"{place.root} has lost {names}.", hint="Put it back from a copy of the folder."
        )
    if place.ca_certificate.exists() and not place.ca_key.exists():
        raise FederationError(f"{place.ca_key} is gone.", hint="Delete the folder and begin anew.")


def _make_authority(
    place: CoordinatorPlace, settings: CoordinatorSettings, now: int, made: list[str]
) -> None:
    _make(place, place.ca_key, certificates.new_private_key, 0o600, made)
    _make(
        place,
        place.ca_certificate,
        lambda: certificates.new_authority(
            place.ca_key.read_bytes(), settings.federation, settings.organisation, now
        ),
        0o644,
        made,
    )


def _make_server(
    place: CoordinatorPlace, settings: CoordinatorSettings, now: int, made: list[str]
) -> bool:
    """Make the door's certificate, or renew it; return whether it was renewed."""
    _make(place, place.server_key, certificates.new_private_key, 0o600, made)

    def certificate() -> bytes:
        return certificates.new_server(
            place.server_key.read_bytes(),
            place.ca_certificate.read_bytes(),
            place.ca_key.read_bytes(),
            settings.names,
            now,
        )

    _make(place, place.server_certificate, certificate, 0o644, made)
    if not certificates.is_due(place.server_certificate.read_bytes(), settings.names, now):
        return False
    _put(place.server_certificate, certificate(), 0o644)
    return True


def _make_secrets(place: CoordinatorPlace, made: list[str]) -> None:
    random: Callable[[], bytes] = lambda: secrets.token_bytes(_SECRET_BYTES)  # noqa: E731
    _make(place, place.apps_secret, random, 0o600, made)
    _make(place, place.signing_key, new_signing_key, 0o600, made)
    _make(place, place.pseudonym_key, random, 0o600, made)
    _make(place, place.page_token, lambda: secrets.token_urlsafe().encode(), 0o600, made)


def _make(
    place: CoordinatorPlace,
    path: Path,
    content: Callable[[], bytes],
    mode: int,
    made: list[str],
) -> None:
    if not path.exists():
        _put(path, content(), mode)
        made.append(str(path.relative_to(place.root)))


def _put(path: Path, content: bytes, mode: int) -> None:
    """Write a file that is there as a whole or as it was, also after a loss of power."""
    path.parent.mkdir(exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    with os.fdopen(os.open(temporary, flags, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sweep(place: CoordinatorPlace) -> None:
    """Remove what a killed process left half written."""
    for file in _files(place):
        for leftover in file.parent.glob(f".{file.name}.*"):
            leftover.unlink()
