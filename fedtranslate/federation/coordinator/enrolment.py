"""Answer what sites ask of the register: from the bytes that came to a member, or a refusal.

Whoever sent them may be anyone.  The cheap checks come first, and nothing is written for those
who hold neither the key of a member nor an invite.
"""

from collections.abc import Callable

from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.members import EnrolmentRefused, Member, Members
from fedtranslate.federation.membership.requests import (
    CLOCK_SECONDS,
    MAX_BYTES,
    Action,
    Reason,
    Request,
    Signed,
    read_signed,
)


def answer(members: Members, action: Action, body: bytes, federation: str, now: int) -> Member:
    """Do what a request asks for, and return the site that asked.

    Args:
        members: The register.
        action: As the path of the request names it.
        body: As it came.
        federation: The name of this one.
        now: Seconds since 1970.

    Raises:
        EnrolmentRefused: The request is not in order.
        FederationError: The register cannot be used.
    """
    if len(body) > MAX_BYTES:
        raise EnrolmentRefused(Reason.TOO_LARGE, f"A request has at most {MAX_BYTES} bytes.")
    try:
        request, outer = read_signed(body)
    except FederationError as error:
        raise EnrolmentRefused(Reason.MALFORMED, str(error)) from None
    try:
        _check(request, action, federation, now)
        return _asked(members, action)(request, outer, now)
    except EnrolmentRefused as refusal:
        if members.find(request.site):  # names that strangers make up are not worth a line
            members.note_refusal(request.site, refusal.reason, now)
        raise


def _asked(members: Members, action: Action) -> Callable[[Request, Signed, int], Member]:
    return {
        Action.JOIN: members.join,
        Action.STATUS: members.status,
        Action.ROTATE: members.rotate,
        Action.LEAVE: members.leave,
    }[action]


def _check(request: Request, action: Action, federation: str, now: int) -> None:
    if request.action is not action:
        raise EnrolmentRefused(
            Reason.MALFORMED, f"A request to {request.action} came to the address of {action}."
        )
    if request.federation != federation:
        unknown = Reason.INVITE_UNKNOWN if action is Action.JOIN else Reason.SITE_UNKNOWN
        raise EnrolmentRefused(
            unknown, f"This is the federation {federation}, not {request.federation}."
        )
    late = now - request.time
    if abs(late) > CLOCK_SECONDS:
        way = "late" if late > 0 else "early"
        raise EnrolmentRefused(
            Reason.CLOCK,
            f"The request is {_span(abs(late))} too {way}. Set the site's clock right, by NTP for"
            " example; if it is right, tell the coordinator that its clock is not.",
        )


def _span(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 10**9 else "ages"
