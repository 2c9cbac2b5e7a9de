"""Run the door on uvicorn: TLS, deadlines for those who say nothing, a graceful end."""

import asyncio
import logging
import ssl
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from fedtranslate.config.coordinator import CoordinatorSettings
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.federation.gateway.deadlines import (
    HEAD_BYTES,
    IDLE_SECONDS,
    DeadlineProtocol,
)

_END_SECONDS = 20
_CERTIFICATE_SECONDS = 60
_LOG = logging.getLogger(__name__)


def serve(
    app: ASGIApp, settings: CoordinatorSettings, place: CoordinatorPlace, *, behind: bool
) -> None:
    """Serve until SIGTERM or SIGINT; what is being answered then is answered to its end.

    Args:
        app: What to serve.
        settings: Of the coordinator.
        place: Likewise.
        behind: Without TLS on loopback, for nginx in front.
    """
    config = uvicorn.Config(
        app,
        host="127.0.0.1" if behind else settings.address,
        port=settings.gateway_port if behind else settings.port,
        http=DeadlineProtocol,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=behind,
        forwarded_allow_ips="127.0.0.1",
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=_END_SECONDS,
        h11_max_incomplete_event_size=HEAD_BYTES,
        backlog=512,
        **{} if behind else _tls(place),
    )
    config.load()
    if config.ssl is not None:
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
    asyncio.run(_serve(uvicorn.Server(config), config.ssl, place))


def _tls(place: CoordinatorPlace) -> dict[str, Any]:
    return {"ssl_certfile": place.server_certificate, "ssl_keyfile": place.server_key}


async def _serve(
    server: uvicorn.Server, context: ssl.SSLContext | None, place: CoordinatorPlace
) -> None:
    watch = asyncio.create_task(_renew(context, place)) if context else None
    try:
        await server.serve()
    finally:
        if watch:
            watch.cancel()


async def _renew(context: ssl.SSLContext, place: CoordinatorPlace) -> None:
    """Take a renewed certificate into use; connections that are open keep the old one."""
    known = place.server_certificate.stat().st_mtime_ns
    while True:
        await asyncio.sleep(_CERTIFICATE_SECONDS)
        try:
            found = place.server_certificate.stat().st_mtime_ns
            if found != known:
                context.load_cert_chain(place.server_certificate, place.server_key)
                known = found
                _LOG.warning("the renewed certificate is in use")
        except OSError as error:  # ssl's errors are among them
            _LOG.error("the certificate cannot be read again: %s", error)
