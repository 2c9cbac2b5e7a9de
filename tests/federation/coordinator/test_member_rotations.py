"""How a member replaces its key."""

import pytest
from enrolling import NOW, Asker, kinds, new_key, refused

from fedtranslate.federation.coordinator import once
from fedtranslate.federation.coordinator.members import Members
from fedtranslate.federation.membership.keys import public_text
from fedtranslate.federation.membership.requests import Action, Reason, State, proof_of


def test_a_rotation_keeps_the_member_and_kills_the_old_key(members: Members) -> None:
    site = Asker().approved(members)
    members.note_node("north", 7)
    later = new_key()
    asked = site.ask_rotation(later)
    member = members.rotate(*asked, NOW + 1)
    assert (member.state, member.public_key) == (State.APPROVED, public_text(later))
    assert (member.node, members.retired()) == (0, (("north", 7),))
    with refused(Reason.SIGNATURE):
        members.status(*site.ask(Action.STATUS), NOW)
    with refused(Reason.INVITE_USED):
        members.join(*site.ask(Action.JOIN), NOW)
    assert members.status(*site.ask(Action.STATUS, by=later), NOW).name == "north"


def test_a_rotation_whose_answer_got_lost_can_be_asked_again(members: Members) -> None:
    site = Asker().approved(members)
    later = new_key()
    members.rotate(*site.ask_rotation(later), NOW)
    again = members.rotate(*site.ask_rotation(later), NOW)
    assert again.public_key == public_text(later)
    assert kinds(members).count("rotated") == 1


def test_a_rotation_needs_both_keys(members: Members) -> None:
    site = Asker().approved(members)
    stolen = new_key()
    request, _ = site.ask_rotation(stolen)
    no_proof = site.ask(Action.ROTATE, public_key=public_text(stolen), proof=request.proof)
    with refused(Reason.SIGNATURE):
        members.rotate(*no_proof, NOW)
    with refused(Reason.SIGNATURE):
        members.rotate(*Asker(key=new_key()).ask_rotation(stolen), NOW)
    other = Asker("south").approved(members)
    nonce = "n" * 24
    proof = proof_of("north", nonce, other.key)
    taken = site.ask(Action.ROTATE, nonce=nonce, public_key=other.public, proof=proof)
    with refused(Reason.KEY_KNOWN):
        members.rotate(*taken, NOW)


def test_a_refused_rotation_cannot_be_replayed_later(
    members: Members, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Asker().approved(members)
    monkeypatch.setattr(once, "MAX_KEYS_A_DAY", 1)
    asked = site.ask_rotation(new_key())
    with refused(Reason.BUSY):
        members.rotate(*asked, NOW)
    monkeypatch.setattr(once, "MAX_KEYS_A_DAY", 10)
    with refused(Reason.REPLAYED):
        members.rotate(*asked, NOW + 1)


def test_a_site_has_a_handful_of_keys_a_day(members: Members) -> None:
    site = Asker().approved(members)
    for _ in range(once.MAX_KEYS_A_DAY - 1):
        later = new_key()
        members.rotate(*site.ask_rotation(later), NOW)
        site.key = later
    with refused(Reason.BUSY):
        members.rotate(*site.ask_rotation(new_key()), NOW)
    members.rotate(*site.ask_rotation(new_key(), NOW), NOW + 86_401)
