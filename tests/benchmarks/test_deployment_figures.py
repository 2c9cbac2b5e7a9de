"""What is measured of deployed federations: the trades, the scales, and the tables."""

import json
import os
from pathlib import Path

import pytest
import torch

from benchmarks.figures import figures_table
from benchmarks.reliability import scale
from benchmarks.reliability.bulk import BulkTrade
from benchmarks.reliability.deployment import Deployment, until
from benchmarks.reliability.trade import told_numbers
from benchmarks.reliability.weighing import Sample, Scales, peak_sum, peaks, weight
from benchmarks.reliability_figures import READERS, overheads, scale_table
from benchmarks.reliability_plot import plot
from fedtranslate.adapters.initial import initial_adapter
from fedtranslate.adapters.methods.method import Joint
from fedtranslate.config.federation import RunSettings
from fedtranslate.config.training import LoraSettings
from fedtranslate.errors import ConfigError
from fedtranslate.federation.exchange import Task


def test_a_bulk_update_weighs_what_it_shall_and_follows_from_its_seed() -> None:
    run = RunSettings(name="run", source="java", target="csharp", lora=LoraSettings(rank=16))
    trade = BulkTrade(run, 1, 2.0)
    shapes = trade.equipment().shapes
    joint = initial_adapter(shapes, rank=16, scaling=1.0, seed=0)
    first, again = (trade.train(Joint(joint), Task(1, 4), 7).adapter for _ in range(2))
    assert first is not None
    assert again is not None
    sent = sum(4 * (one.a.numel() + one.b.numel()) for one in first.values())
    assert sent == pytest.approx(2e6, rel=0.1)
    assert all(torch.equal(first[name].b, again[name].b) for name in shapes)
    assert trade.train(Joint(joint), Task(2, 0), 7).adapter is None


@pytest.mark.parametrize("pairs", [None, "pairs.jsonl", "seconds=1", "seed=x"])
def test_pairs_that_tell_a_trade_nothing_are_refused(pairs: str | None) -> None:
    with pytest.raises(ConfigError, match="ada"):
        told_numbers(pairs, "ada")
    assert told_numbers("/a/b/seed=3,megabytes=0.5", "ada") == {"seed": 3.0, "megabytes": 0.5}


def test_programs_are_weighed_until_they_are_gone() -> None:
    own = weight(os.getpid())
    assert own is not None
    assert 1 < own[1] <= own[0]
    assert weight(2**22 + 1) is None
    with Scales(lambda: {"this": os.getpid(), "gone": 2**22 + 1}) as scales:
        assert until(lambda: scales.samples, 30.0)
    assert set(scales.samples[0].rss) == {"this"}


def test_peaks_are_of_each_program_and_sums_of_one_moment() -> None:
    samples = [
        Sample(1.0, {"hub/a": 5.0, "hub/b": 1.0}, {"hub/a": 4.0, "hub/b": 1.0, "site/a": 9.0}),
        Sample(2.0, {"hub/a": 2.0, "hub/b": 3.0}, {"hub/a": 2.0, "hub/b": 2.0}),
    ]
    assert peaks(samples) == {"hub/a": 5.0, "hub/b": 3.0}
    assert peak_sum(samples, "hub/") == 5.0


def test_the_overhead_leaves_out_the_work_and_the_round_in_one_process() -> None:
    row = {"pace": "product", "work": 2, "deployed": [5.0, 6.0], "alone": [0.5, 0.5, 9.0]}
    assert overheads(row) == [2.5, 3.5]


def test_figures_tell_peaks_in_adapters_and_growth_from_round_ten(tmp_path: Path) -> None:
    series = {"app": 100.0, "superlink": 50.0, "door": 40.0}
    adapter = {
        "adapter_mib": 50.0, "rounds": 3, "sites": 3, "idle": {"superlink": 50.0, "door": 40.0},
        "idle_sum": 90.0, "peaks": series, "peak_sum": 190.0, "release_peaks": series,
        "release_peak_sum": 150.0, "round_seconds": [9.0], "limit": 3, "load": 1.0,
    }  # fmt: skip
    long = [100.0] * 10 + [101.0] * 89 + [104.0]
    soak = {
        "megabytes": 20.0, "rounds": 100, "sites": 3, "limit": 1.05, "load": 1.0,
        "peak": {f"coordinator/{name}": long for name in series}, "usual": {"ada/data": long},
    }  # fmt: skip
    for name, values in (("adapter_memory", adapter), ("soak", soak)):
        (tmp_path / f"{name}.json").write_text(json.dumps(values))
    told = figures_table(tmp_path, READERS)
    assert "| 100 MiB, 2.0 adapters; 2.0 at the release |" in told
    assert "190 MiB, 3.8 adapters; 3.0 at the release; a round takes 9 s" in told
    assert "101 MiB in round 50, 104 in round 100, 104 at most" in told
    assert "+4.0% in round 100 at the site that changed most; +1.0% to +4.0% in the rounds" in told


def test_rounds_are_told_by_the_number_of_sites(tmp_path: Path) -> None:
    row = {
        "sites": 50, "seconds": [8.0, 9.0, 12.0], "coordinator_seconds": 4.25,
        "coordinator_idle": 0.5, "coordinator_mib": 700.0, "sites_mib": 4321.0,
        "site_programs": 100, "load": 6.0,
    }  # fmt: skip
    file = tmp_path / "scale.json"
    file.write_text(json.dumps({"rounds": 3, "rows": [row]}))
    line = "| 50 | 9.0 (8.0 to 12.0) | 4.2 s | 50% of a core | 700 | 4,321 in 100 programs | 6 |"
    assert line in scale_table(file)


def test_processor_time_is_of_the_rounds_and_not_of_what_is_around_them(tmp_path: Path) -> None:
    meter = scale._Meter(Deployment(tmp_path, (), lambda _: ""))
    meter.noted = [(9.0, 5.0), (10.1, 6.0), (15.0, 8.0), (19.9, 10.9), (21.0, 30.0)]
    assert meter.between(10.0, 20.0) == pytest.approx(4.9 * 10 / 9.8)


def test_the_plot_of_the_same_rows_is_the_same_file(tmp_path: Path) -> None:
    rows = [
        {"sites": count, "seconds": [3.0, 4.0], "coordinator_seconds": 0.1 * count}
        for count in (2, 50)
    ]
    first, again = tmp_path / "first.svg", tmp_path / "again.svg"
    for file in (first, again):
        plot(rows, file)
    assert first.read_bytes() == again.read_bytes()
