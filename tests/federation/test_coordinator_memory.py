"""What the coordinator holds in memory: few replies at a time, and nothing that was read."""

import gc
import weakref
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from federations import TRADE, federation
from flwr.app import Message

from fedtranslate.adapters import aside
from fedtranslate.adapters.aside import AsideAdapter
from fedtranslate.adapters.factors import Adapter, Factors, checksum
from fedtranslate.federation.coordinator import rounds
from fedtranslate.federation.coordinator.journal import Journal, read_round
from fedtranslate.federation.coordinator.roundfolder import Kept
from fedtranslate.federation.exchange import Answer, Introduction, SiteUpdate, Task
from fedtranslate.federation.flower import client_app, sites
from fedtranslate.federation.flower.grid import LocalGrid
from fedtranslate.federation.flower.sitefiles import node_config
from fedtranslate.federation.flower.sites import FlowerSites
from fedtranslate.federation.settings import flatten

FILE = federation("seed=1", "seed=2", "seed=3")
NAMES = ("ada", "bob", "eve")
JOINT = {
    "layer.up": Factors(torch.ones(2, 5), torch.zeros(7, 2), 2.0),
    "layer.down": Factors(torch.ones(2, 7), torch.zeros(4, 2), 2.0),
}


class Watched(LocalGrid):
    """Notes how many replies are asked for at a time, and how many earlier ones are still held."""

    def __init__(self, folder: Path) -> None:
        configs = [node_config(folder, site, TRADE) for site in FILE.sites]
        super().__init__(client_app.app, configs, flatten(FILE.run, NAMES))
        self.together: list[int] = []
        self.held: list[int] = []
        self._given: list[weakref.ref[Message]] = []

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        asked = list(message_ids)
        gc.collect()
        self.together.append(len(asked))
        self.held.append(sum(one() is not None for one in self._given))
        replies = list(super().pull_messages(asked))
        self._given += map(weakref.ref, replies)
        return replies


def test_heavy_replies_are_fetched_and_read_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sites, "_TOGETHER_BYTES", 1)
    grid = Watched(tmp_path)
    there = FlowerSites(grid, FILE.run)
    there.present(3)
    assert grid.together == [3], "introductions are light"
    answers = there.ask(Task(1, FILE.run.steps), JOINT, NAMES)
    assert [answer.refusal for answer in answers] == [""] * 3
    assert grid.together[1:] == [1, 1, 1]
    assert grid.held[1:] == [0, 0, 0]


def test_heavy_updates_wait_on_disk_and_come_to_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = Task(1, FILE.run.steps)
    found = []
    for limit in (1 << 20, 1):
        monkeypatch.setattr(aside, "_HEAVY_BYTES", limit)
        there = FlowerSites(Watched(tmp_path / str(limit)), FILE.run, aside=tmp_path)
        there.present(3)
        found.append([answer.update for answer in there.ask(task, JOINT, NAMES)])
    light, heavy = ([u.adapter for u in updates if u and u.adapter] for updates in found)
    assert [type(one) for one in light] == [dict] * 3
    assert [type(one) for one in heavy] == [AsideAdapter] * 3
    assert [checksum(one) for one in light] == [checksum(one) for one in heavy]


class Forgetful:
    """Sites that answer, and keep an eye on what they sent."""

    def __init__(self) -> None:
        self.sent: list[weakref.ref[torch.Tensor]] = []
        self.joints: list[Adapter] = []
        self.begun: list[weakref.ref[torch.Tensor]] = []
        """What the run was begun with, as it was made or read."""
        self.held: list[int] = []
        """How much of that was in memory at each question."""

    def present(self, wanted: int) -> tuple[Sequence[Introduction], Mapping[str, str]]:  # noqa: ARG002
        return [Introduction(name, "tiny", "d", 10, {"m": (4, 3)}) for name in NAMES], {}

    def ended(self) -> Mapping[str, str]:
        return {}

    def ask(self, task: Task, joint: Adapter, names: Sequence[str]) -> Sequence[Answer]:
        self.joints.append(joint)
        gc.collect()
        self.held.append(sum(one() is not None for one in self.begun))
        return [Answer(name, self._update(task, joint)) for name in names]

    def _update(self, task: Task, joint: Adapter) -> SiteUpdate:
        factors = joint["m"]
        moved = Factors(factors.a + 0.1, factors.b + 0.1, factors.scaling)
        self.sent.append(weakref.ref(moved.a))
        return SiteUpdate({"m": moved} if task.steps else None, 10, 0.5, 8.0, 4, 2)


def test_a_heavy_joint_adapter_waits_on_disk_between_rounds_and_comes_to_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds, ends = [], []
    for limit in (1 << 20, 1):
        monkeypatch.setattr(aside, "_HEAVY_BYTES", limit)
        there = Forgetful()
        journal = Journal(tmp_path / str(limit), lambda: "now")
        rounds.conduct(FILE.run, NAMES, there, journal)
        kinds.append({type(joint) for joint in there.joints})
        ends.append(read_round(journal.folder, FILE.run.rounds)["checksum"])
    assert kinds == [{dict}, {AsideAdapter}]
    assert ends[0] == ends[1]


def test_what_a_run_begins_with_is_not_held_while_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "_HEAVY_BYTES", 1)
    there = Forgetful()
    make, read = rounds.initial_adapter, rounds.newest_round

    def made(*arguments: Any, **options: Any) -> Adapter:  # noqa: ANN401
        adapter = make(*arguments, **options)
        there.begun += [weakref.ref(factors.a) for factors in adapter.values()]
        return adapter

    def found(*arguments: Any) -> Kept | None:  # noqa: ANN401
        if (kept := read(*arguments)) is not None:
            there.begun += [weakref.ref(one.a) for one in kept.joint.adapter.values()]
        return kept

    monkeypatch.setattr(rounds, "initial_adapter", made)
    monkeypatch.setattr(rounds, "newest_round", found)
    for last in (2, 4):
        run = FILE.run.model_copy(update={"rounds": last})
        rounds.conduct(run, NAMES, there, Journal(tmp_path, lambda: "now"))
    assert len(there.begun) == 2, "made by the first, read by the second"
    assert there.held == [0] * (3 + 3)


def test_the_sites_adapters_are_gone_when_the_joint_one_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sites, held = Forgetful(), []
    save = rounds.save_round

    def watched(*arguments: Any) -> str:  # noqa: ANN401
        gc.collect()
        held.append(sum(one() is not None for one in sites.sent))
        return save(*arguments)

    monkeypatch.setattr(rounds, "save_round", watched)
    rounds.conduct(FILE.run, NAMES, sites, Journal(tmp_path, lambda: "now"))
    assert held == [0] * (FILE.run.rounds + 1)
