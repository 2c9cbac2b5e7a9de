"""Certificates of a coordinator: its authority, which invites pin, and that of its door.

All are ECDSA on P-384.  Sites have no certificates: they sign their requests.  What is not
here: revocation lists.  The door's key is replaced by a new folder and new invites.
"""

import datetime
import hashlib
import ipaddress
import re
from collections.abc import Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fedtranslate.errors import FederationError

DAY = 86_400
AUTHORITY_DAYS = 5 * 365
SERVER_DAYS = 365
RENEWAL_DAYS = 30
"""With less than that left, the door's certificate is renewed."""
LOOPBACK = ("127.0.0.1", "localhost")
"""The door's certificate is that of the SuperLink behind it, too."""
_EARLY = DAY
"""Certificates are good from before they were made: a site's clock may be late."""
_DNS_NAME = re.compile(r"(?:\*\.)?[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){0,30}")
_HASH = hashes.SHA384()
_MAX_PEM_BYTES = 65_536
_NAME_LENGTH = 64
"""Of an entry of a subject: more is no X.509."""

PrivateKey = ec.EllipticCurvePrivateKey


def new_private_key() -> bytes:
    """Return a new key in PEM."""
    return ec.generate_private_key(ec.SECP384R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def new_authority(key: bytes, federation: str, organisation: str, now: int) -> bytes:
    """Return a certificate authority for ``key``, in PEM; it can sign nothing but servers'."""
    private = _private(key)
    name = _name(f"fedtranslate {federation}", organisation)
    builder = _builder(name, private.public_key(), now, now + AUTHORITY_DAYS * DAY)
    usage = _usage(digital_signature=False, key_cert_sign=True, crl_sign=True)
    builder = builder.issuer_name(name).add_extension(usage, critical=True)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return _pem(builder.sign(private, _HASH))


def new_server(
    key: bytes, authority: bytes, authority_key: bytes, names: Sequence[str], now: int
) -> bytes:
    """Return the certificate of a door, in PEM, good for a year or as long as its authority.

    Args:
        key: Of the door; renewal keeps it, so that one file changes and not two.
        authority: Certificate in PEM.
        authority_key: Likewise.
        names: DNS names and IP addresses; those of loopback are added.
        now: Seconds since 1970.

    Raises:
        FederationError: A name is none, or the authority is no longer good.
    """
    issuer, issuer_key = _certificate(authority), _private(authority_key)
    if issuer.public_key() != issuer_key.public_key():
        raise FederationError(
            "The key of the certificate authority is not that of its certificate."
        )
    last = int(issuer.not_valid_after_utc.timestamp())
    if last <= now:
        raise FederationError(
            "The certificate authority has expired.",
            hint="Begin a new folder, and invite the sites again.",
        )
    private = _private(key)
    subject = _name(names[0], "")
    builder = _builder(subject, private.public_key(), now, min(now + SERVER_DAYS * DAY, last))
    builder = builder.issuer_name(issuer.subject)
    of_issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    for extension, critical in (
        (_usage(digital_signature=True, key_cert_sign=False, crl_sign=False), True),
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.SubjectAlternativeName([_alternative(name) for name in _all(names)]), False),
        (of_issuer, False),
    ):
        builder = builder.add_extension(extension, critical=critical)
    return _pem(builder.sign(issuer_key, _HASH))


def check_names(names: Sequence[str]) -> None:
    """Refuse what cannot stand in a certificate.

    Raises:
        FederationError: A name is neither a DNS name nor an IP address.
    """
    for name in names:
        _alternative(name)


def is_due(certificate: bytes, names: Sequence[str], now: int) -> bool:
    """Tell whether a door's certificate ends soon, or lacks one of ``names``."""
    found = _certificate(certificate)
    held = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    wanted = {_alternative(name) for name in _all(names)}
    return days_left(certificate, now) < RENEWAL_DAYS or set(held) != wanted


def days_left(certificate: bytes, now: int) -> float:
    """Return how many days a certificate in PEM is still good; below 0 once it is not."""
    return (_certificate(certificate).not_valid_after_utc.timestamp() - now) / DAY


def fingerprint(certificate: bytes) -> str:
    """Return the SHA-256 of a certificate (PEM in, its DER counts) in hexadecimal digits."""
    der = _certificate(certificate).public_bytes(serialization.Encoding.DER)
    return hashlib.sha256(der).hexdigest()


def is_issued_by(certificate: bytes, authority: bytes) -> bool:
    """Tell whether ``authority`` has signed ``certificate``, both in PEM."""
    try:
        _certificate(certificate).verify_directly_issued_by(_certificate(authority))
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _certificate(pem: bytes) -> x509.Certificate:
    try:
        if len(pem) > _MAX_PEM_BYTES:
            raise ValueError
        return x509.load_pem_x509_certificate(pem)
    except ValueError:
        raise FederationError("This is no certificate in PEM.") from None


def _private(pem: bytes) -> PrivateKey:
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        raise FederationError("This is no private key in PEM.") from None
    if not isinstance(key, PrivateKey):
        raise FederationError("This key is of another kind than ECDSA on P-384.")
    return key


def _builder(
    subject: x509.Name, key: ec.EllipticCurvePublicKey, now: int, last: int
) -> x509.CertificateBuilder:
    first, end = (
        datetime.datetime.fromtimestamp(second, datetime.UTC) for second in (now - _EARLY, last)
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(first)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(common: str, organisation: str) -> x509.Name:
    entries = [(NameOID.COMMON_NAME, common), (NameOID.ORGANIZATION_NAME, organisation)]
    return x509.Name(
        [x509.NameAttribute(kind, text[:_NAME_LENGTH]) for kind, text in entries if text]
    )


def _all(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys((*names, *LOOPBACK)))


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        pass
    try:
        dns = name if name.isascii() else name.encode("idna").decode("ascii")
        if not _DNS_NAME.fullmatch(dns):
            raise ValueError
        return x509.DNSName(dns)
    except ValueError:
        raise FederationError(f"{name!r} is neither a DNS name nor an IP address.") from None


def _usage(*, digital_signature: bool, key_cert_sign: bool, crl_sign: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
