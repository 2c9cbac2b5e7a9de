"""Go: texts without a package clause, and what belongs to which type."""

import pytest

from fedtranslate.languages.lexer import lex
from fedtranslate.languages.parsing import parse_problems
from fedtranslate.languages.registry import load_pack
from fedtranslate.languages.units import units_in


@pytest.mark.parametrize(
    "text",
    [
        "func f(a int) int { return a }",
        '// Doc.\nimport "os"\n\nfunc f() { os.Exit(1) }',
        "type A struct { a int }",
        "A struct { a int }",
        "// Doc.\npackage bank\n\nfunc f() {}",
    ],
)
def test_a_text_parses_with_and_without_a_package_clause(text: str) -> None:
    assert parse_problems(text, load_pack("go")) == ()


@pytest.mark.parametrize("text", ["return a", "f(", "A struct { a int }) }", "package bank\nfunc"])
def test_a_piece_of_a_function_does_not_parse(text: str) -> None:
    assert parse_problems(text, load_pack("go"))


def test_a_method_belongs_to_the_type_of_its_receiver() -> None:
    text = "func (l *Ledger[T]) Ledger(a, b int, c ...string) {}\nfunc (Entry) Name() {}"
    first, second = units_in(text, load_pack("go"))
    assert (first.kind, first.container, first.name) == ("method", "Ledger", "Ledger")
    assert first.parameters == ("int", "int", "string")
    assert (second.kind, second.container, second.parameters) == ("method", "Entry", ())


def test_strings_of_a_broken_text_are_single_tokens() -> None:
    text = 'f(`a\n"b`, "c\\"", \'\\\'\', {'
    found = [token.text for token in lex(text, load_pack("go")) if token.kind == "string"]
    assert found == ['`a\n"b`', '"c\\""', "'\\''"]
