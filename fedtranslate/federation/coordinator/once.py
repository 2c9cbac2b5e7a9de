"""What a site can use once: the token of an invite, a key, the nonce of a request.

Each function is part of a transaction of the register that is open, and raises before it writes.
"""

import hashlib
import hmac
import sqlite3

from fedtranslate.federation.coordinator.memberfile import EnrolmentRefused
from fedtranslate.federation.membership.clocks import moment
from fedtranslate.federation.membership.requests import CLOCK_SECONDS, Reason, Request

MAX_NONCES = 1_000
"""Of one site within ``2 * CLOCK_SECONDS``."""
MAX_KEYS_A_DAY = 10
"""Of one site: used keys are kept for ever."""
_DAY_SECONDS = 86_400


def hash_token(token: str) -> str:
    """Return what is kept of an invite's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_invite(
    database: sqlite3.Connection, request: Request, key: str, now: int
) -> tuple[bool, bool]:
    """Return whether the invite of a request approves, and whether ``key`` has used it up.

    Raises:
        EnrolmentRefused: The invite is unknown, expired, or used with another key.
    """
    row = database.execute(
        "select token_hash, expires, approves, used_by from invites where site = ?",
        (request.site,),
    ).fetchone()
    given = hash_token(request.token)
    if not hmac.compare_digest(given, row[0] if row else "0" * len(given)):
        raise EnrolmentRefused(
            Reason.INVITE_UNKNOWN,
            "The invite is not known, or a newer one has replaced it. Ask for a new one.",
        )
    _, expires, approves, used_by = row
    if used_by and used_by != key:
        raise EnrolmentRefused(
            Reason.INVITE_USED,
            "The invite has been used with another key. If that was not you, tell the"
            " coordinator at once; else ask for a new one.",
        )
    if not used_by and now > expires:
        raise EnrolmentRefused(
            Reason.INVITE_EXPIRED,
            f"The invite has expired on {moment(expires)}; at the coordinator it is {moment(now)}."
            " Ask for a new one.",
        )
    return bool(approves), bool(used_by)


def use_invite(database: sqlite3.Connection, site: str, key: str) -> None:
    """Use up the open invite of a site."""
    database.execute("update invites set used_by = ? where site = ?", (key, site))


def take_key(database: sqlite3.Connection, key: str, site: str, now: int) -> None:
    """Give a key to a site, for ever.

    Raises:
        EnrolmentRefused: It is, or was, a member's; or the site has had too many today.
    """
    (count,) = database.execute(
        "select count(*) from keys where site = ? and since > ?", (site, now - _DAY_SECONDS)
    ).fetchone()
    if count >= MAX_KEYS_A_DAY:
        raise EnrolmentRefused(Reason.BUSY, f"{site} has had {count} keys today. Wait a day.")
    taken = database.execute("insert or ignore into keys values (?, ?, ?)", (key, site, now))
    if not taken.rowcount:
        raise EnrolmentRefused(
            Reason.KEY_KNOWN, "The key is, or was, that of a member. Make a new one."
        )


def remember(database: sqlite3.Connection, nonce: str, site: str, now: int) -> None:
    """Note that a request was seen.

    Raises:
        EnrolmentRefused: It was seen before, or the site asks too often.
    """
    # A request may be CLOCK_SECONDS early, and is in time until it is as much late.
    database.execute("delete from nonces where time < ?", (now - 2 * CLOCK_SECONDS,))
    (count,) = database.execute("select count(*) from nonces where site = ?", (site,)).fetchone()
    if count >= MAX_NONCES:
        raise EnrolmentRefused(Reason.BUSY, "The site asks too often. Wait ten minutes.")
    added = database.execute("insert or ignore into nonces values (?, ?, ?)", (nonce, site, now))
    if not added.rowcount:
        raise EnrolmentRefused(Reason.REPLAYED, "This request was answered before.")
