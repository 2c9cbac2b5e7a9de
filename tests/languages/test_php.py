"""PHP: the tag, which a lone unit lacks, and the class, which some lone units need."""

import pytest

from fedtranslate.languages.brackets import unclosed
from fedtranslate.languages.lexer import code_tokens, lex
from fedtranslate.languages.parsing import is_whole, parse_problems, wrapping
from fedtranslate.languages.registry import load_pack
from fedtranslate.languages.units import units_in

PHP = load_pack("php")


@pytest.mark.parametrize(
    "text",
    [
        "public function f(): int { return 1; }",
        "/** Doc. */\n#[A('b ] c')]\nfinal protected static function f() {}",
        "abstract function f();",
        "static public function f() {}",
        "PUBLIC FUNCTION f() {}",
        "function __construct(private int $a) {}",
        "private const A = 1;",
        "protected readonly ?int $a;",
        "static ?A $a = null;",
    ],
)
def test_members_get_a_class_and_a_tag(text: str) -> None:
    assert wrapping(text, PHP) == ("<?php\nclass A {\n", "\n}")
    assert parse_problems(text, PHP) == ()


@pytest.mark.parametrize(
    "text",
    [
        "function f(int $a): int { return $a; }",
        "abstract class A { abstract function f(); }",
        "final readonly class A {}",
        "interface A extends B {}",
        "enum A: string { case B = 'b'; }",
        "$a = 1;\necho $a;",
        "static function () { return 1; };",
        "namespace A;\n\nuse B\\C;",
    ],
)
def test_other_code_gets_a_tag(text: str) -> None:
    assert wrapping(text, PHP) == ("<?php\n", "")
    assert parse_problems(text, PHP) == ()


@pytest.mark.parametrize(
    "text",
    ["<?php\nfunction f() {}", "<html><?= $a ?></html>", "#!/usr/bin/php\n<?php\nf();"],
)
def test_a_text_with_a_tag_gets_nothing(text: str) -> None:
    assert is_whole(text, PHP)
    assert parse_problems(text, PHP) == ()


@pytest.mark.parametrize(
    "text",
    ["function f() { return 1 }", "function f() {} }", "public function f() {} }", "f(", "$a = ;"],
)
def test_broken_code_does_not_pass_as_the_text_of_a_page(text: str) -> None:
    assert parse_problems(text, PHP)


def test_places_are_those_of_the_text_without_its_tag() -> None:
    (problem, *_) = parse_problems("function f() {\n  return 1 +;\n}", PHP)
    assert problem.line == 2
    (problem, *_) = parse_problems("public function f() {\n  return 1 +;\n}", PHP)
    assert problem.line == 2


def test_code_is_the_same_with_and_without_what_is_put_around_it() -> None:
    assert code_tokens("public function f($a) {}", PHP)[:3] == ("public", "function", "f")
    assert code_tokens("f($a);", PHP) == ("f", "(", "$", "a", ")", ";")


def test_methods_of_a_class_without_a_name_stay_inside() -> None:
    text = "<?php function f() { return new class { function g() {} }; }"
    assert [unit.name for unit in units_in(text, PHP)] == ["f"]


def test_heredocs_of_a_broken_text_are_single_tokens() -> None:
    heredoc, nowdoc = "<<<A\n b } $c\n  A", "<<<'D'\ne(\nD"
    text = f"f({heredoc} . {nowdoc} . \"g {{\" . 'h\\'' {{"
    found = [token.text for token in lex(text, PHP) if token.kind == "string"]
    assert found == [heredoc, nowdoc, '"g {"', "'h\\''"]


def test_attributes_are_brackets_and_no_comments() -> None:
    assert unclosed("#[A(1)]\nfunction f() {}", PHP) == unclosed("", PHP)
    assert unclosed("#[A(1)\nfunction f() {}", PHP) != unclosed("", PHP)
    assert lex("f( # a\n// b ?> c", PHP)[2].text == "# a"
