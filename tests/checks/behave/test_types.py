"""What written types mean, and which values two sides have in common."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.checks.behave.tables import required_behaviour
from fedtranslate.checks.behave.types import UNKNOWN, Kind, Type, common, read_type
from fedtranslate.languages.registry import load_pack

PLAIN = [Type(kind) for kind in Kind if kind not in (Kind.LIST, Kind.MAP)]
TYPES = st.recursive(
    st.sampled_from(PLAIN),
    lambda inner: st.one_of(
        inner.map(lambda one: Type(Kind.LIST, (one,))),
        st.tuples(inner, inner).map(lambda both: Type(Kind.MAP, both)),
    ),
    max_leaves=4,
)
WRITTEN = [
    ("java", "final List<List<Integer>>", "list of list of int32"),
    ("java", "Map<String, int[]>", "map of string, list of int32"),
    ("java", "double...", "list of float64"),
    ("java", "Ledger", "unknown"),
    ("csharp", "ref IList<char>", "list of char"),
    ("csharp", "System.String", "string"),
    ("csharp", "Dictionary<long, bool>", "map of int64, bool"),
    ("python", "typing.List[dict[str, float]]", "list of map of string, float64"),
    ("python", "'int'", "integer"),
    ("python", "", "unknown"),
]


@pytest.mark.parametrize(("language", "written", "meant"), WRITTEN)
def test_a_written_type_means_what_the_pack_says(language: str, written: str, meant: str) -> None:
    table = required_behaviour(load_pack(language)).types
    assert str(read_type(written, table)) == meant


def test_a_type_without_end_is_not_known() -> None:
    table = required_behaviour(load_pack("java")).types
    assert not read_type("int" + "[]" * 100, table).is_known()
    assert read_type("List<" * 500, table) == UNKNOWN


@given(TYPES, TYPES)
def test_what_two_types_have_in_common_does_not_depend_on_their_order(a: Type, b: Type) -> None:
    assert common(a, b) == common(b, a)


@given(TYPES)
def test_a_type_has_all_in_common_with_itself_and_with_what_is_not_known(kind: Type) -> None:
    assert common(kind, kind) == kind
    assert common(kind, UNKNOWN) == kind


def test_the_narrower_of_two_numbers_is_taken() -> None:
    assert common(Type(Kind.INT32), Type(Kind.INTEGER)) == Type(Kind.INT32)
    assert common(Type(Kind.FLOAT64), Type(Kind.NUMBER)) == Type(Kind.FLOAT64)
    assert common(Type(Kind.CHAR), Type(Kind.STRING)) == Type(Kind.CHAR)
    assert common(Type(Kind.BOOL), Type(Kind.INT32)) is None
    assert common(Type(Kind.LIST, (Type(Kind.BOOL),)), Type(Kind.LIST, (Type(Kind.CHAR),))) is None
