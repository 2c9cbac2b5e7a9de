"""Certificates: what they allow, how long, and when they are renewed."""

import contextlib
import hashlib
import ssl

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.errors import FederationError
from fedtranslate.federation.membership import certificates
from fedtranslate.federation.membership.certificates import (
    DAY,
    days_left,
    fingerprint,
    is_due,
    is_issued_by,
    new_authority,
    new_private_key,
    new_server,
)

NOW = 1_800_000_000
KEY = new_private_key()
AUTHORITY = new_authority(KEY, "trade", "Trade AG", NOW)
SERVER_KEY = new_private_key()
NAMES = ("coordinator.example", "10.0.0.7", "fd00::7")


def server(now: int = NOW, names: tuple[str, ...] = NAMES) -> bytes:
    return new_server(SERVER_KEY, AUTHORITY, KEY, names, now)


def read(pem: bytes) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem)


def test_the_authority_signs_servers_and_no_further_authorities() -> None:
    basic = read(AUTHORITY).extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)
    usage = read(AUTHORITY).extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.key_cert_sign, usage.digital_signature) == (True, False)
    assert days_left(AUTHORITY, NOW) == 5 * 365


def test_the_door_has_its_names_and_those_of_loopback_and_serves_only() -> None:
    certificate = read(server())
    held = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert held.get_values_for_type(x509.DNSName) == ["coordinator.example", "localhost"]
    addresses = [str(address) for address in held.get_values_for_type(x509.IPAddress)]
    assert addresses == ["10.0.0.7", "fd00::7", "127.0.0.1"]
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert not basic.ca
    assert days_left(server(), NOW) == 365


def test_the_door_is_vouched_for_by_its_authority_and_no_other() -> None:
    other = new_authority(new_private_key(), "trade", "Trade AG", NOW)
    assert is_issued_by(server(), AUTHORITY)
    assert not is_issued_by(server(), other)
    with pytest.raises(FederationError, match="is not that of its certificate"):
        new_server(SERVER_KEY, other, KEY, NAMES, NOW)


def test_a_certificate_is_due_with_less_than_30_days_left_or_other_names() -> None:
    made = server()
    assert not is_due(made, NAMES, NOW + 335 * DAY)
    assert is_due(made, NAMES, NOW + 335 * DAY + 1)
    assert is_due(made, ("other.example",), NOW)
    assert not is_due(made, (*NAMES, "localhost"), NOW)


def test_the_door_does_not_outlive_its_authority() -> None:
    late = NOW + (5 * 365 - 10) * DAY
    assert days_left(server(late), late) == 10
    with pytest.raises(FederationError, match="has expired"):
        server(NOW + 5 * 365 * DAY)


def test_a_clock_that_is_an_hour_late_still_accepts_a_new_certificate() -> None:
    assert read(server()).not_valid_before_utc.timestamp() <= NOW - 3600


def test_the_fingerprint_is_that_of_the_der() -> None:
    der = ssl.PEM_cert_to_DER_cert(AUTHORITY.decode())
    assert fingerprint(AUTHORITY) == hashlib.sha256(der).hexdigest()


@pytest.mark.parametrize("name", ["", "a b", "ü" * 80, "x\0ü", "a..b", "1.2.3.4:5"])
def test_what_cannot_be_a_name_is_refused(name: str) -> None:
    with pytest.raises(FederationError, match="neither a DNS name nor an IP address"):
        server(names=("ok.example", name))


def test_a_name_in_other_letters_is_written_as_dns_does() -> None:
    held = read(server(names=("bücher.example",))).extensions
    names = held.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "xn--bcher-kva.example" in names.get_values_for_type(x509.DNSName)


@given(st.binary(max_size=300) | st.binary(max_size=60).map(lambda b: AUTHORITY[:200] + b))
def test_any_bytes_have_a_fingerprint_or_are_refused(content: bytes) -> None:
    with contextlib.suppress(FederationError):
        assert len(fingerprint(content)) == 64


def test_a_huge_text_is_not_parsed() -> None:
    with pytest.raises(FederationError, match="no certificate"):
        fingerprint(AUTHORITY + b"\n" * certificates._MAX_PEM_BYTES)
