"""What sites ask of the coordinator's door, apart from Flower's own messages: signed requests.

Every request is a POST with the JSON of ``Signed``.  A signature covers the exact text of the
content, which names action, site, time and a nonce, so it serves one purpose once.
"""

import base64
import binascii
import json
import secrets
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field, ValidationError

from fedtranslate.config.federation import Name
from fedtranslate.config.reading import Settings
from fedtranslate.errors import FederationError
from fedtranslate.federation.membership.keys import (
    PublicKey,
    SiteKey,
    is_signed,
    sign,
)

PATH = "/v1/sites"
"""Of all that a site asks for; ``/v1/fleet/`` is Flower's."""
CLOCK_SECONDS = 300
"""How far the clocks of both ends may be apart; older nonces need not be remembered."""
MAX_BYTES = 16_384
"""Of any request or answer."""


class Action(StrEnum):
    """What is asked for: the last part of the path."""

    JOIN = "join"
    STATUS = "status"
    ROTATE = "rotate"
    LEAVE = "leave"


class State(StrEnum):
    """What a member is to the coordinator."""

    PENDING = "pending"
    """It has joined, and nobody has approved it yet."""
    APPROVED = "approved"
    REVOKED = "revoked"
    LEFT = "left"


class Reason(StrEnum):
    """Why a request was refused."""

    MALFORMED = "malformed"
    TOO_LARGE = "too-large"
    INVITE_UNKNOWN = "invite-unknown"
    INVITE_EXPIRED = "invite-expired"
    INVITE_USED = "invite-used"
    KEY_KNOWN = "key-known"
    """The key is, or was, that of a member; each key is used by one member once."""
    SITE_UNKNOWN = "site-unknown"
    SIGNATURE = "signature"
    CLOCK = "clock"
    REPLAYED = "replayed"
    REVOKED = "revoked"
    BUSY = "busy"


class Request(Settings):
    """What is signed."""

    action: Action
    federation: Name
    site: Name
    time: int
    """Seconds since 1970, UTC."""
    nonce: str = Field(min_length=16, max_length=64)
    version: str = Field(max_length=64)
    """Of fedtranslate at the site."""
    token: str = Field(default="", max_length=128)
    """Of the invite; for ``join``."""
    public_key: str = Field(default="", max_length=1024)
    """For ``join`` the site's key, for ``rotate`` its next one; in OpenSSH's format."""
    proof: str = Field(default="", max_length=512)
    """For ``rotate``: the next key's signature of the site's name and nonce."""


class Signed(Settings):
    """A request as it travels."""

    content: str = Field(max_length=MAX_BYTES)
    """The JSON of a ``Request``."""
    signature: str = Field(max_length=512)
    """Of the bytes of ``content`` in UTF-8, in base64."""


class Membership(Settings):
    """The answer to a request that was not refused."""

    state: State
    time: int
    """Of the coordinator, in seconds since 1970, UTC."""
    version: str = ""
    signing_key: str = ""
    """Once approved: the key that signs releases, as ``ed25519:BASE64``."""
    bundle: str = ""
    """Once approved: SHA-256 of the bundle that the coordinator starts runs with."""


class Refusal(Settings):
    """The answer to a request that was refused."""

    refused: Reason
    message: str = Field(max_length=1000)
    time: int
    version: str = ""


class Health(Settings):
    """The answer to ``GET PATH/health``."""

    federation: str
    version: str
    time: int
    status: Literal["ready"] = "ready"


def signed(request: Request, key: SiteKey) -> Signed:
    """Return ``request`` signed by its site."""
    content = request.model_dump_json()
    return Signed(content=content, signature=_text(sign(key, content.encode())))


def new_nonce() -> str:
    """Return what makes a request unlike all others."""
    return secrets.token_urlsafe(18)


def proof_of(site: str, nonce: str, key: SiteKey) -> str:
    """Return a proof that whoever asks for a rotation holds the next key, too."""
    return _text(sign(key, _proven(site, nonce)))


def is_proof(proof: str, site: str, nonce: str, key: PublicKey) -> bool:
    """Tell whether ``proof`` was made with ``key`` for this rotation."""
    return is_signed(key, _proven(site, nonce), _bytes(proof))


def read_signed(body: bytes) -> tuple[Request, Signed]:
    """Return the request in ``body``, which may come from anyone; its signature is not checked.

    Raises:
        FederationError: It is malformed.
    """
    try:
        if len(body) > MAX_BYTES:
            raise ValueError
        outer = Signed.model_validate(_json(body))
        return Request.model_validate(_json(outer.content.encode())), outer
    except (ValidationError, ValueError, RecursionError):
        raise FederationError("The request is malformed.") from None


def is_by(key: PublicKey, request: Signed) -> bool:
    """Tell whether a request was signed with ``key``."""
    return is_signed(key, request.content.encode(), _bytes(request.signature))


def _json(content: bytes) -> Any:  # noqa: ANN401
    return json.loads(content.decode("utf-8"))


def _proven(site: str, nonce: str) -> bytes:
    return f"fedtranslate rotate {site} {nonce}".encode()


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
