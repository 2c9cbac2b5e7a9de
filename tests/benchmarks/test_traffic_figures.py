"""The table of what formats save: what is measured is told as it is, a missed target included."""

import json
from pathlib import Path

import pytest

from benchmarks.traffic_figures import traffic_table

SETTINGS = {"rounds": 2, "steps": 3, "method": "fedit", "lora": {"rank": 4}}


def results(folder: Path, losses: dict[str, list[float]], share: float) -> list[Path]:
    files = []
    for name, values in losses.items():
        each = 1_000_000 if name == "float32" else int(1_000_000 * share)
        for seed, loss in enumerate(values):
            about = {"format": name, "settings": SETTINGS, "machine": {"commit": "c" * 40}}
            one = {
                "about": about,
                "up": [3 * each, 3 * each],
                "down": [0, 3 * each],
                "replies": [3, 3],
                "validation": [9.0, 8.0, loss],
                "best_round": 2,
            }
            files.append(folder / f"{name}-{seed}.json")
            files[-1].write_text(json.dumps(one))
    return files


@pytest.mark.parametrize(
    ("share", "worse", "verdict"),
    [(0.25, 0.05, "met."), (0.28, 0.05, "missed."), (0.25, 0.2, "missed.")],
)
def test_bytes_and_losses_are_told_with_what_was_aimed_at(
    tmp_path: Path, share: float, worse: float, verdict: str
) -> None:
    plain = [1.0, 1.1, 1.2]
    losses = {"float32": plain, "int8": [loss + worse for loss in plain]}
    table = traffic_table(results(tmp_path, losses, share))
    assert "| float32 | 1.00 | 0.50 | 100.0% | 1.1000 ± 0.1000 | - |" in table
    assert f"| int8 | {share:.2f} | {share / 2:.2f} | {share:.1%} | {1.1 + worse:.4f} ±" in table
    assert table.endswith(verdict)
