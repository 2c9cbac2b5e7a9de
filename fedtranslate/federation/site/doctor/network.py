"""The way to the coordinator, step by step: DNS, TCP, proxy, TLS, identity, version, clock."""

import ctypes
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx
from cryptography import x509

from fedtranslate import __version__
from fedtranslate.federation.membership.clocks import told_apart
from fedtranslate.federation.membership.requests import PATH, Reason, State
from fedtranslate.federation.site.doctor.check import Check, bad, good, weak
from fedtranslate.federation.site.enrolment.door import (
    DoorRefusedError,
    about_time,
    ca_fingerprint,
    pinned,
    printable,
)
from fedtranslate.federation.site.enrolment.joining import door_of, status
from fedtranslate.federation.site.enrolment.kept import Enrolment
from fedtranslate.federation.site.place import SitePlace

_SECONDS = 5.0
_WARN_APART, _MOST_APART = 60, 300
"""Seconds that the clocks may differ by; requests further apart are refused."""
_WARN_DAYS = 14
_TIMEX_BYTES = 512
"""More than Linux's struct timex has."""
_CLOCK_IS_UNSURE = 5
"""What adjtimex(2) returns for a clock that nothing keeps right."""
_WHOSE = {
    True: "This machine's clock is kept right by NTP, so the coordinator's will be wrong: tell who"
    " runs it.",
    False: "Set this machine's clock, best by NTP; if it is right, tell who runs the coordinator.",
}
_DNS_FIX = "Check the name in the invite and this machine's resolver."
_TCP_FIX = "Let outbound connections to this host and port through, or set HTTPS_PROXY."
_TLS_FIX = (
    "A proxy that opens TLS must leave this host alone; else ask who runs the federation whether"
    " the certificate was renewed."
)


def way(known: Enrolment) -> Iterator[Check]:
    """Yield DNS, TCP and proxy of the way to the coordinator."""
    host, port = _host_and_port(known.endpoint)
    proxy = proxy_for(known.endpoint)
    if proxy:
        yield good("proxy", f"{_without_password(proxy)} is used for {host}")
        host, port = _host_and_port(proxy)
    else:
        yield good("proxy", f"none is used for {host}")
    place = "proxy" if proxy else "coordinator"
    try:
        found = sorted({str(entry[4][0]) for entry in socket.getaddrinfo(host, port)})
    except OSError as error:
        yield bad("DNS", f"{host} of the {place} has no address: {error.strerror}", _DNS_FIX)
        yield bad("TCP", f"not tried, as {host} has no address", "Put DNS right first.")
        return
    yield good("DNS", f"{host} is {', '.join(found[:4])}")
    try:
        with socket.create_connection((host, port), timeout=_SECONDS):
            yield good("TCP", f"{host}:{port} of the {place} answers")
    except OSError as error:
        why = error.strerror or "no answer in time"
        fix = f"The {place} may be down: ask there. {_TCP_FIX}"
        yield bad("TCP", f"{host}:{port} of the {place} does not answer: {why}", fix)


def tls(place: SitePlace, known: Enrolment, clock: Callable[[], int]) -> Iterator[Check]:
    """Yield whether the coordinator shows a certificate of the pinned authority, and until when."""
    door = door_of(place, known)
    authority = _first_certificate(door.ca)
    if authority != known.ca:
        fix = "Join again with the same invite; it pins the right one."
        yield bad("TLS", "the pinned certificate authority is not that of the invite", fix)
        return
    try:
        with (
            httpx.Client(verify=pinned(door.ca), timeout=_SECONDS) as client,
            client.stream("GET", f"{known.endpoint}{PATH}/health") as reply,
        ):
            shown = _certificate_of(reply)
    except (httpx.HTTPError, OSError) as error:
        said = printable(str(error)) or type(error).__name__
        fix = about_time(known.endpoint, said) or _TLS_FIX
        yield bad("TLS", f"no verified connection: {said}", fix)
        return
    if shown is None:
        yield weak("TLS", "the certificate cannot be looked at", "Nothing needs to be done.")
        return
    until = ssl.cert_time_to_seconds(str(shown["notAfter"]))
    days = (until - clock()) // 86_400
    day = datetime.fromtimestamp(until, UTC).date()
    found = f"the certificate is of the pinned authority, and valid for {days} days, until {day}"
    if days < _WARN_DAYS:
        yield weak("TLS", found, "Remind who runs the federation to renew it.")
    else:
        yield good("TLS", found)


def identity(place: SitePlace, clock: Callable[[], int]) -> Iterator[Check]:
    """Yield what this site is to the coordinator, and how far versions and clocks are apart."""
    before = clock()
    try:
        known, answer = status(place, clock)
    except DoorRefusedError as error:
        if error.reason is Reason.CLOCK:
            yield bad("identity", "not told, since the clocks disagree", "Set the clock first.")
        else:
            fix = "Ask who runs the federation for a new invite, and join with it."
            yield bad("identity", str(error), fix)
        yield _clock(before, clock(), error.refusal.time)
        return
    who = known.contact or known.organisation or "who runs it"
    name = f"{known.site} in {known.federation}"
    if known.state is State.APPROVED:
        yield good("identity", f"{name} is approved")
    elif known.state is State.PENDING:
        yield weak("identity", f"{name} waits for approval", f"Ask {who} to approve it.")
    else:
        fix = f"Ask {who} for a new invite, and join with it."
        yield bad("identity", f"{name} has {known.state}", fix)
    if strange := known.conflict(answer):
        yield bad("signing key", strange, f"Ask {who} whether it was changed.")
    yield _version(answer.version)
    yield _clock(before, clock(), answer.time)


def _version(told: str) -> Check:
    """Judge the coordinator's version against ours: the bundle that starts a run names it."""
    if told == __version__:
        return good("version", f"{__version__}, as the coordinator's")
    found = f"{__version__} here, {printable(told)} at the coordinator: this site refuses its runs"
    return bad("version", found, f"Install {printable(told)}, or ask for the coordinator's update.")


def _clock(before: int, after: int, told: int) -> Check:
    """Judge the coordinator's time against ours, before and after the question."""
    apart = 0 if before <= told <= after else min((before - told, after - told), key=abs)
    found = told_apart(told + apart, told) if apart else "as the coordinator's"
    fix = f"{_WHOSE[is_kept_by_ntp()]} Requests that are too far apart are refused."
    if abs(apart) > _MOST_APART:
        return bad("clock", found, fix)
    return weak("clock", found, fix) if abs(apart) > _WARN_APART else good("clock", found)


def is_kept_by_ntp() -> bool:
    """Tell whether the kernel says that something keeps this machine's clock right."""
    try:
        asked = ctypes.create_string_buffer(_TIMEX_BYTES)  # all zeros: it only tells
        state = ctypes.CDLL(None).adjtimex(asked)
    except (OSError, AttributeError):
        return False
    return bool(0 <= state < _CLOCK_IS_UNSURE)


def proxy_for(url: str) -> str:
    """Return the proxy that the environment names for ``url``; empty if none."""
    host = urlsplit(url).hostname or ""
    if proxy_bypass(host):
        return ""
    proxies = getproxies()
    return proxies.get("https") or proxies.get("all") or ""


def _host_and_port(url: str) -> tuple[str, int]:
    parts = urlsplit(url if "//" in url else f"//{url}")
    return parts.hostname or "", parts.port or (80 if parts.scheme == "http" else 443)


def _without_password(proxy: str) -> str:
    host, port = _host_and_port(proxy)
    return f"{host}:{port}"


def _first_certificate(pem: str) -> str:
    try:
        return ca_fingerprint(x509.load_pem_x509_certificate(pem.encode()))
    except ValueError:
        return ""


def _certificate_of(reply: httpx.Response) -> dict[str, object] | None:
    stream = reply.extensions.get("network_stream")
    connection = stream.get_extra_info("ssl_object") if stream is not None else None
    found: dict[str, object] | None = connection.getpeercert() if connection is not None else None
    return found or None
