"""The register of members: who was invited, has joined, and may take part.

It trusts nobody: an invite is used once, a key belongs to one member for ever, a request counts
once, and only hashes of invites' tokens are kept.  Whoever holds the key of a member and asks
again, because the answer got lost, gets the same answer.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Self

from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.memberfile import (
    EnrolmentRefused,
    Member,
    MemberEvent,
    note_seen,
    open_register,
    read_events,
    read_member,
    read_members,
    together,
    told,
    write_event,
    write_member,
)
from fedtranslate.federation.coordinator.once import (
    hash_token,
    open_invite,
    remember,
    take_key,
    use_invite,
)
from fedtranslate.federation.membership.keys import public_text, read_public
from fedtranslate.federation.membership.requests import (
    Reason,
    Request,
    Signed,
    State,
    is_by,
    is_proof,
)

__all__ = ["EnrolmentRefused", "Member", "MemberEvent", "Members", "hash_token"]

MAX_MEMBERS = 10_000
_SEEN_SECONDS = 30
"""So often at most it is noted that a site is connected."""
_PLAIN_VERSION = re.compile(r"[A-Za-z0-9.+_-]{1,64}")


class Members:
    """The register in one file; use it as a context manager, in one thread.

    Args:
        file: Of the register.
        begins: Make it if there is none, as only whoever founds a federation does.

    Raises:
        FederationError: The file is missing, cannot be used or is damaged; every method may find
            that, too.
    """

    def __init__(self, file: Path, *, begins: bool = False) -> None:
        self._file = file
        self._database = open_register(file, begins=begins)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    # What the coordinator's people do.

    def invite(
        self, name: str, token_hash: str, expires: int, now: int, *, approves: bool = False
    ) -> None:
        """Let a site join once; an invite for the same name that is still open is void.

        Args:
            name: Of a site that is not a member, or has left or was revoked.
            token_hash: As ``hash_token`` gives it.
            expires: Seconds since 1970.
            now: Likewise.
            approves: Whether to join with this invite is to be approved.

        Raises:
            FederationError: The name is that of a member, or there are too many.
        """
        with together(self._database, self._file):
            member = read_member(self._database, name)
            if member is None:
                (count,) = self._database.execute("select count(*) from sites").fetchone()
                if count >= MAX_MEMBERS:
                    raise FederationError(f"There are {count} sites; there cannot be more.")
                member = Member(name, "", State.PENDING, 0, "", now, 0, 0, 0, 0)
            elif member.public_key and not member.ended:
                raise FederationError(
                    f"{name} is a member already ({member.state}).",
                    hint=f"To give it a new key: 'fedtranslate coordinator revoke {name}' first.",
                )
            elif not member.public_key:  # the invite was never used
                member = replace(member, state=State.PENDING, ended=0)
            write_member(self._database, replace(member, invited=now))
            self._database.execute(
                "insert or replace into invites values (?, ?, ?, ?, '')",
                (name, token_hash, expires, int(approves)),
            )
            self._tell(now, name, "invited", f"{name} was invited.")

    def approve(self, name: str, now: int) -> Member:
        """Let a site that has joined take part.

        Raises:
            FederationError: There is no such site, or it is not waiting for approval.
        """
        with together(self._database, self._file):
            member = self._known(name)
            if member.state is not State.PENDING:
                raise FederationError(f"{name} is not waiting for approval: it is {member.state}.")
            if not member.public_key:
                raise FederationError(
                    f"{name} was invited, and has not joined yet.",
                    hint="Approve it when it has, or invite it with --approve.",
                )
            return self._approved(member, now)

    def revoke(self, name: str, now: int) -> Member:
        """End a membership, or an invite that was not used; the site's key is dead for ever.

        Raises:
            FederationError: There is no such site, or nothing to end.
        """
        with together(self._database, self._file):
            member = self._known(name)
            has_invite = self._database.execute(
                "delete from invites where site = ? and used_by = ''", (name,)
            ).rowcount
            if member.ended and not has_invite:
                raise FederationError(f"{name} has no membership to revoke: it is {member.state}.")
            if member.ended:
                self._tell(now, name, "revoked", f"The invite of {name} was revoked.")
                return member
            return self._end(member, State.REVOKED, "was revoked", now)

    # What Flower's side needs.

    def note_node(self, name: str, node: int, public_key: str = "") -> None:
        """Note under which number the SuperLink knows a site's key.

        Args:
            name: Of the site.
            node: As the SuperLink gave it.
            public_key: The key that was registered.  If the site has another one by now, or may
                not take part any more, the node is retired at once.

        Raises:
            FederationError: There is no such site.
        """
        with together(self._database, self._file):
            member = self._known(name)
            is_current = public_key in ("", member.public_key)
            if member.state is State.APPROVED and is_current:
                if member.node != node:
                    self._retire(member)
                write_member(self._database, replace(member, node=node))
            else:
                self._retire(replace(member, node=node))

    def note_seen(self, names: Iterable[str], now: int) -> None:
        """Note that sites are connected; one that was noted just before is left as it is."""
        here = set(names)
        late = [m.name for m in self.all() if m.name in here and now - m.seen >= _SEEN_SECONDS]
        if late:
            with together(self._database, self._file):
                note_seen(self._database, late, now)

    def retired(self) -> tuple[tuple[str, int], ...]:
        """Return sites and numbers of nodes that are still to be unregistered at the SuperLink."""
        with told(self._file):
            statement = "select site, node from retired order by rowid"
            rows = self._database.execute(statement).fetchall()
        return tuple((site, int(node)) for site, node in rows)

    def forget_retired(self, node: int) -> None:
        """Note that a node was unregistered."""
        with together(self._database, self._file):
            self._database.execute("delete from retired where node = ?", (str(node),))

    # What sites ask for.

    def join(self, request: Request, outer: Signed, now: int) -> Member:
        """Use up an invite.

        Raises:
            EnrolmentRefused: The invite, the key or the signature is not in order.
        """
        key = _signing_key(request, outer)
        with together(self._database, self._file):
            approves, is_used = open_invite(self._database, request, key, now)
            self.remember(request.nonce, now, request.site)
            member = self._known(request.site)
            if is_used and member.public_key != key:
                raise EnrolmentRefused(
                    Reason.INVITE_USED, f"{member.name} has joined, and has another key by now."
                )
            if is_used:
                return self._seen(_not_revoked(member), request, now)
            take_key(self._database, key, request.site, now)
            use_invite(self._database, request.site, key)
            fresh = Member(member.name, key, State.PENDING, 0, "", member.invited, now, 0, 0, 0)
            self._tell(now, member.name, "joined", f"{member.name} has joined.")
            joined = self._seen(fresh, request, now)
            return self._approved(joined, now) if approves else joined

    def status(self, request: Request, outer: Signed, now: int) -> Member:
        """Return what the coordinator knows of the site that asks.

        Raises:
            EnrolmentRefused: The site is unknown or revoked, or the request not in order.
        """
        with together(self._database, self._file):
            return self._authentic(request, outer, now)

    def rotate(self, request: Request, outer: Signed, now: int) -> Member:
        """Replace the key of a site by the next one, whose owner must have proved to hold it.

        Raises:
            EnrolmentRefused: As of ``status``, or the next key is not in order.
        """
        key = _canonical(request.public_key)
        if not is_proof(request.proof, request.site, request.nonce, read_public(key)):
            raise EnrolmentRefused(Reason.SIGNATURE, "The proof of the next key is wrong.")
        with together(self._database, self._file):
            member = read_member(self._database, request.site)
            if member and member.public_key == key:  # asked again; the proof is its signature
                self.remember(request.nonce, now, member.name)
                return self._seen(_not_revoked(member), request, now)
            member = self._authentic(request, outer, now)
            if member.ended:
                raise EnrolmentRefused(Reason.SITE_UNKNOWN, f"{member.name} has left.")
            take_key(self._database, key, member.name, now)
            self._retire(member)
            self._tell(now, member.name, "rotated", f"{member.name} has a new key.")
            return self._put(replace(member, public_key=key, node=0))

    def leave(self, request: Request, outer: Signed, now: int) -> Member:
        """End the membership of the site that asks.

        Raises:
            EnrolmentRefused: As of ``status``.
        """
        with together(self._database, self._file):
            member = self._authentic(request, outer, now)
            return member if member.ended else self._end(member, State.LEFT, "has left", now)

    def remember(self, nonce: str, now: int, site: str = "") -> None:
        """Note that a request was seen.  Part of the transaction that is open, if one is.

        Raises:
            EnrolmentRefused: It was seen before, or the site asks too often.
        """
        remember(self._database, nonce, site, now)

    def note_refusal(self, site: str, reason: Reason, now: int) -> None:
        """Note that a request in the name of ``site`` was refused."""
        with together(self._database, self._file):
            self._tell(now, site, "refused", f"A request as {site} was refused: {reason}.")

    # What everybody may look at.

    def find(self, name: str) -> Member | None:
        """Return the member called ``name``; None if there is none."""
        with told(self._file):
            return read_member(self._database, name)

    def all(self) -> tuple[Member, ...]:
        """Return all members, former ones and invited ones included, by name."""
        with told(self._file):
            return read_members(self._database)

    def events(self, after: int = 0) -> tuple[MemberEvent, ...]:
        """Return what happened, oldest first, from behind the event with the number ``after``."""
        with told(self._file):
            return read_events(self._database, after)

    # Parts of transactions.

    def _known(self, name: str) -> Member:
        member = read_member(self._database, name)
        if member is None:
            raise FederationError(
                f"No site is called {name!r}.", hint="'fedtranslate coordinator sites' lists them."
            )
        return member

    def _authentic(self, request: Request, outer: Signed, now: int) -> Member:
        """Return the member that has signed the request."""
        member = read_member(self._database, request.site)
        if member is None or not member.public_key:
            raise EnrolmentRefused(
                Reason.SITE_UNKNOWN, f"No site called {request.site} has joined."
            )
        if not is_by(read_public(member.public_key), outer):
            raise EnrolmentRefused(
                Reason.SIGNATURE, f"The request is not signed with the key of {request.site}."
            )
        self.remember(request.nonce, now, member.name)
        return self._seen(_not_revoked(member), request, now)

    def _seen(self, member: Member, request: Request, now: int) -> Member:
        version = request.version if _PLAIN_VERSION.fullmatch(request.version) else ""
        return self._put(replace(member, version=version, seen=max(now, member.seen)))

    def _approved(self, member: Member, now: int) -> Member:
        self._tell(now, member.name, "approved", f"{member.name} was approved.")
        return self._put(replace(member, state=State.APPROVED, approved=now))

    def _end(self, member: Member, state: State, how: str, now: int) -> Member:
        self._retire(member)
        self._tell(now, member.name, str(state), f"{member.name} {how}.")
        return self._put(replace(member, state=state, ended=now, node=0))

    def _retire(self, member: Member) -> None:
        if member.node:
            self._database.execute(
                "insert or ignore into retired values (?, ?)", (str(member.node), member.name)
            )

    def _put(self, member: Member) -> Member:
        write_member(self._database, member)
        return member

    def _tell(self, now: int, site: str, kind: str, text: str) -> None:
        write_event(self._database, MemberEvent(now, site, kind, text))


def _signing_key(request: Request, outer: Signed) -> str:
    """Return the key that a join brings, if it has signed the request."""
    key = _canonical(request.public_key)
    if not is_by(read_public(key), outer):
        raise EnrolmentRefused(
            Reason.SIGNATURE, "The request is not signed with the key that it brings."
        )
    return key


def _canonical(text: str) -> str:
    """Return a key as it is written here, so that one key is one text."""
    try:
        return public_text(read_public(text))
    except FederationError as error:
        raise EnrolmentRefused(Reason.MALFORMED, str(error)) from None


def _not_revoked(member: Member) -> Member:
    if member.state is State.REVOKED:
        raise EnrolmentRefused(
            Reason.REVOKED, f"The membership of {member.name} was revoked by the coordinator."
        )
    return member
