"""A run that is stopped ends at once, also while the sites' gates judge its release."""

import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from federations import TRADE, federation
from flwr.app import Message

from fedtranslate.errors import RunStoppedError
from fedtranslate.federation.coordinator.journal import Journal, read_json
from fedtranslate.federation.coordinator.members import Members
from fedtranslate.federation.coordinator.orders import Order, check_wish, state_of, write_order
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.federation.coordinator.rounds import conduct
from fedtranslate.federation.flower import client_app, server_app
from fedtranslate.federation.flower.grid import LocalGrid
from fedtranslate.federation.flower.programs import PLACE_VARIABLE
from fedtranslate.federation.flower.sitefiles import node_config
from fedtranslate.federation.flower.sites import FlowerSites
from fedtranslate.federation.settings import flatten

FILE = federation("seed=1", "seed=2", rounds=1, round_seconds=60)
SITES = ("ada", "bob")
RUN = flatten(FILE.run, SITES)
PARTS = {"release.json": b"{}", "adapter_model.safetensors": b"weights"}


class SlowGates(LocalGrid):
    """A grid of sites whose gates take longer than anybody waits."""

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        wanted = list(messages)
        if wanted and wanted[0].metadata.message_type == "query.offer":
            return [f"offer to {one.metadata.dst_node_id}" for one in wanted]
        return super().push_messages(wanted)

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        return super().pull_messages([one for one in message_ids if one in self._waiting])


def grid(folder: Path) -> SlowGates:
    configs = [node_config(folder, site, TRADE) for site in FILE.sites]
    return SlowGates(client_app.app, configs, RUN)


def test_a_run_that_is_stopped_at_the_gates_of_its_sites_waits_for_none_of_them(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "tiny"
    order = Order(FILE.run, SITES, flower=7)
    write_order(folder, order)
    journal = Journal(folder, lambda: "now")
    reached = FlowerSites(
        grid(tmp_path / "sites"), FILE.run, check=lambda: check_wish(folder, number=7)
    )

    def finish(present: Sequence[str]) -> None:
        stop = threading.Timer(1.0, write_order, (folder, replace(order, wish="stop")))
        stop.start()
        reached.offer("3f2a", PARTS, present)

    start = time.monotonic()
    with pytest.raises(RunStoppedError):
        conduct(FILE.run, SITES, reached, journal, finish=finish)
    assert time.monotonic() - start < FILE.run.round_seconds / 2
    assert read_json(folder / "status.json")["state"] == "interrupted"
    assert (state_of(folder).state, state_of(folder).last_round) == ("stopped", 1)


def test_an_app_whose_run_was_started_again_as_another_one_ends(tmp_path: Path) -> None:
    check_wish(tmp_path, number=7)  # a damaged order ends nothing
    for flower in (0, 7):
        write_order(tmp_path, Order(FILE.run, SITES, flower=flower))
        check_wish(tmp_path, number=7)
    write_order(tmp_path, Order(FILE.run, SITES, flower=8))
    with pytest.raises(RunStoppedError):
        check_wish(tmp_path, number=7)


def test_the_app_of_a_coordinator_looks_whether_its_run_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = CoordinatorPlace(tmp_path / "hub")
    monkeypatch.setenv(PLACE_VARIABLE, str(place.root))
    Members(place.members, begins=True).__exit__()
    write_order(place.run("tiny"), Order(FILE.run, SITES, wish="stop"))
    sites = grid(tmp_path / "sites")
    with pytest.raises(RunStoppedError):
        server_app.app(grid=sites, context=sites.server_context({}, RUN))
