"""The task of the attacks, and that honest sites unlike each other are never refused."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
import torch

from benchmarks.robustness.attacks import ATTACKERS, ATTACKS, Attack, replies
from benchmarks.robustness.defences import DEFENCES, Defence, End
from benchmarks.robustness.table import Runs
from benchmarks.robustness.task import RANK, SCALING, SHAPES, SITES, World, make_world
from benchmarks.robustness_figures import attacks_table
from fedtranslate.adapters.factors import Adapter, checksum
from fedtranslate.adapters.initial import initial_adapter
from fedtranslate.adapters.products import cosines, difference, gram
from fedtranslate.adapters.robust.screening import Bounds, screened

ROWS = {defence.name: defence for defence in DEFENCES}
BY_NAME = {attack.name: attack for attack in ATTACKS}
START = initial_adapter(SHAPES, rank=RANK, scaling=SCALING, seed=0)


def test_sites_are_unlike_each_other_and_the_largest_has_ten_times_the_pairs() -> None:
    world = make_world(0)
    sizes = sorted(len(own) for own in world.y)
    assert sizes[-1] == 10 * sizes[0]
    found = cosines(gram([difference(one, START) for one in world.trained(START, 1)]))
    assert float(found.min()) < 0.4
    shares = torch.stack([own.bincount(minlength=12) / len(own) for own in world.y])
    assert float((shares[:, None] - shares[None]).abs().sum(dim=2).max()) > 1.2


@pytest.mark.parametrize("seed", range(8))
def test_honest_sites_unlike_each_other_are_never_refused(seed: int) -> None:
    world, joint = make_world(100 + seed), START
    past: list[Adapter] = []
    for number in range(12):
        learned = world.trained(joint, 1_000 * seed + number)
        assert screened(dict(zip(SITES, learned, strict=True)), joint, Bounds()) == {}
        past.append(joint)
        joint = learned[number % len(SITES)]  # as unlike the middle as a joint adapter could be


def test_attackers_alone_send_otherwise() -> None:
    world = make_world(0)
    learned = world.trained(START, 1)
    for attack in ATTACKS:
        sent = replies(attack, 1, learned, [START], 7)
        changed = {k for k in range(len(SITES)) if checksum(sent[k]) != checksum(learned[k])}
        assert changed == (set(ATTACKERS) if attack.craft else set()), attack.name


@pytest.mark.parametrize("attack", ["nan", "claim", "turned"])
def test_what_captures_the_mean_does_not_capture_a_rule(attack: str) -> None:
    world = make_world(0)
    ours = ROWS["trimmed-mean"].run(world, BY_NAME[attack], 0)
    calm = ROWS["trimmed-mean"].run(world, BY_NAME["none"], 0)
    stock = ROWS["Flower FedAvg"].run(world, BY_NAME[attack], 0)
    assert ours.loss is not None
    assert calm.loss is not None
    assert ours.loss < calm.loss + 0.3
    assert stock.loss is None or stock.loss > calm.loss + 0.5
    assert ours.wrongly == 0


def test_the_page_tells_what_ended_what_was_captured_and_what_is_worse(tmp_path: Path) -> None:
    rows = [
        {"defence": defence, "rival": rival, "attack": attack, "ends": [asdict(e) for e in ends]}
        for defence, rival, attack, ends in (
            ("Flower Krum", "", "none", [End(1.0), End(1.2)]),
            ("Flower Krum", "", "nan", [End(None, "why"), End(1.2)]),
            ("Flower Krum", "", "long", [End(9.0), End(9.0)]),
            ("krum", "Flower Krum", "none", [End(0.9), End(1.0)]),
            ("krum", "Flower Krum", "nan", [End(0.9, "", 6), End(1.1, "", 6, 1)]),
            ("krum", "Flower Krum", "long", [End(9.5), End(9.5)]),
        )
    ]
    about = {
        "seeds": 2,
        "rounds": 3,
        "steps": 1,
        "sites": 11,
        "attackers": 2,
        "byzantine": 2,
        "rank": 6,
        "untrained": [4.0, 4.0],
        "attacks": {"none": "undisturbed", "nan": "NaN", "long": "too long"},
    }
    machine = {"packages": {"torch": "2", "flwr": "1"}, "commit": "0" * 40}
    file = tmp_path / "attacks.json"
    file.write_text(json.dumps({"settings": about, "rows": rows, "machine": machine}))
    text = attacks_table(file)
    for part in (
        "| Flower Krum | 1.10 ± 0.14 | **ended** 1 of 2 | **captured** 9.00 ± 0.00 |",
        "| krum | 100% | 0% |",
        "Of 162 replies of honest sites in these rows 1 were refused, 0 of them without",
        "| krum | -0.150 ± 0.050 | stock ended | +0.500 ± 0.000 |",
        "higher mean loss in 1, by more than 2 standard errors in 1 (krum under long)",
        "of ours with screening, 0 have runs that ended and 1 were captured",
        "of stock Flower, 1 have runs that ended and 1 were captured",
    ):
        assert part in text, part


def test_a_study_goes_on_after_the_runs_that_it_has_kept(tmp_path: Path) -> None:
    asked: list[int] = []

    def run(world: World, attack: Attack, seed: int) -> End:
        del world, attack
        asked.append(seed)
        return End(0.5 + seed)

    row, calm, file = Defence("row", run), BY_NAME["none"], tmp_path / "cells.jsonl"
    assert [Runs(file).end(row, calm, seed).loss for seed in (200, 201)] == [200.5, 201.5]
    file.write_text(file.read_text() + '["row", "none", 202, {"lo')
    kept = Runs(file)
    assert [kept.end(row, calm, seed).loss for seed in (200, 201, 202)] == [200.5, 201.5, 202.5]
    assert asked == [200, 201, 202]
    assert [Runs(file).end(row, calm, 202), Runs(None).end(row, calm, 7)] == [End(202.5), End(7.5)]
    assert asked == [200, 201, 202, 7]
