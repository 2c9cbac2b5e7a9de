"""A membership as the site keeps it: joined, approved, with another key, left."""

import json
import stat
import threading
from pathlib import Path

import pytest
from small_door import SIGNING_KEY, SmallDoor
from small_sites import joined, now, place, public

from fedtranslate.errors import FederationError
from fedtranslate.federation.membership.requests import Reason, State
from fedtranslate.federation.site.enrolment import joining
from fedtranslate.federation.site.enrolment.door import DoorRefusedError
from fedtranslate.federation.site.enrolment.joining import finish_rotation, leave, rotate, status
from fedtranslate.federation.site.enrolment.kept import read_enrolment


def test_a_site_joins_with_a_key_that_it_made_itself(door: SmallDoor, tmp_path: Path) -> None:
    known = joined(door, tmp_path)
    here = place(tmp_path)
    assert (known.site, known.federation, known.state) == ("ada", "fed", State.PENDING)
    assert read_enrolment(here) == known
    assert door.keys == {"ada": public(here.key)}
    assert stat.S_IMODE(here.key.stat().st_mode) == 0o600
    assert stat.S_IMODE(here.key.parent.stat().st_mode) == 0o700
    assert here.ca_certificate.read_text() == door.authority.pem
    sent = json.dumps([request.model_dump(mode="json") for request in door.seen])
    assert "PRIVATE" not in sent


def test_nothing_secret_is_in_what_the_site_keeps_of_its_membership(
    door: SmallDoor, tmp_path: Path
) -> None:
    joined(door, tmp_path)
    assert door.token not in place(tmp_path).membership.read_text()


def test_an_approval_brings_the_signing_key_and_the_bundle(door: SmallDoor, tmp_path: Path) -> None:
    joined(door, tmp_path)
    assert status(place(tmp_path), now)[0].state is State.PENDING
    door.states["ada"] = State.APPROVED
    known, answer = status(place(tmp_path), now)
    assert (known.state, known.signing_key, known.bundle) == (
        State.APPROVED,
        SIGNING_KEY,
        answer.bundle,
    )
    assert read_enrolment(place(tmp_path)) == known


def test_another_signing_key_than_the_first_is_not_taken_and_is_told(
    door: SmallDoor, tmp_path: Path
) -> None:
    door.approves = True
    first = joined(door, tmp_path)
    other = "ed25519:" + "B" * 43 + "="
    door.answers["status"] = door.member(State.APPROVED, signing_key=other)
    known, answer = status(place(tmp_path), now)
    assert known.signing_key == SIGNING_KEY
    assert "another key" in first.conflict(answer)


def test_joining_again_with_the_same_invite_changes_nothing(
    door: SmallDoor, tmp_path: Path
) -> None:
    first = joined(door, tmp_path)
    key = place(tmp_path).key.read_bytes()
    assert joined(door, tmp_path).site == first.site
    assert place(tmp_path).key.read_bytes() == key


def test_a_folder_is_that_of_one_membership(door: SmallDoor, tmp_path: Path) -> None:
    joined(door, tmp_path)
    with pytest.raises(FederationError, match="is the folder of ada"):
        joined(door, tmp_path, door.invite(site="bob"))
    assert list(door.keys) == ["ada"]


def test_a_site_that_left_may_join_again_with_a_new_key(door: SmallDoor, tmp_path: Path) -> None:
    joined(door, tmp_path)
    old = public(place(tmp_path).key)
    assert leave(place(tmp_path), now).state is State.LEFT
    assert joined(door, tmp_path).state is State.PENDING
    assert public(place(tmp_path).key) != old
    assert public(place(tmp_path).key.with_name("retired-1.key")) == old


def test_leaving_twice_is_leaving_once(door: SmallDoor, tmp_path: Path) -> None:
    joined(door, tmp_path)
    leave(place(tmp_path), now)
    asked = len(door.seen)
    assert leave(place(tmp_path), now).state is State.LEFT
    assert len(door.seen) == asked


def test_a_revoked_site_learns_it_and_may_leave(door: SmallDoor, tmp_path: Path) -> None:
    joined(door, tmp_path)
    door.states["ada"] = State.REVOKED
    with pytest.raises(DoorRefusedError):
        status(place(tmp_path), now)
    assert leave(place(tmp_path), now).state is State.REVOKED


def test_a_rotation_replaces_the_key_and_keeps_the_membership(
    door: SmallDoor, tmp_path: Path
) -> None:
    before = joined(door, tmp_path)
    old = public(place(tmp_path).key)
    assert rotate(place(tmp_path), now) == before
    assert door.keys["ada"] == public(place(tmp_path).key) != old
    assert not place(tmp_path).next_key.exists()
    assert status(place(tmp_path), now)[0].state is State.PENDING


def test_a_refused_rotation_leaves_the_old_key_in_use(door: SmallDoor, tmp_path: Path) -> None:
    joined(door, tmp_path)
    old = public(place(tmp_path).key)
    door.answers["rotate"] = door.refused(Reason.BUSY)
    with pytest.raises(DoorRefusedError, match="refuses"):
        rotate(place(tmp_path), now)
    del door.answers["rotate"]
    assert not finish_rotation(place(tmp_path), now)
    assert public(place(tmp_path).key) == old == door.keys["ada"]
    rotate(place(tmp_path), now)
    assert door.keys["ada"] == public(place(tmp_path).key) != old


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"federation": "../x"}'])
def test_a_damaged_membership_is_named(door: SmallDoor, tmp_path: Path, content: str) -> None:
    joined(door, tmp_path)
    place(tmp_path).membership.write_text(content)
    with pytest.raises(FederationError, match=r"membership\.json is damaged"):
        status(place(tmp_path), now)


def test_a_folder_that_never_joined_is_not_touched(tmp_path: Path) -> None:
    for action in (status, rotate, leave, finish_rotation):
        with pytest.raises(FederationError, match="is not the folder of a member"):
            action(place(tmp_path), now)  # type: ignore[operator]
    assert not place(tmp_path).root.exists()


def test_processes_that_change_a_membership_wait_for_each_other(
    door: SmallDoor, tmp_path: Path
) -> None:
    joined(door, tmp_path)
    with joining._alone(place(tmp_path)):
        waiting = threading.Thread(target=rotate, args=(place(tmp_path), now))
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
        assert len(door.seen) == 1
    waiting.join(10)
    assert len(door.seen) == 2
