"""Edit distance, chrF and exact match."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedtranslate.languages.registry import load_pack
from fedtranslate.metrics import (
    chrf,
    edit_distance,
    edit_similarity,
    exact_match,
    token_exact_match,
)

TEXTS = st.text(alphabet="abcé(\n", max_size=14)
LAWS = settings(deadline=None, derandomize=True, max_examples=300)


def table_distance(first: str, second: str) -> int:
    """Fill in the whole table, as a textbook does."""
    row = list(range(len(second) + 1))
    for i, left in enumerate(first, 1):
        diagonal, row[0] = row[0], i
        for j, right in enumerate(second, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (left != right))
    return row[-1]


def test_hand_computed_distances() -> None:
    assert edit_distance("kitten", "sitting") == 3
    assert edit_distance("", "abc") == 3
    assert edit_distance("abc", "") == 3
    assert edit_similarity("abcd", "abxd") == 0.75
    assert edit_similarity("", "") == 1


@LAWS
@given(TEXTS, TEXTS)
def test_the_distance_is_that_of_the_textbook_both_ways(first: str, second: str) -> None:
    assert edit_distance(first, second) == table_distance(first, second)
    assert edit_distance(second, first) == edit_distance(first, second)


@LAWS
@given(TEXTS, TEXTS, TEXTS)
def test_a_detour_is_never_shorter(first: str, middle: str, last: str) -> None:
    direct = edit_distance(first, last)
    assert direct <= edit_distance(first, middle) + edit_distance(middle, last)


@LAWS
@given(TEXTS, TEXTS)
def test_similarity_is_one_for_equal_texts_only(first: str, second: str) -> None:
    assert 0 <= edit_similarity(first, second) <= 1
    assert (edit_similarity(first, second) == 1) == (first == second)


def test_long_texts_take_no_time_to_speak_of() -> None:
    assert edit_distance("ab" * 5_000, "ba" * 5_000) == 2


def test_chrf_of_equal_other_and_no_texts() -> None:
    assert chrf(["int a;"], ["int a;"]) == pytest.approx(100)
    assert chrf(["int a;"], ["int  a ;"]) == pytest.approx(100)
    assert chrf(["xyz"], ["int a;"]) == 0
    assert chrf([""], ["int a;"]) == 0
    assert chrf([], []) == 0


def test_exact_match_sees_inner_layout_and_token_match_does_not() -> None:
    java = load_pack("java")
    assert exact_match(" int f() { return 1; }\n", "int f() { return 1; }")
    assert not exact_match("int f(){return 1;}", "int f() { return 1; }")
    assert token_exact_match("int f(){\n// one\nreturn 1;}", "int f() { return 1; }", java)
    assert not token_exact_match("int f(){return 2;}", "int f() { return 1; }", java)


def test_indentation_is_code_in_python() -> None:
    python = load_pack("python")
    inside = "def f(x):\n    if x:\n        g()\n        h()\n"
    outside = "def f(x):\n    if x:\n        g()\n    h()\n"
    assert not token_exact_match(inside, outside, python)
    assert token_exact_match(inside, inside.replace("    ", "  ") + "# done\n", python)


def test_nothing_is_no_match_of_nothing() -> None:
    java = load_pack("java")
    assert not exact_match("", "")
    assert not token_exact_match("", "// only a comment", java)
