"""What formats of numbers save on the network, as a table: bytes and losses over seeds."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

_TARGET = "int8 with error feedback: at most 27 % of the bytes, loss within one standard deviation"
Results = Sequence[Mapping[str, Any]]


def traffic_table(files: Sequence[Path]) -> str:
    """Return the table of the results in ``files``, as Markdown; float32 must be among them."""
    results: dict[str, list[dict[str, Any]]] = {}
    for file in files:
        one = json.loads(file.read_text("utf-8"))
        results.setdefault(one["about"]["format"], []).append(one)
    plain = results["float32"]
    header = ["format", "up, MB", "down, MB", "of float32", "validation loss", "more than float32"]
    lines = ["| " + " | ".join(header) + " |", "| --- |" + " ---: |" * (len(header) - 1)]
    for name in sorted(results, key=lambda name: -_both(results[name])):
        found = results[name]
        more = fmean(_best(one) for one in found) - fmean(_best(one) for one in plain)
        cells = [f"{_mean(found, side) / 1e6:.2f}" for side in ("up", "down")]
        cells.append(f"{_both(found) / _both(plain):.1%}")
        cells.append(f"{fmean(map(_best, found)):.4f} ± {_spread(found):.4f}")
        cells.append("-" if name == "float32" else f"{more:+.4f}")
        lines.append("| " + " | ".join([name, *cells]) + " |")
    return f"{_about(plain)}\n\n" + "\n".join(lines) + f"\n\n{_verdict(results)}"


def _about(results: Results) -> str:
    settings, machine = results[0]["about"]["settings"], results[0]["about"]["machine"]
    return (
        f"{len(results)} seed(s), {settings['rounds']} rounds of {settings['steps']} steps, method"
        f" {settings['method']}, LoRA rank {settings['lora']['rank']}, {results[0]['replies'][0]}"
        f" sites; bytes of one round at one site, as the coordinator has measured them;"
        f" commit {machine['commit'][:10]}."
    )


def _verdict(results: Mapping[str, Results]) -> str:
    if "int8" not in results:
        return ""
    plain, small = results["float32"], results["int8"]
    share = _both(small) / _both(plain)
    more = fmean(map(_best, small)) - fmean(map(_best, plain))
    met = share <= 0.27 and more <= _spread(plain)
    told = f"{share:.1%}, {more:+.4f} with a standard deviation of {_spread(plain):.4f}"
    return f"Target: {_TARGET}. Measured: {told}; {'met' if met else 'missed'}."


def _both(results: Results) -> float:
    return _mean(results, "up") + _mean(results, "down")


def _mean(results: Results, side: str) -> float:
    """Return the bytes of one round at one site."""
    return sum(sum(one[side]) for one in results) / sum(sum(one["replies"]) for one in results)


def _best(one: Mapping[str, Any]) -> float:
    """Return the validation loss of the best round."""
    return float(one["validation"][one["best_round"]])


def _spread(results: Results) -> float:
    values = [_best(one) for one in results]
    return stdev(values) if len(values) > 1 else 0.0
