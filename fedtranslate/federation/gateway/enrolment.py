"""The part of the door where sites join and stay members: ``/v1/sites/*``."""

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from fedtranslate import __version__
from fedtranslate.adapters.releases.signing import key_text, load_signing_key
from fedtranslate.config.coordinator import CoordinatorSettings
from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.enrolment import answer
from fedtranslate.federation.coordinator.members import EnrolmentRefused, Members
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.federation.gateway.exchange import (
    GoneError,
    TooLargeError,
    TooSlowError,
    address_of,
    pieces,
)
from fedtranslate.federation.gateway.limits import Failures
from fedtranslate.federation.membership.requests import (
    MAX_BYTES,
    PATH,
    Action,
    Health,
    Membership,
    Reason,
    Refusal,
    State,
)

FAILURES_FORGIVEN = 30
FAILURE_SECONDS = 60.0
_THREADS = 4
_STATUS = {
    Reason.MALFORMED: 400,
    Reason.TOO_LARGE: 413,
    Reason.SIGNATURE: 401,
    Reason.KEY_KNOWN: 409,
    Reason.BUSY: 503,
}
"""Of the answer to a refused request; 403 for the others."""
_LOG = logging.getLogger(__name__)
_BUNDLE_DIGITS = 64


def enrolment(
    settings: CoordinatorSettings,
    place: CoordinatorPlace,
    now: Callable[[], int] = lambda: int(time.time()),
) -> Starlette:
    """Return the application; it keeps no state but who was refused how often."""
    failures = Failures(FAILURES_FORGIVEN, FAILURE_SECONDS, time.monotonic)
    threads = asyncio.Semaphore(_THREADS)
    authority = place.ca_certificate.read_bytes()
    signing_key = key_text(load_signing_key(place.signing_key))

    async def health(_: Request) -> Response:
        about = Health(federation=settings.federation, version=__version__, time=now())
        return JSONResponse(about.model_dump(mode="json"))

    async def ca(_: Request) -> Response:
        return Response(authority, media_type="application/x-pem-file")

    async def asked(request: Request, action: Action) -> Response:
        address = address_of(request.scope)
        try:
            if failures.is_blocked(address):
                raise EnrolmentRefused(
                    Reason.BUSY, "Too many requests from this address were refused. Wait a minute."
                )
            body = await _body(request)
            asking = (place.members, action, body, settings.federation, now())
            async with threads:
                state = await asyncio.to_thread(_answer, *asking)
        except EnrolmentRefused as refusal:
            if refusal.reason is not Reason.BUSY:
                failures.count(address)
            return _refused(refusal, now())
        except GoneError:
            return Response(status_code=400)
        is_approved = state is State.APPROVED
        about = Membership(
            state=state,
            time=now(),
            version=__version__,
            signing_key=signing_key if is_approved else "",
            bundle=_bundle(place.bundle_hash) if is_approved else "",
        )
        return JSONResponse(about.model_dump(mode="json"))

    return Starlette(
        routes=[
            Route(f"{PATH}/health", health, methods=["GET"]),
            Route(f"{PATH}/ca", ca, methods=["GET"]),
            *(
                Route(f"{PATH}/{action}", partial(asked, action=action), methods=["POST"])
                for action in Action
            ),
        ]
    )


def _answer(register: Path, action: Action, body: bytes, federation: str, now: int) -> State:
    try:
        with Members(register) as members:
            return answer(members, action, body, federation, now).state
    except EnrolmentRefused:
        raise
    except FederationError as error:
        # Where the register lies and what is wrong with it is nobody's business outside.
        _LOG.error("%s", error)
        raise EnrolmentRefused(
            Reason.BUSY, "The coordinator cannot answer now. Try again in a minute."
        ) from None


async def _body(request: Request) -> bytes:
    body = b""
    try:
        async for piece in pieces(request.receive, MAX_BYTES):
            body += piece
    except TooLargeError:
        raise EnrolmentRefused(
            Reason.TOO_LARGE, f"A request has at most {MAX_BYTES} bytes."
        ) from None
    except TooSlowError:
        raise EnrolmentRefused(Reason.MALFORMED, "The request came too slowly.") from None
    return body


def _refused(refusal: EnrolmentRefused, now: int) -> Response:
    about = Refusal(
        refused=refusal.reason, message=refusal.message[:1000], time=now, version=__version__
    )
    # Of a body that was not read to its end, the rest must not be taken for a request.
    return JSONResponse(
        about.model_dump(mode="json"),
        status_code=_STATUS.get(refusal.reason, 403),
        headers={"connection": "close"},
    )


def _bundle(path: Path) -> str:
    """Return the SHA-256 of the bundle; empty before the first start has written it."""
    try:
        text = path.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""
    return text if len(text) == _BUNDLE_DIGITS else ""
