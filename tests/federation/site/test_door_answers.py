"""What a site makes of answers: refusals, hostile ones, and those that never end."""

import re
import socket
import threading
import time
from pathlib import Path

import pytest
from small_door import SmallDoor
from small_sites import joined, now, place

from fedtranslate.errors import FederationError
from fedtranslate.federation.membership.requests import Reason, State
from fedtranslate.federation.site.enrolment.door import Door, DoorRefusedError, fetch_ca
from fedtranslate.federation.site.enrolment.joining import join, leave, status
from fedtranslate.federation.site.enrolment.kept import read_enrolment


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
    both = r"clock is 36\d\d s ahead of the coordinator's: 20\d\d-.* UTC here, 20\d\d-.* UTC there"
    with pytest.raises(DoorRefusedError, match=both):
        join(place(tmp_path), door.invite(), ca, lambda: now() + 3600)


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
