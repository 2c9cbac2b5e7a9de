"""Whole federations in one process: the real ServerApp and ClientApp on our Grid."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from federations import TRADE, federation
from tiny_trade import SECRET

from fedtranslate.adapters.factors import checksum
from fedtranslate.adapters.methods.registry import METHODS
from fedtranslate.adapters.store import load_adapter
from fedtranslate.config.federation import FederationFile
from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.journal import Event
from fedtranslate.federation.coordinator.result import RunResult
from fedtranslate.federation.flower.local import run_local
from fedtranslate.federation.flower.sitefiles import site_folder
from fedtranslate.federation.site.ledger import Ledger


def run(file: FederationFile, folder: Path, events: list[Event] | None = None) -> RunResult:
    return run_local(
        file, folder, trainer=TRADE, on_event=None if events is None else events.append
    )


def everything_written(folder: Path) -> str:
    files = [path for path in folder.rglob("*") if path.suffix in {".json", ".jsonl"}]
    return "".join(path.read_text() for path in files if "sites" not in path.parts)


@pytest.mark.parametrize("method", METHODS)
def test_the_sites_learn_from_each_other(tmp_path: Path, method: str) -> None:
    given = {"fra_rounds": 2} if method == "fra-then-ffa" else {}
    file = federation(method=method, rounds=5, steps=15, method_options=given)
    result = run(file, tmp_path)
    assert result.validation[result.best_round] < 0.5 * result.validation[0]
    assert result.best_round == min(range(1, 6), key=lambda n: result.validation[n])
    adapter, manifest = load_adapter(result.adapter_folder(5), base_fingerprint="tiny")
    assert checksum(adapter) == result.checksum == manifest.checksum
    assert (manifest.run, manifest.round) == ("tiny", 5)


def test_the_same_run_gives_the_same_adapter_and_another_seed_another(tmp_path: Path) -> None:
    one, two, other = (
        run(federation(seed=seed), tmp_path / name).checksum
        for name, seed in (("a", 5), ("b", 5), ("c", 6))
    )
    assert one == two != other


def test_the_order_in_which_sites_are_listed_does_not_matter(tmp_path: Path) -> None:
    file = federation()
    turned = file.model_copy(update={"sites": tuple(reversed(file.sites))})
    assert run(file, tmp_path / "a").checksum == run(turned, tmp_path / "b").checksum


def test_a_finished_run_is_not_done_again(tmp_path: Path) -> None:
    first = run(federation(), tmp_path)
    rounds = sorted((p, p.stat().st_mtime_ns) for p in tmp_path.glob("round-*/*"))
    assert run(federation(), tmp_path) == first
    assert rounds == sorted((p, p.stat().st_mtime_ns) for p in tmp_path.glob("round-*/*"))


def test_more_rounds_continue_a_run_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    run(federation(rounds=2), tmp_path / "a")
    continued = run(federation(rounds=4), tmp_path / "a")
    straight = run(federation(rounds=4), tmp_path / "b")
    assert continued.checksum == straight.checksum
    assert continued.validation == straight.validation


def test_fewer_rounds_give_the_outcome_after_those(tmp_path: Path) -> None:
    run(federation(rounds=3), tmp_path / "a")
    assert run(federation(rounds=2), tmp_path / "a").checksum == (
        run(federation(rounds=2), tmp_path / "b").checksum
    )


def test_a_folder_with_another_run_is_refused_and_left_alone(tmp_path: Path) -> None:
    run(federation(), tmp_path)
    status = (tmp_path / "status.json").read_text()
    with pytest.raises(FederationError, match="holds a run with other settings"):
        run(federation(steps=7), tmp_path)
    assert (tmp_path / "status.json").read_text() == status


def test_a_site_with_other_data_than_the_run_began_with_is_left_out(tmp_path: Path) -> None:
    run(federation("seed=1", "seed=2", "seed=3"), tmp_path)
    result = run(federation("seed=1", "seed=9", "seed=3", rounds=5), tmp_path)
    assert {site for number, site, _ in result.left_out if number > 3} == {"bob"}
    assert "its pairs are not those that the run began with" in result.left_out[-1][2]


def test_a_run_ends_where_too_few_sites_have_the_data_that_it_began_with(tmp_path: Path) -> None:
    run(federation("seed=1", "seed=2"), tmp_path)
    with pytest.raises(FederationError, match="bob: its pairs are not those that the run began"):
        run(federation("seed=1", "seed=9", rounds=5), tmp_path)


@pytest.mark.parametrize(
    ("habit", "reason"),
    [
        ("raise", "failed with 'RuntimeError'"),
        ("shape", "wrong shape"),
        ("keys", "adapts other modules"),
        ("huge", "norm"),
        ("loss", "validation loss is not a number"),
        ("sleep", "did not answer in time"),
    ],
)
def test_a_bad_reply_costs_that_reply_only_and_its_site_is_named(
    tmp_path: Path, habit: str, reason: str
) -> None:
    events: list[Event] = []
    file = federation("seed=1", "seed=2", f"seed=3,bad={habit}@2", round_seconds=2)
    result = run(file, tmp_path, events)
    ((number, site, found),) = result.left_out
    assert (number, site) == (2, "eve")
    assert reason in found
    assert any("eve" in event.text for event in events if event.kind == "left-out")
    record = json.loads((tmp_path / "round-00002" / "round.json").read_text())
    assert sorted(record["replies"]) == ["ada", "bob"]
    assert sorted(json.loads((tmp_path / "round-00003/round.json").read_text())["replies"]) == [
        "ada",
        "bob",
        "eve",
    ]


def test_a_changed_frozen_factor_is_refused(tmp_path: Path) -> None:
    habits = ("seed=1", "seed=2", "seed=3,bad=moves-a@2")
    result = run(federation(*habits, method="ffa"), tmp_path)
    assert result.left_out == ((2, "eve", "it changed the frozen factor A"),)


def test_the_weight_that_a_site_claims_is_capped(tmp_path: Path) -> None:
    run(federation("seed=1", "seed=2,bad=greedy@1", max_weight=50, rounds=1), tmp_path)
    replies = json.loads((tmp_path / "round-00001" / "round.json").read_text())["replies"]
    assert (replies["ada"]["weight"], replies["bob"]["weight"]) == (40, 50)


def test_too_few_valid_replies_fail_the_run_and_it_says_so(tmp_path: Path) -> None:
    habits = ("seed=1", "seed=2,bad=shape@2", "seed=3,bad=raise@2")
    with pytest.raises(FederationError, match=r"Round 2 has 1 valid replies, but 2 are needed"):
        run(federation(*habits), tmp_path)
    status = json.loads((tmp_path / "status.json").read_text())
    assert status["state"] == "failed"
    assert "eve" in status["reason"]
    assert "bob" in status["reason"]


def test_after_the_sites_were_helped_a_failed_run_goes_on(tmp_path: Path) -> None:
    habits = ("seed=1", "seed=2,bad=shape@2", "seed=3,bad=raise@2")
    with pytest.raises(FederationError):
        run(federation(*habits), tmp_path / "a")
    healed = run(federation("seed=1", "seed=2", "seed=3"), tmp_path / "a")
    assert healed.checksum == run(federation("seed=1", "seed=2", "seed=3"), tmp_path / "b").checksum


def test_a_site_with_another_base_model_is_left_out(tmp_path: Path) -> None:
    events: list[Event] = []
    result = run(federation("seed=1", "seed=2", "seed=3,base=1", rounds=1), tmp_path, events)
    assert [site for _, site, _ in result.left_out] == ["eve"]
    assert "fingerprint 'other'" in result.left_out[0][2]


def test_no_text_of_an_error_leaves_the_site(tmp_path: Path) -> None:
    run(federation("seed=1", "seed=2", "seed=3,bad=raise@1", rounds=1), tmp_path)
    assert "RuntimeError" in everything_written(tmp_path)
    assert "Secret" not in everything_written(tmp_path)
    kept = site_folder(tmp_path, "eve") / "errors.log"
    assert SECRET in kept.read_text()


def test_the_ledger_lists_everything_that_left(tmp_path: Path) -> None:
    result = run(federation(rounds=2), tmp_path)
    entries = list(Ledger(site_folder(tmp_path, "ada") / "ledger.jsonl").entries())
    assert [(e.kind, e.round) for e in entries] == [
        ("introduction", 0),
        ("update", 1),
        ("update", 2),
        ("update", 3),
    ]
    update = entries[1]
    assert update.run == "tiny"
    assert update.time
    assert {name: spec["shape"] for name, spec in update.arrays.items()} == {
        "adapter/layer.down.a": [2, 7],
        "adapter/layer.down.b": [4, 2],
        "adapter/layer.up.a": [2, 5],
        "adapter/layer.up.b": [7, 2],
    }
    assert update.bytes > sum(spec["bytes"] for spec in update.arrays.values())
    assert update.arrays["adapter/layer.down.a"]["bytes"] == 4 * 2 * 7
    assert set(update.values) == {"site", "numbers"}
    assert len(update.checksum) == 64
    assert not entries[3].arrays
    assert result.rounds == 2


def test_the_damaged_newest_round_is_made_again(tmp_path: Path) -> None:
    first = run(federation(), tmp_path)
    newest = tmp_path / "round-00003" / "adapter.safetensors"
    newest.write_bytes(newest.read_bytes()[:-5])
    again = run(federation(), tmp_path)
    assert again == first
    assert checksum(load_adapter(again.adapter_folder(3))[0]) == first.checksum


def test_an_older_round_whose_record_is_damaged_is_made_again(tmp_path: Path) -> None:
    first = run(federation(), tmp_path)
    (tmp_path / "round-00002" / "round.json").write_text("{")
    assert run(federation(), tmp_path) == first


def test_a_damaged_adapter_of_an_older_round_says_what_to_delete(tmp_path: Path) -> None:
    result = run(federation(), tmp_path)
    base = {"base_fingerprint": "tiny", "base_name": "tiny"}
    assert checksum(result.joint(3, **base)[0]) == result.checksum
    (result.adapter_folder(1) / "adapter.safetensors").write_bytes(b"")
    with pytest.raises(FederationError, match=r"truncated.* Delete .*round-00001 and"):
        result.joint(1, **base)


def test_a_run_that_no_longer_says_what_it_is_of_tells_what_to_delete(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(FederationError, match=rf"run\.json cannot be read.*Delete {tmp_path} to"):
        run(federation(), tmp_path)


KILLED = """
import sys
from pathlib import Path
from federations import TRADE, federation
from fedtranslate.federation.flower.local import run_local
run_local(federation(rounds=60, steps=30), Path(sys.argv[1]), trainer=TRADE)
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
    file = federation(rounds=done + 1, steps=30)
    assert run(file, tmp_path / "a").checksum == run(file, tmp_path / "b").checksum


def test_two_processes_do_not_work_on_one_run(tmp_path: Path) -> None:
    from fedtranslate.federation.coordinator.journal import Journal

    with Journal(tmp_path, str).locked(), pytest.raises(FederationError, match="at work"):
        run(federation(), tmp_path)
