import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.languages.lexer import code_tokens, identifiers, lex, rename
from fedtranslate.languages.registry import known_languages, load_pack

JAVA, CSHARP, PYTHON = load_pack("java"), load_pack("csharp"), load_pack("python")
HOSTILE = st.text(st.sampled_from("ab1 \n\t\r\"'`/*{}()[]<>;:@$#\\.,=+-\0é\ud800😀"), max_size=60)
METHOD = "public List<Foo> f(int a) { /* c */ String s = \"x y\" + 'c'; return a >> 1.5f; } // end"


def test_every_token_has_its_kind() -> None:
    assert [(token.text, token.kind) for token in lex(METHOD, JAVA)][:6] == [
        ("public", "keyword"),
        ("List", "type"),
        ("<", "operator"),
        ("Foo", "type"),
        (">", "operator"),
        ("f", "identifier"),
    ]
    kinds = {token.text: token.kind for token in lex(METHOD, JAVA)}
    assert kinds["/* c */"] == "comment"
    assert kinds['"x y"'] == "string"
    assert kinds["'c'"] == "string"
    assert kinds["1.5f"] == "number"
    assert kinds[">>"] == "operator"


def test_types_are_told_from_identifiers_where_the_grammar_does_not() -> None:
    kinds = {token.text: token.kind for token in lex("Foo f(Bar b) { return Baz.x; }", CSHARP)}
    assert (kinds["Foo"], kinds["Bar"], kinds["b"], kinds["Baz"]) == (
        "type",
        "type",
        "identifier",
        "identifier",
    )
    assert {token.kind for token in lex("def f(a: Foo): pass", PYTHON) if token.text == "Foo"} == {
        "type"
    }


@pytest.mark.parametrize(
    ("text", "string"),
    [
        ('string f() { return $"a {b} \\" c"; }', '$"a {b} \\" c"'),
        ('string f() { return @"a "" \\"; }', '@"a "" \\"'),
        ('string f() { return $"a {b["k"]}"; }', '$"a {b["k"]}"'),
    ],
)
def test_a_string_is_one_token_with_all_that_is_in_it(text: str, string: str) -> None:
    assert string in code_tokens(text, CSHARP)


def test_layout_and_comments_do_not_count() -> None:
    dense = "int f(int a){return a;}"
    assert code_tokens("int f( int a ) { // c\r\n\r\n\treturn a; /* d */ }", JAVA) == code_tokens(
        dense, JAVA
    )
    assert code_tokens("int f(int a){return b;}", JAVA) != code_tokens(dense, JAVA)


def test_indentation_counts_in_python() -> None:
    inside = "def f(a):\n    if a:\n        g()\n        h()\n"
    behind = "def f(a):\n    if a:\n        g()\n    h()\n"
    assert code_tokens(inside, PYTHON) != code_tokens(behind, PYTHON)
    assert code_tokens(inside.replace("    ", "\t"), PYTHON) == code_tokens(inside, PYTHON)


def test_a_decorated_method_is_the_same_code_in_and_out_of_its_class() -> None:
    inside = "@property\n    def x(self):\n        return (1 +\n  2)"
    assert code_tokens(inside, PYTHON) == code_tokens(
        "@property\ndef x(self):\n  return (1 + \\\n 2)", PYTHON
    )


@pytest.mark.parametrize("language", known_languages())
@pytest.mark.parametrize("text", ["", " \n", "\0", "\ufeff", "'", '"""', "/*", "))}", "é" * 9])
def test_no_text_is_too_broken(text: str, language: str) -> None:
    pack = load_pack(language)
    assert all(token.text.strip() for token in lex(text, pack))
    assert all(code_tokens(text, pack))


@given(HOSTILE, st.sampled_from(known_languages()))
def test_tokens_lie_in_the_text_in_order(text: str, language: str) -> None:
    place = 0
    for token in lex(text, load_pack(language)):
        place = text.index(token.text, place) + len(token.text)


@given(HOSTILE, st.sampled_from(["java", "csharp"]))
def test_lexing_loses_nothing_but_white_space(text: str, language: str) -> None:
    text = text.replace("\ud800", "?")  # which is what becomes of it in the parser
    written = "".join(token.text for token in lex(text, load_pack(language)))
    assert "".join(written.split()) == "".join(text.split())


def test_broken_code_is_lexed_by_the_pattern_of_the_pack() -> None:
    assert code_tokens("int f( { return @object >= 0x1F; // c", CSHARP) == (
        "int", "f", "(", "{", "return", "@object", ">=", "0x1F", ";",
    )  # fmt: skip


def test_identifiers_are_distinct_and_in_order() -> None:
    text = 'Foo f(int a, Foo b) { a = b + "c".d(a); } // e'
    assert identifiers(text, JAVA) == ["Foo", "f", "a", "b", "d"]


def test_renaming_touches_identifiers_only_and_all_at_once() -> None:
    text = 'é a(b /* a */) {\n\treturn "a" + b.a + ba; }'
    text = "int " + text.replace("é ", "é").replace("(b", "(int b")
    assert rename(text, JAVA, {"a": "b", "b": "a", "éa": "x"}) == (
        'int x(int a /* a */) {\n\treturn "a" + a.b + ba; }'
    )


@given(HOSTILE, st.sampled_from(known_languages()))
def test_renaming_nothing_changes_nothing(text: str, language: str) -> None:
    pack = load_pack(language)
    assert rename(text, pack, {}) == text
    assert rename(text, pack, {name: name for name in identifiers(text, pack)}) == text
