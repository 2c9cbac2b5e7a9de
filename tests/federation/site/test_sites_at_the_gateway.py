"""Sites against the coordinator's own door, in a process of its own."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509

from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.founding import found
from fedtranslate.federation.coordinator.members import Members, hash_token
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.federation.membership.invite import Invite, new_token
from fedtranslate.federation.membership.keys import load_site_key, public_text
from fedtranslate.federation.membership.requests import Reason, State
from fedtranslate.federation.site.doctor import network
from fedtranslate.federation.site.enrolment.door import (
    DoorRefusedError,
    ca_fingerprint,
    fetch_ca,
)
from fedtranslate.federation.site.enrolment.joining import (
    door_of,
    join,
    joined,
    leave,
    rotate,
    status,
)
from fedtranslate.federation.site.place import SitePlace


def now() -> int:
    return int(time.time())


@dataclass
class Coordinator:
    place: CoordinatorPlace
    endpoint: str

    def invite(self, site: str = "ada", *, seconds: int = 3600, approves: bool = False) -> Invite:
        token = new_token()
        with Members(self.place.members) as members:
            members.invite(site, hash_token(token), now() + seconds, now(), approves=approves)
        certificate = x509.load_pem_x509_certificate(self.place.ca_certificate.read_bytes())
        return Invite(
            federation="fed",
            site=site,
            organisation="Us",
            endpoint=self.endpoint,
            ca=ca_fingerprint(certificate),
            token=token,
            expires=now() + 3600,
        )

    def approve(self, site: str = "ada") -> None:
        with Members(self.place.members) as members:
            members.approve(site, now())

    def revoke(self, site: str = "ada") -> None:
        with Members(self.place.members) as members:
            members.revoke(site, now())

    def key_of(self, site: str = "ada") -> str:
        with Members(self.place.members) as members:
            member = members.find(site)
            assert member is not None
            return member.public_key


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def running(folder: Path) -> Iterator[Coordinator]:
    place = CoordinatorPlace(folder)
    port, others = free_port(), [free_port() for _ in range(3)]
    ports = dict(zip(("link_port", "gateway_port", "page_port"), others, strict=True))
    values = {"federation": "fed", "organisation": "Us", "port": port, **ports, "invite_days": 7}
    text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
    found(place, text, now())
    arguments = [sys.executable, "-m", "fedtranslate.federation.gateway", str(folder)]
    process = subprocess.Popen(arguments, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 60
        while True:
            assert process.poll() is None
            assert time.monotonic() < end
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield Coordinator(place, f"https://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def coordinator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coordinator]:
    with running(tmp_path_factory.mktemp("coordinator") / "c") as started:
        yield started


def member(folder: Path, invite: Invite) -> SitePlace:
    place = SitePlace(folder / "site")
    join(place, invite, fetch_ca(invite.endpoint, invite.ca), now)
    return place


def test_a_whole_membership(coordinator: Coordinator, tmp_path: Path) -> None:
    place = member(tmp_path, coordinator.invite("whole"))
    assert joined(place).state is State.PENDING
    coordinator.approve("whole")
    known, answer = status(place, now)
    assert known.state is State.APPROVED
    assert known.signing_key.startswith("ed25519:")
    assert abs(answer.time - now()) < 30
    first = public_text(load_site_key(place.key))
    rotate(place, now)
    second = public_text(load_site_key(place.key))
    assert first != second == coordinator.key_of("whole")
    assert status(place, now)[0].state is State.APPROVED
    assert leave(place, now).state is State.LEFT
    place = member(tmp_path, coordinator.invite("whole"))
    assert joined(place).state is State.PENDING
    assert public_text(load_site_key(place.key)) not in (first, second)


def test_a_join_that_was_killed_before_the_answer_came_is_answered_again(
    coordinator: Coordinator, tmp_path: Path
) -> None:
    invite = coordinator.invite("killed")
    place = member(tmp_path, invite)
    place.membership.unlink()
    member(tmp_path, invite)
    assert joined(place).site == "killed"
    assert coordinator.key_of("killed") == public_text(load_site_key(place.key))


def test_a_rotation_that_was_killed_before_the_answer_came_is_brought_to_its_end(
    coordinator: Coordinator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = member(tmp_path, coordinator.invite("turned", approves=True))
    old = load_site_key(place.key)
    with monkeypatch.context() as patched:
        patched.setattr(
            "fedtranslate.federation.site.enrolment.joining.put_durably",
            lambda old, new: 1 / 0 if new == place.key else old.replace(new),
        )
        with pytest.raises(ZeroDivisionError):
            rotate(place, now)
    assert coordinator.key_of("turned") != public_text(old)
    assert status(place, now)[0].state is State.APPROVED
    assert coordinator.key_of("turned") == public_text(load_site_key(place.key))
    assert not place.next_key.exists()


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("used", Reason.INVITE_USED),
        ("foreign", Reason.INVITE_UNKNOWN),
        ("expired", Reason.INVITE_EXPIRED),
    ],
)
def test_an_invite_is_good_for_one_key_once(
    coordinator: Coordinator, tmp_path: Path, how: str, reason: Reason
) -> None:
    invite = coordinator.invite(how, seconds=-1 if how == "expired" else 3600)
    if how == "used":
        member(tmp_path / "first", invite)
    if how == "foreign":
        invite = invite.model_copy(update={"token": new_token()})
    with pytest.raises(DoorRefusedError) as caught:
        member(tmp_path / "second", invite)
    assert caught.value.reason is reason


def test_a_revoked_site_is_told_so_and_cannot_come_back_by_itself(
    coordinator: Coordinator, tmp_path: Path
) -> None:
    place = member(tmp_path, coordinator.invite("gone", approves=True))
    coordinator.revoke("gone")
    with pytest.raises(DoorRefusedError) as caught:
        status(place, now)
    assert caught.value.reason is Reason.REVOKED
    assert joined(place).state is State.REVOKED
    assert leave(place, now).state is State.REVOKED


def test_a_clock_that_is_off_by_an_hour_is_told_with_its_seconds(
    coordinator: Coordinator, tmp_path: Path
) -> None:
    place = member(tmp_path, coordinator.invite("late", approves=True))
    with pytest.raises(DoorRefusedError, match=r"clock is 3(599|600|601) s behind"):
        status(place, lambda: now() - 3600)
    found = {c.name: str(c.state) for c in network.identity(place, lambda: now() - 3600)}
    assert found == {"identity": "fail", "clock": "fail"}


def test_the_doctor_finds_the_real_door_in_order(coordinator: Coordinator, tmp_path: Path) -> None:
    place = member(tmp_path, coordinator.invite("well", approves=True))
    known = joined(place)
    checks = [*network.way(known), *network.tls(place, known, now), *network.identity(place, now)]
    assert {check.name: str(check.state) for check in checks} == dict.fromkeys(
        ("proxy", "DNS", "TCP", "TLS", "identity", "version", "clock"), "ok"
    )


def test_another_coordinator_at_the_same_address_is_not_believed(
    coordinator: Coordinator, tmp_path: Path
) -> None:
    place = member(tmp_path, coordinator.invite("loyal", approves=True))
    with running(tmp_path / "impostor") as impostor:
        known = joined(place).model_copy(update={"endpoint": impostor.endpoint})
        with pytest.raises(FederationError, match="is not the coordinator that was joined"):
            door_of(place, known).health()
