"""Our CodeBLEU: laws, hand-computed cases, and the faults that it must not have."""

import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedtranslate.errors import UnknownNameError
from fedtranslate.metrics import codebleu
from fedtranslate.metrics.codebleu.parts import Parts

LAWS = settings(deadline=None, derandomize=True, max_examples=60)
ADD = "int add(int a, int b) { int c = a + b; return c; }"
GETTER = "int get() { return 1; }"
JAVA = st.sampled_from(
    [
        ADD,
        GETTER,
        "void run() { }",
        "boolean f(String s) { for (char c : s.toCharArray()) { if (c == 'x') return true; } }",
        "@Override public String name() { return this.name; }",
        "int x;",
        "A(int n) { super(n); this.n = n; }",
    ]
)
ANYTHING = st.one_of(JAVA, st.text(max_size=30), st.text("(){};=+ab \n\"'/*", max_size=40))
LANGUAGES = st.sampled_from(["java", "csharp", "python"])


@LAWS
@given(st.lists(JAVA, min_size=1, max_size=5))
def test_the_reference_itself_scores_one(texts: list[str]) -> None:
    found = codebleu(texts, texts, "java")
    assert found.corpus == pytest.approx(1)
    assert found.per_unit == pytest.approx([1] * len(texts))
    assert found.ngram == pytest.approx(1)
    assert found.syntax == pytest.approx(1)


@LAWS
@given(st.lists(st.tuples(ANYTHING, ANYTHING), max_size=4), LANGUAGES)
def test_scores_stay_in_range_whatever_the_texts(
    pairs: list[tuple[str, str]], language: str
) -> None:
    found = codebleu([p for p, _ in pairs], [r for _, r in pairs], language)
    parts = [found.ngram, found.weighted_ngram, found.syntax, found.dataflow]
    scores = [found.corpus, found.mean, *found.per_unit, *(p for p in parts if p is not None)]
    assert all(0 <= score <= 1 + 1e-9 for score in scores)


@LAWS
@given(st.lists(st.tuples(ANYTHING, JAVA), min_size=1, max_size=4))
def test_the_order_of_units_does_not_matter(pairs: list[tuple[str, str]]) -> None:
    there = codebleu([p for p, _ in pairs], [r for _, r in pairs], "java")
    back = codebleu([p for p, _ in pairs][::-1], [r for _, r in pairs][::-1], "java")
    assert back.corpus == there.corpus
    assert back.per_unit == there.per_unit[::-1]


@LAWS
@given(ANYTHING, JAVA)
def test_a_corpus_of_one_is_that_unit(prediction: str, reference: str) -> None:
    found = codebleu([prediction], [reference], "java")
    assert found.corpus == found.mean == found.per_unit[0]


@LAWS
@given(JAVA)
@pytest.mark.parametrize(
    "nothing", ["", "  \n", "// no code", "x", "I cannot translate this.", "}"]
)
def test_what_is_no_code_scores_zero(nothing: str, reference: str) -> None:
    assert codebleu([nothing], [reference], "java").corpus == 0


def test_a_prediction_with_a_syntax_error_scores_zero() -> None:
    found = codebleu([ADD[:-1], ADD], [ADD, ADD], "java")
    assert found.per_unit == pytest.approx([0, 1])
    assert found.mean == pytest.approx(0.5)
    assert 0 < found.corpus < 1


def test_what_is_known_not_to_parse_is_not_parsed_again() -> None:
    assert codebleu([ADD], [ADD], "java", valid=[False]).corpus == 0


def test_an_unreadable_reference_is_judged_by_its_tokens() -> None:
    broken = "int f( { return 1; }"
    found = codebleu([broken, GETTER], [broken, broken], "java")
    assert found.per_unit[0] == pytest.approx(1)
    assert 0 < found.per_unit[1] < 1
    assert found.syntax is None
    assert found.dataflow is None


def test_an_undefined_part_passes_its_weight_on() -> None:
    found = codebleu([GETTER.replace("1", "2")], [GETTER], "java")
    assert found.dataflow is None
    assert found.syntax is not None
    expected = (found.ngram + found.weighted_ngram + found.syntax) / 3
    assert found.corpus == pytest.approx(expected)
    assert Parts(0.5, 0.7, None, None).combined() == pytest.approx(0.6)


def test_the_parts_of_a_hand_computed_case() -> None:
    found = codebleu(["int f() { return 2; }"], ["int f() { return 1; }"], "java")
    # Tokens: int f ( ) { return 2 ; }, of which all but the number match.
    precisions = (8 / 9, 6 / 8, 4 / 7, 3 / 6)
    assert found.ngram == pytest.approx(math.prod(precisions) ** 0.25)
    # The two keywords weigh 5: 2 * 5 + 6 of 2 * 5 + 7.
    weighted = (16 / 17, 6 / 8, 4 / 7, 3 / 6)
    assert found.weighted_ngram == pytest.approx(math.prod(weighted) ** 0.25)
    # Method, return type, parameters, block and return; the number is in three of them.
    assert found.syntax == pytest.approx(2 / 5)


@pytest.mark.parametrize(
    ("change", "to"), [("a + b", "a - b"), ("return c", "return a"), ("int c", "long c")]
)
def test_a_changed_operator_variable_or_type_costs(change: str, to: str) -> None:
    found = codebleu([ADD.replace(change, to)], [ADD], "java")
    assert found.corpus < 0.9


def test_layout_and_comments_cost_nothing_with_the_lexer() -> None:
    spread = ADD.replace(" ", "\n").replace("{", "{ // sum\n")
    assert codebleu([spread], [ADD], "java").corpus == pytest.approx(1)
    assert codebleu([spread], [ADD], "java", tokens="whitespace").corpus < 1
    assert codebleu([ADD.replace(" = ", "=")], [ADD], "java").corpus == pytest.approx(1)


def test_consistent_renaming_costs_tokens_only() -> None:
    renamed = codebleu([ADD.replace("c", "sum")], [ADD], "java")
    assert renamed.syntax == 1
    assert renamed.dataflow == 1
    assert renamed.ngram < 1


def test_repeating_what_matched_once_earns_nothing() -> None:
    twice = "void f() { g(); g(); }"
    once = codebleu(["void f() { g(); }"], [twice], "java")
    assert once.syntax is not None
    assert once.syntax < 1


def test_all_three_languages_have_all_four_parts() -> None:
    texts = {
        "java": ADD,
        "csharp": ADD,
        "python": "def add(a, b):\n    c = a + b\n    return c\n",
    }
    for language, text in texts.items():
        found = codebleu([text], [text], language)
        assert (found.ngram, found.syntax, found.dataflow) == (1, 1, 1)


def test_no_units_have_no_score() -> None:
    found = codebleu([], [], "java")
    assert (found.corpus, found.mean, found.per_unit) == (0, 0, ())


def test_wrong_requests_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="jova"):
        codebleu(["x"], ["x"], "jova")
    with pytest.raises(ValueError, match="2 predictions but 1 references"):
        codebleu(["x", "y"], ["x"], "java")


@pytest.mark.parametrize("compat", [None, "k4black", "microsoft"])
def test_the_score_is_the_same_in_every_process(compat: str | None) -> None:
    code = (
        "from fedtranslate.metrics import codebleu\n"
        "a = 'void f(int p, int q) { int z = p + q * r; while (z > p) { z -= q; } t = z; }'\n"
        "b = 'void f(int q, int p) { int k = q + p * s; while (k > q) { k -= p; } u = q; }'\n"
        f"print(repr(codebleu([a, b], [b, a], 'java', compat={compat!r})))\n"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(answers) == 1
