"""Ruby: heredocs, percent literals, methods of several kinds."""

import pytest

from fedtranslate.languages.lexer import lex
from fedtranslate.languages.pack import KINDS
from fedtranslate.languages.parsing import parse_problems
from fedtranslate.languages.registry import load_pack
from fedtranslate.languages.units import units_in

RUBY = load_pack("ruby")


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("def f = 1", "function", "f"),
        ("def f?(a, *b, c: 1, **d, &e) = a", "function", "f?"),
        ("class A; def initialize(a); end; end", "constructor", "initialize"),
        ("class A; def self.f; end; end", "method", "f"),
        ("class A; class << self; def f; end; end; end", "method", "f"),
        ("module A; private def f; end; end", "method", "f"),
        ("A = Struct.new(:a) do\n  def f; end\nend", "method", "f"),
        ("class A::B; def []=(a, b); end; end", "method", "[]="),
        ("def a.f; def g; end; end", "function", "f"),
    ],
)
def test_each_kind_of_method_is_known(text: str, kind: str, name: str) -> None:
    (unit,) = units_in(text, RUBY)
    assert (unit.kind, unit.name) == (kind, name)
    assert parse_problems(unit.text, RUBY) == ()


def test_a_class_that_a_call_makes_is_a_type_when_it_has_a_block() -> None:
    text = "A = Struct.new(:a) { def f; end }\nB = Class.new(C)\nD = list.map { |e| e }"
    assert [unit.name for unit in units_in(text, RUBY, kinds=KINDS)] == ["A", "f"]


@pytest.mark.parametrize(
    "string",
    [
        '"a #{b["c"]} } d"',
        "'a\\'\nb'",
        "%w[a [b] c]",
        "%q(a (b) 'c)",
        "%r{a/{2}}",
        "<<~A\n  b } #{c}\n  A",
        "<<-'A'\nb\nA",
        '/a["b]/i',
        ":a?",
        ":@a",
    ],
)
def test_strings_of_a_broken_text_are_single_tokens(string: str) -> None:
    found = [token.text for token in lex(f"f(\n  [{string}\n {{", RUBY) if token.kind == "string"]
    assert found == [string]


def test_a_division_is_no_pattern_and_a_range_no_number() -> None:
    found = [token.text for token in lex("f( a / b / c, 1..d, 2.5 {", RUBY)]
    assert found == ["f", "(", "a", "/", "b", "/", "c", ",", "1", "..", "d", ",", "2.5", "{"]


def test_a_block_comment_ends_at_its_own_line() -> None:
    text = "=begin\n) =end\n=end\nf("
    assert [token.text for token in lex(text, RUBY)] == ["=begin\n) =end\n=end", "f", "("]


def test_what_has_no_end_is_named_by_its_first_line() -> None:
    (problem,) = parse_problems(
        "class A\n  def f(x)\n    x.each do |y|\n      y\n  end\nend\n", RUBY
    )
    assert problem.message == "`class A` has no end, or something in it is wrong"
    (problem,) = parse_problems("def f(x)\n  x = )\nend\n", RUBY)
    assert problem.message == "unexpected `= )`"
