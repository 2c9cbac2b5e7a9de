"""What works without a grammar, shown on COBOL."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.errors import PackError, UnknownNameError
from fedtranslate.languages.brackets import unclosed
from fedtranslate.languages.columns import blanked, is_in_columns
from fedtranslate.languages.lexer import code_tokens, lex, rename
from fedtranslate.languages.pack import KINDS
from fedtranslate.languages.parsing import is_whole, parse_problems, syntax_tree, wrapping
from fedtranslate.languages.references import references_of
from fedtranslate.languages.registry import load_pack
from fedtranslate.languages.units import units_in
from fedtranslate.metrics.codebleu import codebleu

COBOL = load_pack("cobol")
COLUMNS = COBOL.columns
HEAD = "identification division.\nprogram-id. a.\n"
FIXED = """\
000100 IDENTIFICATION DIVISION.                                         CHANGED1
000200 PROGRAM-ID. A.
000300 PROCEDURE DIVISION.
000400* It's a comment. (
000500 B-C.
000600     MOVE 1 TO D.
"""
PIECES = [*"aA1 .\n\r\"'*-()>=:\v", " IF ", " END-IF ", " SECTION.", "\n       ", "\n000100 "]
SOUP = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)


def unit_names(text: str) -> list[str]:
    return [
        f"{unit.kind} {unit.container}.{unit.name}" for unit in units_in(text, COBOL, kinds=KINDS)
    ]


def test_a_text_is_in_columns_when_all_its_lines_are() -> None:
    assert COLUMNS is not None
    assert is_in_columns(FIXED, COLUMNS)
    assert is_in_columns(FIXED.replace("\n", "\r\n"), COLUMNS)
    assert is_in_columns("B-C.\n           MOVE 1 TO D.\n           EXIT.", COLUMNS)
    assert not is_in_columns(FIXED + "end program a.\n", COLUMNS)
    assert not is_in_columns(FIXED.replace(" A.", " A." + 70 * " " + "."), COLUMNS)
    assert not is_in_columns("stop run.", COLUMNS)
    assert not is_in_columns("", COLUMNS)


def test_what_stands_outside_the_columns_is_no_code() -> None:
    tokens = code_tokens(FIXED, COBOL)
    assert "changed1" not in tokens
    assert "000100" not in tokens
    assert tokens[:4] == ("identification", "division", ".", "program-id")
    assert [token.text for token in lex(FIXED, COBOL) if token.kind == "comment"] == [
        "000400* It's a comment. ("
    ]
    assert parse_problems(FIXED, COBOL) == ()


@given(SOUP)
def test_blanking_moves_nothing(text: str) -> None:
    shown = blanked(text, COLUMNS)
    assert len(shown) == len(text)
    for sign, blank in zip(text, shown, strict=True):
        assert blank in (sign, "\v", "\n")


def test_a_long_literal_goes_on_in_the_next_line() -> None:
    first = '           MOVE "' + "a" * 55
    text = f'{first}\n      -    "bc. (" TO D.\n           STOP RUN.\n'
    assert len(first) == 72
    assert parse_problems(text, COBOL) == ()
    assert len([token for token in lex(text, COBOL) if token.kind == "string"]) == 1


def test_case_does_not_matter_but_in_strings() -> None:
    assert code_tokens('move "A" to B-c.', COBOL) == code_tokens('MOVE "A" TO b-C.', COBOL)
    assert code_tokens('move "A" to b.', COBOL) != code_tokens('move "a" to b.', COBOL)
    kinds = {token.text: token.kind for token in lex('Move "x" to B-1 of 88-c (2:3).', COBOL)}
    assert kinds["Move"] == "keyword"
    assert kinds["B-1"] == kinds["88-c"] == "identifier"
    assert kinds["2"] == "number"


def test_renaming_touches_names_only() -> None:
    assert rename('move b to c *> b\n  display "b".', COBOL, {"b": "new-b"}) == (
        'move new-b to c *> b\n  display "b".'
    )


@pytest.mark.parametrize(
    "text",
    [
        "main-para.\n    stop run.",
        "if a > b display 'x' else display \"it's\".",
        "evaluate true when a if b display c end-evaluate.",
        "perform until a perform b end-perform perform c thru d.",
        "01 a pic x(3).\n   88 b value 'x'.",
        "01 a pic $zz,zz9.99-.\n01 b pic .99.",
        HEAD + 'author. j. doe, (unclosed "quote.\nprocedure division.\n    goback.',
        HEAD + "environment division.\nspecial-names.\n    decimal-point is comma.\n",
        HEAD + "procedure division.\n    exec sql select * from a.b where c = ';' end-exec.",
        "copy accounts replacing ==:x:== by ==(y==.",
        ">>SOURCE FORMAT IS FREE\nstop run.",
    ],
)
def test_what_follows_the_rules_parses(text: str) -> None:
    assert parse_problems(text, COBOL) == ()


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("stop run", 1, 9, "no end"),
        ("a.\n  mvoe b to c.", 2, 3, "`mvoe`"),
        ("if a display b end-if end-if.", 1, 23, "`end-if` ends what was not begun"),
        ("compute a = (b + 1.", 1, 13, "`(` is never ended"),
        ("compute a = b + 1).", 1, 18, "`)` ends what was not begun"),
        ("display 'a.", 1, 9, "begins a string"),
        ("exec sql commit.", 1, 1, "`exec` is never ended"),
        ("*> nothing\n", 1, 1, "there is no code"),
    ],
)
def test_what_breaks_a_rule_is_told_with_its_place(
    text: str, line: int, column: int, said: str
) -> None:
    problem = parse_problems(text, COBOL)[0]
    assert (problem.line, problem.column) == (line, column)
    assert said in problem.message


def test_paragraphs_belong_to_their_section_and_program() -> None:
    text = (
        HEAD + "procedure division.\n    display 'x'.\nb section.\nc.\n    exit.\n"
        "d section.\n    exit.\nend program a.\n"
        "id division.\nprogram-id. e.\nprocedure division.\nf.\n    exit."
    )
    assert unit_names(text) == [
        "type .a",
        "method a.procedure division",
        "method a.b.c",
        "method a.d",
        "type .e",
        "method e.f",
    ]


def test_a_program_inside_a_program_is_inside() -> None:
    text = (
        HEAD + "procedure division.\n    exit.\nid division.\nprogram-id. b.\n"
        "procedure division.\n    exit.\nend program b.\nend program a."
    )
    assert unit_names(text)[2:] == ["type a.b", "method a.b.procedure division"]


def test_only_what_begins_a_sentence_begins_a_unit() -> None:
    text = (
        HEAD + "procedure division.\nb.\n    add 1 to\nc.\n    display '\nd.\n'.\ne.\n    exit.\n"
    )
    assert unit_names(text)[1:] == ["method a.b", "method a.e"]


def test_a_copybook_has_units_without_a_program() -> None:
    assert unit_names("*> About b.\n01 b.\n   05 c pic x.\n\n01 d pic 9.\n") == [
        "property .b",
        "property .d",
    ]
    (unit,) = units_in("paragraph-only.\n    exit.\n", COBOL)
    assert (unit.kind, unit.name) == ("function", "paragraph-only")


def test_units_in_columns_are_whole_lines_with_the_comments_above() -> None:
    *_, unit = units_in(FIXED, COBOL)
    assert unit.text == "000400* It's a comment. (\n000500 B-C.\n000600     MOVE 1 TO D."
    assert unit.first_line == 4


@given(SOUP)
def test_units_by_rules_are_the_bytes_they_claim(text: str) -> None:
    whole = HEAD + "procedure division.\n" + text
    code = whole.encode()
    for unit in units_in(whole, COBOL, kinds=KINDS):
        assert code[unit.start_byte : unit.end_byte].decode() == unit.text
    lines = text.split("\n")
    for problem in parse_problems(text, COBOL):
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1


def test_what_stands_around_a_unit_depends_on_how_it_begins() -> None:
    assert "WORKING-STORAGE" in wrapping("01 a pic x.", COBOL)[0]
    assert wrapping("b. exit.", COBOL)[0].endswith("PROCEDURE DIVISION.\n")
    assert wrapping("procedure division.\n    exit.", COBOL)[0].endswith("UNIT-UNDER-CHECK.\n")
    assert wrapping(FIXED, COBOL) == ("", "")
    assert is_whole("000100* comment\n000200 ID DIVISION.\n", COBOL)


def test_what_is_performed_and_copied_is_referred_to() -> None:
    found = references_of("perform B thru c. *> perform d\n go to e. call 'f'. copy G.", COBOL)
    assert found.calls == ("b", "c", "e", "f")
    assert found.types == ("g",)


def test_half_a_text_is_seen_through_its_columns() -> None:
    left = unclosed(FIXED + "000700     COMPUTE A = (", COBOL)
    assert left is not None
    assert left.brackets == "("


def test_codebleu_is_made_of_its_token_parts() -> None:
    text, other = "main-para.\n    move 1 to b.", "main-para.\n    move 2 to b."
    same, changed = codebleu([text], [text], "cobol"), codebleu([other], [text], "cobol")
    assert (same.corpus, same.syntax, same.dataflow) == (1.0, None, None)
    assert 0 < changed.corpus < 1
    assert codebleu(["mvoe 1 to b."], [text], "cobol").corpus == 0
    with pytest.raises(UnknownNameError):
        codebleu([text], [text], "cobol", compat="k4black")


def test_there_is_no_tree_without_a_grammar() -> None:
    with pytest.raises(PackError, match="COBOL has no grammar"):
        syntax_tree("stop run.", COBOL)
