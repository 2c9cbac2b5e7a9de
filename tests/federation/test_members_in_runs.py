"""Who may answer in a round: the register decides, and is asked again while a round goes on."""

import time
from collections.abc import Iterable
from pathlib import Path

import pytest
import torch
from federations import TRADE, federation
from flwr.app import Message

from fedtranslate.adapters.factors import Factors
from fedtranslate.federation.coordinator.memberfile import Member
from fedtranslate.federation.exchange import Task
from fedtranslate.federation.flower import client_app
from fedtranslate.federation.flower.grid import LocalGrid
from fedtranslate.federation.flower.sitefiles import node_config
from fedtranslate.federation.flower.sites import FlowerSites
from fedtranslate.federation.membership.requests import State
from fedtranslate.federation.settings import flatten

FILE = federation("seed=1", "seed=2", round_seconds=60)
RUN = flatten(FILE.run, ("ada", "bob"))
ADA, BOB = 1000, 1001
JOINT = {
    "layer.up": Factors(torch.ones(2, 5), torch.zeros(7, 2), 2.0),
    "layer.down": Factors(torch.ones(2, 7), torch.zeros(4, 2), 2.0),
}


def member(name: str, node: int, state: State = State.APPROVED) -> Member:
    return Member(name, "key", state, node, "", 0, 0, 0, 0, 0)


class Register:
    """The members, who can be changed; ``later`` is what they are from the next look on."""

    def __init__(self, *members: Member) -> None:
        self.members = members
        self.later: tuple[Member, ...] = ()

    def __call__(self) -> tuple[Member, ...]:
        now, self.members = self.members, self.later or self.members
        return now


class DeafGrid(LocalGrid):
    """A grid on which bob gets messages and never answers one on training."""

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        deaf = {
            one
            for one in message_ids
            if (message := self._waiting.get(one))
            and message.metadata.dst_node_id == BOB
            and message.metadata.message_type == "train"
        }
        return super().pull_messages([one for one in message_ids if one not in deaf])


def sites(folder: Path, register: Register, kind: type[LocalGrid] = LocalGrid) -> FlowerSites:
    configs = [node_config(folder, site, TRADE) for site in FILE.sites]
    return FlowerSites(kind(client_app.app, configs, RUN), FILE.run, register)


@pytest.mark.parametrize(
    ("state", "told"),
    [(State.REVOKED, "its membership was revoked"), (State.LEFT, "it has left the federation")],
)
def test_a_round_does_not_wait_for_a_site_whose_membership_ends_in_it(
    tmp_path: Path, state: State, told: str
) -> None:
    register = Register(member("ada", ADA), member("bob", BOB))
    reached = sites(tmp_path, register, DeafGrid)
    assert len(reached.present(2)[0]) == 2
    register.later = (member("ada", ADA), member("bob", 0, state))
    start = time.monotonic()
    answers = {one.site: one.refusal for one in reached.ask(Task(1, 6), JOINT, ["ada", "bob"])}
    assert answers == {"ada": "", "bob": told}
    assert time.monotonic() - start < FILE.run.round_seconds / 2


def test_an_answer_of_a_site_that_was_revoked_since_does_not_count(tmp_path: Path) -> None:
    register = Register(member("ada", ADA), member("bob", BOB))
    reached = sites(tmp_path, register)
    reached.present(2)
    register.members = (member("ada", ADA), member("bob", 0, State.REVOKED))
    (answer,) = reached.ask(Task(1, 6), JOINT, ["bob"])
    assert (answer.update, answer.refusal) == (None, "its membership was revoked")
    assert reached.ended() == {"bob": "its membership was revoked"}


def test_only_sites_that_are_looked_for_are_reached(tmp_path: Path) -> None:
    reached = sites(tmp_path, Register(member("ada", ADA), member("eve", BOB)))
    assert reached.reach(["zoe"]) == ([], {})
    assert reached.reach(["ada"]) == (["ada"], {})
    there, useless = reached.reach(["eve", "ada"])
    assert there == ["ada"]
    assert "it answers as 'bob'" in useless["eve"]


def test_a_site_under_a_false_name_is_said_to_be_one(tmp_path: Path) -> None:
    reached = sites(tmp_path, Register(member("ada", ADA), member("eve", BOB)))
    found, hindered = reached.present(2)
    assert [one.site for one in found] == ["ada"]
    assert hindered == {"eve": "it answers as 'bob', and has not that key"}


def test_a_site_that_has_left_and_is_still_connected_is_neither_asked_nor_waited_for(
    tmp_path: Path,
) -> None:
    reached = sites(tmp_path, Register(member("ada", ADA), member("bob", 0, State.LEFT)))
    found, hindered = reached.present(1)
    assert [one.site for one in found] == ["ada"]
    assert hindered == {}
    assert reached.ended() == {"bob": "it has left the federation"}
