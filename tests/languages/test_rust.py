"""Rust: attributes, receivers, lifetimes."""

import pytest

from fedtranslate.languages.brackets import unclosed
from fedtranslate.languages.lexer import lex
from fedtranslate.languages.parsing import is_whole, parse_problems
from fedtranslate.languages.registry import load_pack
from fedtranslate.languages.units import units_in

RUST = load_pack("rust")


@pytest.mark.parametrize(
    "text",
    [
        "fn f(&self) -> i32 { self.a }",
        "pub(crate) async fn f<'a, T: Fn(A) -> B>(&'a mut self, b: T) {}",
        '/// Doc.\n#[inline]\n#[doc = "a ] b"]\npub const unsafe fn f(mut self) {}',
        "fn f(self: Box<Self>) {}",
        "fn f<const N: usize, T: Into<Vec<u8>>>(&self);",
        "fn f() -> Self;",
    ],
)
def test_a_method_and_what_has_no_body_get_a_block(text: str) -> None:
    assert not is_whole(text, RUST)
    assert parse_problems(text, RUST) == ()


@pytest.mark.parametrize(
    "text",
    [
        "fn f(a: i32) -> i32 { a }",
        "fn f(selfish: i32) { g(&self::A); }",
        "impl A { fn f(&self) {} }",
        "pub struct A(i32);",
        "use a::b;\nfn f(&self) {}",
        '#![a]\nextern "C" fn f(a: i32) {}',
        "let a = 1;",
    ],
)
def test_what_stands_alone_gets_no_block(text: str) -> None:
    assert is_whole(text, RUST)


def test_a_method_that_closes_the_block_around_it_does_not_parse() -> None:
    assert parse_problems("fn f(&self) {} } impl B {", RUST)


def test_attributes_belong_to_a_unit_wherever_they_stand() -> None:
    text = "fn a() {}\n\n// Why.\n#[b] #[c(d)]\n\n#[e]\n// f\nfn g() {} #[h] fn i() {}\n"
    _, second, third = units_in(text, RUST)
    assert second.first_line == 3
    assert third.text == "#[h] fn i() {}"


def test_methods_belong_to_the_type_of_their_block() -> None:
    text = "impl<T> B for a::A<T> { fn new(self: &Self, b: T) {} }\nimpl dyn C { fn f(&self) {} }"
    first, second = units_in(text, RUST)
    assert (first.kind, first.container, first.parameters) == ("constructor", "A", ("T",))
    assert (second.kind, second.container, second.parameters) == ("method", "dyn C", ())


def test_lifetimes_are_told_from_characters_in_a_broken_text() -> None:
    text = """f(<'a>('b', '\\'', b'"', 'static, r#"c"d"#, "e\nf", 0..g, 1.5, {"""
    tokens = lex(text, RUST)
    assert [token.text for token in tokens if token.kind == "string"] == [
        "'b'", "'\\''", "b'\"'", 'r#"c"d"#', '"e\nf"',
    ]  # fmt: skip
    assert [token.text for token in tokens if token.kind == "number"] == ["0", "1.5"]
    assert {"'a", "'static"} <= {token.text for token in tokens}


def test_comments_may_lie_in_comments() -> None:
    assert [token.text for token in lex("f( /* a /* b */ c */ d", RUST)] == [
        "f", "(", "/* a /* b */ c */", "d",
    ]  # fmt: skip


def test_a_text_may_end_in_a_lifetime_or_in_the_length_of_an_array() -> None:
    assert unclosed("fn f<'a", RUST) == unclosed("fn f<a", RUST)
    assert unclosed("let a = [0; 3", RUST)
    assert unclosed("let a = (0; 3", RUST) is None
