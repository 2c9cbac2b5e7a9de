"""A small coordinator's door with TLS, honest or hostile, for tests."""

import datetime
import ipaddress
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fedtranslate import __version__
from fedtranslate.federation.membership.invite import Invite
from fedtranslate.federation.membership.keys import read_public
from fedtranslate.federation.membership.requests import (
    PATH,
    Action,
    Health,
    Reason,
    Refusal,
    Request,
    State,
    is_by,
    is_proof,
    read_signed,
)
from fedtranslate.federation.site.enrolment.door import ca_fingerprint

Answer = tuple[int, bytes, dict[str, str]]
SIGNING_KEY = "ed25519:" + "A" * 43 + "="
BUNDLE = "b" * 64
PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY")


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """A certificate authority, and certificates of it."""

    def __init__(self, folder: Path, name: str = "ca") -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._signed(_name(name), self.key, is_ca=True, days=100)
        self.pem = self.certificate.public_bytes(serialization.Encoding.PEM).decode()
        self.fingerprint = ca_fingerprint(self.certificate)

    def _signed(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, is_ca: bool, days: float
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        issuer = subject if is_ca else self.certificate.subject
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=200))
            .not_valid_after(now + datetime.timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        )
        if not is_ca:
            names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def server_files(self, days: float = 30) -> tuple[Path, Path]:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._signed(_name("door"), key, is_ca=False, days=days)
        self.folder.mkdir(parents=True, exist_ok=True)
        files = self.folder / "server.crt", self.folder / "server.key"
        files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        files[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return files


class SmallDoor:
    """What it answers can be replaced for each path: ``door.answers["join"] = ...``."""

    def __init__(self, folder: Path, *, days: float = 30, token: str = "t" * 43) -> None:
        self.authority = Authority(folder)
        self.token = token
        self.keys: dict[str, str] = {}
        self.states: dict[str, State] = {}
        self.approves = False
        self.clock: Callable[[], int] = lambda: int(time.time())
        self.answers: dict[str, Answer | Callable[[], Answer]] = {}
        self.seen: list[Request] = []
        self.paths: list[str] = []
        door = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                self._reply(door.answer(self.path, b""))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                self._reply(door.answer(self.path, body))

            def _reply(self, answer: Answer) -> None:
                status, content, headers = answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                try:
                    self.wfile.write(content)
                except OSError:
                    return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.authority.server_files(days))
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.endpoint = f"https://127.0.0.1:{self.port}"

    def invite(self, **changes: object) -> Invite:
        values = {
            "federation": "fed",
            "site": "ada",
            "organisation": "Coordinators Ltd",
            "contact": "ops@example.org",
            "endpoint": self.endpoint,
            "ca": self.authority.fingerprint,
            "token": self.token,
            "expires": int(time.time()) + 3600,
            "leaves": ("Adapters.", "Losses."),
            "round_bytes": 1_234_567,
        }
        return Invite.model_validate({**values, **changes})

    def answer(self, path: str, body: bytes) -> Answer:
        name = path.removeprefix(f"{PATH}/")
        self.paths.append(name)
        if name in self.answers:
            told = self.answers[name]
            return told() if callable(told) else told
        if name == "ca":
            return 200, self.authority.pem.encode(), {}
        if name == "health":
            health = Health(federation="fed", version="1", time=self.clock())
            return 200, health.model_dump_json().encode(), {}
        request, outer = read_signed(body)
        self.seen.append(request)
        reason = self._refusal(request, lambda key: is_by(read_public(key), outer))
        if reason is not None:
            return self.refused(reason)
        return self.member(self.states[request.site])

    def _refusal(self, request: Request, signed_by: Callable[[str], bool]) -> Reason | None:
        if abs(request.time - self.clock()) > 300:
            return Reason.CLOCK
        if request.action is Action.JOIN:
            return self._join(request, signed_by)
        if request.site not in self.keys:
            return Reason.SITE_UNKNOWN
        if not signed_by(self.keys[request.site]):
            return Reason.SIGNATURE
        if self.states[request.site] is State.REVOKED:
            return Reason.REVOKED
        if request.action is Action.LEAVE:
            self.states[request.site] = State.LEFT
        if request.action is Action.ROTATE:
            new = read_public(request.public_key)
            if not is_proof(request.proof, request.site, request.nonce, new):
                return Reason.SIGNATURE
            self.keys[request.site] = request.public_key
        return None

    def _join(self, request: Request, signed_by: Callable[[str], bool]) -> Reason | None:
        if request.token != self.token:
            return Reason.INVITE_UNKNOWN
        if not signed_by(request.public_key):
            return Reason.SIGNATURE
        known = self.keys.get(request.site)
        is_over = self.states.get(request.site) in (State.LEFT, State.REVOKED)
        if known == request.public_key:
            return Reason.KEY_KNOWN if is_over else None
        if known is not None and not is_over:
            return Reason.INVITE_USED
        self.keys[request.site] = request.public_key
        self.states[request.site] = State.APPROVED if self.approves else State.PENDING
        return None

    def member(self, state: State, **changes: object) -> Answer:
        values = {"state": state, "time": self.clock(), "version": __version__}
        if state is State.APPROVED:
            values |= {"signing_key": SIGNING_KEY, "bundle": BUNDLE}
        values |= changes
        return 200, json.dumps(values).encode(), {}

    def refused(self, reason: Reason, message: str = "No.") -> Answer:
        refusal = Refusal(refused=reason, message=message, time=self.clock())
        return 403, refusal.model_dump_json().encode(), {}


@contextmanager
def small_door(folder: Path, **settings: object) -> Iterator[SmallDoor]:
    door = SmallDoor(folder, **settings)  # type: ignore[arg-type]
    thread = threading.Thread(target=door.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield door
    finally:
        door.server.shutdown()
        door.server.server_close()
