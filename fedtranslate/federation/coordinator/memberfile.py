"""The file under the register of members: what is in it, opened and changed in transactions.

SQLite in WAL mode: the gateway, the commands and the supervisor have it open at the same time.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fedtranslate.errors import FederationError
from fedtranslate.federation.membership.requests import Reason, State

FORMAT = 1
_WAIT_SECONDS = 15
_REFUSALS_KEPT = 1_000
_EVENTS_KEPT = 100_000
_SAME_REFUSAL_SECONDS = 60
_SITE = "name, public_key, state, node, version, invited, joined, approved, ended, seen"
_HAS_INVITE = "exists (select 1 from invites where site = sites.name and used_by = '')"
_TABLES = """
create table if not exists sites (
    name text primary key, public_key text not null default '', state text not null,
    node text not null default '0', version text not null default '',
    invited integer not null default 0, joined integer not null default 0,
    approved integer not null default 0, ended integer not null default 0,
    seen integer not null default 0);
create table if not exists invites (
    site text primary key, token_hash text not null, expires integer not null,
    approves integer not null, used_by text not null default '');
create table if not exists keys (
    public_key text primary key, site text not null, since integer not null);
create table if not exists nonces (
    nonce text primary key, site text not null, time integer not null);
create index if not exists nonces_by_site on nonces (site, time);
create table if not exists retired (node text primary key, site text not null);
create table if not exists events (
    number integer primary key autoincrement, time integer not null, site text not null,
    kind text not null, text text not null);
create index if not exists events_by_kind on events ((kind = 'refused'), number);
"""


class EnrolmentRefused(FederationError):  # noqa: N818 - an answer, as Reason is
    """A site's request was refused.

    Args:
        reason: For programs.
        message: For people: what is wrong, and what to do about it.
    """

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


@dataclass(frozen=True, slots=True)
class Member:
    """A site as the coordinator knows it; times are seconds since 1970, 0 where it was not yet."""

    name: str
    public_key: str
    """In OpenSSH's format; empty before it joined."""
    state: State
    node: int
    """Flower's number of it; 0 while its key is not registered at the SuperLink."""
    version: str
    """Of fedtranslate, as it was last told."""
    invited: int
    joined: int
    approved: int
    ended: int
    seen: int
    """When it was last connected to the SuperLink, or its last signed request came."""
    has_invite: bool = False
    """Whether an invite for it is open."""

    @property
    def standing(self) -> str:
        """Its state for people: ``invited`` while nobody with its name has joined since."""
        is_new = not self.public_key and not self.ended
        return "invited" if is_new or (self.ended and self.has_invite) else str(self.state)


@dataclass(frozen=True, slots=True)
class MemberEvent:
    """Something that happened to a site's membership."""

    time: int
    site: str
    kind: str
    """invited, joined, approved, revoked, left, rotated or refused."""
    text: str
    """A full sentence."""
    number: int = 0
    """Grows from event to event."""


def open_register(file: Path, *, begins: bool) -> sqlite3.Connection:
    """Open the register; only its owner can read it.

    Args:
        file: Of the register.
        begins: Make it if there is none.  Who finds none at another time must not: to the SuperLink
            an empty register means that all sites are strangers.

    Raises:
        FederationError: It is missing, cannot be used, is damaged, or of a later version.
    """
    if begins:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    elif not file.exists():
        raise missing(file)
    with told(file):
        # SQLite gives its other files the mode of this one.
        flags = os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if begins else 0)
        os.close(os.open(file, flags, 0o600))
        database = sqlite3.connect(file, timeout=_WAIT_SECONDS, isolation_level=None)
        try:
            _prepare(database, file)
        except BaseException:
            database.close()
            raise
        return database


def _prepare(database: sqlite3.Connection, file: Path) -> None:
    if database.execute("pragma journal_mode").fetchone() != ("wal",):
        database.execute("pragma journal_mode = wal")
    database.execute("pragma synchronous = full")
    (version,) = database.execute("pragma user_version").fetchone()
    if version > FORMAT:
        raise FederationError(
            f"{file} was written by a later version of fedtranslate.",
            hint="Install that version again.",
        )
    if version < FORMAT:
        database.executescript(f"begin immediate; {_TABLES} pragma user_version={FORMAT}; commit;")


def missing(file: Path) -> FederationError:
    """Return what to tell of a register that is not there and was."""
    return FederationError(
        f"{file}, the register of members, is missing.",
        hint="Put the newest copy back: sites that have a new key since are not let in by an older"
        " one, and have to be invited again.",
    )


@contextlib.contextmanager
def together(database: sqlite3.Connection, file: Path) -> Iterator[None]:
    """Make all changes of a ``with`` block one transaction.

    A refusal keeps what was written before it: that the request was seen, and may not come again.
    """
    with told(file):
        database.execute("begin immediate")
        try:
            yield
        except EnrolmentRefused:
            database.execute("commit")
            raise
        except BaseException:
            if database.in_transaction:  # a full disk has ended it already
                database.execute("rollback")
            raise
        database.execute("commit")


@contextlib.contextmanager
def told(file: Path) -> Iterator[None]:
    """Turn errors of the file into messages.

    Raises:
        FederationError: The file cannot be used or is damaged.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        # A full disk, a lock that does not come, a folder that cannot be written.
        raise FederationError(
            f"{file} cannot be used: {error}.", hint="Make room, or wait, and try again."
        ) from None
    except sqlite3.DatabaseError as error:
        raise FederationError(
            f"{file} is damaged ({error}).", hint="Put back a copy of it, or begin a new folder."
        ) from None


def read_member(database: sqlite3.Connection, name: str) -> Member | None:
    """Return the member called ``name``; None if there is none."""
    statement = f"select {_SITE}, {_HAS_INVITE} from sites where name = ?"  # noqa: S608 - ours
    row = database.execute(statement, (name,)).fetchone()
    return _member(row) if row else None


def read_members(database: sqlite3.Connection) -> tuple[Member, ...]:
    """Return all members by name."""
    statement = f"select {_SITE}, {_HAS_INVITE} from sites order by name"  # noqa: S608 - ours
    return tuple(map(_member, database.execute(statement).fetchall()))


def write_member(database: sqlite3.Connection, member: Member) -> None:
    """Put ``member`` in the place of the one with its name."""
    values = (
        member.name,
        member.public_key,
        str(member.state),
        str(member.node),  # of 64 bits without a sign, which is more than SQLite's integers hold
        member.version,
        *(member.invited, member.joined, member.approved, member.ended, member.seen),
    )
    marks = ", ".join("?" * len(values))
    database.execute(f"insert or replace into sites ({_SITE}) values ({marks})", values)  # noqa: S608


def note_seen(database: sqlite3.Connection, names: Iterable[str], now: int) -> None:
    """Note that sites were there."""
    statement = "update sites set seen = max(seen, ?) where name = ?"
    database.executemany(statement, [(now, name) for name in names])


def _member(row: tuple[str, str, str, str, str, int, int, int, int, int, int]) -> Member:
    name, key, state, node, version, invited, joined, approved, ended, seen, has_invite = row
    times = invited, joined, approved, ended, seen
    return Member(name, key, State(state), int(node), version, *times, bool(has_invite))


def read_events(database: sqlite3.Connection, after: int) -> tuple[MemberEvent, ...]:
    """Return the events with numbers above ``after``, oldest first."""
    rows = database.execute(
        "select time, site, kind, text, number from events where number > ? order by number",
        (after,),
    )
    return tuple(MemberEvent(*row) for row in rows.fetchall())


def write_event(database: sqlite3.Connection, event: MemberEvent) -> None:
    """Append an event; refusals, which strangers can cause, push out older refusals only."""
    is_refusal = event.kind == "refused"
    if is_refusal and _is_told_already(database, event):
        return
    database.execute(
        "insert into events (time, site, kind, text) values (?, ?, ?, ?)",
        (event.time, event.site, event.kind, event.text),
    )
    alike = "from events where (kind = 'refused') = ?"
    database.execute(  # the newest stay
        f"delete {alike} and number <= (select number {alike}"
        " order by number desc limit 1 offset ?)",
        (is_refusal, is_refusal, _REFUSALS_KEPT if is_refusal else _EVENTS_KEPT),
    )


def _is_told_already(database: sqlite3.Connection, event: MemberEvent) -> bool:
    row = database.execute(
        "select 1 from events where kind = 'refused' and site = ? and text = ? and time > ?",
        (event.site, event.text, event.time - _SAME_REFUSAL_SECONDS),
    ).fetchone()
    return row is not None
