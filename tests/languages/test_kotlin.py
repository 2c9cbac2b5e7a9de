"""Kotlin: which units need a class around them."""

import pytest

from fedtranslate.languages.lexer import lex
from fedtranslate.languages.parsing import is_whole, parse_problems
from fedtranslate.languages.registry import load_pack
from fedtranslate.languages.units import units_in


@pytest.mark.parametrize(
    "text",
    [
        "override fun f(): Int = 1",
        '/** Doc. */\n@Suppress("a", b(1))\nprotected open fun f() {}',
        "constructor(a: Int) : this(a, 1) { x = a }",
        "init { require(a) }",
        "abstract val a: Int",
        "inner class A",
    ],
)
def test_what_cannot_stand_alone_gets_a_class(text: str) -> None:
    assert not is_whole(text, load_pack("kotlin"))
    assert parse_problems(text, load_pack("kotlin")) == ()


@pytest.mark.parametrize(
    "text", ["fun f() = 1", "open class A", "abstract class A", "private suspend fun f() {}"]
)
def test_what_can_stand_alone_does(text: str) -> None:
    assert is_whole(text, load_pack("kotlin"))
    assert parse_problems(text, load_pack("kotlin")) == ()


def test_what_is_computed_is_a_property_and_what_is_held_is_none() -> None:
    text = "class A {\n val a = 1\n val b: Int\n  get() = 1\n val c by lazy { 1 }\n}\n"
    assert [unit.name for unit in units_in(text, load_pack("kotlin"))] == ["b", "c"]


def test_strings_of_a_broken_text_are_single_tokens() -> None:
    text = 'f("""a "b" """, "c ${d("e")} $f", \'"\', `in`, {'
    tokens = lex(text, load_pack("kotlin"))
    found = [token.text for token in tokens if token.kind == "string"]
    assert found == ['"""a "b" """', '"c ${d("e")} $f"', "'\"'"]
    assert "`in`" in [token.text for token in tokens if token.kind == "identifier"]
