"""Serve the status page, until told to end."""

import ipaddress
from pathlib import Path
from typing import Any

import uvicorn

from fedtranslate.config.coordinator import CoordinatorSettings, read_coordinator
from fedtranslate.errors import ConfigError
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.federation.gateway.deadlines import HEAD_BYTES, DeadlineProtocol
from fedtranslate.status.app import status_app

_MAX_CONNECTIONS = 128
_END_SECONDS = 2


def serve(root: Path) -> None:
    """Serve the page of the coordinator in ``root``, where its settings say.

    On loopback it is plain HTTP; anywhere else it is TLS with the certificate of the door.

    Raises:
        ConfigError: The settings are wrong, or there is no certificate where one is needed.
    """
    place = CoordinatorPlace(root)
    settings = read_coordinator(place.settings)
    config = uvicorn.Config(
        status_app(place, _token(place), is_ending=lambda: server.should_exit),
        host=settings.page_address,
        port=settings.page_port,
        http=DeadlineProtocol,
        h11_max_incomplete_event_size=HEAD_BYTES,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_MAX_CONNECTIONS,
        timeout_graceful_shutdown=_END_SECONDS,
        ws="none",
        **_tls(place, settings),
    )
    server = uvicorn.Server(config)
    server.run()


def is_loopback(address: str) -> bool:
    """Tell whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def _token(place: CoordinatorPlace) -> str:
    """Return the token of the page; empty where there is none, and then nobody has it."""
    try:
        return place.page_token.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _tls(place: CoordinatorPlace, settings: CoordinatorSettings) -> dict[str, Any]:
    if is_loopback(settings.page_address):
        return {}
    for path in (place.server_certificate, place.server_key):
        if not path.is_file():
            raise ConfigError(
                f"{path} is missing, and without it the status page cannot be served at"
                f" {settings.page_address}.",
                hint="Make it with 'fedtranslate coordinator init', or set page_address to"
                " 127.0.0.1.",
            )
    return {
        "ssl_certfile": str(place.server_certificate),
        "ssl_keyfile": str(place.server_key),
    }
