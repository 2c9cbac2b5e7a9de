import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.languages.parsing import (
    MAX_BYTES,
    constructor_name,
    is_whole,
    parse_problems,
    parses,
    syntax_tree,
)
from fedtranslate.languages.registry import known_languages, load_pack

JAVA, CSHARP, PYTHON = load_pack("java"), load_pack("csharp"), load_pack("python")


@pytest.mark.parametrize(
    "text",
    [
        "int f(int a) { return a; }",
        "int f(int a);",
        "@Override public <T extends Comparable<T>> T f(T[] a) throws X { return a[0]; }",
        '/** Docs. */\n// more\n@A(b = "c)") protected Foo(int a) { super(a); }',
        "public class A { }",
        "package a.b;\nimport c.D;\n\n@Deprecated\nfinal class A extends B { int x; }",
        "record Point(int x, int y) { }",
        'int f() { String s = """\n  text\n  """; return switch (s) { default -> 2; }; }',
    ],
)
def test_java_units_and_files_parse(text: str) -> None:
    assert parse_problems(text, JAVA) == ()


@pytest.mark.parametrize(
    "text",
    [
        "public override int F(int a) { return a; }",
        "int F(int a);",
        "public Foo(int a) : base(a) { }",
        '[Obsolete("a]")] public int X { get; set; }',
        "public int this[int i] => i;",
        "using System;\nnamespace A.B { class C { } }",
        "public static class E { public static int F(this int a) => a; }",
        "public virtual Task<List<int>> F<T>(T a) where T : class { return null; }",
    ],
)
def test_csharp_units_and_files_parse(text: str) -> None:
    assert parse_problems(text, CSHARP) == ()


@pytest.mark.parametrize(
    "text",
    [
        "def f(a):\n    return a\n",
        "@property\n    def x(self):\n        return 1",
        "import a\n\nclass B:\n    x = 1\n",
        "async def f(): await g()",
    ],
)
def test_python_units_and_files_parse(text: str) -> None:
    assert parse_problems(text, PYTHON) == ()


@pytest.mark.parametrize("language", known_languages())
@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n ",
        "\0",
        "((((",
        "}}}}",
        "int f( {",
        "def def def def",
        "the answer is: 42 (I think",
    ],
)
def test_broken_and_empty_texts_do_not_parse(text: str, language: str) -> None:
    assert not parses(text, load_pack(language))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("// nothing", "java"),
        ("/* a */ /* b */", "csharp"),
        ("# nothing", "python"),
        ("int f() { } } class B {", "java"),
        ("int F() { } } class B { int G() { }", "csharp"),
        ("}", "java"),
        ("int f() { return a", "java"),
        ("sbyte F() throws IOException { }", "csharp"),
        ("def f(:\n    pass", "python"),
    ],
)
def test_what_only_looks_like_code_does_not_parse(text: str, language: str) -> None:
    assert not parses(text, load_pack(language))


def test_problems_are_in_lines_and_columns_of_the_unit() -> None:
    text = "int f(int a) {\n  int b = a;\n  é = ) 1;\n}"
    (problem,) = parse_problems(text, JAVA)
    assert (problem.line, problem.column) == (3, 7)
    assert problem.excerpt == "é = ) 1;"
    assert "`)`" in problem.message


def test_a_problem_at_the_wrapping_is_put_at_the_end_of_the_unit() -> None:
    for problem in parse_problems("int f() {\n  if (a) {\n    b();\n  }", JAVA):
        assert 1 <= problem.line <= 4
        assert "class A" not in problem.message


def test_a_text_that_is_too_large_is_refused_unparsed() -> None:
    (problem,) = parse_problems("int f() { }" + " " * MAX_BYTES, JAVA)
    assert "larger" in problem.message


def test_a_constructor_is_wrapped_in_a_class_of_its_own_name() -> None:
    assert constructor_name("@A(1) // c\nprivate Foo(int a) { }", JAVA) == "Foo"
    assert constructor_name("[A] internal Foo(int a) { }", CSHARP) == "Foo"
    assert constructor_name("int foo(int a) { }", JAVA) is None
    assert syntax_tree("Foo() { }", JAVA).code.startswith(b"class Foo {\n")


@pytest.mark.parametrize(
    ("text", "language", "whole"),
    [
        ("/* c */ package a;", "java", True),
        ("@A public @interface B { }", "java", True),
        ("record A(int b) { }", "java", True),
        ("Record record(int a) { }", "java", False),
        ("classify(int a) { }", "java", False),
        ("[A]\nnamespace B { }", "csharp", True),
        ("public partial interface A { }", "csharp", True),
        ("public int A { get; }", "csharp", False),
        ("def f(): pass", "python", True),
    ],
)
def test_whole_files_are_told_from_units(text: str, language: str, whole: bool) -> None:
    assert is_whole(text, load_pack(language)) is whole


@given(
    st.text(st.sampled_from("ab1 \n\"'/*{}()[]<>;@$\\.=\0é\ud800"), max_size=80),
    st.sampled_from(known_languages()),
)
def test_problems_always_lie_inside_the_text(text: str, language: str) -> None:
    lines = text.split("\n")
    for problem in parse_problems(text, load_pack(language)):
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
        assert problem.message.isprintable()
        assert problem.excerpt.isprintable()
