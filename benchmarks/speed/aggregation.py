"""Time and weigh full-rank aggregation against dense matrices, and methods by number of sites.

    python -m benchmarks.speed.aggregation dense      # 7B shapes, 10 sites of rank 16
    python -m benchmarks.speed.aggregation sites      # 0.5B shapes, rank 8, 2 to 1,000 sites
    python -m benchmarks.speed.aggregation screening  # one 896x896 module, rank 8, to 1,000 sites

*dense*: the mean of the sites' products, cut to rank 16, once through the small cores as a run does
it, and once as dense matrices with a dense SVD.  Both see one linear map of each shape, in float64,
and are multiplied by how many the model has: dense for all of them takes hours.

*sites*: one decoder layer, by method and number of sites.  The replies wait on disk, as in a run; a
few are drawn and taken again and again.

*screening*: the comparison of all replies of one module, with what it takes where all inner
products are exact.

Each measurement has a process of its own with one thread.  Seconds are of the processor, so that
other work on the machine does not count; memory is the peak above what the process held when it
began.
"""

import ctypes
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import click
import torch

from benchmarks.record import record
from fedtranslate.adapters.aside import AsideAdapter
from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.methods.method import Joint, Part
from fedtranslate.adapters.methods.registry import find_method
from fedtranslate.adapters.products import cosines
from fedtranslate.adapters.robust.screening import Bounds, screened
from fedtranslate.adapters.sketch import compared

SHAPES_7B = {"q": (3584, 3584), "k": (512, 3584), "gate": (18944, 3584)}
"""(out, in) of linear maps of a layer of Qwen2.5-7B."""
ALIKE_7B = {"q": 2, "k": 2, "gate": 3}
"""How many a layer has of each: o is as q, v as k, up as gate, and down is gate transposed."""
LAYERS_7B, SITES, RANK = 28, 10, 16
SHAPES_HALF_B = {
    "q": (896, 896),
    "k": (128, 896),
    "v": (128, 896),
    "o": (896, 896),
    "gate": (4864, 896),
    "up": (4864, 896),
    "down": (896, 4864),
}
"""(out, in) of all linear maps of a layer of Qwen2.5-0.5B."""
LAYERS_HALF_B, SMALL_RANK = 24, 8
BY_SITES = (2, 10, 50, 100, 200, 500, 1_000)
METHODS = ("fedit", "ffa", "fedrot", "hetlora", "rbla", "fra", "flora", "fedex", "fedavgm")
"""One of each kind of arithmetic."""
SCREENED = (50, 100, 200, 1_000)
"""Numbers of sites; up to the first all is exact."""
_SCREENED_SHAPE = {"q": (896, 896)}
_STEP = 0.05
_ROUND = 3
"""A later round, in which FedRot-LoRA turns factors."""
_DRAWN = 8
ROUNDS = 3


def adapter(shapes: Mapping[str, tuple[int, int]], rank: int, seed: int) -> dict[str, Factors]:
    """Return random factors, as large as trained ones are."""
    rng = torch.Generator().manual_seed(seed)
    return {
        name: Factors(
            torch.randn(rank, columns, generator=rng) / columns**0.5,
            torch.randn(rows, rank, generator=rng) * 0.02,
            2.0,
        )
        for name, (rows, columns) in shapes.items()
    }


def dense(adapters: Sequence[Adapter], weights: Sequence[float]) -> dict[str, torch.Tensor]:
    """Return the mean of the products, cut to ``RANK``, by a dense SVD."""
    total = sum(weights)
    cut = {}
    for name in adapters[0]:
        mean = torch.zeros(adapters[0][name].shape, dtype=torch.float64)
        for one, weight in zip(adapters, weights, strict=True):
            factors = one[name]
            mean += weight / total * factors.scaling * (factors.b.double() @ factors.a.double())
        left, values, right = torch.linalg.svd(mean, full_matrices=False)
        cut[name] = (left[:, :RANK] * values[:RANK]) @ right[:RANK]
    return cut


def measured(work: Callable[[], object]) -> tuple[float, int]:
    """Return the seconds of the processor for ``work``, and the bytes above what is held now."""
    ctypes.CDLL(None).malloc_trim(0)  # what is free goes back, so that it counts when it is taken
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # the peak begins anew
    before = _memory("VmRSS")
    start = time.process_time()
    work()
    return time.process_time() - start, max(0, _memory("VmHWM") - before)


def _memory(field: str) -> int:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    line = next(line for line in lines if line.startswith(field))
    return int(line.split()[1]) << 10


def compare(way: str, name: str) -> dict[str, float]:
    """Join one linear map of 7B shape one way: ``dense`` or ``cores``."""
    torch.set_num_threads(1)
    replies = [adapter({name: SHAPES_7B[name]}, RANK, seed) for seed in range(SITES)]
    weights = [float(1 + seed) for seed in range(SITES)]
    join = dense if way == "dense" else _through_cores
    small = [adapter({name: (64, 32)}, 2, seed) for seed in range(2)]
    join(small, [1.0, 1.0])  # libraries load what they need
    seconds, peak = measured(lambda: join(replies, weights))
    return {"seconds": seconds, "bytes": peak}


def model(way: str) -> dict[str, float]:
    """Return the seconds for a whole model of 7B shapes, and the bytes for its largest map."""
    found = {name: apart(compare, way, name) for name in SHAPES_7B}
    layer = sum(ALIKE_7B[name] * one["seconds"] for name, one in found.items())
    return {"seconds": LAYERS_7B * layer, "bytes": max(one["bytes"] for one in found.values())}


def _through_cores(replies: Sequence[Adapter], weights: Sequence[float]) -> Adapter:
    return find_method("fra").phase(1, {}).combine(replies, weights, Joint(replies[0])).adapter


def difference() -> dict[str, float]:
    """Return the largest relative error of a module, ours against dense (Frobenius)."""
    shapes = {name: SHAPES_7B[name] for name in ("k", "q")}
    replies = [adapter(shapes, RANK, seed) for seed in range(SITES)]
    weights = [float(1 + seed) for seed in range(SITES)]
    ours, right = _through_cores(replies, weights), dense(replies, weights)
    errors = [
        float((ours[name].delta().double() - right[name]).norm() / right[name].norm())
        for name in shapes
    ]
    return {"relative_error": max(errors)}


def by_sites(name: str, sites: int) -> dict[str, float]:
    """Join one layer of 0.5B shapes of so many sites by the method of that name."""
    torch.set_num_threads(1)
    method = find_method(name)
    phase = method.phase(_ROUND, method.complete({}))
    start = adapter(SHAPES_HALF_B, SMALL_RANK, _DRAWN)
    joint = Joint(start)
    with tempfile.TemporaryDirectory() as scratch:
        drawn = [
            AsideAdapter(_reply(start, seed, has_own_a=Part.A in phase.trains), Path(scratch))
            for seed in range(_DRAWN)
        ]
        replies = [drawn[site % _DRAWN] for site in range(sites)]
        weights = [1.0 + site % 7 for site in range(sites)]
        phase.combine(replies[:2], weights[:2], joint)  # libraries load what they need
        seconds, peak = measured(lambda: phase.combine(replies, weights, joint))
    return {"seconds": seconds, "bytes": peak}


def screening(sites: int) -> dict[str, float]:
    """Screen the replies of so many sites at one module, and compare with exact products."""
    torch.set_num_threads(1)
    start = adapter(_SCREENED_SHAPE, SMALL_RANK, sites)
    replies = [_moved(start, seed) for seed in range(sites)]
    named = {f"site-{number:04d}": reply for number, reply in enumerate(replies)}
    screened(dict(list(named.items())[:5]), start, Bounds())  # libraries load what they need
    refused: dict[str, str] = {}
    seconds, peak = measured(lambda: refused.update(screened(named, start, Bounds())))
    plain, plain_peak = measured(lambda: compared(replies, start, exact=sites))
    near, right = (cosines(compared(replies, start, **how)[1]) for how in ({}, {"exact": sites}))
    return {
        "seconds": seconds,
        "bytes": peak,
        "exact_seconds": plain,
        "exact_bytes": plain_peak,
        "largest_error": float((near - right).abs().max()),
        "refused": len(refused),
    }


def _moved(start: Adapter, seed: int) -> dict[str, Factors]:
    """Return a change half of which all sites share, of the length of a short training."""
    own, shared = (
        adapter(_SCREENED_SHAPE, SMALL_RANK, seed),
        adapter(_SCREENED_SHAPE, SMALL_RANK, -1),
    )
    return {
        name: Factors(
            one.a + _STEP * (own[name].a + shared[name].a),
            one.b + _STEP * (own[name].b + shared[name].b),
            one.scaling,
        )
        for name, one in start.items()
    }


def _reply(start: Adapter, seed: int, *, has_own_a: bool) -> dict[str, Factors]:
    own = adapter(SHAPES_HALF_B, SMALL_RANK, seed)
    return {
        name: Factors(one.a if has_own_a else start[name].a, one.b, one.scaling)
        for name, one in own.items()
    }


def apart(work: Callable[..., dict[str, float]], *arguments: Any) -> dict[str, float]:  # noqa: ANN401
    """Return what ``work`` returns in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)


@click.group()
def main() -> None:
    """Measure the arithmetic of aggregation."""


@main.command("dense")
def dense_command() -> None:
    """Compare the way through the small cores with dense matrices."""
    ours = [model("cores") for _ in range(ROUNDS)]
    plain = model("dense")
    error = apart(difference)["relative_error"]
    seconds = median(one["seconds"] for one in ours)
    memory = max(one["bytes"] for one in ours)
    click.echo(
        f"{LAYERS_7B} layers, {SITES} sites, rank {RANK}: {seconds:.1f} s through the cores,"
        f" {plain['seconds']:.0f} s dense ({plain['seconds'] / seconds:.0f} times);"
        f" {memory / 2**20:.0f} MiB and {plain['bytes'] / 2**20:.0f} MiB"
        f" (1/{plain['bytes'] / memory:.1f}); relative difference {error:.1e}"
    )
    about = {"layers": LAYERS_7B, "sites": SITES, "rank": RANK}
    results = {"ours": ours, "dense": plain, "relative_error": error}
    record("aggregation_dense", {**about, **results})


@main.command("sites")
def sites_command() -> None:
    """Measure by number of sites."""
    results: dict[str, dict[int, dict[str, float]]] = {}
    for method in METHODS:
        results[method] = {}
        for sites in BY_SITES:
            found = apart(by_sites, method, sites)
            results[method][sites] = found
            click.echo(
                f"{method}, {sites} sites: {found['seconds']:.3f} s a layer, "
                f"{found['bytes'] / 2**20:.1f} MiB"
            )
    about = {"layers": LAYERS_HALF_B, "rank": SMALL_RANK}
    record("aggregation_sites", {**about, "by_sites": results})


@main.command("screening")
def screening_command() -> None:
    """Measure the comparison of replies by number of sites."""
    results = {}
    for sites in SCREENED:
        results[sites] = found = apart(screening, sites)
        click.echo(
            f"{sites} sites: {found['seconds']:.2f} s, {found['bytes'] / 2**20:.0f} MiB;"
            f" exact products {found['exact_seconds']:.2f} s,"
            f" {found['exact_bytes'] / 2**20:.0f} MiB; largest error {found['largest_error']:.3f}"
        )
    shape = list(_SCREENED_SHAPE["q"])
    record("aggregation_screening", {"shape": shape, "rank": SMALL_RANK, "by_sites": results})


if __name__ == "__main__":
    main()
