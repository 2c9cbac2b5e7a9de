"""Invites and signed requests, read from any bytes."""

import base64
import contextlib
import json

import pytest
from enrolling import NOW, Asker
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.errors import FederationError
from fedtranslate.federation.membership.invite import Invite, new_token, read_invite
from fedtranslate.federation.membership.requests import (
    MAX_BYTES,
    Action,
    is_by,
    read_signed,
)

INVITE = Invite(
    federation="trade",
    site="north",
    organisation="Trade AG",
    endpoint="https://coordinator.example:9443/",
    ca="ab" * 32,
    token=new_token(),
    expires=NOW,
    leaves=("Factors.",),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)


def wrapped(values: object) -> str:
    content = base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")
    return f"fedtranslate-invite-1:{content}"


def test_an_invite_survives_its_way_through_a_mail() -> None:
    text = INVITE.text()
    broken = "\r\n  ".join(text[at : at + 60] for at in range(0, len(text), 60))
    assert read_invite(f"\n{broken}\n") == INVITE
    assert INVITE.endpoint == "https://coordinator.example:9443"


@given(
    st.text(max_size=200)
    | st.binary(max_size=200).map(lambda b: wrapped(b.hex()))
    | JSON.map(wrapped)
)
def test_any_text_is_an_invite_or_refused(text: str) -> None:
    with contextlib.suppress(FederationError):
        assert isinstance(read_invite(text), Invite)


@given(
    st.sampled_from(sorted(Invite.model_fields)),
    st.none() | st.integers() | st.text(max_size=20) | st.just(10**400) | st.just("x" * 9000),
)
def test_an_invite_with_one_wrong_entry_is_read_or_refused(name: str, value: object) -> None:
    with contextlib.suppress(FederationError):
        assert read_invite(wrapped(INVITE.model_dump(mode="json") | {name: value}))


def test_an_invite_that_is_nested_too_deep_is_refused() -> None:
    deep = base64.urlsafe_b64encode(b"[" * 5000).decode()
    with pytest.raises(FederationError, match="damaged"):
        read_invite(f"fedtranslate-invite-1:{deep}")


def test_an_invite_cannot_lead_to_plain_http() -> None:
    with pytest.raises(FederationError, match="must begin with https"):
        read_invite(wrapped(INVITE.model_dump(mode="json") | {"endpoint": "http://a"}))


@given(st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_request_or_refused(body: bytes) -> None:
    with pytest.raises(FederationError, match="malformed"):
        read_signed(body)


@given(JSON, st.text(max_size=40))
def test_any_content_is_a_request_or_refused(content: object, signature: str) -> None:
    body = json.dumps({"content": json.dumps(content), "signature": signature}).encode()
    with pytest.raises(FederationError, match="malformed"):
        read_signed(body)


@given(st.sampled_from(["action", "federation", "site", "time", "nonce", "version", "proof"]), JSON)
def test_a_request_with_one_wrong_entry_is_read_or_refused(name: str, value: object) -> None:
    _, outer = REQUEST
    content = json.dumps(json.loads(outer.content) | {name: value})
    body = outer.model_copy(update={"content": content}).model_dump_json().encode()
    with contextlib.suppress(FederationError):
        request, read = read_signed(body)
        assert is_by(ASKER.key.public_key(), read) == (content == outer.content)
        assert request.model_dump()


ASKER = Asker()
REQUEST = ASKER.ask(Action.STATUS)


@given(st.text(max_size=100))
def test_only_the_signature_itself_signs(signature: str) -> None:
    _, outer = REQUEST
    assert is_by(ASKER.key.public_key(), outer)
    assert not is_by(ASKER.key.public_key(), outer.model_copy(update={"signature": signature}))


def test_a_request_above_the_limit_is_not_parsed() -> None:
    _, outer = REQUEST
    body = outer.model_dump_json().encode()
    assert read_signed(body.ljust(MAX_BYTES))
    with pytest.raises(FederationError, match="malformed"):
        read_signed(body.ljust(MAX_BYTES + 1))
