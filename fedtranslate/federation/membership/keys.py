"""Keys of sites: ECDSA on P-384, as Flower's SuperNodes take them.

The private key never leaves the folder it is made in.
"""

import base64
import hashlib
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from fedtranslate.config.files import write_secret
from fedtranslate.errors import FederationError

SiteKey = ec.EllipticCurvePrivateKey
PublicKey = ec.EllipticCurvePublicKey
_HASH = ec.ECDSA(hashes.SHA384())
_MAX_PUBLIC_BYTES = 1024


def new_site_key(path: Path) -> SiteKey:
    """Make a key and write it to ``path`` in OpenSSH's format, readable by its owner only.

    Raises:
        FileExistsError: There is a file already; keys are never overwritten.
    """
    key = ec.generate_private_key(ec.SECP384R1())
    content = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    write_secret(path, content)
    return key


def load_site_key(path: Path) -> SiteKey:
    """Read a key.

    Raises:
        FederationError: It is missing, damaged or of another kind.
    """
    try:
        key = serialization.load_ssh_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise FederationError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise FederationError(f"{path} is not a site's key.") from None
    if not isinstance(key, SiteKey) or not isinstance(key.curve, ec.SECP384R1):
        raise FederationError(f"{path} holds a key of another kind than ECDSA on P-384.")
    return key


def public_text(key: SiteKey | PublicKey) -> str:
    """Return the public key as one line in OpenSSH's format."""
    public = key.public_key() if isinstance(key, SiteKey) else key
    return public.public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    ).decode("ascii")


def key_fingerprint(text: str) -> str:
    """Return a public key's fingerprint as ``ssh-keygen -l`` shows it; people compare it."""
    blob = read_public(text).public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    digest = hashlib.sha256(base64.b64decode(blob.split()[1])).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def read_public(text: str) -> PublicKey:
    """Return the public key that ``public_text`` wrote; the text may come from anyone.

    Raises:
        FederationError: It is no such key.
    """
    try:
        if len(text) > _MAX_PUBLIC_BYTES:
            raise ValueError
        key = serialization.load_ssh_public_key(text.encode("ascii"))
    except (ValueError, UnsupportedAlgorithm):
        raise FederationError("The public key cannot be read.") from None
    if not isinstance(key, PublicKey) or not isinstance(key.curve, ec.SECP384R1):
        raise FederationError("The public key is of another kind than ECDSA on P-384.")
    return key


def sign(key: SiteKey, content: bytes) -> bytes:
    """Return the signature of ``content``."""
    return key.sign(content, _HASH)


def is_signed(key: PublicKey, content: bytes, signature: bytes) -> bool:
    """Tell whether ``signature`` is that of ``content`` by the owner of ``key``."""
    try:
        key.verify(signature, content, _HASH)
    except InvalidSignature:
        return False
    return True
