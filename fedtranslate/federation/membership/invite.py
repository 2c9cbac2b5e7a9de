"""An invite: one text that a coordinator hands to one organisation, to be used once.

It holds no secret but its token, which is worth nothing after its use or its expiry.  The
fingerprint makes sure that the site joins this coordinator and no other.
"""

import base64
import binascii
import json
import secrets
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError

from fedtranslate.config.federation import Name
from fedtranslate.config.reading import Settings, mistakes_in
from fedtranslate.errors import FederationError

_PREFIX = "fedtranslate-invite-1:"
_MAX_CHARACTERS = 8192
_TOKEN_BYTES = 32


def _https(endpoint: str) -> str:
    if not endpoint.startswith("https://") or any(c.isspace() for c in endpoint):
        raise ValueError("the endpoint must begin with https://")
    return endpoint.rstrip("/")


class Invite(Settings):
    """What an invite says."""

    federation: Name
    site: Name
    """The name under which the organisation will be a member."""
    organisation: str = Field(max_length=200)
    """Who runs the federation."""
    contact: str = Field(default="", max_length=200)
    endpoint: Annotated[str, AfterValidator(_https)] = Field(max_length=300)
    """URL of the door, such as ``https://coordinator.example:9443``."""
    ca: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the coordinator's CA certificate in DER, in hexadecimal digits."""
    token: str = Field(min_length=32, max_length=128)
    expires: int
    """Seconds since 1970, UTC."""
    leaves: tuple[str, ...] = Field(default=(), max_length=20)
    """What will leave the site, a sentence each."""
    round_bytes: int = Field(default=0, ge=0)
    """Estimate of what a site sends in a round; 0 where it is not known."""

    def text(self) -> str:
        """Return the invite as one line that can be pasted."""
        content = json.dumps(self.model_dump(mode="json"), separators=(",", ":"), sort_keys=True)
        return _PREFIX + base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def new_token() -> str:
    """Return the secret of a new invite."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def read_invite(text: str) -> Invite:
    """Return the invite in ``text``, which may have been broken into lines on its way.

    Raises:
        FederationError: It is no invite, or damaged.
    """
    joined = "".join(text.split())
    if not joined.startswith(_PREFIX) or len(joined) > _MAX_CHARACTERS:
        raise FederationError(
            "This is not an invite.",
            hint=f"An invite begins with {_PREFIX!r}; copy it as a whole, or name its file.",
        )
    body = joined.removeprefix(_PREFIX)
    try:
        content = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
        values: Any = json.loads(content)
        return Invite.model_validate(values)
    except ValidationError as error:
        mistakes = "\n".join(mistakes_in(error, "entry"))
        raise FederationError(f"The invite is not in order:\n{mistakes}") from None
    except (binascii.Error, ValueError, RecursionError):
        raise FederationError(
            "The invite is damaged.", hint="Copy it as a whole, or ask for a new one."
        ) from None
