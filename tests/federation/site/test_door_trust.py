"""Which doors a site believes: that of the invite, through the proxy that is there."""

import re
import socket
import threading
import time
from pathlib import Path

import pytest
from small_door import Authority, SmallDoor, small_door
from small_sites import joined, place

from fedtranslate.errors import FederationError
from fedtranslate.federation.site.enrolment.door import fetch_ca
from fedtranslate.federation.site.enrolment.kept import read_enrolment


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
        pytest.raises(FederationError, match="expired") as caught,
    ):
        joined(door, tmp_path)
    told = str(caught.value)
    assert f"By this machine's clock it is {time.strftime('%Y-%m-%d', time.gmtime())}" in told
    assert re.search(r"the certificate is valid from 20\d\d-.* UTC to 20\d\d-.* UTC\.", told)


@pytest.mark.parametrize("content", [b"", b"prose", b"x" * 10_000_000])
def test_a_hostile_authority_is_an_error(door: SmallDoor, tmp_path: Path, content: bytes) -> None:
    door.answers["ca"] = (200, content, {})
    with pytest.raises(FederationError, match=r"no certificate authority|more than any"):
        joined(door, tmp_path)
    assert not place(tmp_path).root.exists()


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
