import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.languages.pack import KINDS
from fedtranslate.languages.registry import known_languages, load_pack
from fedtranslate.languages.splice import splice, splice_units
from fedtranslate.languages.units import read_source, units_in

JAVA, CSHARP, PYTHON = load_pack("java"), load_pack("csharp"), load_pack("python")
FILE = "class A {\n  // für é\n  int f() { return 1; }\n\n  int g() { return 2; }\n}\n"
PIECES = st.sampled_from(
    [
        "class A {",
        "}",
        "int f() {",
        "/** d */",
        "\n",
        "\n\n",
        "@B",
        "// c\n",
        "é",
        "x;",
        "def f():\n  ",
    ]
)


@pytest.mark.parametrize("text", ["", "\n", "\0", "\ufeff", "}}}", "class", "int f(", "/**"])
@pytest.mark.parametrize("language", known_languages())
def test_files_without_units_have_none(text: str, language: str) -> None:
    assert units_in(text, load_pack(language)) == []


@given(st.lists(PIECES, max_size=20).map(" ".join), st.sampled_from(known_languages()))
def test_units_are_exactly_the_bytes_they_claim_and_come_in_order(text: str, name: str) -> None:
    code = text.encode()
    units = units_in(text, load_pack(name), kinds=KINDS)
    assert [u.first_line for u in units] == sorted(u.first_line for u in units)
    for unit in units:
        assert code[unit.start_byte : unit.end_byte].decode() == unit.text
        assert unit.first_line == code[: unit.start_byte].count(b"\n") + 1


def test_units_with_errors_inside_are_reported_as_such() -> None:
    units = units_in("class A { int f() { int = ; } int g() { } }", JAVA)
    assert [(unit.name, unit.has_error) for unit in units] == [("f", True), ("g", False)]


def test_a_blank_line_parts_a_comment_from_a_unit() -> None:
    near, far = "class A {\n  // c\n  int f() { }\n}", "class A {\n  // c\n\n  int f() { }\n}"
    assert units_in(near, JAVA)[0].text.startswith("// c")
    assert units_in(far, JAVA)[0].text.startswith("int f")


def test_a_huge_broken_file_is_cut_in_reasonable_time() -> None:
    started = time.monotonic()
    units = units_in("class A { void f() { } " + "(" * 300_000 + " void g() { } }", JAVA)
    assert [unit.name for unit in units][:1] == ["f"]
    assert time.monotonic() - started < 10


def test_deep_nesting_is_no_recursion_error() -> None:
    depth = 20_000
    units_in("class A { " * depth + "}" * depth, JAVA, kinds=KINDS)
    units_in("class A { int f() { return " + "(" * depth + "1" + ")" * depth + "; } }", JAVA)


@pytest.mark.parametrize(
    ("data", "encoding", "bom", "newline"),
    [
        (b"a\nb", "utf-8", b"", "\n"),
        (b"\xef\xbb\xbfa\r\nb", "utf-8", b"\xef\xbb\xbf", "\r\n"),
        ("\ufeffa\r\nü".encode("utf-16-le"), "utf-16-le", b"\xff\xfe", "\r\n"),
        ("\ufeffaü".encode("utf-16-be"), "utf-16-be", b"\xfe\xff", "\n"),
        (b"caf\xe9", "latin-1", b"", "\n"),
        (b"", "utf-8", b"", "\n"),
    ],
)
def test_the_encoding_of_a_file_is_recognised(
    data: bytes, encoding: str, bom: bytes, newline: str
) -> None:
    source = read_source(data)
    assert (source.encoding, source.bom, source.newline) == (encoding, bom, newline)


@given(st.binary(max_size=60), st.sampled_from([b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"]))
def test_every_file_can_be_read_and_written_back(data: bytes, mark: bytes) -> None:
    source = read_source(mark + data)
    assert source.bom + source.text.encode(source.encoding) == mark + data
    assert splice_units(mark + data, []) == mark + data


def test_splicing_changes_nothing_else() -> None:
    assert splice(b"0123456789", [(7, 9, b"X"), (0, 0, b"<"), (2, 3, b"")]) == b"<013456X9"


@pytest.mark.parametrize("places", [[(0, 3, b""), (2, 4, b"")], [(5, 11, b"")], [(-1, 2, b"")]])
def test_pieces_that_overlap_or_lie_outside_are_refused(
    places: list[tuple[int, int, bytes]],
) -> None:
    with pytest.raises(ValueError, match="overlap"):
        splice(b"0123456789", places)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_unit_is_replaced_in_the_encoding_and_line_ends_of_its_file(
    encoding: str, newline: str
) -> None:
    data = FILE.replace("\n", newline).encode(encoding)
    first, second = units_in(read_source(data).text, JAVA)
    done = splice_units(data, [(second, "int h() {\n  return 'ä';\n}")])
    expected = FILE.replace("int g() { return 2; }", "int h() {\n  return 'ä';\n}")
    assert done == expected.replace("\n", newline).encode(encoding)
    assert splice_units(data, [(first, first.text), (second, second.text)]) == data


def test_a_character_that_the_encoding_lacks_makes_the_file_utf_8() -> None:
    data = FILE.encode("latin-1")
    unit = units_in(read_source(data).text, JAVA)[1]
    done = splice_units(data, [(unit, "int h() { return '→'; }")])
    assert "für é" in done.decode("utf-8")
    assert "→" in done.decode("utf-8")
