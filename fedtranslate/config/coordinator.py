"""Settings of a coordinator: the file coordinator.toml in its folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from fedtranslate.config.federation import Name
from fedtranslate.config.reading import Settings, read_toml, validate
from fedtranslate.errors import ConfigError

LAST = "invite_days"
"""The setting that coordinator.toml always has, and last."""


class CoordinatorSettings(Settings):
    """Who runs a federation, and where it listens."""

    federation: Name
    organisation: str = Field(min_length=1, max_length=200)
    """Who runs it, as sites are told."""
    contact: str = Field(default="", max_length=200)
    address: str = "127.0.0.1"
    """Interface that the door listens at; 0.0.0.0 for all."""
    port: int = Field(default=9443, ge=1, le=65535)
    """The only port that sites need."""
    names: tuple[str, ...] = Field(default=("127.0.0.1", "localhost"), min_length=1)
    """DNS names and IP addresses by which sites reach the door; the first stands in invites."""
    link_port: int = Field(default=9444, ge=1, le=65535)
    """Of the SuperLink, on loopback."""
    gateway_port: int = Field(default=9445, ge=1, le=65535)
    """Of the enrolment behind nginx, on loopback."""
    page_port: int = Field(default=9446, ge=1, le=65535)
    """Of the status page."""
    page_address: str = "127.0.0.1"
    door: Literal["auto", "nginx", "own"] = "auto"
    """What listens at ``port``: nginx, ours, or nginx where it is found."""
    invite_days: float = Field(default=7.0, gt=0, le=365)
    """How long an invite can be used.  It stands last in the file, and must be there: a file that
    was cut off is noticed by it."""

    @property
    def endpoint(self) -> str:
        """The URL of the door, as sites know it."""
        host = self.names[0]
        return f"https://[{host}]:{self.port}" if ":" in host else f"https://{host}:{self.port}"


def read_coordinator(path: Path) -> CoordinatorSettings:
    """Read coordinator.toml.

    Raises:
        ConfigError: It is missing, cut off or wrong; all mistakes are listed.
    """
    return coordinator_settings(read_toml(path), str(path))


def coordinator_settings(values: Mapping[str, Any], where: str) -> CoordinatorSettings:
    """Return what stands in coordinator.toml as settings.

    Args:
        values: As read.
        where: The file, for the message.

    Raises:
        ConfigError: It was cut off, or something in it is wrong.
    """
    settings = validate(CoordinatorSettings, values, where)
    if LAST not in values:
        usual = CoordinatorSettings.model_fields[LAST].default
        raise ConfigError(
            f"{where} has no {LAST}, which stands last in it: its end may be missing.",
            hint=f"Put back a copy; or write what is missing, and '{LAST} = {usual}' below it.",
        )
    return settings
