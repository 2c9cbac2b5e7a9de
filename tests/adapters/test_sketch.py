"""Sketched inner products against exact ones, and that screening decides the same by both."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.products import cosines, difference, gram, norms
from fedtranslate.adapters.robust.screening import Bounds, screened
from fedtranslate.adapters.sketch import EXACT, compared, sketched
from fedtranslate.errors import AggregationError

FEW = settings(max_examples=15, deadline=None)
SEEDS = st.integers(0, 2**32)


def adapter(seed: int, shapes: dict[str, tuple[int, int]], rank: int) -> dict[str, Factors]:
    rng = torch.Generator().manual_seed(seed)
    return {
        n: Factors(torch.randn(rank, i, generator=rng), torch.randn(o, rank, generator=rng), 0.5)
        for n, (o, i) in shapes.items()
    }


def moved(start: Adapter, seed: int, step: float = 0.05, shared: float = 1.0) -> Adapter:
    rng, way = torch.Generator().manual_seed(seed), torch.Generator().manual_seed(1)

    def move(old: torch.Tensor) -> torch.Tensor:
        own = torch.randn(old.shape, generator=rng)
        return old + step * (own + shared * torch.randn(old.shape, generator=way))

    return {n: Factors(move(f.a), move(f.b), f.scaling) for n, f in start.items()}


@FEW
@given(seed=SEEDS, rank=st.integers(1, 4), width=st.sampled_from([8, 16, 32]))
def test_the_error_of_sketched_products_is_below_what_is_promised(
    seed: int, rank: int, width: int
) -> None:
    shapes = {"m": (70, 90)}
    one = adapter(seed, shapes, rank)
    near = moved(one, seed + 1, 0.3)
    replies = [one, near, adapter(seed + 2, shapes, rank)]
    exact = gram(replies)
    sizes = norms(exact)[:, None] * norms(exact)[None, :]
    errors = []
    for draw in range(60):
        vectors, squares = sketched(replies, None, seed=seed + draw, width=width)
        errors.append((vectors @ vectors.T - exact) / sizes)
        assert torch.allclose(squares, exact.diagonal(), rtol=1e-9)
    found = torch.stack(errors)
    # The mean of 60 draws is itself uncertain, by a fifth or so.
    assert float(found.square().mean(0).sqrt().max()) <= 1.3 * 2 / width**0.5
    assert float(found.mean(0).abs().max()) <= 4 * 2 / width**0.5 / 60**0.5


@FEW
@given(seed=SEEDS, rank=st.integers(1, 4))
def test_one_module_that_is_no_wider_than_the_sketch_is_exact(seed: int, rank: int) -> None:
    shapes = {"m": (30, 12)}
    start = adapter(seed, shapes, rank)
    replies = [moved(start, seed + k) for k in range(5)]
    vectors, _ = sketched(replies, start, seed=seed, width=32)
    exact = gram([difference(reply, start) for reply in replies])
    assert torch.allclose(vectors @ vectors.T, exact, rtol=1e-9, atol=1e-12 * float(exact.max()))


@FEW
@given(seed=SEEDS)
def test_few_replies_are_exact_and_the_cosines_of_many_are_near(seed: int) -> None:
    shapes = {"k": (60, 300), "q": (200, 150)}
    start = adapter(seed, shapes, 3)
    replies = [moved(start, seed + k, shared=k % 3) for k in range(EXACT + 1)]
    exact = gram([difference(reply, start) for reply in replies])
    lengths, few = compared(replies[:EXACT], start)
    assert torch.allclose(few, exact[:EXACT, :EXACT], rtol=1e-9)
    assert torch.allclose(lengths, norms(few))
    lengths, many = compared(replies, start)
    assert torch.allclose(lengths, norms(exact), rtol=1e-9)
    assert float((cosines(many) - cosines(exact)).abs().max()) < 0.3
    assert torch.equal(compared(replies, start)[1], many)
    order = list(range(EXACT, -1, -1))
    assert torch.allclose(compared(replies[::-1], start)[1], many[order][:, order], rtol=1e-9)


def test_screening_of_many_refuses_the_bad_ones_and_no_honest_one() -> None:
    shapes = {"k": (150, 140), "q": (300, 90)}
    start = adapter(4, shapes, 3)
    replies = {f"site-{k:03d}": moved(start, 10 + k) for k in range(EXACT + 10)}

    def against(times: float, seed: int) -> Adapter:
        own = moved(start, seed)
        return {
            n: Factors(
                start[n].a + times * (f.a - start[n].a),
                start[n].b + times * (f.b - start[n].b),
                f.scaling,
            )
            for n, f in own.items()
        }

    bad = {
        "site-003": (against(-1, 500), "points away"),
        "site-009": (against(30, 501), "times as long"),
        "site-017": (start, "as it was sent"),
        "site-021": (replies["site-002"], "its update is that of site site-002"),
        "site-030": (against(-2, 502), "points away"),
    }
    found = screened({**replies, **{n: one for n, (one, _) in bad.items()}}, start, Bounds())
    assert sorted(found) == sorted(bad)
    for name, (_, reason) in bad.items():
        assert reason in found[name]
    assert screened(replies, start, Bounds()) == {}


def test_honest_replies_of_many_sites_with_nothing_in_common_pass() -> None:
    for seed in range(5):
        start = adapter(seed, {"m": (200, 160)}, 2)
        many = {f"site-{k:03d}": moved(start, 1000 * seed + k, shared=0) for k in range(70)}
        assert screened(many, start, Bounds()) == {}


def test_replies_of_other_shapes_are_refused_with_the_module() -> None:
    start = adapter(1, {"m": (8, 6)}, 2)
    odd = adapter(1, {"m": (8, 5)}, 2)
    with pytest.raises(AggregationError, match="0 and 60 differ at the module m"):
        compared([start] * 60 + [odd], None)
    with pytest.raises(
        AggregationError, match=r"Reply 0 and reply 1 differ in their modules: \['n'\]"
    ):
        compared([start, {**start, "n": start["m"]}], None)
    with pytest.raises(AggregationError, match="Reply 0 and the joint adapter differ"):
        compared([start], {"n": start["m"]})
