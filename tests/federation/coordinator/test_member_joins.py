"""How a site joins: an invite and a key are each used once."""

import threading
from pathlib import Path

import pytest
from enrolling import NOW, Asker, kinds, new_key, refused

from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.members import EnrolmentRefused, Members
from fedtranslate.federation.membership.requests import Action, Reason, State


def test_an_invite_may_approve_by_itself(members: Members) -> None:
    member = Asker().invited(members, approves=True).joined(members)
    assert (member.state, member.approved) == (State.APPROVED, NOW)


def test_an_invite_is_not_used_with_a_second_key(members: Members) -> None:
    site = Asker().invited(members)
    site.joined(members)
    with refused(Reason.INVITE_USED):
        Asker(token=site.token).joined(members)
    member = members.find("north")
    assert member is not None
    assert member.public_key == site.public


def test_of_many_joins_at_the_same_moment_one_uses_the_invite(file: Path) -> None:
    with Members(file, begins=True) as members:
        first = Asker().invited(members)
    askers = [Asker(token=first.token) for _ in range(8)]
    barrier, outcomes = threading.Barrier(len(askers)), []

    def join(asker: Asker) -> None:
        with Members(file) as members:
            barrier.wait()
            try:
                outcomes.append(asker.joined(members).public_key)
            except EnrolmentRefused as error:
                outcomes.append(error.reason)

    threads = [threading.Thread(target=join, args=(asker,)) for asker in askers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Members(file) as members:
        member = members.find("north")
        assert member is not None
        assert sorted(map(str, outcomes)) == sorted(["invite-used"] * 7 + [member.public_key])
        assert kinds(members) == ["invited", "joined"]


def test_a_site_whose_answer_got_lost_asks_again_and_gets_its_state(members: Members) -> None:
    site = Asker().invited(members)
    site.joined(members)
    members.approve("north", NOW)
    again = site.joined(members, NOW + 7200)  # the invite has expired meanwhile
    assert (again.state, again.joined) == (State.APPROVED, NOW)
    assert kinds(members).count("joined") == 1


def test_an_expired_invite_is_refused_and_stays_unused(members: Members) -> None:
    site = Asker().invited(members)
    with refused(Reason.INVITE_EXPIRED):
        site.joined(members, NOW + 3601)
    assert site.joined(members, NOW + 3600).state is State.PENDING


def test_an_invite_for_one_site_lets_no_other_in(members: Members) -> None:
    site = Asker().invited(members)
    Asker("south").invited(members)
    with refused(Reason.INVITE_UNKNOWN):
        Asker("south", token=site.token).joined(members)
    with refused(Reason.INVITE_UNKNOWN):
        Asker("west", token=site.token).joined(members)


def test_a_newer_invite_makes_the_older_one_void(members: Members) -> None:
    older = Asker().invited(members)
    newer = Asker().invited(members)
    with refused(Reason.INVITE_UNKNOWN):
        older.joined(members)
    assert newer.joined(members).state is State.PENDING


def test_a_join_must_be_signed_with_the_key_that_it_brings(members: Members) -> None:
    site = Asker().invited(members)
    with refused(Reason.SIGNATURE):
        members.join(*site.ask(Action.JOIN, by=new_key()), NOW)
    assert kinds(members) == ["invited"]


@pytest.mark.parametrize("text", ["", "ssh-rsa AAAA", "no key", "ecdsa-sha2-nistp384 AAAA"])
def test_what_is_no_key_is_refused_as_malformed(members: Members, text: str) -> None:
    site = Asker().invited(members)
    with refused(Reason.MALFORMED):
        members.join(*site.ask(Action.JOIN, public_key=text), NOW)


def test_a_key_with_another_comment_is_the_same_key(members: Members) -> None:
    site = Asker().invited(members)
    site.joined(members)
    other = Asker("south", key=site.key).invited(members)
    with refused(Reason.KEY_KNOWN):
        members.join(*other.ask(Action.JOIN, public_key=site.public + " me@there"), NOW)


def test_a_key_is_never_used_again_not_even_by_its_site(members: Members) -> None:
    site = Asker().approved(members)
    members.revoke("north", NOW)
    with refused(Reason.KEY_KNOWN):
        Asker(key=site.key).invited(members).joined(members)


def test_only_a_site_that_is_no_member_can_be_invited(members: Members) -> None:
    Asker().approved(members)
    with pytest.raises(FederationError, match="north is a member already"):
        Asker().invited(members)
    members.revoke("north", NOW)
    back = Asker().invited(members)
    member = members.find("north")
    assert member is not None
    assert member.state is State.REVOKED
    assert back.joined(members, NOW + 1).state is State.PENDING


@pytest.mark.parametrize("version", ["\x1b[31m", "a b", "v" * 63 + "\n", "é"])
def test_a_version_that_is_none_is_not_kept(members: Members, version: str) -> None:
    site = Asker().invited(members)
    asked = site.ask(Action.JOIN, version=version)
    assert members.join(*asked, NOW).version == ""


def test_an_invite_that_has_expired_is_told_with_both_times(members: Members) -> None:
    site = Asker().invited(members)
    with pytest.raises(EnrolmentRefused) as caught:
        site.joined(members, 2_000_000_000)
    assert caught.value.reason is Reason.INVITE_EXPIRED
    assert "at the coordinator it is 2033-05-18 03:33:20 UTC" in caught.value.message
