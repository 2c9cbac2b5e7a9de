"""Members of a federation, from their invitation to their end, and what is told of them."""

import pytest
from enrolling import NOW, Asker, kinds, new_key, refused

from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator import memberfile
from fedtranslate.federation.coordinator.members import Members
from fedtranslate.federation.membership.requests import Action, Reason, State


def test_a_site_is_invited_joins_and_is_approved(members: Members) -> None:
    site = Asker().invited(members)
    found = members.find("north")
    assert found is not None
    assert (found.public_key, found.state, found.joined) == ("", State.PENDING, 0)
    member = site.joined(members, NOW + 5)
    assert member == members.find("north")
    assert (member.state, member.public_key) == (State.PENDING, site.public)
    assert (member.invited, member.joined, member.seen) == (NOW, NOW + 5, NOW + 5)
    assert member.version == "0.5.0"
    assert members.approve("north", NOW + 9).state is State.APPROVED
    assert members.status(*site.ask(Action.STATUS), NOW + 10).approved == NOW + 9
    assert kinds(members) == ["invited", "joined", "approved"]


def test_a_site_that_left_has_left_and_may_ask_again(members: Members) -> None:
    site = Asker().approved(members)
    members.note_node("north", 7)
    assert members.leave(*site.ask(Action.LEAVE), NOW + 1).state is State.LEFT
    assert members.leave(*site.ask(Action.LEAVE), NOW + 2).ended == NOW + 1
    assert members.status(*site.ask(Action.STATUS), NOW + 3).state is State.LEFT
    assert members.retired() == (("north", 7),)
    assert kinds(members)[-1] == "left"
    with refused(Reason.SITE_UNKNOWN):
        members.rotate(*site.ask_rotation(new_key()), NOW)


def test_what_cannot_be_approved_or_revoked_is_said(members: Members) -> None:
    with pytest.raises(FederationError, match="No site is called 'north'"):
        members.approve("north", NOW)
    site = Asker().invited(members)
    with pytest.raises(FederationError, match="has not joined yet"):
        members.approve("north", NOW)
    site.joined(members)
    members.approve("north", NOW)
    with pytest.raises(FederationError, match="it is approved"):
        members.approve("north", NOW)
    members.revoke("north", NOW)
    with pytest.raises(FederationError, match="it is revoked"):
        members.revoke("north", NOW)


def test_to_revoke_takes_back_an_invite_too(members: Members) -> None:
    site = Asker().invited(members)
    assert members.revoke("north", NOW).state is State.REVOKED
    with refused(Reason.INVITE_UNKNOWN):
        site.joined(members)
    Asker().approved(members)
    members.revoke("north", NOW)
    back = Asker().invited(members)
    members.revoke("north", NOW)
    with refused(Reason.INVITE_UNKNOWN):
        back.joined(members)


def test_numbers_of_nodes_may_have_64_bits(members: Members) -> None:
    Asker().approved(members)
    members.note_node("north", 2**64 - 1)
    member = members.find("north")
    assert member is not None
    assert member.node == 2**64 - 1
    members.revoke("north", NOW)
    assert members.retired() == (("north", 2**64 - 1),)
    members.forget_retired(2**64 - 1)
    assert members.retired() == ()


def test_a_node_of_a_key_that_was_replaced_meanwhile_is_retired(members: Members) -> None:
    site = Asker().approved(members)
    old = site.public
    members.rotate(*site.ask_rotation(new_key()), NOW)
    members.note_node("north", 7, old)
    member = members.find("north")
    assert member is not None
    assert (member.node, members.retired()) == (0, (("north", 7),))
    members.note_node("north", 8, member.public_key)
    members.revoke("north", NOW)
    members.note_node("north", 9)
    assert members.retired() == (("north", 7), ("north", 8), ("north", 9))


def test_refusals_are_noted_in_bounded_number_and_push_out_nothing_else(
    members: Members, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memberfile, "_REFUSALS_KEPT", 5)
    Asker().approved(members)
    for number in range(20):
        members.note_refusal(f"site{number}", Reason.SIGNATURE, NOW)
    members.note_refusal("site19", Reason.SIGNATURE, NOW + 1)  # within a minute: not again
    assert kinds(members) == ["invited", "joined", "approved", *["refused"] * 5]
    assert [event.site for event in members.events()][-1] == "site19"


def test_events_can_be_read_on_from_any(members: Members) -> None:
    Asker().approved(members)
    numbers = [event.number for event in members.events()]
    assert numbers == sorted(set(numbers))
    assert [event.kind for event in members.events(numbers[0])] == ["joined", "approved"]
    assert members.events(numbers[-1]) == ()


def test_a_former_member_that_is_invited_again_is_invited_until_it_joins(members: Members) -> None:
    def standing() -> str:
        found = members.find("north")
        assert found is not None
        return found.standing

    Asker().approved(members)
    assert standing() == "approved"
    members.revoke("north", NOW)
    assert standing() == "revoked"
    again = Asker().invited(members)
    assert standing() == members.all()[0].standing == "invited"
    members.revoke("north", NOW)
    assert standing() == "revoked", "the invite was taken back"
    again = Asker().invited(members)
    again.joined(members)
    assert standing() == "pending"


def test_what_is_seen_is_noted_now_and_then_and_never_goes_back(members: Members) -> None:
    Asker().approved(members)
    for now, seen in ((NOW + 60, 60), (NOW + 70, 60), (NOW + 95, 95), (NOW, 95)):
        members.note_seen(["north", "nobody"], now)
        found = members.find("north")
        assert found is not None
        assert found.seen == NOW + seen
