"""Requests of members: each is signed, and counts once."""

import sqlite3
from pathlib import Path

import pytest
from enrolling import NOW, Asker, new_key, refused

from fedtranslate.federation.coordinator import once
from fedtranslate.federation.coordinator.members import Members
from fedtranslate.federation.membership.requests import CLOCK_SECONDS, Action, Reason


def test_a_request_counts_once(members: Members) -> None:
    site = Asker().approved(members)
    asked = site.ask(Action.STATUS)
    members.status(*asked, NOW)
    with refused(Reason.REPLAYED):
        members.status(*asked, NOW + 2 * CLOCK_SECONDS)


def test_old_nonces_are_forgotten(file: Path, members: Members) -> None:
    site = Asker().approved(members)
    for _ in range(5):
        members.status(*site.ask(Action.STATUS), NOW)
    members.status(*site.ask(Action.STATUS), NOW + 2 * CLOCK_SECONDS + 1)
    with sqlite3.connect(file) as database:
        assert database.execute("select count(*) from nonces").fetchone() == (1,)


def test_a_site_cannot_fill_the_disk_with_nonces(
    members: Members, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(once, "MAX_NONCES", 3)
    site = Asker().approved(members)  # the join was the first
    other = Asker("south").approved(members)
    for _ in range(2):
        members.status(*site.ask(Action.STATUS), NOW)
    with refused(Reason.BUSY):
        members.status(*site.ask(Action.STATUS), NOW)
    assert members.status(*other.ask(Action.STATUS), NOW).name == "south"


def test_strangers_leave_no_nonces(file: Path, members: Members) -> None:
    Asker().invited(members)
    for _ in range(3):
        with refused(Reason.INVITE_UNKNOWN):
            Asker().joined(members)
    with sqlite3.connect(file) as database:
        assert database.execute("select count(*) from nonces").fetchone() == (0,)


@pytest.mark.parametrize("action", [Action.STATUS, Action.LEAVE])
def test_requests_of_strangers_are_refused(members: Members, action: Action) -> None:
    ask = {Action.STATUS: members.status, Action.LEAVE: members.leave}[action]
    site = Asker().approved(members)
    with refused(Reason.SIGNATURE):
        ask(*site.ask(action, by=new_key()), NOW)
    with refused(Reason.SITE_UNKNOWN):
        ask(*Asker("west").ask(action), NOW)
    Asker("south").invited(members)
    with refused(Reason.SITE_UNKNOWN):
        ask(*Asker("south").ask(action), NOW)


def test_a_signature_covers_every_letter_of_the_content(members: Members) -> None:
    site = Asker().approved(members)
    request, outer = site.ask(Action.LEAVE)
    changed = outer.model_copy(update={"content": outer.content + " "})
    with refused(Reason.SIGNATURE):
        members.leave(request, changed, NOW)


def test_a_revoked_site_is_told_so_whatever_it_asks(members: Members) -> None:
    site = Asker().approved(members)
    members.revoke("north", NOW)
    asked = [
        (members.status, site.ask(Action.STATUS)),
        (members.leave, site.ask(Action.LEAVE)),
        (members.rotate, site.ask_rotation(new_key())),
        (members.join, site.ask(Action.JOIN)),
    ]
    for ask, request in asked:
        with refused(Reason.REVOKED):
            ask(*request, NOW)
