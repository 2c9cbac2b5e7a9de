"""When two answers are the same, and when nothing can be said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.checks.behave.answers import (
    Answer,
    Ending,
    Incomparable,
    difference,
    kind_of,
    same_values,
    shown,
)
from fedtranslate.checks.behave.tables import required_behaviour
from fedtranslate.languages.registry import load_pack

NAN, INFINITY = {"float": "NaN"}, {"float": "Infinity"}
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(),
        st.sampled_from([NAN, INFINITY]),
    ),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)
JAVA, PYTHON, CSHARP = (
    required_behaviour(load_pack(name)).run for name in ("java", "python", "csharp")
)


def returned(value: object, output: str = "", *arguments: object) -> Answer:
    return Answer(Ending.RESULT, value, "", arguments, output)


def raised(said: str) -> Answer:
    return Answer(Ending.EXCEPTION, None, said)


@given(VALUES)
def test_a_value_is_the_same_as_itself(value: object) -> None:
    assert same_values(value, value, 0.0)


@given(VALUES, VALUES)
def test_sameness_has_no_direction(a: object, b: object) -> None:
    assert same_values(a, b, 1e-9) == same_values(b, a, 1e-9)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (1, 1.0),
        (0.1 + 0.2, 0.3),
        (-0.0, 0.0),
        (NAN, NAN),
        (INFINITY, INFINITY),
        ({"set": [2, 1]}, {"set": [1, 2]}),
        ({"map": [[1, "a"], [2, "b"]]}, {"map": [["2", "b"], ["1", "a"]]}),
        ({"map": []}, []),
        ({"map": [[0, "a"]]}, ["a"]),
        (10**400, 10**400),
    ],
)
def test_these_are_the_same(a: object, b: object) -> None:
    assert same_values(a, b, 1e-9)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (True, 1),
        (None, 0),
        ("1", 1),
        (2**53, 2**53 + 1),
        (NAN, 0.0),
        (INFINITY, {"float": "-Infinity"}),
        ([1], [1, 2]),
        ([], None),
        ({"set": [1]}, [1]),
        ({"map": [[1, "a"]]}, {"map": [[1, "b"]]}),
        (10**400, 1.0),
    ],
)
def test_these_are_not(a: object, b: object) -> None:
    assert not same_values(a, b, 1e-9)


@pytest.mark.parametrize("value", [{"other": "Ledger"}, [{"other": "x"}], {"map": [1]}])
def test_what_no_other_language_has_cannot_be_compared(value: object) -> None:
    with pytest.raises(Incomparable):
        same_values(value, value, 0.0)


def test_a_value_without_end_cannot_be_compared() -> None:
    deep: object = 1
    for _ in range(100):
        deep = [deep]
    with pytest.raises(Incomparable):
        same_values(deep, deep, 0.0)


@pytest.mark.parametrize(
    ("java", "python", "csharp"),
    [
        (
            "ArrayIndexOutOfBoundsException: Index 3",
            "IndexError: list index out of range",
            "IndexOutOfRangeException: Index",
        ),
        (
            "ArithmeticException: / by zero",
            "ZeroDivisionError: division by zero",
            "DivideByZeroException: Attempted",
        ),
        (
            "NumberFormatException: For input string",
            "ValueError: invalid literal for int()",
            "FormatException: Input string",
        ),
        (
            "NullPointerException: null",
            "AttributeError: 'NoneType' object has no attribute 'x'",
            "NullReferenceException: Object reference",
        ),
        ("LedgerClosedException: no", "LedgerClosedError: no", "LedgerClosedException: no"),
    ],
)
def test_exceptions_of_one_kind_are_the_same_in_all_languages(
    java: str, python: str, csharp: str
) -> None:
    said = {kind_of(java, JAVA), kind_of(python, PYTHON), kind_of(csharp, CSHARP)}
    assert len(said) == 1


def test_answers_differ_in_what_they_say() -> None:
    tables = (JAVA, PYTHON)
    index, key = raised("IndexOutOfBoundsException: 1"), raised("KeyError: 1")
    assert difference(returned(1), returned(1), tables, 0.0) == ""
    assert difference(returned(1), returned(2), tables, 0.0) == "result"
    assert difference(returned(1), index, tables, 0.0) == "ending"
    assert difference(index, key, tables, 0.0) == "exception"
    assert difference(raised("RuntimeException: x"), key, tables, 0.0) == ""
    assert difference(returned(1, "a 1.0"), returned(1, "a  1\n"), tables, 0.0) == ""
    assert difference(returned(1, "a"), returned(1, "b"), tables, 0.0) == "output"
    assert difference(returned(1, "", [1]), returned(1, "", [2]), tables, 0.0) == "arguments"
    assert difference(returned(1, "", [1]), returned(1, "", None), tables, 0.0) == ""


def test_values_are_shown_without_the_marks_of_the_protocol() -> None:
    assert shown([NAN, {"map": [[1, "a"]]}, {"set": [2]}]) == '[NaN, {"1": "a"}, [2]]'
    assert len(shown(list(range(1000)))) == 200


def test_half_a_character_can_be_printed() -> None:
    half = "a\udc00\ud83d"
    raised = Answer(Ending.EXCEPTION, exception=f"Error: {half}")
    crashed = Answer(Ending.CRASH, exception=half)
    for said in (shown(half), raised.in_words(), crashed.in_words()):
        assert said.encode()
        assert "a\\udc00\\ud83d" in said
