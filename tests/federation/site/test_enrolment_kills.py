"""A site that is killed anywhere does again what it was at."""

import os
import signal
import sys
from pathlib import Path

import pytest
from small_door import SmallDoor, small_door
from small_sites import joined, now, place, public

from fedtranslate.federation.membership.requests import Reason, State
from fedtranslate.federation.site.enrolment import joining
from fedtranslate.federation.site.enrolment.joining import leave, rotate, status

WRITES = {"put_durably", "write_durably", "write_secret", "exchanged", "replace", "fsync", "unlink"}


def killed_at(step: int, folder: Path, door: SmallDoor, action: str) -> bool:
    """Do ``action`` in a process that kills itself before its ``step``-th write or request."""
    child = os.fork()
    if child == 0:
        _die_at(step)
        if action == "join":
            joined(door, folder)
        else:
            getattr(joining, action)(place(folder), now)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, -signal.SIGKILL)
    return code != 0


def _die_at(step: int) -> None:
    left = step

    def trap(frame: object, event: str, argument: object) -> None:
        nonlocal left
        name = getattr(argument, "__name__", "") if event == "c_call" else frame.f_code.co_name  # type: ignore[attr-defined]
        if event in ("call", "c_call") and name in WRITES:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(trap)


@pytest.mark.parametrize("action", ["join", "rotate", "leave"])
def test_a_site_that_is_killed_anywhere_does_it_again_and_is_as_if_it_had_not_been(
    tmp_path: Path, action: str
) -> None:
    step = 0
    while True:
        step += 1
        folder = tmp_path / str(step)
        with small_door(folder / "door") as door:
            if action != "join":
                joined(door, folder)
            old = public(place(folder).key) if action != "join" else ""
            was_killed = killed_at(step, folder, door, action)
            if action == "join":
                known = joined(door, folder)
                assert known.state is State.PENDING
            elif action == "rotate":
                status(place(folder), now)
                if public(place(folder).key) == old:
                    rotate(place(folder), now)
                assert public(place(folder).key) != old
                assert status(place(folder), now)[0].state is State.PENDING
                assert not place(folder).next_key.exists()
            else:
                assert leave(place(folder), now).state is State.LEFT
                assert joined(door, folder).state is State.PENDING
            assert door.keys["ada"] == public(place(folder).key)
            assert not list(place(folder).key.parent.glob("*.new"))
            if not was_killed:
                break
    assert step > (4 if action == "leave" else 6)


def test_a_site_that_was_killed_before_it_knew_joins_with_an_expired_invite(
    door: SmallDoor, tmp_path: Path
) -> None:
    joined(door, tmp_path)
    place(tmp_path).membership.unlink()
    door.answers["join"] = door.refused(Reason.INVITE_EXPIRED)
    assert joined(door, tmp_path).state is State.PENDING
