"""Ed25519 keys and signatures of releases.

Whoever publishes keeps the private key; whoever receives has pinned the public one, as the text
``ed25519:BASE64``.  A signature is bound to what it is for, so that one of a ledger's entry is none
of a manifest.

Not covered: keys have no date of expiry and no way to be revoked.  A new key has to be pinned anew
at every site.
"""

import base64
import binascii
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from fedtranslate.config.files import open_plain
from fedtranslate.errors import AdapterError

SigningKey = Ed25519PrivateKey
VerifyKey = Ed25519PublicKey
RELEASE = "fedtranslate release 1"
ENTRY = "fedtranslate ledger entry 1"
"""What signatures are for."""
_PREFIX = "ed25519:"
_MAX_KEY_BYTES = 4096
_LOOK = "One looks like ed25519:BASE64, with 32 bytes."
_KEY_BYTES = 32
_SIGNATURE_BYTES = 64


def new_signing_key() -> bytes:
    """Return a new private key as PEM, to be written where its owner alone can read it."""
    return SigningKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def load_signing_key(path: Path) -> SigningKey:
    """Read a private key.

    Raises:
        AdapterError: It is missing, damaged or of another kind.
    """
    try:
        key = serialization.load_pem_private_key(_content(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise AdapterError(f"{path} is not a private key in PEM without a password.") from None
    if not isinstance(key, SigningKey):
        raise AdapterError(f"{path} holds a key of another kind than Ed25519.")
    return key


def key_text(key: SigningKey | VerifyKey) -> str:
    """Return the public key as ``ed25519:BASE64``."""
    public = key.public_key() if isinstance(key, SigningKey) else key
    raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return _text(raw)


def verify_key(text: str) -> VerifyKey:
    """Return the public key that ``key_text`` wrote; the text may come from anyone.

    Raises:
        AdapterError: It is no such key.
    """
    raw = _raw(text.strip(), _KEY_BYTES)
    if raw is None:
        raise AdapterError(
            f"{text.strip()[:80]!r} is not a public key.",
            hint=_LOOK,
        )
    return VerifyKey.from_public_bytes(raw)


def load_verify_key(path: Path) -> VerifyKey:
    """Read a public key from a file that holds its text.

    Raises:
        AdapterError: It is missing, or holds no public key.
    """
    content = _content(path)
    try:
        return verify_key(content.decode("ascii"))
    except (AdapterError, UnicodeDecodeError):
        raise AdapterError(f"{path} holds no public key.", hint=_LOOK) from None


def sign(key: SigningKey, purpose: str, content: bytes) -> str:
    """Return the signature of ``content`` as text; it counts for ``purpose`` only."""
    return _text(key.sign(_bound(purpose, content)))


def is_signed(key: VerifyKey, purpose: str, content: bytes, signature: str) -> bool:
    """Tell whether ``signature`` is that of ``content`` for ``purpose`` by the owner of ``key``."""
    raw = _raw(signature, _SIGNATURE_BYTES)
    if raw is None:
        return False
    try:
        key.verify(raw, _bound(purpose, content))
    except InvalidSignature:
        return False
    return True


def _bound(purpose: str, content: bytes) -> bytes:
    return f"{purpose}\n".encode() + content


def _text(raw: bytes) -> str:
    return _PREFIX + base64.b64encode(raw).decode("ascii")


def _raw(text: str, size: int) -> bytes | None:
    """Return the bytes of ``text``, spelled as ``_text`` does and in no other way; else None."""
    try:
        raw = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == size and _text(raw) == text else None


def _content(path: Path) -> bytes:
    try:
        with open_plain(path) as file:
            content = file.read(_MAX_KEY_BYTES + 1)
    except OSError as error:
        raise AdapterError(f"{path} cannot be read: {error.strerror}.") from None
    return content[:_MAX_KEY_BYTES]
