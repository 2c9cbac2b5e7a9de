"""What is still open at the end of half a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.languages.brackets import unclosed
from fedtranslate.languages.registry import load_pack

JAVA, CSHARP, PYTHON = (load_pack(name) for name in ("java", "csharp", "python"))
WHOLE = (
    "int f(int[] a) { /* ) */ for (int i = 0; i < 3; i++) { s += \"}\" + '{'; } return g(a[0]); }"
)


@pytest.mark.parametrize(
    ("text", "brackets"),
    [
        ("void f(int[] a", "("),
        ("void f() { if (x[", "{(["),
        ('void f() { s = "(";', "{"),
        ("void f() { // (", "{"),
        ("void f() { char c = '\\'';", "{"),
        ("for (int i = 0; i < n; i++", "("),
        ("try (A a = b(); C c", "("),
        (WHOLE, ""),
    ],
)
def test_open_brackets_are_those_outside_strings_and_comments(text: str, brackets: str) -> None:
    left = unclosed(text, JAVA)
    assert left is not None
    assert (left.brackets, left.literal) == (brackets, None)
    assert left.nothing is (brackets == "")


@pytest.mark.parametrize(
    "text", ["f)", "f(a]", "{ f(a; }", "{ a[0; ]", "}", "foreach (int i = 1; i)"]
)
def test_brackets_that_have_gone_wrong_are_noticed(text: str) -> None:
    assert unclosed(text, CSHARP) is None


@pytest.mark.parametrize(
    ("text", "literal", "spans_lines"),
    [
        ('f("a)', '"a)', False),
        ("f('", "'", False),
        ('f("a\\"', '"a\\"', False),
        ('f(@"a\n', '"a\n', True),
        ('f("""a\n"b"', '"""a\n"b"', True),
        ("f(/* a\n", "/* a\n", True),
    ],
)
def test_an_open_literal_is_told_from_its_first_character(
    text: str, literal: str, spans_lines: bool
) -> None:
    left = unclosed(text, CSHARP)
    assert left is not None
    assert left.literal == literal
    assert left.spans_lines is spans_lines
    assert not left.nothing


def test_a_docstring_of_python_may_go_on_over_lines() -> None:
    left = unclosed('def f(a):\n    """Say\n', PYTHON)
    assert left is not None
    assert left.literal == '"""Say\n'
    assert left.spans_lines
    closed = unclosed('def f(a):\n    """Say (."""\n    return [a', PYTHON)
    assert closed is not None
    assert closed.brackets == "["


@given(st.integers(0, len(WHOLE)))
def test_no_beginning_of_a_sound_text_has_gone_wrong(end: int) -> None:
    left = unclosed(WHOLE[:end], JAVA)
    assert left is not None


@given(st.text(alphabet="(){}[];\"'\\/*\n@aR #", max_size=40))
def test_any_text_is_answered(text: str) -> None:
    for pack in (JAVA, CSHARP, PYTHON):
        left = unclosed(text, pack)
        assert left is None or text.endswith(left.literal or "")
