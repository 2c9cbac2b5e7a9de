"""The same apps over a real SuperLink with SuperNodes on loopback."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from federations import TRADE, federation

from fedtranslate.config.traffic import TrafficSettings
from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.journal import Event, Journal
from fedtranslate.federation.coordinator.result import read_result
from fedtranslate.federation.flower.deployment import run_deployed
from fedtranslate.federation.flower.local import run_local
from fedtranslate.federation.flower.sitefiles import site_folder
from fedtranslate.federation.site.ledger import Ledger


@pytest.mark.deployment
def test_a_deployment_does_exactly_what_the_run_in_process_does(tmp_path: Path) -> None:
    """Two good rounds, one of them without a site, then one that misses its quorum."""
    sites = ("seed=1", "seed=2,pairs=60,bad=shape@3", "seed=3,bad=raise@1+raise@3")
    file = federation(*sites, rounds=3)
    events: list[Event] = []
    complaint = r"Round 3 has 1 valid replies, but 2 are needed \(bob: .*shape; eve: .*Runtime"
    with pytest.raises(FederationError, match=complaint):
        run_deployed(file, tmp_path / "d", on_event=events.append, trainer=TRADE)
    with pytest.raises(FederationError, match=complaint):
        run_local(file, tmp_path / "l", trainer=TRADE)
    deployed, local = (read_result(tmp_path / folder, 1) for folder in "dl")
    assert deployed.checksum == local.checksum
    assert deployed.validation == local.validation
    assert deployed.left_out == local.left_out == ((1, "eve", "it failed with 'RuntimeError'"),)
    rounds = [json.loads((tmp_path / x / "round-00002/round.json").read_text()) for x in "dl"]
    assert rounds[0] == rounds[1]
    assert [event.kind for event in events].count("round") == 2
    assert json.loads((tmp_path / "d" / "status.json").read_text())["state"] == "failed"
    for site in ("ada", "bob", "eve"):
        ledgers = [
            [(e.kind, e.round, e.checksum) for e in Ledger(folder / "ledger.jsonl").entries()]
            for folder in (site_folder(tmp_path / x, site) for x in "dl")
        ]
        assert ledgers[0] == ledgers[1]


@pytest.mark.deployment
def test_a_deployment_does_the_same_where_numbers_are_rounded_on_the_way(tmp_path: Path) -> None:
    file = federation(rounds=3, traffic=TrafficSettings(up="int4", down="int8", top_k=0.5))
    deployed = run_deployed(file, tmp_path / "d", trainer=TRADE)
    local = run_local(file, tmp_path / "l", trainer=TRADE)
    assert (deployed.checksum, deployed.left_out) == (local.checksum, ())
    rounds = [json.loads((tmp_path / x / "round-00003/round.json").read_text()) for x in "dl"]
    assert rounds[0] == rounds[1]


@pytest.mark.deployment
def test_a_deployment_that_is_killed_leaves_nobody_at_work_on_its_run(tmp_path: Path) -> None:
    here, folder = str(Path(__file__).parent), tmp_path / "run"
    program = (
        f"import sys; sys.path.insert(0, {here!r})\n"
        "from pathlib import Path\n"
        "from federations import TRADE, federation\n"
        "from fedtranslate.federation.flower.deployment import run_deployed\n"
        "file = federation('seed=1', 'seed=2', 'seed=3', rounds=500)\n"
        f"run_deployed(file, Path({str(folder)!r}), trainer=TRADE)\n"
    )
    main = subprocess.Popen(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    )
    _wait_for((folder / "round-00001" / "round.json").exists)
    with pytest.raises(FederationError, match="Another process"), Journal(folder, str).locked():
        pass
    main.send_signal(signal.SIGKILL)
    main.wait()
    _wait_for(lambda: _is_free(folder))


def _is_free(folder: Path) -> bool:
    try:
        with Journal(folder, str).locked():
            return True
    except FederationError:
        return False


def _wait_for(happens: Callable[[], bool]) -> None:
    until = time.monotonic() + 200
    while not happens():
        assert time.monotonic() < until
        time.sleep(0.2)
