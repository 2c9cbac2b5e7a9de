"""A real federation, with TLS, registered keys and approval, whose parts are killed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.reliability.chaos import SITES, disturbed, pairs, read
from benchmarks.reliability.deployment import Deployment
from benchmarks.reliability.faults import FAULTS
from benchmarks.tables import chaos_table

KILLS = {fault.name: fault for fault in FAULTS}


@pytest.fixture
def federation(tmp_path: Path) -> Iterator[Deployment]:
    made = Deployment(tmp_path, SITES, pairs)
    try:
        made.make()
        yield made
    finally:
        made.down()


@pytest.mark.deployment
@pytest.mark.timeout(600)
def test_a_run_comes_to_the_same_adapter_after_kill_9_of_its_parts(federation: Deployment) -> None:
    names = (
        "kill the coordinator's app",
        "kill the SuperLink",
        "kill a site's data process",
        "kill a supervisor, start it again within 10 s",
    )
    plan = [(3.0, KILLS[name]) for name in names]
    result = disturbed(federation, 7, plan)
    assert [one["at"] != "" for one in result["faults"]] == [True] * 4
    assert (result["state"], result["end"]) == ("completed", "right"), result


def test_what_was_measured_is_told_by_fault_and_a_line_cut_off_does_not_count(
    tmp_path: Path,
) -> None:
    file = tmp_path / "chaos.jsonl"
    faults = [{"fault": "kill it", "at": "x"}]
    one = {"seed": 1, "end": "right", "faults": faults, "seconds": 9.0, "resumed_after": ""}
    two = {**one, "seed": 2, "end": "wrong", "faults": faults * 2, "resumed_after": "Too few."}
    lines = [json.dumps(run) for run in (one, two, {**one, "sites": 5})]
    file.write_text("\n".join(lines))
    told = chaos_table(file)
    assert "3 runs (2 with 3, 1 with 5 sites): 2 right, 0 otherwise, 1 wrong; 1 had st" in told
    assert "| kill it | 4 | 2 | 0 | 1 |" in told
    file.write_text("\n".join([*lines, '{"seed": 3, "en']))
    assert [result["seed"] for result in read(file)] == [1, 2, 1]
