"""The register of members: an invite, a key and a request are each used once."""

import multiprocessing
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from enrolling import NOW, Asker, new_key

from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator import memberfile, once
from fedtranslate.federation.coordinator.members import EnrolmentRefused, Members, hash_token
from fedtranslate.federation.membership.keys import public_text
from fedtranslate.federation.membership.requests import (
    CLOCK_SECONDS,
    Action,
    Reason,
    State,
    proof_of,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "coordinator" / "members.db"


@pytest.fixture
def members(file: Path) -> Iterator[Members]:
    with Members(file) as opened:
        yield opened


@contextmanager
def refused(reason: Reason) -> Iterator[None]:
    with pytest.raises(EnrolmentRefused) as caught:
        yield
    assert caught.value.reason is reason


def kinds(members: Members) -> list[str]:
    return [event.kind for event in members.events()]


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
    with Members(file) as members:
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


def test_the_hash_of_a_token_is_kept_and_the_token_is_not(file: Path) -> None:
    with Members(file) as members:
        site = Asker().invited(members)
        site.joined(members)
        kept = b"".join(path.read_bytes() for path in file.parent.iterdir())
    assert hash_token(site.token).encode() in kept
    assert site.token.encode() not in kept


def test_only_its_owner_can_read_the_register(file: Path) -> None:
    with Members(file) as members:
        Asker().invited(members)
        modes = {stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


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


@pytest.mark.parametrize("version", ["\x1b[31m", "a b", "v" * 63 + "\n", "é"])
def test_a_version_that_is_none_is_not_kept(members: Members, version: str) -> None:
    site = Asker().invited(members)
    asked = site.ask(Action.JOIN, version=version)
    assert members.join(*asked, NOW).version == ""


def _open_and_invite(file: Path, number: int) -> None:
    with Members(file) as members:
        Asker(f"site{number}").invited(members)


def test_several_processes_may_begin_the_same_register(file: Path) -> None:
    context = multiprocessing.get_context("fork")
    started = [context.Process(target=_open_and_invite, args=(file, number)) for number in range(6)]
    for process in started:
        process.start()
    for process in started:
        process.join()
    with Members(file) as members:
        assert [member.name for member in members.all()] == [f"site{n}" for n in range(6)]


def test_a_damaged_or_later_register_is_told_with_its_place(file: Path) -> None:
    Members(file).__exit__()
    with sqlite3.connect(file) as database:
        database.execute(f"pragma user_version={memberfile.FORMAT + 1}")
    database.close()
    with pytest.raises(FederationError, match="later version"):
        Members(file)
    file.write_bytes(b"no database, " * 400)
    with pytest.raises(FederationError, match=r"members\.db is damaged"):
        Members(file)


def test_a_read_of_a_register_that_is_gone_is_told(members: Members) -> None:
    members._database.execute("drop table sites")
    with pytest.raises(FederationError, match=r"members\.db cannot be used"):
        members.all()
