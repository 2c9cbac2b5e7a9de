"""Code as it is shown, and its comparison word by word."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedtranslate.report.codetext import compare, shown

CODE = st.lists(
    st.sampled_from(["int", "x", "=", "foo", ".", "(", ")", " ", "\n", "    ", "é", "\t", ";"]),
    max_size=40,
).map("".join)


def squeezed(text: str) -> str:
    return "".join(text.split())


@settings(deadline=None, derandomize=True)
@given(CODE, CODE)
def test_the_pieces_that_are_not_missing_are_the_text(text: str, reference: str) -> None:
    pieces = compare(text, reference).pieces
    assert "".join(p.text for p in pieces if p.kind != "missing") == shown(text).rstrip()


@settings(deadline=None, derandomize=True)
@given(CODE, CODE)
def test_the_pieces_that_are_not_extra_are_the_reference(text: str, reference: str) -> None:
    compared = compare(text, reference)
    if not compared.note:
        found = "".join(p.text for p in compared.pieces if p.kind != "extra")
        assert squeezed(found) == squeezed(shown(reference))


@settings(deadline=None, derandomize=True)
@given(st.text(max_size=60))
def test_any_text_is_the_same_as_itself(text: str) -> None:
    compared = compare(text, text)
    assert compared.is_same
    assert {piece.kind for piece in compared.pieces} <= {"same"}


def test_layout_makes_no_difference() -> None:
    assert compare("int f()\n{\n  return 1;\n}", "int f() { return 1; }").is_same


def test_a_changed_word_is_marked_alone() -> None:
    pieces = compare("return cards.Get(number);", "return cards.Find(number);").pieces
    assert [(p.kind, p.text) for p in pieces] == [
        ("same", "return cards."),
        ("missing", "Find"),
        ("extra", "Get"),
        ("same", "(number);"),
    ]


def test_a_changed_call_is_one_change() -> None:
    pieces = compare("a = Guard.NotBlank(number);", "a = Require.Text(number);").pieces
    assert [p.text for p in pieces if p.kind != "same"] == ["Require.Text", "Guard.NotBlank"]


def test_texts_that_share_little_are_not_marked() -> None:
    compared = compare("a b c d", "int main(void) { return 0; }")
    assert compared.note
    assert {piece.kind for piece in compared.pieces} == {"same"}


def test_an_empty_translation_has_no_pieces() -> None:
    compared = compare("", "int x;")
    assert not compared.is_same
    assert not [p for p in compared.pieces if p.kind != "missing"]


@pytest.mark.parametrize("word", ["a ", "(", "a b ", "x\n"])
def test_long_texts_of_few_words_take_little_time(word: str) -> None:
    start = time.perf_counter()
    compare(word * 700 + "end", word * 690 + "begin")
    compare(word * 100_000, word * 99_000)
    assert time.perf_counter() - start < 10


def test_hidden_characters_are_spelled_out() -> None:
    turned = "if (admin) { /*\u202e } \u2066if (admin)\u2069 */\x1b[0m\u200b\ud800\x00"
    text = shown(turned)
    assert "[U+202E]" in text
    assert "[U+001B][0m[U+200B][U+D800][U+0000]" in text
    text.encode()


def test_code_that_starts_in_mid_line_loses_the_indentation_of_its_file() -> None:
    assert shown("int f() {\r\n\t    return 1;\r\n    }") == "int f() {\n    return 1;\n}"


def test_a_body_without_brackets_keeps_one_step() -> None:
    assert shown("def f():\n    return 1\n") == "def f():\n    return 1"
    assert shown("def f(self):\n        return 1\n") == "def f(self):\n    return 1"


def test_very_long_texts_are_cut_with_a_note() -> None:
    assert shown("x" * 100_000).endswith("[60000 more characters are not shown]")
