"""Join, ask, rotate and leave: each may be killed anywhere, and done again.

The order of what is written makes it so.  The key is on disk before anyone hears of it, the next
key likewise, and membership.json is written when the coordinator has answered; it answers the same
request of the same key again.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from fedtranslate import __version__
from fedtranslate.config.files import locked, read_plain, write_durably, write_secret
from fedtranslate.errors import FederationError
from fedtranslate.federation.membership.invite import Invite
from fedtranslate.federation.membership.keys import (
    SiteKey,
    load_site_key,
    new_site_key,
    public_text,
)
from fedtranslate.federation.membership.requests import (
    Action,
    Membership,
    Reason,
    Request,
    State,
    new_nonce,
    proof_of,
)
from fedtranslate.federation.site.enrolment.door import Door, DoorRefusedError, fetch_ca
from fedtranslate.federation.site.enrolment.kept import (
    Enrolment,
    enrolment_of,
    make_private,
    put_durably,
    read_enrolment,
    write_enrolment,
)
from fedtranslate.federation.site.place import SitePlace

_SECRET_BYTES = 32
_PERHAPS_A_MEMBER = (Reason.INVITE_USED, Reason.INVITE_EXPIRED, Reason.KEY_KNOWN)
"""Refusals to join that a site gets that has joined, and was killed before it knew."""
_NOT_YET = (Reason.SIGNATURE, Reason.SITE_UNKNOWN)
"""Refusals of a next key that the coordinator has not heard of."""


def check_free(place: SitePlace, invite: Invite) -> None:
    """Refuse to join from the folder of another membership.

    Raises:
        FederationError: It is one, and is not over.
    """
    known = read_enrolment(place)
    if known is None or known.is_over:
        return
    if (known.federation, known.site, known.ca) != (invite.federation, invite.site, invite.ca):
        raise FederationError(
            f"{place.root} is the folder of {known.site} in the federation {known.federation}.",
            hint="Leave that one first, or join from another folder (--dir).",
        )


def join(
    place: SitePlace, invite: Invite, ca: str, clock: Callable[[], int]
) -> tuple[Enrolment, Membership]:
    """Make a key if there is none, and send its public half.

    Args:
        place: The site's folder.
        invite: The invite.
        ca: The coordinator's certificate authority, from ``fetch_ca``.
        clock: Returns the seconds since 1970.

    Raises:
        DoorRefusedError: The coordinator refuses.
        FederationError: It cannot be reached, or the folder is that of another membership.
    """
    with _alone(place):
        check_free(place, invite)
        known = read_enrolment(place)
        if known is not None and known.is_over:
            _retire(place)
        write_durably(place.ca_certificate, ca.encode())
        was_there = place.key.exists()
        answer = _admitted(place, invite, ca, clock, is_new=not was_there)
        make_executor_secret(place)
        enrolment = enrolment_of(invite, answer, clock())
        write_enrolment(place, enrolment)
        return enrolment, answer


def make_executor_secret(place: SitePlace) -> None:
    """Make what the two programs of a site know each other by, where it is missing or damaged."""
    if not has_executor_secret(place):
        place.executor_secret.unlink(missing_ok=True)
        write_secret(place.executor_secret, secrets.token_bytes(_SECRET_BYTES))


def has_executor_secret(place: SitePlace) -> bool:
    """Tell whether that secret is there and whole, as far as it may be read."""
    try:
        return len(read_plain(place.executor_secret)) == _SECRET_BYTES
    except PermissionError:
        return True
    except OSError:
        return False


def _admitted(
    place: SitePlace, invite: Invite, ca: str, clock: Callable[[], int], *, is_new: bool
) -> Membership:
    key = _made_key(place.key)
    door = Door(invite.endpoint, ca)
    try:
        told = {"token": invite.token, "public_key": public_text(key)}
        answer = door.ask(_request(Action.JOIN, invite, clock(), told), key)
    except DoorRefusedError as error:
        if is_new or error.reason not in _PERHAPS_A_MEMBER:
            raise
        try:
            answer = door.ask(_request(Action.STATUS, invite, clock()), key)
        except DoorRefusedError:
            raise error from None
    if answer.state not in (State.PENDING, State.APPROVED):
        raise FederationError(
            f"The coordinator says that {invite.site} has {answer.state} already.",
            hint="Ask for a new invite.",
        )
    return answer


def status(place: SitePlace, clock: Callable[[], int]) -> tuple[Enrolment, Membership]:
    """Ask the coordinator what this site is to it, and keep the answer.

    A rotation that was killed is brought to its end.

    Raises:
        DoorRefusedError: The coordinator refuses.
        FederationError: It cannot be reached, or the site has not joined.
    """
    joined(place)
    with _alone(place):
        _finish_rotation(place, clock)
        known = joined(place)
        try:
            answer = _ask(place, known, Action.STATUS, clock)
        except DoorRefusedError as error:
            if error.reason is Reason.REVOKED:
                write_enrolment(place, known.model_copy(update={"state": State.REVOKED}))
            raise
        return _kept(place, known, answer), answer


def rotate(place: SitePlace, clock: Callable[[], int]) -> Enrolment:
    """Replace the site's key by a new one; the membership stays.

    Raises:
        DoorRefusedError: The coordinator refuses; the old key goes on.
        FederationError: It cannot be reached, or the site has not joined.
    """
    joined(place)
    with _alone(place):
        if _finish_rotation(place, clock):
            return joined(place)
        known = joined(place)
        following = _made_key(place.next_key)
        nonce = new_nonce()
        told = {
            "nonce": nonce,
            "public_key": public_text(following),
            "proof": proof_of(known.site, nonce, following),
        }
        answer = _ask(place, known, Action.ROTATE, clock, told)
        put_durably(place.next_key, place.key)
        return _kept(place, known, answer)


def finish_rotation(place: SitePlace, clock: Callable[[], int]) -> bool:
    """Let the next key take over if the coordinator knows it already; tell whether it did.

    Only a rotation that was killed leaves a next key behind.

    Raises:
        FederationError: The coordinator cannot be reached, or the site has not joined.
    """
    joined(place)
    if not place.next_key.exists():  # The network part of a site may only read the folder.
        return False
    with _alone(place):
        return _finish_rotation(place, clock)


def _finish_rotation(place: SitePlace, clock: Callable[[], int]) -> bool:
    known = joined(place)
    if not place.next_key.exists():
        return False
    following = load_site_key(place.next_key)
    try:
        answer = door_of(place, known).ask(_request(Action.STATUS, known, clock()), following)
    except DoorRefusedError as error:
        if error.reason in _NOT_YET:
            return False
        raise
    put_durably(place.next_key, place.key)
    _kept(place, known, answer)
    return True


def leave(place: SitePlace, clock: Callable[[], int]) -> Enrolment:
    """End the membership; the key is worth nothing afterwards.

    Raises:
        DoorRefusedError: The coordinator refuses for another reason than that it is over already.
        FederationError: It cannot be reached, or the site has not joined.
    """
    joined(place)
    with _alone(place):
        known = joined(place)
        if known.is_over:
            return known
        _finish_rotation(place, clock)
        try:
            state = _ask(place, known, Action.LEAVE, clock).state
        except DoorRefusedError as error:
            if error.reason is not Reason.REVOKED:
                raise
            state = State.REVOKED
        if state not in (State.LEFT, State.REVOKED):
            raise FederationError(
                f"The coordinator says that {known.site} is {state}, in spite of leaving.",
                hint=f"Ask {known.contact or known.organisation or 'who runs it'}.",
            )
        over = joined(place).model_copy(update={"state": state})
        write_enrolment(place, over)
        return over


def joined(place: SitePlace) -> Enrolment:
    """Return the membership of the site.

    Raises:
        FederationError: It has none.
    """
    known = read_enrolment(place)
    if known is None:
        raise FederationError(
            f"{place.root} is not the folder of a member.",
            hint="'fedtranslate site join INVITE' makes it one; --dir names another folder.",
        )
    return known


def door_of(place: SitePlace, known: Enrolment) -> Door:
    """Return the door of the site's coordinator.

    Raises:
        FederationError: The pinned certificate authority is missing.
    """
    try:
        ca = place.ca_certificate.read_text("ascii")
    except (OSError, ValueError):
        raise FederationError(
            f"{place.ca_certificate} cannot be read.",
            hint="Put back a copy, or join again with the same invite.",
        ) from None
    return Door(known.endpoint, ca)


def repin(place: SitePlace, known: Enrolment) -> None:
    """Fetch the certificate authority again; its fingerprint was kept.

    Raises:
        FederationError: It cannot be reached, or shows another certificate authority.
    """
    write_durably(place.ca_certificate, fetch_ca(known.endpoint, known.ca).encode())


def _ask(
    place: SitePlace,
    known: Enrolment,
    action: Action,
    clock: Callable[[], int],
    told: Mapping[str, str] | None = None,
) -> Membership:
    key: SiteKey = load_site_key(place.key)
    return door_of(place, known).ask(_request(action, known, clock(), told), key)


def _request(
    action: Action, who: Invite | Enrolment, now: int, told: Mapping[str, str] | None = None
) -> Request:
    common = {"nonce": new_nonce(), "version": __version__, **(told or {})}
    return Request(action=action, federation=who.federation, site=who.site, time=now, **common)


def _kept(place: SitePlace, known: Enrolment, answer: Membership) -> Enrolment:
    after = known.after(answer)
    if after != known:
        write_enrolment(place, after)
    return after


def _made_key(path: Path) -> SiteKey:
    """Return the key at ``path``; if there is none, one is made, wholly or not at all."""
    for torn in path.parent.glob(f".{path.name}.*"):
        torn.unlink()
    if not path.exists():
        temporary = path.with_name(f".{path.name}.new")
        new_site_key(temporary)
        put_durably(temporary, path)
    return load_site_key(path)


@contextmanager
def _alone(place: SitePlace) -> Iterator[None]:
    """Keep other processes from changing the membership; the lock dies with the process."""
    make_private(place.key.parent)
    with locked(place.key.parent / ".lock"):
        yield


def _retire(place: SitePlace) -> None:
    """Put the keys of a membership that is over aside: each is used by one member once."""
    folder = place.key.parent
    for path in (place.key, place.next_key):
        if path.exists():
            number = len(list(folder.glob("retired-*.key"))) + 1
            put_durably(path, folder / f"retired-{number}.key")
    place.membership.unlink(missing_ok=True)
