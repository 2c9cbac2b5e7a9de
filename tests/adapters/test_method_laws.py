"""What every method by name must hold, against dense matrices in double precision."""

import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor

from fedtranslate.adapters.factors import Adapter, Factors, checksum
from fedtranslate.adapters.methods.cores import basis
from fedtranslate.adapters.methods.method import Exactness, Joint, Part
from fedtranslate.adapters.methods.registry import METHODS
from fedtranslate.errors import AggregationError

MODULES = ("layers.0.q_proj", "layers.0.down_proj")
EXACT = [name for name, method in METHODS.items() if method.exactness is Exactness.EXACT]
ADAPTIVE = {"fedadam", "fedyogi"}
WITH_PRODUCTS = ["fra", "flexlora", "fra-then-ffa", "fed-sb", "fedavgm"]
"""Methods whose first round gives the best product of the rank."""

FEW = settings(max_examples=12)
"""Each law is tried with each of many methods."""


@dataclass(frozen=True)
class Round:
    """One round of a method: what sites trained from, and what they answered."""

    name: str
    number: int
    joint: Joint
    replies: Sequence[Adapter]
    weights: Sequence[float]

    def combined(self, replies: Sequence[Adapter] = (), weights: Sequence[float] = ()) -> Joint:
        method = METHODS[self.name]
        phase = method.phase(self.number, method.complete({}))
        return phase.combine(replies or self.replies, weights or self.weights, self.joint)

    def wanted(self, module: str) -> Tensor:
        """The mean of the updates, on top of what was folded before."""
        total = sum(self.weights)
        parts = [
            weight / total * dense(reply[module])
            for reply, weight in zip(self.replies, self.weights, strict=True)
        ]
        folded = self.joint.folded
        return torch.stack(parts).sum(0) + (dense(folded[module]) if folded else 0)


def dense(factors: Factors) -> Tensor:
    return factors.scaling * (factors.b.double() @ factors.a.double())


def is_close(found: Tensor, wanted: Tensor, slack: float = 1e-5) -> bool:
    return bool((found - wanted).norm() <= slack * (1 + wanted.norm()))


def answer(
    joint: Adapter, rank: int, scaling: float, trains: frozenset[Part], rng: torch.Generator
) -> Adapter:
    """What a site of ``rank`` makes of the parts it trains."""
    answered = {}
    for name, one in joint.items():
        out, n_in = one.shape
        a, b = torch.randn(rank, n_in, generator=rng), torch.randn(out, rank, generator=rng)
        if Part.CORE in trains:
            core = torch.randn(rank, rank, generator=rng)
            b = (basis(one.b) @ core.double()).float()
        elif Part.B not in trains:
            b = one.b.clone()
        answered[name] = Factors(a if Part.A in trains else one.a.clone(), b, scaling)
    return answered


@st.composite
def rounds(draw: st.DrawFn, name: str, number: int | None = None) -> Round:
    """A round of 1 to 4 sites on modules that are not square; own ranks where they may be."""
    method, number = METHODS[name], number or draw(st.integers(1, 6))
    rng = torch.Generator().manual_seed(draw(st.integers(0, 2**32)))
    rank, scaling = draw(st.integers(1, 3)), draw(st.sampled_from([0.25, 1.0, 8.0]))
    shapes = {m: (draw(st.integers(3, 9)), draw(st.integers(3, 9))) for m in MODULES}

    def made(size: int, times: float) -> Adapter:
        return {
            m: Factors(
                torch.randn(size, n, generator=rng), torch.randn(out, size, generator=rng), times
            )
            for m, (out, n) in shapes.items()
        }

    folded = made(draw(st.integers(1, 5)), 1.0) if method.folds and draw(st.booleans()) else {}
    joint = Joint(made(rank, scaling), folded)
    trains = method.phase(number, method.complete({})).trains
    count = draw(st.integers(1, 4))
    replies = [
        answer(
            joint.adapter,
            draw(st.integers(1, rank)) if method.mixed_ranks else rank,
            draw(st.sampled_from([0.5, 3.0])) if method.mixed_ranks else scaling,
            trains,
            rng,
        )
        for _ in range(count)
    ]
    weights = draw(st.lists(st.integers(0, 500), min_size=count, max_size=count).filter(any))
    return Round(name, number, joint, replies, weights)


@pytest.mark.parametrize("name", EXACT)
@FEW
@given(data=st.data())
def test_what_an_exact_method_stands_for_is_the_mean_of_the_updates(
    name: str, data: st.DataObject
) -> None:
    later = 2 if name == "fed-sb" else 1  # its first round gives the bases
    one = data.draw(rounds(name, data.draw(st.integers(later, 6))))
    whole = one.combined().whole()
    for module in MODULES:
        assert is_close(dense(whole[module]), one.wanted(module))


@pytest.mark.parametrize("name", WITH_PRODUCTS)
@FEW
@given(data=st.data())
def test_the_best_of_a_rank_loses_the_tail_of_the_singular_values_only(
    name: str, data: st.DataObject
) -> None:
    one = data.draw(rounds(name, 1))
    whole = one.combined().whole()
    for module in MODULES:
        wanted = one.wanted(module)
        tail = torch.linalg.svdvals(wanted)[whole[module].rank :].norm()
        error = (dense(whole[module]) - wanted).norm()
        assert abs(float(error - tail)) <= 1e-5 * (1 + float(wanted.norm()))


@pytest.mark.parametrize("name", METHODS)
@FEW
@given(data=st.data(), random=st.randoms())
def test_the_order_of_sites_does_not_matter(name: str, data: st.DataObject, random: Random) -> None:
    one = data.draw(rounds(name))
    order = random.sample(range(len(one.replies)), len(one.replies))
    turned = one.combined([one.replies[k] for k in order], [one.weights[k] for k in order])
    for module, factors in one.combined().whole().items():
        assert is_close(dense(turned.whole()[module]), dense(factors), 1e-4)


@pytest.mark.parametrize("name", sorted(METHODS.keys() - ADAPTIVE - {"fedsa"}))
@FEW
@given(data=st.data())
def test_one_site_alone_gets_its_own_update_back(name: str, data: st.DataObject) -> None:
    one = data.draw(rounds(name))
    alone = Round(name, one.number, one.joint, one.replies[:1], [17])
    whole = alone.combined().whole()
    for module in MODULES:
        # rbla leaves rows that no site has as they were.
        assume(name != "rbla" or alone.replies[0][module].rank == one.joint.adapter[module].rank)
        assert is_close(dense(whole[module]), alone.wanted(module), 1e-4)


@pytest.mark.parametrize("name", METHODS)
@FEW
@given(data=st.data())
def test_a_site_without_weight_is_absent(name: str, data: st.DataObject) -> None:
    one = data.draw(rounds(name))
    rng = torch.Generator().manual_seed(3)
    rank = next(iter(one.joint.adapter.values())).rank
    scaling = next(iter(one.joint.adapter.values())).scaling
    stranger = answer(one.joint.adapter, rank, scaling, frozenset({Part.A, Part.B}), rng)
    stranger = {**stranger, "layers.9.extra": next(iter(stranger.values()))}
    absent = one.combined()
    for place in (0, len(one.replies)):
        replies, weights = list(one.replies), list(one.weights)
        replies.insert(place, stranger)
        weights.insert(place, 0)
        with_it = one.combined(replies, weights)
        assert with_it.adapter.keys() == absent.adapter.keys()
        for module, factors in absent.whole().items():
            assert is_close(dense(with_it.whole()[module]), dense(factors))


@pytest.mark.parametrize("name", METHODS)
@FEW
@given(data=st.data())
def test_only_the_ratios_of_weights_count(name: str, data: st.DataObject) -> None:
    one = data.draw(rounds(name))
    scaled = one.combined(one.replies, [0.01 * weight for weight in one.weights])
    for module, factors in one.combined().whole().items():
        assert is_close(dense(scaled.whole()[module]), dense(factors), 1e-4)


@pytest.mark.parametrize("name", METHODS)
@FEW
@given(data=st.data())
def test_arguments_stay_as_they_are_and_frozen_parts_keep_their_bits(
    name: str, data: st.DataObject
) -> None:
    one = data.draw(rounds(name))
    held = [*one.replies, one.joint.adapter, one.joint.folded]
    before = [checksum(adapter) for adapter in held if adapter]
    joint = one.combined()
    assert [checksum(adapter) for adapter in held if adapter] == before
    method = METHODS[name]
    trains = method.phase(one.number, method.complete({})).trains
    for module, old in one.joint.adapter.items():
        assert Part.A in trains or torch.equal(joint.adapter[module].a, old.a)
        moves_b = Part.B in trains or Part.CORE in trains
        assert moves_b or torch.equal(joint.adapter[module].b, old.b)


def with_one_number(adapter: Adapter, value: float) -> Adapter:
    name = MODULES[0]
    b = adapter[name].b.clone()
    b[0, 0] = value
    return {**adapter, name: Factors(adapter[name].a, b, adapter[name].scaling)}


@pytest.mark.parametrize("name", METHODS)
@FEW
@given(data=st.data())
def test_what_cannot_be_combined_is_refused_in_a_sentence(name: str, data: st.DataObject) -> None:
    one = data.draw(rounds(name))
    first = one.replies[0]
    wide = {m: Factors(torch.ones(f.rank, 11), f.b, f.scaling) for m, f in first.items()}
    uneven = {m: Factors(torch.ones(f.rank + 1, f.shape[1]), f.b) for m, f in first.items()}
    for replies, weights, complaint in (
        ([], [], "0 adapters"),
        ([first], [1, 2], "2 weights"),
        ([first, first], [1], "1 weights"),
        ([first], [0], "not all 0"),
        ([first, first], [2, -1], "at least 0"),
        ([first], [float("nan")], "finite"),
        ([first], [float("inf")], "finite"),
        ([first, with_one_number(first, float("nan"))], [1, 1], "Adapter 1 holds NaN"),
        ([with_one_number(first, float("inf"))], [1], "Adapter 0 holds NaN or infinity"),
        ([first, wide], [1, 1], "Adapter 1 updates"),
        ([first, uneven], [1, 1], "cannot be multiplied"),
    ):
        method = METHODS[name]
        combine = method.phase(one.number, method.complete({})).combine
        with pytest.raises(AggregationError, match=complaint):
            combine(replies, weights, one.joint)


class Counted(Mapping[str, Factors]):
    """An adapter that waits elsewhere: every module is made anew, and counted while it lives."""

    alive = 0
    most = 0

    def __init__(self, seed: int, side: int) -> None:
        self.seed, self.side = seed, side

    def __getitem__(self, name: str) -> Factors:
        rng = torch.Generator().manual_seed(self.seed)
        a = torch.randn(2, self.side, generator=rng)
        b = torch.randn(self.side + 3, 2, generator=rng)
        for tensor in (a, b):
            weakref.finalize(tensor, self._gone)
        Counted.alive += 2
        Counted.most = max(Counted.most, Counted.alive)
        return Factors(a, b, 1.0)

    @staticmethod
    def _gone() -> None:
        Counted.alive -= 1

    def __iter__(self) -> Iterator[str]:
        return iter(["m", "n"])

    def __len__(self) -> int:
        return 2


@pytest.mark.parametrize("name", sorted(METHODS.keys() - {"ffa", "rolora"}))
def test_one_module_of_one_reply_at_a_time_is_in_memory(name: str) -> None:
    method = METHODS[name]
    phase = method.phase(1, method.complete({}))
    Counted.most = Counted.alive = 0
    rng = torch.Generator().manual_seed(0)
    joint = Joint(
        {
            m: Factors(torch.randn(2, 9, generator=rng), torch.randn(12, 2, generator=rng))
            for m in "mn"
        }
    )
    combined = phase.combine([Counted(k, 9) for k in range(30)], [1.0] * 30, joint)
    # Those of one reply, and of the next while the last is still held.
    assert Counted.most <= 6
    assert all(one.rank <= 9 for one in combined.folded.values())
