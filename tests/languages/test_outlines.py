from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedtranslate.languages.outlines.declarations import Declaration, Outline, outline_lines
from fedtranslate.languages.outlines.outline import outline_of
from fedtranslate.languages.pack import KINDS
from fedtranslate.languages.parsing import MAX_BYTES
from fedtranslate.languages.registry import known_languages, load_pack
from fedtranslate.languages.units import units_in
from fedtranslate.resources import shipped

JAVA, PYTHON = load_pack("java"), load_pack("python")
OUTLINED = [name for name in known_languages() if "outline" in load_pack(name).queries]
WHOLE = Path(__file__).parent / "whole_java"
SOURCES = sorted((*shipped("clients").glob("samples/**/*.java"), *WHOLE.rglob("*.java")))[::4]
PIECES = (
    "class A {", "}", "{", "interface I<T> {", "enum E {", "A, B(1) { }", ";", "record R(int a) {",
    "@interface N {", "int a = 1, b[];", "static {", "void f(int... a) { }", "A() { super(1); }",
    "// c\n", "/** d */", "@Override", "import a.b.*;", "package p;", "def f(a, *b):", "\n    ",
    "class B(A):", "x: int = 3", '"""d"""', "@property", "if a:", "\u03c0", "<", ",",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join) | st.text(max_size=60)


def outline(text: str, language: str = "java") -> Outline:
    found = outline_of(text, load_pack(language))
    assert found is not None
    return found


def every(declarations: tuple[Declaration, ...]) -> list[Declaration]:
    return [one for top in declarations for one in (top, *every(top.members))]


@pytest.mark.parametrize("language", OUTLINED)
def test_the_outline_of_the_example_is_as_its_golden_file_says(language: str) -> None:
    pack = load_pack(language)
    goldens = sorted((pack.folder / "examples").glob("*.outline.txt"))
    assert goldens
    for golden in goldens:
        source = golden.with_name(golden.name.replace(".outline.txt", pack.extensions[0]))
        lines = outline_lines(outline(source.read_text("utf-8"), language))
        assert lines == golden.read_text("utf-8").splitlines()


def test_a_language_without_the_query_has_no_outlines() -> None:
    assert outline_of("int f();", load_pack("c")) is None


@pytest.mark.parametrize("file", SOURCES, ids=lambda path: path.stem)
def test_what_is_a_unit_has_its_place_in_the_outline(file: Path) -> None:
    text = file.read_text("utf-8")
    units = {(u.start_byte, u.end_byte, u.kind, u.name) for u in units_in(text, JAVA, kinds=KINDS)}
    found = outline(text)
    assert not found.broken
    declared = [one for one in every(found.declarations) if one.kind in KINDS]
    places = {(one.start_byte, one.end_byte, one.kind, one.name) for one in declared}
    assert places <= units
    inside = [one for one in every(found.declarations) if one.kind not in (*KINDS, "constant")]
    for start, end, *_ in units - places:  # those of anonymous classes in the values of fields
        assert any(one.start_byte < start and end < one.end_byte for one in inside)


def test_each_variable_of_one_declaration_is_a_field_of_its_own() -> None:
    (kind,) = outline("class A { /* x */ private int a = 1, b[] = {2}, c; }").declarations
    assert [(one.name, one.type, one.value) for one in kind.members] == [
        ("a", "int", "1"),
        ("b", "int[]", "{2}"),
        ("c", "int", ""),
    ]
    assert len({one.start_byte for one in kind.members}) == 3
    assert {one.modifiers for one in kind.members} == {("private",)}


def test_methods_of_an_anonymous_class_stay_in_the_value_of_their_field() -> None:
    (kind,) = outline(
        "class A { Runnable r = new Runnable() { public void run() { } }; }"
    ).declarations
    assert [one.kind for one in kind.members] == ["field"]
    assert kind.members[0].value.endswith("}")


def test_the_methods_of_a_constant_are_its_members() -> None:
    (kind,) = outline(
        'enum E { A("x") { int f() { return 1; } }, B; int f() { return 2; } }'
    ).declarations
    assert [(one.kind, one.name) for one in kind.members] == [
        ("constant", "A"),
        ("constant", "B"),
        ("method", "f"),
    ]
    assert [one.name for one in kind.members[0].members] == ["f"]
    assert kind.members[0].value == '("x")'


def test_a_constructor_tells_which_other_one_it_calls() -> None:
    (kind,) = outline("class A { A() { /* c */ this(1); } A(int a) { } }").declarations
    assert [one.delegate for one in kind.members] == ["this(1);", ""]


def test_a_licence_is_the_header_and_a_comment_above_a_class_its_docs() -> None:
    found = outline("/* licence */\npackage a.b;\n\n/** Docs. */\nclass A { }\n")
    assert (found.header, found.package) == ("/* licence */", "a.b")
    assert found.declarations[0].docs == "/** Docs. */"


def test_statements_that_touch_each_other_are_one() -> None:
    text = "import os\n\nmain()\nif x:\n    def f(): pass\n\n\ndef g():\n    pass\n\n\ng()\n"
    found = outline(text, "python")
    assert [one.kind for one in found.declarations] == ["statement", "function", "statement"]
    first = found.declarations[0]
    assert text[first.start_byte : first.end_byte].startswith("main()\nif x:")


def test_python_tells_where_names_come_from() -> None:
    found = outline("import os.path as p\nfrom ..a import b, c as d\nfrom e import *\n", "python")
    assert [(one.name, one.members, one.alias, one.is_wildcard) for one in found.imports] == [
        ("os.path", (), "p", False),
        ("..a", ("b", "c as d"), "", False),
        ("e", (), "", True),
    ]


@pytest.mark.parametrize("language", OUTLINED)
@settings(deadline=None, max_examples=60)
@given(text=TEXTS)
def test_every_text_has_an_outline(language: str, text: str) -> None:
    found = outline(text, language)
    size = len(text.encode("utf-8", "replace"))
    for one in every(found.declarations):
        assert 0 <= one.start_byte < one.end_byte <= size
        ends = [one.start_byte, *(end for m in one.members for end in (m.start_byte, m.end_byte))]
        assert ends == sorted(ends)
        assert not one.members or one.members[-1].end_byte <= one.end_byte


def test_a_text_that_is_too_large_or_too_deep_has_a_broken_outline() -> None:
    assert outline(" " * (MAX_BYTES + 1)) == Outline(broken=True)
    deep = outline("class A { " * 500 + "}" * 500)
    assert deep.broken
    assert len(every(deep.declarations)) < 100
