"""The status page as a program: where it listens, with TLS or without, and how it ends."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from example_place import SETTINGS, TOKEN, put_run

from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.status.serving import is_loopback


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return int(bound.getsockname()[1])


def coordinator(root: Path, port: int, **settings: str) -> CoordinatorPlace:
    place = CoordinatorPlace(root)
    more = "".join(f'{name} = "{value}"\n' for name, value in settings.items())
    place.settings.write_text(f"{SETTINGS}page_port = {port}\n{more}", "utf-8")
    put_run(place, "elm", 1)
    place.page_token.parent.mkdir()
    place.page_token.write_text(f"{TOKEN}\n", "utf-8")
    return place


def put_certificate(place: CoordinatorPlace) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "grove")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    place.server_certificate.parent.mkdir()
    place.server_certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    place.server_key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


HURRIED = """
import sys
from pathlib import Path
from fedtranslate.federation.gateway import deadlines
from fedtranslate.status.serving import serve

deadlines.HEAD_SECONDS = 1.0
serve(Path(sys.argv[1]))
"""


@contextmanager
def program(place: CoordinatorPlace, port: int, *how: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, *(how or ("-m", "fedtranslate.status")), str(place.root)],
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    try:
        end = time.monotonic() + 30
        while time.monotonic() < end and process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.wait(10)


def test_the_program_serves_the_page_on_loopback_and_ends_when_told(tmp_path: Path) -> None:
    port = free_port()
    place = coordinator(tmp_path, port)
    with program(place, port) as process:
        address = f"http://127.0.0.1:{port}"
        assert httpx.get(f"{address}/health", trust_env=False).json()["status"] == "ready"
        whole = {"Authorization": f"Bearer {TOKEN}"}
        told = httpx.get(f"{address}/api/snapshot", headers=whole, trust_env=False).json()
        assert told["whole"]
        with httpx.stream("GET", f"{address}/api/stream", trust_env=False):
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            process.wait(10)
        assert time.monotonic() - began < 5
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_who_holds_the_line_is_cut_off_and_who_listens_is_not(tmp_path: Path) -> None:
    port = free_port()
    place = coordinator(tmp_path, port)
    with program(place, port, "-c", HURRIED):
        address = f"http://127.0.0.1:{port}"
        with httpx.stream("GET", f"{address}/api/stream", trust_env=False) as stream:
            pieces = stream.iter_raw()
            next(pieces)
            held = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(150)]
            for number, connection in enumerate(held):
                connection.sendall(b"GET / HTTP/1.1\r\n" if number % 2 else b"")
            assert [connection.recv(1) for connection in held] == [b""] * len(held)
            assert httpx.get(f"{address}/health", trust_env=False).status_code == 200
            put_run(place, "fir", 1)
            assert b"fir" in next(pieces) + next(pieces)


def test_a_head_without_end_is_refused(tmp_path: Path) -> None:
    port = free_port()
    with (
        program(coordinator(tmp_path, port), port),
        socket.create_connection(("127.0.0.1", port), 10) as connection,
    ):
        connection.sendall(b"GET / HTTP/1.1\r\nX: ")
        with pytest.raises(OSError, match=r"Broken pipe|reset by peer"):
            connection.sendall(b"a" * (100 * 2**20))


def test_elsewhere_it_speaks_tls_with_the_certificate_of_the_door(tmp_path: Path) -> None:
    port = free_port()
    place = coordinator(tmp_path, port, page_address="0.0.0.0")
    put_certificate(place)
    trusted = ssl.create_default_context(cafile=str(place.server_certificate))
    with program(place, port):
        address = f"https://localhost:{port}/api/snapshot"
        answer = httpx.get(address, verify=trusted, trust_env=False)
        assert answer.json()["runs"][0]["name"] == "elm"
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"http://127.0.0.1:{port}/api/snapshot", trust_env=False)


def test_elsewhere_it_is_not_served_without_a_certificate(tmp_path: Path) -> None:
    place = coordinator(tmp_path, free_port(), page_address="0.0.0.0")
    done = subprocess.run(
        [sys.executable, "-m", "fedtranslate.status", str(place.root)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {place.server_certificate} is missing")


def test_a_folder_that_is_no_coordinator_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fedtranslate.status", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("address", "loops"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("grove.example", False),
    ],
)
def test_only_loopback_goes_without_tls(address: str, loops: bool) -> None:
    assert is_loopback(address) is loops
