"""Inputs are of their types, the same for the same seed, and hold what breaks code."""

import math

from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.checks.behave.answers import encoded
from fedtranslate.checks.behave.inputs import Input, Value, is_edge, make_inputs
from fedtranslate.checks.behave.simpler import simpler_inputs
from fedtranslate.checks.behave.types import BITS, Kind, Type

PLAIN = [kind for kind in Kind if kind not in (Kind.LIST, Kind.MAP, Kind.UNKNOWN)]
KEYS = [Kind.INT32, Kind.STRING, Kind.BOOL, Kind.CHAR]
TYPES = st.recursive(
    st.sampled_from([Type(kind) for kind in PLAIN]),
    lambda inner: st.one_of(
        inner.map(lambda one: Type(Kind.LIST, (one,))),
        st.tuples(st.sampled_from(KEYS).map(Type), inner).map(lambda two: Type(Kind.MAP, two)),
    ),
    max_leaves=3,
)
PYTHON = {Kind.FLOAT32: float, Kind.FLOAT64: float, Kind.BOOL: bool, Kind.STRING: str}
NUMBERS = Type(Kind.LIST, (Type(Kind.INT32),))


def fits(value: Value, kind: Type) -> bool:
    if kind.kind is Kind.LIST:
        return isinstance(value, list) and all(fits(one, kind.parts[0]) for one in value)
    if kind.kind is Kind.MAP:
        return isinstance(value, dict) and all(
            fits(key, kind.parts[0]) and fits(one, kind.parts[1]) for key, one in value.items()
        )
    if kind.kind is Kind.CHAR:
        return isinstance(value, str) and len(value) == 1
    if kind.kind in PYTHON:
        return type(value) is PYTHON[kind.kind]
    limit = 1 << (BITS.get(kind.kind, 64) - 1)
    return type(value) is int and -limit <= value < limit


@given(st.lists(TYPES, min_size=1, max_size=3), st.integers(0, 2**32), st.booleans())
def test_every_input_has_its_types(types: list[Type], seed: int, edges: bool) -> None:
    names = ["a"] * len(types)
    inputs = make_inputs(types, names, count=20, seed=seed, edges=edges)
    assert inputs
    assert all(fits(*both) for one in inputs for both in zip(one.arguments, types, strict=True))
    assert len({repr(one.arguments) for one in inputs}) == len(inputs)


@given(st.lists(TYPES, min_size=1, max_size=3), st.integers(0, 2**32))
def test_the_same_seed_gives_the_same_inputs(types: list[Type], seed: int) -> None:
    names = ["a"] * len(types)
    first, again = (make_inputs(types, names, count=20, seed=seed) for _ in range(2))
    assert repr(first) == repr(again)


@given(st.lists(TYPES, min_size=1, max_size=3), st.integers(0, 2**32))
def test_edges_are_left_out_when_they_are_not_wanted(types: list[Type], seed: int) -> None:
    inputs = make_inputs(types, ["a"] * len(types), count=20, seed=seed, edges=False)
    assert not any(one.edge for one in inputs)
    assert not any(
        is_edge(*both) for one in inputs for both in zip(one.arguments, types, strict=True)
    )


def test_the_values_at_which_code_breaks_are_among_the_inputs() -> None:
    def drawn(kind: Type) -> list[Value]:
        return [one.arguments[0] for one in make_inputs([kind], ["a"], count=200, seed=0)]

    assert {0, 1, -1, 2**31 - 1, -(2**31)} <= {one for one in drawn(Type(Kind.INT32)) if one == one}
    floats = [one for one in drawn(Type(Kind.FLOAT64)) if isinstance(one, float)]
    assert any(math.isnan(one) for one in floats)
    assert any(one == 0 and math.copysign(1, one) < 0 for one in floats)
    lists = [one for one in drawn(NUMBERS) if isinstance(one, list)]
    assert [] in lists
    assert any(len(one) == 1 for one in lists)
    assert any(len(set(map(str, one))) < len(one) for one in lists)
    texts = [one for one in drawn(Type(Kind.STRING)) if isinstance(one, str)]
    assert "" in texts
    assert any(not one.isascii() for one in texts)


def test_an_integer_that_is_called_like_a_length_is_mostly_one() -> None:
    inputs = make_inputs([NUMBERS, Type(Kind.INT32)], ["arr", "n"], count=100, seed=0, edges=False)
    right = sum(len(a) == n for a, n in (one.arguments for one in inputs))  # type: ignore[arg-type]
    assert right > 60


def test_few_values_give_few_inputs_and_no_types_one() -> None:
    assert len(make_inputs([Type(Kind.BOOL)], ["a"], count=100, seed=0)) == 2
    assert make_inputs([], [], count=100, seed=0) == [Input(())]


@given(TYPES, st.integers(0, 2**32))
def test_simpler_inputs_keep_the_type_and_come_to_an_end(kind: Type, seed: int) -> None:
    given_input = make_inputs([kind], ["a"], count=1, seed=seed)[0]
    for _ in range(400):
        simpler = simpler_inputs(given_input, [kind])
        assert all(fits(one.arguments[0], kind) for one in simpler)
        if not simpler:
            return
        given_input = simpler[0]
    raise AssertionError(f"there is always something simpler than {encoded(given_input)}")


def test_a_length_goes_along_with_its_list() -> None:
    simpler = simpler_inputs(Input(([5, 6, 7], 3)), [NUMBERS, Type(Kind.INT32)])
    assert Input(([], 0)) in simpler
    assert Input(([6, 7], 2)) in simpler
