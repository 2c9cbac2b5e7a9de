"""What a site knows of its membership, in membership.json; it holds no secret."""

import base64
import binascii
import json
from pathlib import Path

from pydantic import Field, ValidationError

from fedtranslate.config.federation import Name
from fedtranslate.config.files import sync_folder, write_durably
from fedtranslate.config.reading import Settings, mistakes_in
from fedtranslate.errors import FederationError
from fedtranslate.federation.membership.invite import Invite
from fedtranslate.federation.membership.requests import Membership, State
from fedtranslate.federation.site.place import SitePlace

_SIGNING_PREFIX = "ed25519:"
_HEXADECIMAL = frozenset("0123456789abcdef")


class Enrolment(Settings):
    """What the site is a member of."""

    federation: Name
    site: Name
    """Its own name there."""
    organisation: str = ""
    """Who runs the federation."""
    contact: str = ""
    endpoint: str
    """URL of the coordinator's door."""
    ca: str
    """SHA-256 of the pinned certificate authority, in hexadecimal digits."""
    state: State = State.PENDING
    """As the coordinator last told."""
    signing_key: str = ""
    """That signs releases, as ``ed25519:BASE64``: the first that was told, for good."""
    bundle: str = ""
    """SHA-256 of the bundle that the coordinator starts runs with."""
    joined: int = Field(default=0, ge=0)
    """Seconds since 1970."""

    @property
    def is_over(self) -> bool:
        """Tell whether the site may join another federation from its folder."""
        return self.state in (State.LEFT, State.REVOKED)

    def after(self, answer: Membership) -> "Enrolment":
        """Return what is known after an answer; another signing key than the first is not taken."""
        told = {"state": answer.state, "bundle": answer.bundle or self.bundle}
        return self.model_copy(
            update={**told, "signing_key": self.signing_key or answer.signing_key}
        )

    def conflict(self, answer: Membership) -> str:
        """Return what is strange about an answer, as a sentence; empty if nothing is."""
        if self.signing_key and answer.signing_key not in ("", self.signing_key):
            return (
                "The coordinator shows another key to sign releases than before; it is not trusted."
                f" Ask {self.contact or self.organisation or 'who runs it'}; to accept it, leave"
                " and join with a new invite."
            )
        return ""


def enrolment_of(invite: Invite, answer: Membership, now: int) -> Enrolment:
    """Return what is known once an invite was accepted."""
    known = Enrolment(
        federation=invite.federation,
        site=invite.site,
        organisation=invite.organisation,
        contact=invite.contact,
        endpoint=invite.endpoint,
        ca=invite.ca,
        joined=now,
    )
    return known.after(answer)


def read_enrolment(place: SitePlace) -> Enrolment | None:
    """Return what the site knows of its membership; None if it never joined.

    Raises:
        FederationError: The file is damaged.
    """
    path = place.membership
    try:
        return Enrolment.model_validate(json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FederationError(f"{path} cannot be read: {error.strerror}.") from None
    except ValidationError as error:
        problem = "\n".join(mistakes_in(error, "entry"))
    except (ValueError, RecursionError):
        problem = "  it is no JSON"
    raise FederationError(
        f"{path} is damaged:\n{problem}\nPut back a copy, or delete it and join with the same"
        " invite again: the key stays."
    )


def write_enrolment(place: SitePlace, enrolment: Enrolment) -> None:
    """Write what the site knows; a crash leaves the old file or the new one."""
    make_private(place.membership.parent)
    write_durably(place.membership, (enrolment.model_dump_json(indent=1) + "\n").encode())


def make_private(folder: Path) -> None:
    """Make a folder that only its owner may enter, if there is none."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(exist_ok=True, mode=0o700)


def put_durably(old: Path, new: Path) -> None:
    """Rename a file, so that a crash leaves it under one name or the other."""
    old.replace(new)
    sync_folder(new.parent)


def answer_problem(answer: Membership) -> str:
    """Return what is wrong with an answer, which may come from anyone; empty if nothing is."""
    if not 0 <= answer.time < 2**40:
        return "its time is impossible"
    if answer.bundle and not (len(answer.bundle) == 64 and set(answer.bundle) <= _HEXADECIMAL):
        return "its bundle is no SHA-256"
    if answer.signing_key and not _is_signing_key(answer.signing_key):
        return "its signing key is none"
    return ""


def _is_signing_key(text: str) -> bool:
    try:
        content = base64.b64decode(text.removeprefix(_SIGNING_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return False
    return text.startswith(_SIGNING_PREFIX) and len(content) == 32
