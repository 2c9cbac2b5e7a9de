"""Keys and signatures of releases."""

import stat
from pathlib import Path
from string import ascii_letters, digits

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from example_releases import KEY, OTHER_KEY
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.adapters.releases.signing import (
    ENTRY,
    RELEASE,
    SigningKey,
    is_signed,
    key_text,
    load_signing_key,
    load_verify_key,
    new_signing_key,
    sign,
    verify_key,
)
from fedtranslate.config.files import write_secret
from fedtranslate.errors import AdapterError


def test_a_key_comes_back_from_its_file_which_only_the_owner_can_read(tmp_path: Path) -> None:
    pem = new_signing_key()
    write_secret(tmp_path / "secrets" / "signing.key", pem)
    found = load_signing_key(tmp_path / "secrets" / "signing.key")
    key = serialization.load_pem_private_key(pem, password=None)
    assert isinstance(key, SigningKey)
    assert key_text(found) == key_text(key)
    assert stat.S_IMODE((tmp_path / "secrets" / "signing.key").stat().st_mode) == 0o600


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    write_secret(tmp_path / "key", new_signing_key())
    with pytest.raises(FileExistsError):
        write_secret(tmp_path / "key", new_signing_key())


def test_the_text_of_a_public_key_leads_back_to_it(tmp_path: Path) -> None:
    (tmp_path / "pub").write_text(f"{key_text(KEY)}\n")
    for found in (verify_key(f" {key_text(KEY)}\n"), load_verify_key(tmp_path / "pub")):
        assert key_text(found) == key_text(KEY.public_key())
        assert is_signed(found, RELEASE, b"x", sign(KEY, RELEASE, b"x"))


@given(content=st.binary(max_size=50), other=st.binary(max_size=50))
def test_a_signature_is_of_one_content_by_one_key_for_one_purpose(
    content: bytes, other: bytes
) -> None:
    signature = sign(KEY, RELEASE, content)
    public = KEY.public_key()
    assert is_signed(public, RELEASE, content, signature)
    assert is_signed(public, RELEASE, other, signature) == (content == other)
    assert not is_signed(public, ENTRY, content, signature)
    assert not is_signed(OTHER_KEY.public_key(), RELEASE, content, signature)


@given(place=st.integers(0, 95), byte=st.characters(max_codepoint=255))
def test_no_changed_signature_is_taken(place: int, byte: str) -> None:
    signature = sign(KEY, RELEASE, b"x")
    changed = signature[:place] + byte + signature[place + 1 :]
    assert is_signed(KEY.public_key(), RELEASE, b"x", changed) == (changed == signature)


def test_a_signature_is_spelled_in_one_way_only() -> None:
    signature = sign(KEY, RELEASE, b"x")
    # The last character before the padding has bits that mean nothing.
    others = [f"{signature[:-3]}{last}==" for last in ascii_letters + digits + "+/"]
    taken = [one for one in others if is_signed(KEY.public_key(), RELEASE, b"x", one)]
    assert taken == [signature]
    assert not is_signed(KEY.public_key(), RELEASE, b"x", signature.removeprefix("ed25519:"))


@pytest.mark.parametrize("text", ["", "ed25519:", "ed25519:AAAA", "AAAA", "ed25519:é", "x" * 9999])
def test_what_is_no_public_key_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(AdapterError, match="is not a public key"):
        verify_key(text)
    (tmp_path / "pub").write_text(text)
    with pytest.raises(AdapterError, match="holds no public key"):
        load_verify_key(tmp_path / "pub")


def test_what_is_no_private_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    with pytest.raises(AdapterError, match="cannot be read"):
        load_signing_key(path)
    path.write_text("secret")
    with pytest.raises(AdapterError, match="not a private key"):
        load_signing_key(path)
    foreign = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(foreign)
    with pytest.raises(AdapterError, match="another kind than Ed25519"):
        load_signing_key(path)
