"""JavaScript and TypeScript: which texts need a class around, and what cannot be parsed."""

import pytest

from fedtranslate.languages.lexer import lex
from fedtranslate.languages.parsing import is_whole, parse_problems
from fedtranslate.languages.registry import load_pack
from fedtranslate.languages.units import units_in

METHODS = [
    "balance(deposits) { return 1; }",
    "/** Doc. */\n@logged('a')\nasync balance({a, b} = {}, c = f(g(1))) {}",
    "constructor(a) { super(a); this.a = a; }",
    "get total() { return 1; }",
    "get(index) { return 1; }",
    "static of(...all) { return all; }",
    "static handle = (event) => event;",
    "#hidden() { return this.#a; }",
    "#handle = () => 1;",
    "*[Symbol.iterator]() { yield 1; }",
    "get [key]() { return 1; }",
]
TYPED_METHODS = [
    "private balance(deposits: number[]): Map<string, number> { return this.a; }",
    "protected abstract close(reason?: string): void;",
    "find<K extends keyof T>(key: K): T[K];",
    "constructor(private readonly a: number, b?: string) { super(); }",
    "private onChange = (event: Event): void => { this.last = event; };",
    "catch(reason: unknown): void {}",
    "get total(): number { return 1; }",
]
WHOLE = [
    "function balance(a) { return a; }",
    "export default class Account {}",
    "const balance = async (a) => a;",
    "if (a) { b(); } else { c(); }",
    "for (const a of b) { c(a); }",
    "while (a(b)) { c(); }",
    "describe('accounts', () => { it('works', () => {}); });",
    "async function balance() {}",
    "async (a) => a",
    "static;",
    "@Component({ a: 1 })\nexport class Account {}",
    "super(a);",
]


@pytest.mark.parametrize("text", METHODS)
@pytest.mark.parametrize("language", ["javascript", "typescript"])
def test_a_lone_method_parses_in_a_class(text: str, language: str) -> None:
    pack = load_pack(language)
    assert not is_whole(text, pack)
    assert parse_problems(text, pack) == ()


@pytest.mark.parametrize("text", TYPED_METHODS)
def test_a_lone_method_with_types_parses_in_a_class(text: str) -> None:
    assert not is_whole(text, load_pack("typescript"))
    assert parse_problems(text, load_pack("typescript")) == ()


@pytest.mark.parametrize("text", WHOLE)
@pytest.mark.parametrize("language", ["javascript", "typescript"])
def test_no_class_is_put_around_what_stands_alone(text: str, language: str) -> None:
    assert is_whole(text, load_pack(language))


def test_a_method_that_closes_its_class_is_refused() -> None:
    assert parse_problems("balance(a) { return 1; } } function f() {", load_pack("javascript"))


def test_decorators_beside_a_method_belong_to_it() -> None:
    text = "class A {\n  /** Doc. */\n  @Input() @Other({a: 1})\n\n  run(): void {}\n}"
    (unit,) = units_in(text, load_pack("typescript"))
    assert unit.text == text[12:-2]
    assert unit.first_line == 2


def test_export_and_declare_belong_to_a_function() -> None:
    text = "export declare function f(a: string): void;"
    (unit,) = units_in(text, load_pack("typescript"))
    assert unit.text == text


@pytest.mark.parametrize("language", ["javascript", "typescript"])
def test_strings_of_a_broken_text_are_single_tokens(language: str) -> None:
    text = "f(`a ${b ? `c` : {d: '}'}} e`, /[/\"]\\/x/g, 'it\\'s', a / b / c; {"
    found = [token.text for token in lex(text, load_pack(language)) if token.kind == "string"]
    assert found == ["`a ${b ? `c` : {d: '}'}} e`", '/[/"]\\/x/g', "'it\\'s'"]
