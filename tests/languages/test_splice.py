"""Units are put back byte by byte, whatever the encoding and the line ends."""

import codecs
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.languages.pack import KINDS
from fedtranslate.languages.registry import known_languages, load_pack
from fedtranslate.languages.splice import splice_units
from fedtranslate.languages.units import read_source, units_in

ENCODINGS = {
    "utf-8": b"",
    "utf-8-sig": b"",
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "latin-1": b"",
}
NEWLINES = ["\n", "\r\n", "\r"]
PIECES = {
    "java": ["class A {", "}", "int f() { return 1; }", "/** ä */", "// ö", "@B", "int x;"],
    "csharp": ["class A {", "}", "int F() { return 1; }", "/// ä", "int P { get; set; }", "[B]"],
    "python": ["class A:", "    def f(self):", "        return 'ä'", "# ö", "def g(): pass", "@b"],
    "cobol": [
        "       PROGRAM-ID. A.",
        "       PROCEDURE DIVISION.",
        "       B-C.",
        "      * ä",
        "           MOVE 1 TO D.",
        "       01 D PIC X(9).",
        "       END PROGRAM A.",
    ],
}


@st.composite
def files(draw: st.DrawFn) -> tuple[str, bytes]:
    """Return a language, and the bytes of a file that may or may not be code of it."""
    language = draw(st.sampled_from(sorted(PIECES)))
    lines = draw(st.lists(st.sampled_from(PIECES[language]), max_size=14))
    ends = draw(
        st.one_of(
            st.sampled_from(NEWLINES).map(lambda end: [end] * len(lines)),
            st.lists(st.sampled_from(NEWLINES), min_size=len(lines), max_size=len(lines)),
        )
    )
    encoding = draw(st.sampled_from(sorted(ENCODINGS)))
    text = "".join(line + end for line, end in zip(lines, ends, strict=True))
    return language, ENCODINGS[encoding] + text.encode(encoding)


def offset(data: bytes, place: int) -> int:
    """Return where in ``data`` the place is that is ``place`` bytes into its text in UTF-8."""
    source = read_source(data)
    before = source.text.encode()[:place].decode()
    return len(source.bom) + len(before.encode(source.encoding))


@given(files())
def test_every_unit_put_back_in_its_place_gives_the_same_bytes(file: tuple[str, bytes]) -> None:
    language, data = file
    units = units_in(read_source(data).text, load_pack(language), kinds=KINDS)
    for unit in units:
        assert splice_units(data, [(unit, unit.text)]) == data
    alone = units_in(read_source(data).text, load_pack(language))
    assert splice_units(data, [(unit, unit.text) for unit in alone]) == data


@given(files(), st.data())
def test_a_changed_unit_changes_no_other_byte(file: tuple[str, bytes], draw: st.DataObject) -> None:
    language, data = file
    units = units_in(read_source(data).text, load_pack(language), kinds=KINDS)
    if not units:
        return
    unit = draw.draw(st.sampled_from(units))
    done = splice_units(data, [(unit, "new 'ü'\n  text")])
    start, end = offset(data, unit.start_byte), offset(data, unit.end_byte)
    assert done.startswith(data[:start])
    assert done.endswith(data[end:])
    source = read_source(data)
    middle = f"new 'ü'{source.newline}  text".encode(source.encoding)
    assert done == data[:start] + middle + data[end:]


@pytest.mark.parametrize("language", known_languages())
@pytest.mark.parametrize("newline", NEWLINES)
@pytest.mark.parametrize("encoding", sorted(ENCODINGS))
def test_the_units_are_the_same_in_every_encoding_and_with_every_line_end(
    language: str, newline: str, encoding: str
) -> None:
    pack = load_pack(language)
    for file in sorted((pack.folder / "examples").glob(f"*{pack.extensions[0]}")):
        text = file.read_text("utf-8")
        text = text.encode("latin-1", "replace").decode("latin-1") if encoding[0] == "l" else text
        data = ENCODINGS[encoding] + text.replace("\n", newline).encode(encoding)
        units = units_in(read_source(data).text, pack, kinds=KINDS)
        expected = units_in(text, pack, kinds=KINDS)
        assert [(unit.name, unit.kind, unit.first_line, unit.has_error) for unit in units] == [
            (unit.name, unit.kind, unit.first_line, unit.has_error) for unit in expected
        ]
        for unit in units:
            assert splice_units(data, [(unit, unit.text)]) == data


def test_a_new_text_gets_the_line_end_that_most_lines_have() -> None:
    for newline in NEWLINES:
        data = f"class A {{{newline}int f() {{ }}{newline}{newline}}}\n".encode()
        (unit,) = units_in(read_source(data).text, load_pack("java"))
        done = splice_units(data, [(unit, "int g() {\r\n}\rint h;\n")])
        expected = f"int g() {{{newline}}}{newline}int h;{newline}".encode()
        assert done == data.replace(b"int f() { }", expected)


def test_a_comment_ends_where_its_line_does_with_lone_carriage_returns() -> None:
    text = "class A {\r  // c\r  int f() { return 1; } // d\r  int g() { }\r}"
    first, second = units_in(text, load_pack("java"))
    assert (first.text, first.first_line) == ("// c\r  int f() { return 1; }", 2)
    assert (second.name, second.first_line) == ("g", 4)


def test_many_units_are_put_back_in_little_time() -> None:
    data = ("class A {\n" + "int f() { }\n" * 20_000 + "}\n").encode("utf-16")
    started = time.monotonic()
    units = units_in(read_source(data).text, load_pack("java"))
    assert splice_units(data, [(unit, unit.text + " ") for unit in units]) != data
    assert len(units) == 20_000
    assert time.monotonic() - started < 20
