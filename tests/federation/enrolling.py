"""Sites that ask a coordinator for something, with real keys."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from fedtranslate.federation.coordinator.members import (
    EnrolmentRefused,
    Member,
    Members,
    hash_token,
)
from fedtranslate.federation.membership.invite import new_token
from fedtranslate.federation.membership.keys import SiteKey, public_text
from fedtranslate.federation.membership.requests import (
    Action,
    Reason,
    Request,
    Signed,
    new_nonce,
    proof_of,
    signed,
)

NOW = 1_800_000_000
FEDERATION = "trade"


def new_key() -> SiteKey:
    return ec.generate_private_key(ec.SECP384R1())


@contextmanager
def refused(reason: Reason) -> Iterator[None]:
    with pytest.raises(EnrolmentRefused) as caught:
        yield
    assert caught.value.reason is reason


def kinds(members: Members) -> list[str]:
    return [event.kind for event in members.events()]


@dataclass
class Asker:
    """A site with a key and, mostly, an invite."""

    name: str = "north"
    key: SiteKey = field(default_factory=new_key)
    token: str = field(default_factory=new_token)
    federation: str = FEDERATION

    @property
    def public(self) -> str:
        return public_text(self.key)

    def ask(
        self, action: Action, now: int = NOW, *, by: SiteKey | None = None, **changes: object
    ) -> tuple[Request, Signed]:
        """Return a request of this site, and the same as it travels."""
        values: dict[str, object] = {
            "action": action,
            "federation": self.federation,
            "site": self.name,
            "time": now,
            "nonce": new_nonce(),
            "version": "0.5.0",
        }
        if action is Action.JOIN:
            values |= {"token": self.token, "public_key": self.public}
        request = Request.model_validate(values | changes)
        return request, signed(request, by or self.key)

    def ask_rotation(self, next_key: SiteKey, now: int = NOW) -> tuple[Request, Signed]:
        nonce = new_nonce()
        proof = proof_of(self.name, nonce, next_key)
        return self.ask(
            Action.ROTATE, now, nonce=nonce, public_key=public_text(next_key), proof=proof
        )

    def invited(self, members: Members, now: int = NOW, *, approves: bool = False) -> "Asker":
        members.invite(self.name, hash_token(self.token), now + 3600, now, approves=approves)
        return self

    def joined(self, members: Members, now: int = NOW) -> Member:
        return members.join(*self.ask(Action.JOIN, now), now)

    def approved(self, members: Members, now: int = NOW) -> "Asker":
        self.invited(members, now)
        self.joined(members, now)
        members.approve(self.name, now)
        return self
