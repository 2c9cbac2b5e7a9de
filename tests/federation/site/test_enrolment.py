"""Joining, rotating and leaving: honest doors, hostile ones, and kills in between."""

import json
import os
import re
import signal
import socket
import stat
import sys
import threading
import time
from pathlib import Path

import pytest
from small_door import SIGNING_KEY, Authority, SmallDoor, small_door

from fedtranslate.errors import FederationError
from fedtranslate.federation.membership.invite import Invite
from fedtranslate.federation.membership.keys import load_site_key, public_text
from fedtranslate.federation.membership.requests import Reason, State
from fedtranslate.federation.site.enrolment import joining
from fedtranslate.federation.site.enrolment.door import Door, DoorRefusedError, fetch_ca
from fedtranslate.federation.site.enrolment.joining import (
    finish_rotation,
    join,
    leave,
    rotate,
    status,
)
from fedtranslate.federation.site.enrolment.kept import Enrolment, read_enrolment
from fedtranslate.federation.site.place import SitePlace


def now() -> int:
    return int(time.time())


def place(folder: Path) -> SitePlace:
    return SitePlace(folder / "site")


def joined(door: SmallDoor, folder: Path, invite: Invite | None = None) -> Enrolment:
    invite = invite or door.invite()
    ca = fetch_ca(invite.endpoint, invite.ca, timeout=5)
    return join(place(folder), invite, ca, now)[0]


def public(path: Path) -> str:
    return public_text(load_site_key(path))


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


@pytest.mark.parametrize("reason", [Reason.INVITE_UNKNOWN, Reason.INVITE_EXPIRED, Reason.BUSY])
def test_a_refusal_to_join_is_told_and_makes_no_member(
    door: SmallDoor, tmp_path: Path, reason: Reason
) -> None:
    door.answers["join"] = door.refused(reason, "Sorry.\x1b[31m\n")
    with pytest.raises(DoorRefusedError) as caught:
        joined(door, tmp_path)
    assert caught.value.reason is reason
    assert "\x1b" not in str(caught.value)
    assert read_enrolment(place(tmp_path)) is None


def test_a_clock_that_is_off_is_named_with_its_seconds(door: SmallDoor, tmp_path: Path) -> None:
    ca = fetch_ca(door.endpoint, door.authority.fingerprint)
    with pytest.raises(DoorRefusedError, match=r"clock is 36\d\d s ahead"):
        join(place(tmp_path), door.invite(), ca, lambda: now() + 3600)


def test_another_fingerprint_than_the_invites_is_refused_before_anything_is_written(
    door: SmallDoor, tmp_path: Path
) -> None:
    with pytest.raises(FederationError, match="is not the coordinator of the invite"):
        joined(door, tmp_path, door.invite(ca="0" * 64))
    assert not place(tmp_path).root.exists()
    assert door.paths == ["ca"]


def test_a_door_of_another_authority_is_not_believed_even_if_it_shows_the_right_one(
    door: SmallDoor, tmp_path: Path
) -> None:
    right = Authority(tmp_path / "right")
    door.answers["ca"] = (200, right.pem.encode(), {})
    with pytest.raises(FederationError, match="is not the coordinator that was joined"):
        joined(door, tmp_path, door.invite(ca=right.fingerprint))
    assert not door.seen
    assert read_enrolment(place(tmp_path)) is None


def test_a_door_under_another_name_than_its_certificates_is_not_believed(
    door: SmallDoor, tmp_path: Path
) -> None:
    elsewhere = f"https://127.0.0.2:{door.port}"
    with pytest.raises(FederationError, match=r"cannot be reached|not the coordinator"):
        joined(door, tmp_path, door.invite(endpoint=elsewhere))
    assert not door.seen


def test_an_expired_certificate_is_not_believed(tmp_path: Path) -> None:
    with (
        small_door(tmp_path / "door", days=-1) as door,
        pytest.raises(FederationError, match="expired"),
    ):
        joined(door, tmp_path)


GOOD = '{"state": "pending", "time": 1, "version": ""}'
HOSTILE = {
    "prose": (200, b"<html>Welcome to the proxy</html>", "no coordinator"),
    "empty": (200, b"", "no coordinator"),
    "long": (200, b"x" * 10_000_000, "more than any coordinator"),
    "long error": (500, b"x" * 10_000_000, "more than any coordinator"),
    "redirect": (302, b"", "leads to another address"),
    "list": (200, b"[]", "no coordinator"),
    "deep": (200, b"[" * 16_000, "no coordinator"),
    "unknown state": (200, GOOD.replace("pending", "admin").encode(), "no coordinator"),
    "unknown key": (200, GOOD.replace("version", "run").encode(), "no coordinator"),
    "NaN": (200, GOOD.replace("1", "NaN").encode(), "no coordinator"),
    "infinite": (200, GOOD.replace("1", "1e999").encode(), "no coordinator"),
    "huge time": (200, GOOD.replace("1", "9" * 300).encode(), "no coordinator"),
    "negative time": (200, GOOD.replace("1", "-1").encode(), "time is impossible"),
    "true time": (200, GOOD.replace("1", "true").encode(), "no coordinator"),
    "state in an error": (403, GOOD.encode(), "no coordinator"),
    "refusal in a success": (200, b'{"refused": "busy", "message": "", "time": 1}', "no coord"),
    "strange refusal": (403, b'{"refused": "because", "message": "", "time": 1}', "no coord"),
    "bundle": (200, GOOD.replace('""', '"", "bundle": "../x"').encode(), "no SHA-256"),
    "signing key": (200, GOOD.replace('""', '"", "signing_key": "rsa:AA"').encode(), "signing key"),
    "not UTF-8": (200, b"\xff\xfe" + GOOD.encode(), "no coordinator"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_answer_is_an_error_and_changes_nothing(
    door: SmallDoor, tmp_path: Path, name: str
) -> None:
    code, content, words = HOSTILE[name]
    joined(door, tmp_path)
    before = place(tmp_path).membership.read_bytes()
    door.answers["status"] = (code, content, {"location": "https://127.0.0.1:1/"})
    with pytest.raises(FederationError, match=re.escape(words)):
        status(place(tmp_path), now)
    assert place(tmp_path).membership.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"prose", b"x" * 10_000_000])
def test_a_hostile_authority_is_an_error(door: SmallDoor, tmp_path: Path, content: bytes) -> None:
    door.answers["ca"] = (200, content, {})
    with pytest.raises(FederationError, match=r"no certificate authority|more than any"):
        joined(door, tmp_path)
    assert not place(tmp_path).root.exists()


@pytest.mark.parametrize("state", [State.LEFT, State.REVOKED])
def test_a_coordinator_that_says_a_new_site_is_gone_is_not_joined(
    door: SmallDoor, tmp_path: Path, state: State
) -> None:
    door.answers["join"] = door.member(state)
    with pytest.raises(FederationError, match="Ask for a new invite"):
        joined(door, tmp_path)
    assert read_enrolment(place(tmp_path)) is None


def test_a_coordinator_that_keeps_a_leaving_site_is_not_believed(
    door: SmallDoor, tmp_path: Path
) -> None:
    joined(door, tmp_path)
    door.answers["leave"] = door.member(State.APPROVED)
    with pytest.raises(FederationError, match="in spite of leaving"):
        leave(place(tmp_path), now)
    assert read_enrolment(place(tmp_path)).state is State.PENDING  # type: ignore[union-attr]


def test_a_server_that_drips_is_given_up() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def silent() -> None:
        connection, _ = listener.accept()
        stop.wait(30)
        connection.close()

    thread = threading.Thread(target=silent, daemon=True)
    thread.start()
    start = time.monotonic()
    with pytest.raises(FederationError, match="did not answer in time"):
        fetch_ca(f"https://127.0.0.1:{listener.getsockname()[1]}", "0" * 64, timeout=0.5)
    assert time.monotonic() - start < 5
    stop.set()
    thread.join()
    listener.close()


def test_an_answer_that_drips_forever_is_given_up(door: SmallDoor, tmp_path: Path) -> None:
    joined(door, tmp_path)

    original = door.server.RequestHandlerClass

    def drip(handler: object, _: object) -> None:
        handler.send_response(200)  # type: ignore[attr-defined]
        handler.end_headers()  # type: ignore[attr-defined]
        try:
            for _n in range(200):
                handler.wfile.write(b" ")  # type: ignore[attr-defined]
                handler.wfile.flush()  # type: ignore[attr-defined]
                time.sleep(0.1)
        except OSError:
            return

    original._reply = drip  # type: ignore[attr-defined]
    start = time.monotonic()
    with pytest.raises(FederationError, match="did not answer in time"):
        Door(door.endpoint, door.authority.pem, timeout=0.5).health()
    assert time.monotonic() - start < 5


def test_the_proxy_of_the_environment_is_used_and_its_refusal_is_told(
    door: SmallDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    asked: list[bytes] = []

    def refuse() -> None:
        connection, _ = listener.accept()
        asked.append(connection.recv(4096))
        connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
        connection.close()

    thread = threading.Thread(target=refuse, daemon=True)
    thread.start()
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{listener.getsockname()[1]}")
    with pytest.raises(FederationError, match="proxy does not let"):
        fetch_ca(door.endpoint, door.authority.fingerprint, timeout=5)
    thread.join()
    listener.close()
    assert asked[0].startswith(f"CONNECT 127.0.0.1:{door.port} ".encode())
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert fetch_ca(door.endpoint, door.authority.fingerprint, timeout=5) == door.authority.pem


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
