"""What travels in whole runs: every format, less of what both ends have, and kills in between."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from federations import TRADE, federation
from flwr.app import Context, Message
from flwr.clientapp import ClientApp

from fedtranslate.adapters.factors import Adapter, Factors, checksum
from fedtranslate.adapters.initial import initial_adapter
from fedtranslate.adapters.methods.registry import METHODS
from fedtranslate.adapters.store import load_adapter
from fedtranslate.adapters.wire.coding import Base
from fedtranslate.config.federation import FederationFile
from fedtranslate.config.traffic import TrafficSettings
from fedtranslate.errors import ConfigError, FederationError
from fedtranslate.federation.coordinator.journal import read_round
from fedtranslate.federation.coordinator.result import RunResult
from fedtranslate.federation.coordinator.roundfolder import (
    STATE_FILE,
    newest_round,
)
from fedtranslate.federation.coordinator.traffic import Downlink
from fedtranslate.federation.exchange import Task, seed_of
from fedtranslate.federation.flower import client_app
from fedtranslate.federation.flower.grid import LocalGrid
from fedtranslate.federation.flower.local import run_local
from fedtranslate.federation.flower.shipping import Shipment
from fedtranslate.federation.flower.sitefiles import node_config, site_folder
from fedtranslate.federation.flower.sites import FlowerSites
from fedtranslate.federation.refusals import refusal_told
from fedtranslate.federation.settings import flatten, read_flat
from fedtranslate.federation.site.ledger import Departure, Ledger
from fedtranslate.federation.site.traffic import TrafficBook, is_kept

EACH = 4 * 2 * 23
"""Bytes of the tiny trade's factors as float32."""


def told(up: str = "float32", down: str = "float32", top_k: float = 0.0) -> TrafficSettings:
    return TrafficSettings(up=up, down=down, top_k=top_k)


def run(file: FederationFile, folder: Path) -> RunResult:
    return run_local(file, folder, trainer=TRADE)


def updates(folder: Path, name: str = "ada") -> list[Departure]:
    entries = Ledger(site_folder(folder, name) / "ledger.jsonl").entries()
    return [entry for entry in entries if entry.kind == "update" and entry.checksum]


LOSSY = [
    told("float16", "float16"),
    told("bfloat16", "bfloat16"),
    told("int8", "int8"),
    told("int4", "int4"),
    told("int8", "float32"),
    told("float32", "int8"),
    told("int8", "int8", 0.25),
    told("float32", "float32", 0.25),
]


@pytest.mark.parametrize("traffic", LOSSY, ids=str)
@pytest.mark.parametrize("method", ["fedit", "fra"])
def test_the_sites_learn_in_every_format(
    tmp_path: Path, traffic: TrafficSettings, method: str
) -> None:
    result = run(federation(traffic=traffic, method=method, rounds=5, steps=15), tmp_path)
    assert result.left_out == ()
    assert result.validation[result.best_round] < 0.6 * result.validation[0]
    adapter, _ = load_adapter(result.adapter_folder(5))
    assert checksum(adapter) == result.checksum


@pytest.mark.parametrize("method", METHODS)
def test_the_sites_learn_by_every_method_with_integers(tmp_path: Path, method: str) -> None:
    file = federation(traffic=told("int8", "int8"), method=method, rounds=5, steps=15)
    result = run(file, tmp_path)
    assert result.left_out == ()
    assert result.validation[result.best_round] < 0.6 * result.validation[0]


@pytest.mark.parametrize(("method", "follows"), [("flora", False), ("fra", True)])
def test_nothing_is_left_over_for_a_round_that_draws_new_factors(
    tmp_path: Path, method: str, *, follows: bool
) -> None:
    run(federation(traffic=told("int8"), method=method, rounds=2), tmp_path)
    assert any(site_folder(tmp_path, "ada").glob("traffic/tiny/left-over-*")) == follows


def test_the_same_run_gives_the_same_adapter_and_another_seed_another(tmp_path: Path) -> None:
    traffic = told("int4", "int8")
    one, two, other = (
        run(federation(traffic=traffic, seed=seed), tmp_path / name).checksum
        for name, seed in (("a", 5), ("b", 5), ("c", 6))
    )
    assert one == two != other


def test_the_ledger_and_the_round_tell_true_bytes_and_the_format(tmp_path: Path) -> None:
    run(federation(traffic=told("int8", "int8"), rounds=2), tmp_path / "a")
    run(federation(rounds=2), tmp_path / "b")
    small, large = updates(tmp_path / "a")[1], updates(tmp_path / "b")[1]
    about = small.arrays["adapter/layer.down.a"]
    assert about == {"shape": [2, 7], "bytes": 14 + 2, "format": "int8"}
    assert large.arrays["adapter/layer.down.a"] == {
        "shape": [2, 7],
        "bytes": 56,
        "format": "float32",
    }
    assert sum(one["bytes"] for one in large.arrays.values()) == EACH
    less = EACH - sum(one["bytes"] for one in small.arrays.values())
    for number in (1, 2):
        rounds = [read_round(tmp_path / name, number) for name in ("a", "b")]
        replies = [one["replies"]["ada"]["bytes"] for one in rounds]
        # The SHA-256 of what the site has kept goes along; names and numbers may be shorter.
        assert replies[1] - replies[0] == pytest.approx(less - 64, abs=8)


def test_the_ledger_names_the_adapter_that_the_coordinator_has(tmp_path: Path) -> None:
    reached = sites(tmp_path)
    answer = reached.ask(Task(1, 6), JOINT, ["ada"])[0]
    assert answer.update is not None
    assert answer.update.adapter is not None
    assert [entry.checksum for entry in updates(tmp_path)] == [checksum(answer.update.adapter)]


def test_in_the_first_round_the_joint_adapter_does_not_travel(tmp_path: Path) -> None:
    run(federation(rounds=2), tmp_path)
    sent = [read_round(tmp_path, number)["sent_bytes"] for number in (1, 2)]
    assert sent[1] - sent[0] >= 3 * EACH


def test_a_frozen_factor_does_not_travel(tmp_path: Path) -> None:
    run(federation(rounds=3, method="ffa"), tmp_path / "ffa")
    run(federation(rounds=3), tmp_path / "all")
    of_a = 4 * 2 * 12
    for entry in updates(tmp_path / "ffa"):
        assert set(entry.arrays) == {"adapter/layer.down.b", "adapter/layer.up.b"}
    for number in (2, 3):
        frozen, whole = (
            read_round(tmp_path / name, number)["sent_bytes"] for name in ("ffa", "all")
        )
        assert whole - frozen >= 3 * (of_a - 64), "but the SHA-256 of what the site has"


KILLED = """
import sys
from pathlib import Path
from federations import TRADE, federation
from fedtranslate.config.traffic import TrafficSettings
from fedtranslate.federation.flower.local import run_local
traffic = TrafficSettings(up="int4", down="int8", top_k=0.5)
file = federation(rounds=60, steps=30, traffic=traffic)
run_local(file, Path(sys.argv[1]), trainer=TRADE)
"""


def test_a_killed_run_goes_on_to_the_identical_result(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path / "a")])
    end = time.monotonic() + 120
    while not (tmp_path / "a" / "round-00002").exists():
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = len(list((tmp_path / "a").glob("round-0*")))
    file = federation(rounds=done + 1, steps=30, traffic=told("int4", "int8", 0.5))
    assert run(file, tmp_path / "a").checksum == run(file, tmp_path / "b").checksum


def test_what_was_left_over_at_the_coordinator_is_part_of_the_round(tmp_path: Path) -> None:
    file = federation(traffic=told("int4", "int4"), rounds=3)
    first = run(file, tmp_path)
    left = tmp_path / "round-00002" / STATE_FILE
    second = newest_round(tmp_path, 2)
    assert second is not None
    assert second.left_over
    shutil.rmtree(tmp_path / "round-00003")
    assert run(file, tmp_path).checksum == first.checksum
    shutil.rmtree(tmp_path / "round-00003")
    left.unlink()
    found = newest_round(tmp_path, 3)
    assert found is not None
    assert found.number == 1, "a round without what was left over is not whole"
    assert run(file, tmp_path).checksum == first.checksum
    shutil.rmtree(tmp_path / "round-00003")
    left.write_bytes(left.read_bytes()[:-4] + b"\0\0\0\0")
    assert run(file, tmp_path).checksum == first.checksum


JOINT = {
    "layer.up": Factors(torch.ones(2, 5), torch.zeros(7, 2), 2.0),
    "layer.down": Factors(torch.ones(2, 7), torch.zeros(4, 2), 2.0),
}
NEXT = {name: Factors(f.a * 1.5, f.b + 0.25, 2.0) for name, f in JOINT.items()}
THIRD = {name: Factors(f.a * 1.75, f.b + 0.125, 2.0) for name, f in JOINT.items()}
INT8 = federation("seed=1", "seed=2", traffic=told("int8", "int8"))


def sites(
    folder: Path, file: FederationFile = INT8, app: ClientApp = client_app.app
) -> FlowerSites:
    configs = [node_config(folder, site, TRADE, file.run) for site in file.sites]
    grid = LocalGrid(app, configs, flatten(file.run, ("ada", "bob")))
    reached = FlowerSites(grid, file.run)
    reached.present(2)
    return reached


def asked(reached: FlowerSites, number: int, joint: Adapter, down: Downlink) -> tuple[str, int]:
    answer = reached.ask(Task(number, 6), joint, ["ada"], step=down.step)[0]
    assert answer.update is not None, answer.refusal
    assert answer.update.adapter is not None
    return checksum(answer.update.adapter), answer.sent_bytes


def steps() -> tuple[Downlink, Downlink, Adapter, Downlink, Adapter]:
    """Return how there is no step yet, how NEXT was stepped to, and THIRD after it."""
    first, second = Downlink(INT8.run), Downlink(INT8.run)
    second_joint = second.taken(1, JOINT, NEXT)
    third = Downlink(INT8.run, second.left_over)
    return first, second, second_joint, third, third.taken(2, second_joint, THIRD)


def answers(folder: Path, between: Callable[[FlowerSites], FlowerSites]) -> list[str]:
    """Return the site's answers to three rounds; ``between`` comes before each."""
    first, second, second_joint, third, third_joint = steps()
    reached, found = sites(folder), []
    for number, (joint, down) in enumerate(
        ((JOINT, first), (second_joint, second), (third_joint, third)), start=1
    ):
        reached = between(reached)
        found.append(asked(reached, number, joint, down)[0])
    return found


def undisturbed(reached: FlowerSites) -> FlowerSites:
    return reached


def test_a_site_that_was_killed_answers_as_if_it_had_not_been(tmp_path: Path) -> None:
    def killed(_: FlowerSites) -> FlowerSites:
        client_app._open.clear()
        return sites(tmp_path / "b")

    assert answers(tmp_path / "a", undisturbed) == answers(tmp_path / "b", killed)


def test_a_round_that_is_asked_for_again_has_the_same_answer(tmp_path: Path) -> None:
    first, second, second_joint, third, third_joint = steps()
    reached = sites(tmp_path)
    rounds = ((1, JOINT, first), (2, second_joint, second), (3, third_joint, third))
    for number, joint, down in rounds:
        once, _ = asked(reached, number, joint, down)
        again, _ = asked(reached, number, joint, down)
        assert once == again
    once, _ = asked(reached, 2, second_joint, second)
    assert once == answers(tmp_path / "other", undisturbed)[1]


def test_a_site_that_lost_what_it_kept_is_asked_again_with_all_of_it(tmp_path: Path) -> None:
    def lost(reached: FlowerSites) -> FlowerSites:
        (site_folder(tmp_path / "b", "ada") / "traffic/tiny/joint.safetensors").unlink(
            missing_ok=True
        )
        return reached

    assert answers(tmp_path / "a", undisturbed) == answers(tmp_path / "b", lost)
    entries = list(Ledger(site_folder(tmp_path / "b", "ada") / "ledger.jsonl").entries())
    refusals = [entry for entry in entries if entry.kind == "refusal"]
    assert [entry.values["refusal"]["code"] for entry in refusals] == ["joint", "joint"]


def test_what_is_damaged_at_a_site_is_not_used(tmp_path: Path) -> None:
    def damaged(reached: FlowerSites) -> FlowerSites:
        path = site_folder(tmp_path / "b", "ada") / "traffic/tiny/joint.safetensors"
        if path.exists():
            path.write_bytes(path.read_bytes()[:-1] + b"\x01")
        return reached

    assert answers(tmp_path / "a", undisturbed) == answers(tmp_path / "b", damaged)


def test_what_was_left_over_makes_a_difference_and_its_damage_is_told(tmp_path: Path) -> None:
    def emptied(reached: FlowerSites) -> FlowerSites:
        for path in site_folder(tmp_path / "b", "ada").glob("traffic/tiny/left-over-*"):
            path.unlink()
        return reached

    whole = answers(tmp_path / "a", undisturbed)
    without = answers(tmp_path / "b", emptied)
    assert whole[0] == without[0]
    assert whole[1] != without[1]
    book = TrafficBook(site_folder(tmp_path / "a", "ada"), "tiny")
    path = site_folder(tmp_path / "a", "ada") / "traffic/tiny/left-over-00002.safetensors"
    path.write_bytes(b"")
    with pytest.raises(FederationError, match=r"truncated.*Delete .*left-over-00002"):
        book.left_over(3)


def test_a_step_weighs_a_quarter_and_what_a_site_has_nothing() -> None:
    big = {n: Factors(torch.randn(64, 500), torch.randn(400, 64), 2.0) for n in ("m", "n")}
    after = {n: Factors(f.a + 0.01, f.b + 0.01, 2.0) for n, f in big.items()}
    down = Downlink(INT8.run)
    joint = down.taken(1, big, after)
    shipment = Shipment(Task(2, 6), joint, Base(checksum(big), big), down.step)
    weights = {}
    for node, has in enumerate((checksum(big), checksum(joint), "", "f00d")):
        shipment.sent_to(node, has)
        weights[node] = shipment.bytes_to(node)
    step, nothing, whole, stranger = weights.values()
    assert whole == stranger
    assert whole >= shipment.floats
    assert 0.25 < step / whole < 0.27
    assert nothing < 0.01 * whole
    shipment.sent_to(0, "")
    assert shipment.bytes_to(0) == step + whole, "a site that was asked twice cost both"


def test_a_site_that_always_lacks_something_is_left_out(tmp_path: Path) -> None:
    stubborn = ClientApp()
    stubborn.query("introduce")(client_app.introduce)
    asked_for: list[int] = []

    @stubborn.train()
    def train(message: Message, context: Context) -> Message:
        from fedtranslate.federation.flower import compat

        if context.node_config["site"] != "ada":
            return client_app.train(message, context)
        asked_for.append(len(asked_for))
        return compat.refusal_reply("joint", message)

    reached = sites(tmp_path, app=stubborn)
    start = initial_adapter(
        {"layer.up": (7, 5), "layer.down": (4, 7)}, rank=2, scaling=2.0, seed=seed_of(0, 0)
    )
    found = {a.site: a.refusal for a in reached.ask(Task(1, 6), start, ["ada", "bob"])}
    assert found == {"ada": refusal_told("joint"), "bob": ""}
    assert len(asked_for) == 2


def test_what_was_left_over_long_ago_or_later_is_deleted(tmp_path: Path) -> None:
    book = TrafficBook(tmp_path, "tiny")
    for number in range(1, 8):
        book.keep_left_over(number, {"m.a": torch.full((1, 1), float(number))})
    kept = sorted(path.name for path in tmp_path.rglob("left-over-*"))
    assert kept == [f"left-over-{number:05d}.safetensors" for number in (4, 5, 6, 7)]
    assert float(book.left_over(7)["m.a"]) == 6
    assert float(book.left_over(99)["m.a"]) == 7
    assert book.left_over(4) == {}
    book.keep_left_over(3, {"m.a": torch.full((1, 1), 3.0)})
    assert float(book.left_over(4)["m.a"]) == 3
    assert float(book.left_over(99)["m.a"]) == 3  # not 7: those rounds are to be made again


def test_a_joint_adapter_is_kept_only_where_less_travels_for_it() -> None:
    assert not is_kept(told("int8"), Task(1, 6))
    assert is_kept(told("float32", "int8"), Task(1, 6))
    assert is_kept(told(), Task(1, 6, frozenset("b")))


def test_formats_survive_the_run_configuration() -> None:
    settings = INT8.run
    assert read_flat(flatten(settings, ("ada", "bob")))[0] == settings
    flat = flatten(settings, ("ada", "bob"))
    assert flat["traffic.up"] == "int8"
    with pytest.raises(ConfigError, match=r"traffic\.up"):
        read_flat({**flat, "traffic.up": "int7"})
    with pytest.raises(ConfigError, match=r"traffic\.top_k"):
        read_flat({**flat, "traffic.top_k": 1.0})


def test_a_ceiling_of_bytes_counts_true_ones(tmp_path: Path) -> None:
    run(federation("seed=1", "seed=2", traffic=told("int8", "int8"), rounds=2), tmp_path)
    kept = json.loads((site_folder(tmp_path, "ada") / "usage/tiny.json").read_text())
    entries = Ledger(site_folder(tmp_path, "ada") / "ledger.jsonl").entries()
    assert kept["bytes"] == sum(entry.bytes for entry in entries)
