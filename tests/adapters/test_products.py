"""The geometry of updates against the same on dense matrices."""

from random import Random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.products import (
    Frame,
    cosines,
    difference,
    factored,
    frame,
    gram,
    norms,
    squared_distances,
)
from fedtranslate.errors import AggregationError

MODULES = ("k", "q")


@st.composite
def cohorts(draw: st.DrawFn) -> list[Adapter]:
    """One to five adapters of two modules that are not square; own ranks and scalings."""
    rng = torch.Generator().manual_seed(draw(st.integers(0, 2**32)))
    shapes = {name: draw(st.tuples(st.integers(2, 9), st.integers(2, 9))) for name in MODULES}

    def adapter() -> Adapter:
        rank, scaling = draw(st.integers(1, 4)), draw(st.floats(0.1, 16))
        return {
            name: Factors(
                torch.randn(rank, n_in, generator=rng),
                torch.randn(out, rank, generator=rng),
                scaling,
            )
            for name, (out, n_in) in shapes.items()
        }

    return [adapter() for _ in range(draw(st.integers(1, 5)))]


def dense(adapter: Adapter) -> Tensor:
    """All entries of the update as one vector."""
    return torch.cat([update(adapter[name]).flatten() for name in MODULES])


def update(factors: Factors) -> Tensor:
    return factors.scaling * (factors.b.double() @ factors.a.double())


def turned(factors: Factors, seed: int) -> Factors:
    """The same update by other factors, in double precision."""
    rng = torch.Generator().manual_seed(seed)
    size = factors.rank
    turn = torch.randn(size, size, generator=rng).double() + 3 * torch.eye(size)
    a, b = turn @ factors.a.double(), factors.b.double() @ torch.linalg.inv(turn)
    return Factors(a, b, factors.scaling)


@given(cohorts())
def test_inner_products_norms_cosines_and_distances_are_those_of_the_dense_updates(
    cohort: list[Adapter],
) -> None:
    rows = torch.stack([dense(adapter) for adapter in cohort])
    found, wanted = gram(cohort), rows @ rows.T
    scale = float(wanted.diagonal().max())
    assert float((found - wanted).abs().max()) <= 1e-12 * scale
    assert torch.equal(found, found.T)
    assert torch.allclose(norms(found), rows.norm(dim=1), rtol=1e-7)
    unit = rows / rows.norm(dim=1, keepdim=True)
    assert torch.allclose(cosines(found), unit @ unit.T, atol=1e-7)
    apart = torch.cdist(rows, rows, compute_mode="donot_use_mm_for_euclid_dist").square()
    assert float((squared_distances(found) - apart).abs().max()) <= 1e-11 * scale


@given(cohorts(), st.integers(0, 99))
def test_other_factors_of_the_same_updates_have_the_same_inner_products(
    cohort: list[Adapter], seed: int
) -> None:
    others = [{n: turned(f, seed) for n, f in adapter.items()} for adapter in cohort]
    wanted = gram(cohort)
    assert float((gram(others) - wanted).abs().max()) <= 1e-9 * float(wanted.diagonal().max())


def test_a_zero_update_has_no_direction() -> None:
    nothing = {"m": Factors(torch.ones(1, 3), torch.zeros(2, 1))}
    something = {"m": Factors(torch.ones(1, 3), torch.ones(2, 1))}
    found = cosines(gram([nothing, something]))
    assert found.tolist() == [[0.0, 0.0], [0.0, pytest.approx(1.0)]]


@given(cohorts())
def test_a_difference_is_that_of_the_dense_updates(cohort: list[Adapter]) -> None:
    first, last = cohort[0], cohort[-1]
    found = dense(difference(last, first))
    assert float((found - (dense(last) - dense(first))).abs().max()) <= 1e-12 * (
        1 + float(dense(last).abs().max())
    )


def test_the_difference_of_near_updates_keeps_its_digits() -> None:
    rng = torch.Generator().manual_seed(0)
    a, b = torch.randn(3, 30, generator=rng), 1e4 * torch.randn(20, 3, generator=rng)
    step = torch.zeros(20, 3)
    step[4, 1] = float(torch.nextafter(b[4, 1], torch.tensor(torch.inf)) - b[4, 1])
    old, new = {"m": Factors(a, b, 0.5)}, {"m": Factors(a, b + step, 0.5)}
    wanted = float(0.5 * step[4, 1].double().abs() * a[1].double().norm())
    length = float(norms(gram([difference(new, old)])))
    assert length == pytest.approx(wanted, rel=1e-12)


@given(cohorts())
def test_the_frame_gives_back_every_update(cohort: list[Adapter]) -> None:
    for name in MODULES:
        factors = [adapter[name] for adapter in cohort]
        for reference in (None, factors[-1]):
            found = frame(factors, reference)
            start = 0.0 if reference is None else update(reference)
            ranks = sum(f.rank for f in factors) + (reference.rank if reference else 0)
            assert found.cores.shape[1:] <= (ranks, ranks)
            for core, one in zip(found.cores, factors, strict=True):
                error = found.left @ core @ found.right - (update(one) - start)
                assert float(error.abs().max()) <= 1e-10 * (1 + float(update(one).abs().max()))
            for basis in (found.left, found.right.T):
                eye = torch.eye(basis.shape[1], dtype=torch.float64)
                assert torch.allclose(basis.T @ basis, eye, atol=1e-12)


@given(cohorts(), st.randoms(), st.integers(0, 99))
def test_neither_order_nor_factors_nor_lengths_choose_the_axes(
    cohort: list[Adapter], random: Random, seed: int
) -> None:
    for name in MODULES:
        factors = [adapter[name] for adapter in cohort]
        other = [turned(f, seed) for f in factors]
        other = [Factors(f.a, f.b, f.scaling * (1.0 + 9 * n)) for n, f in enumerate(other)]
        random.shuffle(other)
        one, two = frame(factors), frame(other)
        for mine, its in ((one.left, two.left), (one.right.T, two.right.T)):
            # Axes are free where two eigenvalues are the same; the spans they sort are not.
            moments = [_moment(cohort_frame, mine is one.left) for cohort_frame in (one, two)]
            assert torch.allclose(moments[0], moments[1], atol=1e-9)
            assert mine.shape == its.shape
            inside = mine.T @ moments[0] @ mine
            assert float((inside - inside.diagonal().diag()).abs().max()) <= 1e-9
            assert bool((inside.diagonal().diff() <= 1e-9).all())


def _moment(found: Frame, left: bool) -> Tensor:
    """The sum of D D^T / |D|^2, or of D^T D / |D|^2, dense."""
    basis, cores = (found.left, found.cores) if left else (found.right.T, found.cores.mT)
    equal = cores / cores.flatten(1).norm(dim=1)[:, None, None]
    inner = torch.einsum("kij,klj->il", equal, equal)
    moment: Tensor = basis @ inner @ basis.T
    return moment


@given(cohorts())
def test_factors_of_a_core_have_its_rank(cohort: list[Adapter]) -> None:
    factors = [adapter["q"] for adapter in cohort]
    found = frame(factors)
    b, a = factored(found, found.cores[0])
    assert torch.allclose(b @ a, update(factors[0]), atol=1e-9)
    assert b.shape[1] == a.shape[0] == torch.linalg.matrix_rank(update(factors[0]))


def test_no_matrix_of_the_size_of_the_layer_is_formed() -> None:
    side = 200_000  # the dense update would take 320 GB
    sites = [{"m": Factors(torch.ones(1, side), torch.full((side, 1), float(k)))} for k in (1, 2)]
    assert norms(gram(sites)).tolist() == pytest.approx([side, 2.0 * side])
    assert float(frame([s["m"] for s in sites]).cores[1].norm()) == pytest.approx(2.0 * side)


def test_what_cannot_be_compared_is_refused() -> None:
    one = {"m": Factors(torch.ones(1, 3), torch.ones(2, 1))}
    for other, complaint in (
        ({"n": one["m"]}, "differ in their modules"),
        ({"m": Factors(torch.ones(1, 4), torch.ones(2, 1))}, "Adapter 1 updates m"),
        ({"m": Factors(torch.ones(2, 3), torch.ones(2, 1))}, "Adapter 1 updates m"),
    ):
        with pytest.raises(AggregationError, match=complaint):
            gram([one, other])
        with pytest.raises(AggregationError, match="Adapter"):
            difference(one, other)
    with pytest.raises(AggregationError, match="no adapters"):
        gram([])
