"""Names and signatures across the conventions of languages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedtranslate.corpus.likeness import CONVENTION
from fedtranslate.corpus.names import name_likeness, unit_name
from fedtranslate.corpus.signatures import parameters_likeness, type_likeness
from fedtranslate.languages.naming import words
from fedtranslate.languages.registry import load_pack
from fedtranslate.records import Unit


def likeness(first: tuple[str, str, str, int], second: tuple[str, str, str, int]) -> float:
    """Return how alike two names are, each as (language, kind, name, number of parameters)."""
    names = [
        unit_name(
            Unit(
                language=language,
                kind=kind,
                name=name,
                text="",
                first_line=1,
                start_byte=0,
                end_byte=0,
                container="A",
                parameters=("int",) * count,
            ),
            load_pack(language),
        )
        for language, kind, name, count in (first, second)
    ]
    assert name_likeness(*names) == name_likeness(*reversed(names))
    return name_likeness(*names)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("getHTTPCode", ("get", "http", "code")),
        ("HTTP", ("http",)),
        ("snake_case_2", ("snake", "case", "2")),
        ("_field", ("field",)),
        ("IOrder", ("i", "order")),
        ("größeÄndern", ("größe", "ändern")),
        ("___", ()),
    ],
)
def test_identifiers_are_cut_into_words(name: str, parts: tuple[str, ...]) -> None:
    assert words(name) == parts


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("java", "method", "toString", 0), ("csharp", "method", "ToString", 0)),
        (("java", "method", "addItem", 1), ("python", "function", "add_item", 1)),
        (("java", "method", "getTotal", 0), ("csharp", "property", "Total", 0)),
        (("java", "method", "isActive", 0), ("csharp", "property", "IsActive", 0)),
        (("java", "method", "isActive", 0), ("csharp", "property", "Active", 0)),
        (("java", "method", "setTotal", 1), ("csharp", "property", "Total", 0)),
        (("java", "method", "getTotal", 0), ("python", "method", "total", 0)),
        (("java", "method", "hashCode", 0), ("csharp", "method", "GetHashCode", 0)),
        (("java", "method", "size", 0), ("csharp", "property", "Count", 0)),
        (("java", "method", "load", 1), ("csharp", "method", "LoadAsync", 1)),
        (("java", "constructor", "Order", 2), ("csharp", "constructor", "OrderEntity", 2)),
        (("java", "constructor", "Order", 2), ("python", "method", "__init__", 2)),
    ],
)
def test_conventions_are_known(
    first: tuple[str, str, str, int], second: tuple[str, str, str, int]
) -> None:
    assert likeness(first, second) >= CONVENTION


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("java", "method", "addItem", 1), ("csharp", "method", "RemoveItem", 1)),
        (("java", "method", "getTotal", 0), ("csharp", "method", "SetTotal", 1)),
        (("java", "method", "readAll", 0), ("csharp", "method", "WriteAll", 0)),
        (("java", "constructor", "Order", 0), ("csharp", "method", "Order", 0)),
    ],
)
def test_opposites_are_never_alike(
    first: tuple[str, str, str, int], second: tuple[str, str, str, int]
) -> None:
    assert likeness(first, second) == 0


@pytest.mark.parametrize(
    ("java", "csharp"),
    [
        ("boolean", "bool"),
        ("String", "string"),
        ("List<Integer>", "IList<int>"),
        ("java.util.Map<String, Long>", "Dictionary<string, long>"),
        ("int[]", "params int[]"),
        ("String...", "params string[]"),
        ("final @Nullable Order", "Order?"),
        ("Shape", "IShape"),
        ("BigDecimal", "decimal"),
        ("double", "ref double"),
    ],
)
def test_types_are_compared_by_concept(java: str, csharp: str) -> None:
    assert type_likeness(java, csharp) == 1


@pytest.mark.parametrize(
    ("java", "csharp"), [("int", "string"), ("Item", "Iten"), ("boolean", "int")]
)
def test_other_types_are_not_alike(java: str, csharp: str) -> None:
    assert type_likeness(java, csharp) == 0


types = st.lists(
    st.sampled_from(["int", "String", "List<String>", "", "Foo", "long[]"]), max_size=4
)


@given(types, types)
@settings(deadline=None)
def test_parameter_likeness_is_symmetric_and_in_range(first: list[str], second: list[str]) -> None:
    found = parameters_likeness(first, second)
    assert 0 <= found <= 1
    assert found == pytest.approx(parameters_likeness(second, first))


@given(types)
def test_the_same_parameters_are_wholly_alike(first: list[str]) -> None:
    known = [name for name in first if name]
    assert parameters_likeness(known, known) == 1


@given(st.text(max_size=30))
@settings(deadline=None)
def test_any_text_can_be_a_type_or_a_name(text: str) -> None:
    assert 0 <= type_likeness(text, "int") <= 1
    assert all(word == word.lower() for word in words(text))
