"""The coordinator's door, as a site reaches it: HTTPS, one port, outbound only.

TLS is verified against the pinned certificate authority and nothing else.  Proxies are those of
the environment (HTTPS_PROXY, NO_PROXY).  Whoever answers may be hostile: redirects are not
followed, no more than ``MAX_BYTES`` are read, and all of it within a deadline.
"""

import hmac
import json
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import ValidationError

from fedtranslate.errors import FederationError
from fedtranslate.federation.membership.clocks import moment, told_apart
from fedtranslate.federation.membership.keys import SiteKey
from fedtranslate.federation.membership.requests import (
    MAX_BYTES,
    PATH,
    Health,
    Membership,
    Reason,
    Refusal,
    Request,
    signed,
)
from fedtranslate.federation.site.enrolment.kept import answer_problem

_APART_SECONDS = 60
"""So far apart, clocks may be why something has expired."""
_WHOSE = "Set the one that is wrong, best by NTP; at the coordinator, whoever runs it does."
_LOOK_SECONDS = 5.0
"""For a look at a certificate that is not believed."""
TIMEOUT_SECONDS = 20.0
"""Of connecting, and then of the whole answer."""
T = TypeVar("T", Membership, Health)


class DoorRefusedError(FederationError):
    """The coordinator refused a request, and said why.

    Args:
        refusal: What it said.
        asked: By this site's clock, where what was refused depends on the time.
    """

    def __init__(self, refusal: Refusal, asked: int | None = None) -> None:
        hint = ""
        if asked is not None:
            told = told_apart(asked, refusal.time)
            hint = f"{told[0].upper()}{told[1:]}. {_WHOSE}"
        super().__init__(f"The coordinator refuses: {printable(refusal.message)}", hint)
        self.refusal = refusal

    @property
    def reason(self) -> Reason:
        """Return why, as a code."""
        return self.refusal.refused


@dataclass(frozen=True, slots=True)
class Door:
    """Where to ask, and which certificate authority to believe.

    Args:
        endpoint: URL, such as ``https://coordinator.example:9443``.
        ca: The pinned certificate authority, in PEM.
        timeout: Seconds of connecting, and then of the whole answer.
    """

    endpoint: str
    ca: str
    timeout: float = TIMEOUT_SECONDS

    def ask(self, request: Request, key: SiteKey) -> Membership:
        """Sign a request, send it, and return the answer.

        Raises:
            DoorRefusedError: The coordinator refuses.
            FederationError: It cannot be reached, or answers nonsense.
        """
        body = signed(request, key).model_dump_json().encode()
        status, content = self._exchange("POST", request.action, body)
        try:
            answer = self._read(status, content, Membership)
        except DoorRefusedError as error:
            apart = abs(request.time - error.refusal.time)
            is_late = error.reason is Reason.INVITE_EXPIRED and apart > _APART_SECONDS
            if error.reason is Reason.CLOCK or is_late:
                raise DoorRefusedError(error.refusal, request.time) from None
            raise
        if problem := answer_problem(answer):
            raise self._nonsense(problem)
        return answer

    def health(self) -> Health:
        """Return what the door says of itself, to anyone.

        Raises:
            FederationError: It cannot be reached, or answers nonsense.
        """
        return self._read(*self._exchange("GET", "health", None), Health)

    def _exchange(self, method: str, name: str, body: bytes | None) -> tuple[int, bytes]:
        url = f"{self.endpoint}{PATH}/{name}"
        return exchanged(method, url, body, pinned(self.ca), self.timeout)

    def _read(self, status: int, content: bytes, kind: type[T]) -> T:
        try:
            values = json.loads(content)
            if status != 200 and isinstance(values, dict) and "refused" in values:
                raise DoorRefusedError(Refusal.model_validate(values))
            if status == 200:
                return kind.model_validate(values)
        except (ValidationError, ValueError, RecursionError):
            pass
        raise self._nonsense(f"HTTP {status}, {len(content)} bytes")

    def _nonsense(self, detail: str) -> FederationError:
        return FederationError(
            f"What answers at {self.endpoint} is no coordinator of fedtranslate ({detail}).",
            hint="Ask who runs the federation; a proxy may stand in between.",
        )


def fetch_ca(endpoint: str, fingerprint: str, timeout: float = TIMEOUT_SECONDS) -> str:
    """Return the coordinator's certificate authority in PEM: the one of this fingerprint, or none.

    The one question that is asked over unverified TLS: what comes back is worth nothing unless
    its SHA-256 is the fingerprint of the invite.

    Raises:
        FederationError: It cannot be reached, or shows another certificate authority.
    """
    unverified = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    unverified.check_hostname = False
    unverified.verify_mode = ssl.CERT_NONE
    status, content = exchanged("GET", f"{endpoint}{PATH}/ca", None, unverified, timeout)
    try:
        certificate = x509.load_pem_x509_certificate(content)
    except ValueError:
        raise FederationError(
            f"What answers at {endpoint} shows no certificate authority"
            f" (HTTP {status}, {len(content)} bytes).",
            hint="Ask who runs the federation; a proxy may stand in between.",
        ) from None
    found = ca_fingerprint(certificate)
    if not hmac.compare_digest(found, fingerprint):
        raise FederationError(
            f"What answers at {endpoint} is not the coordinator of the invite: the fingerprint of"
            f" its certificate authority is {found}, and the invite says {fingerprint}.",
            hint="Do not join. A proxy that opens TLS, or an attacker, stands in between; or the"
            " coordinator was set up anew, and you need a new invite.",
        )
    return certificate.public_bytes(Encoding.PEM).decode("ascii")


def ca_fingerprint(certificate: x509.Certificate) -> str:
    """Return SHA-256 of a certificate in DER, in hexadecimal digits."""
    return sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def pinned(ca: str) -> ssl.SSLContext:
    """Return a TLS context that believes ``ca``, in PEM, and nobody else.

    Raises:
        FederationError: It is no certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(cadata=ca)
    except (ssl.SSLError, ValueError):
        raise FederationError(
            "The pinned certificate authority is damaged.",
            hint="Join again with the same invite, or put back a copy of membership/ca.crt.",
        ) from None
    return context


def exchanged(
    method: str, url: str, body: bytes | None, context: ssl.SSLContext, timeout: float
) -> tuple[int, bytes]:
    """Send one request, and return the status and at most ``MAX_BYTES`` of an answer.

    Raises:
        FederationError: There is no answer in time, or one that is too long or leads elsewhere.
    """
    headers = {"accept-encoding": "identity", "content-type": "application/json"}
    deadline = time.monotonic() + 2 * timeout
    try:
        with (
            httpx.Client(verify=context, timeout=timeout, follow_redirects=False) as client,
            client.stream(method, url, content=body, headers=headers) as reply,
        ):
            if reply.is_redirect:
                raise FederationError(
                    f"What answers at {url} leads to another address, which is not followed.",
                    hint="Ask who runs the federation for an invite with the right address.",
                )
            content = _bounded(reply, lambda: time.monotonic() > deadline)
            return reply.status_code, content
    except httpx.ProxyError as error:
        why = f"The proxy does not let {url} through: {printable(str(error))}."
        raise FederationError(why, hint="Check HTTPS_PROXY and NO_PROXY.") from None
    except httpx.TimeoutException:
        raise FederationError(
            f"{url} did not answer in time.", hint="'fedtranslate site doctor' says what hinders."
        ) from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise _unreachable(url, error) from None


def printable(text: str, most: int = 300) -> str:
    """Return a text that came from elsewhere as one line without control characters."""
    line = "".join(c if c.isprintable() else " " for c in " ".join(text.split()))
    return line if len(line) <= most else f"{line[:most]}..."


def _bounded(reply: httpx.Response, is_over: Callable[[], bool]) -> bytes:
    content = b""
    for part in reply.iter_raw():
        content += part
        if len(content) > MAX_BYTES:
            raise FederationError(f"What answers at {reply.url} says more than any coordinator.")
        if is_over():
            raise httpx.ReadTimeout("it drips")
    return content


def about_time(url: str, text: str) -> str:
    """Return what to do about a certificate that is out of date; empty if it is something else.

    Args:
        url: Where it is shown.
        text: What TLS complains of.
    """
    if "expired" not in text and "not yet valid" not in text:
        return ""
    valid = f", and the certificate is valid from {span}" if (span := _validity(url)) else ""
    return (
        f"By this machine's clock it is {moment(int(time.time()))}{valid}. Set the clock if it is"
        " wrong; else the coordinator's was when it made the certificate, or 'coordinator init'"
        " there has to renew it."
    )


def _not_believed(url: str, text: str) -> FederationError:
    """Return what to tell of a certificate; both times, where it is the time that is wrong."""
    if hint := about_time(url, text):
        return FederationError(f"The certificate of {url} is not valid now: {text}.", hint=hint)
    return FederationError(
        f"What answers at {url} is not the coordinator that was joined: {text}.",
        hint="A proxy that opens TLS stands in between.",
    )


def _validity(url: str) -> str:
    """Return when the certificate that is shown at ``url`` is said to be valid; "" if unknown."""
    if getproxies().get("https"):
        return ""  # past the proxy nobody looks
    parts = urlsplit(url)
    try:
        address = (parts.hostname or "", parts.port or 443)
        shown = x509.load_pem_x509_certificate(
            ssl.get_server_certificate(address, timeout=_LOOK_SECONDS).encode()
        )
    except (OSError, ValueError):
        return ""
    first, last = (
        int(one.timestamp()) for one in (shown.not_valid_before_utc, shown.not_valid_after_utc)
    )
    return f"{moment(first)} to {moment(last)}"


def _unreachable(url: str, error: Exception) -> FederationError:
    text = printable(str(error)) or type(error).__name__
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return _not_believed(url, text)
    return FederationError(
        f"{url} cannot be reached: {text}.", hint="'fedtranslate site doctor' says what hinders."
    )
