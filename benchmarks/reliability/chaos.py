"""Disturb runs of a real federation by seeded faults, and count those that end as if undisturbed.

    python -m benchmarks.reliability.chaos --runs 20 --seed 1 [--sites 3] [--out FILE]

Each run has one to three faults at random moments.  It ends *right* if it is completed, and the
joint adapter after its last round is the very one of an undisturbed run in one process.  It ends
*otherwise* if it is completed with a site left out of some round, which changes the adapter.
Everything else is *wrong*.  If a run waits for sites that are away, or stops with a reason, the
faults that last are ended; one that has stopped is resumed once.

Results are appended line by line, and seeds that are in the file already, with as many sites, are
not run again; several of these programs may write to one file side by side.  Lines that are cut or
bad and disks that are full need namespaces; where there are none, those faults are left out.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.reliability.deployment import COORDINATOR, Deployment
from benchmarks.reliability.faults import DEADLINE_SECONDS, FAULTS, Fault
from benchmarks.reliability.surroundings import Surroundings, enter
from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.journal import read_round

RESULTS = Path(__file__).parents[1] / "results" / "reliability" / "chaos.jsonl"
SITES = ("ada", "bob", "eve")
_MORE_SITES = ("ivo", "una")
_ROUNDS = 4
_PATIENCE = {"round_seconds": DEADLINE_SECONDS, "join_seconds": DEADLINE_SECONDS}
_PATIENCE_SECONDS = 420.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; return 1 if a run ended wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=20, help="how many, one seed each")
    parser.add_argument("--seed", type=int, default=1, help="of the first run")
    parser.add_argument("--sites", type=int, choices=(3, 4, 5), default=3, help="that take part")
    parser.add_argument("--out", type=Path, default=RESULTS, help="results, a line each")
    asked = parser.parse_args(arguments)
    wanted = range(asked.seed, asked.seed + asked.runs)
    sites = (*SITES, *_MORE_SITES)[: asked.sites]
    done = {one["seed"]: one for one in read(asked.out) if one["sites"] == len(sites)}
    left = [seed for seed in wanted if seed not in done]
    if left:
        asked.out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as scratch:
            root = Path(scratch)
            surroundings = Surroundings.here(root, COORDINATOR, sites, Random(asked.seed))
            federation = Deployment(root, sites, pairs, surroundings=surroundings)
            try:
                federation.make()
                for seed in left:
                    done[seed] = disturbed(federation, seed)
                    with asked.out.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(done[seed]) + "\n")
                    print(_line(done[seed]), flush=True)
            finally:
                federation.down()
    ends = Counter(done[seed]["end"] for seed in wanted)
    print(", ".join(f"{ends[end]} {end}" for end in ("right", "otherwise", "wrong")))
    return 1 if ends["wrong"] else 0


def planned(rng: Random, federation: Deployment) -> list[tuple[float, Fault]]:
    """Return which faults happen, each after so many seconds."""
    known = [fault for fault in FAULTS if fault.is_possible(federation)]
    return [(rng.uniform(0.0, 12.0), rng.choice(known)) for _ in range(rng.randint(1, 3))]


def disturbed(
    federation: Deployment, seed: int, plan: Sequence[tuple[float, Fault]] | None = None
) -> dict[str, Any]:
    """Start a run, let faults happen, and return how it ended.

    Args:
        federation: It is up.
        seed: Of the run, and of what happens.
        plan: What happens instead, each after so many seconds.
    """
    rng, name = Random(seed), f"chaos-{seed}"
    start = time.monotonic()
    federation.start_run(name, rounds=_ROUNDS, seed=seed, **_PATIENCE)
    struck = []
    for seconds, fault in plan or planned(rng, federation):
        time.sleep(seconds)
        struck.append({"fault": fault.name, "at": fault.strike(federation, rng)})
    state = federation.wait_for(name, _PATIENCE_SECONDS, "waiting")
    federation.calm()
    reason = state.reason if state.state == "failed" else ""
    if reason:
        federation.run("federate", "resume", name, at=federation.hub)
    if state.state != "completed":
        state = federation.wait_for(name, _PATIENCE_SECONDS)
    folder = federation.hub.run(name)
    records = [_record(folder, number) for number in range(1, _ROUNDS + 1)]
    undisturbed = federation.run_alone(name, pairs).checksum
    same = bool(records[-1]) and records[-1]["checksum"] == undisturbed
    incomplete = any(record and record["left_out"] for record in records)
    if state.state == "completed" and same:
        end = "right"
    elif state.state == "completed" and incomplete:
        end = "otherwise"
    else:
        end = "wrong"
    return {
        "seed": seed,
        "sites": len(federation.sites),
        "end": end,
        "state": state.state,
        "reason": state.reason,
        "resumed_after": reason,
        "faults": struck,
        "seconds": round(time.monotonic() - start, 1),
        "commit": _commit(),
    }


def read(file: Path) -> list[dict[str, Any]]:
    """Return the results so far; a line that was cut off does not count."""
    found = []
    for line in file.read_text("utf-8").splitlines() if file.exists() else ():
        try:
            found.append({"sites": len(SITES), **json.loads(line)})
        except ValueError:
            continue
    return found


def _record(folder: Path, number: int) -> dict[str, Any]:
    try:
        return read_round(folder, number)
    except FederationError:
        return {}


def _commit() -> str:
    """Return which code was disturbed; empty outside of a git checkout."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    root = Path(__file__).parent
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def pairs(number: int) -> str:
    """Return what the trade of a site is told."""
    return f"seed={number + 1},seconds=0.3"


def _line(result: dict[str, Any]) -> str:
    faults = "; ".join(f"{one['fault']} ({one['at'] or 'not there'})" for one in result["faults"])
    resumed = ", resumed" if result["resumed_after"] else ""
    return f"{result['seed']:>4} {result['end']:<9} {result['seconds']:>6} s{resumed}  {faults}"


if __name__ == "__main__":
    enter("benchmarks.reliability.chaos", sys.argv[1:])
    raise SystemExit(main())
