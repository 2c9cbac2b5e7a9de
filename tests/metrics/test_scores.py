"""All scores together."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fedtranslate.metrics import (
    Scores,
    UnitScores,
    chrf,
    codebleu,
    codexglue_bleu,
    sacre_bleu,
    score_corpus,
    score_pair,
    score_translations,
)
from fedtranslate.metrics.codebleu.parts import Parts
from fedtranslate.metrics.meter import MAX_CHARACTERS
from fedtranslate.records import CompileState, Verdict

ONE = "int f() { return 1; }"
TWO = "int f(int a) { int b = a; return b; }"


def test_perfect_translations_have_all_there_is() -> None:
    found = score_translations([ONE, TWO], [ONE, TWO], "java")
    assert found.units == 2
    assert (found.exact, found.token_exact, found.parse_rate) == (100, 100, 100)
    for score in (found.bleu, found.codebleu, found.codebleu_mean, found.chrf):
        assert score == pytest.approx(100)
    assert found.edit_similarity == 100
    assert found.compile is None
    assert (found.sacre_bleu, found.crystal_bleu) == (pytest.approx(100), pytest.approx(100))
    assert found.per_unit[0] == UnitScores(
        token_exact=True,
        codebleu=1.0,
        parses=True,
        exact=True,
        edit_similarity=1.0,
        parts=Parts(1.0, 1.0, 1.0, None),
    )


def test_empty_translations_have_nothing() -> None:
    found = score_translations(["", ""], [ONE, TWO], "java")
    scores = (found.exact, found.token_exact, found.bleu, found.codebleu, found.codebleu_mean)
    assert (*scores, found.parse_rate, found.edit_similarity, found.chrf) == (0,) * 8


def test_a_mixed_set() -> None:
    found = score_translations([ONE.replace(" ", "\n"), "int f( {"], [ONE, TWO], "java")
    assert found.exact == 0
    assert found.token_exact == 50
    assert found.parse_rate == 50
    assert [unit.parses for unit in found.per_unit] == [True, False]
    assert found.codebleu_mean == pytest.approx(50)
    assert 50 < found.edit_similarity < 100


def test_compile_states_are_counted_each_for_itself() -> None:
    verdicts = [
        Verdict(parses=True, compile_state=CompileState.COMPILED),
        Verdict(parses=True, compile_state=CompileState.UNRESOLVED_ONLY),
        Verdict(parses=False, compile_state=CompileState.SYNTAX_ERROR),
    ]
    found = score_translations([ONE, TWO, "int"], [ONE] * 3, "java", verdicts=verdicts)
    assert found.compile == {
        "syntax_error": 1,
        "unresolved_only": 1,
        "type_error": 0,
        "compiled": 1,
        "tests_passed": 0,
        "not_checked": 0,
    }
    assert found.parse_rate == pytest.approx(200 / 3)


def test_verdicts_overrule_our_own_parser() -> None:
    found = score_translations([ONE], [ONE], "java", verdicts=[Verdict(parses=False)])
    assert found.parse_rate == 0
    assert found.codebleu == 0


def test_scores_can_be_written_as_json() -> None:
    found = score_translations([ONE], [ONE], "java")
    again = json.loads(json.dumps(found.as_dict()))
    unit = again.pop("per_unit")[0]
    assert (unit["token_exact"], unit["codebleu"], unit["parses"]) == (True, 1.0, True)
    assert unit["parts"] == {"ngram": 1, "weighted_ngram": 1, "syntax": 1, "dataflow": None}
    assert set(again) == set(Scores.__dataclass_fields__) - {"per_unit"}


def test_nothing_and_uneven_lists_are_refused() -> None:
    with pytest.raises(ValueError, match="nothing to score"):
        score_translations([], [], "java")
    with pytest.raises(ValueError, match="1 predictions but 2 references"):
        score_translations([ONE], [ONE, TWO], "java")
    with pytest.raises(ValueError, match="1 predictions but 0 verdicts"):
        score_translations([ONE], [ONE], "java", verdicts=[])


def test_scores_are_those_of_the_metrics_each_for_itself() -> None:
    predictions = [TWO, ONE, "int f( {", "", "int f(int a) { return a + a; }"]
    references = [TWO, TWO, ONE, ONE, TWO]
    found = score_translations(predictions, references, "java")
    alone = codebleu(predictions, references, "java")
    assert found.codebleu == 100 * alone.corpus
    assert found.codebleu_mean == 100 * alone.mean
    assert found.codebleu_parts == {
        "ngram": 100 * alone.ngram,
        "weighted_ngram": 100 * alone.weighted_ngram,
        "syntax": 100 * (alone.syntax or 0),
        "dataflow": 100 * (alone.dataflow or 0),
    }
    assert [unit.codebleu for unit in found.per_unit] == list(alone.per_unit)
    assert [unit.parts for unit in found.per_unit] == list(alone.per_unit_parts)
    assert found.bleu == codexglue_bleu(predictions, references)
    assert found.sacre_bleu == pytest.approx(sacre_bleu(predictions, references))
    assert found.chrf == chrf(predictions, references)


def test_the_order_of_units_changes_no_score() -> None:
    predictions = [ONE, TWO, "", "int f( {", TWO.replace("b", "c"), ONE.replace("1", "2")]
    references = [TWO, TWO, ONE, ONE, TWO, ONE]
    there = score_translations(predictions, references, "java").as_dict()
    back = score_translations(predictions[::-1], references[::-1], "java").as_dict()
    assert there.pop("per_unit") == back.pop("per_unit")[::-1]
    numbers = {name for name, value in there.items() if isinstance(value, float)}
    assert len(numbers) == 10
    assert all(there[name] == pytest.approx(back[name]) for name in numbers)
    assert there["codebleu_parts"] == back["codebleu_parts"]


def test_the_hash_seed_changes_no_score() -> None:
    code = (
        "from fedtranslate.metrics import score_corpus, intervals\n"
        f"found = score_corpus([{ONE!r}, {TWO!r}, ''], [{TWO!r}, {TWO!r}, {ONE!r}], 'java')\n"
        "print(found.scores, intervals(found.tallies, seed=0, samples=50))\n"
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
        for seed in ("0", "1")
    }
    assert len(answers) == 1


def test_several_processes_give_the_same_scores() -> None:
    predictions = [ONE, TWO, "", "int f( {"] * 200
    references = [TWO, TWO, ONE, ONE] * 200
    alone = score_corpus(predictions, references, "java", compat="k4black")
    assert score_corpus(predictions, references, "java", compat="k4black", jobs=2).scores == (
        alone.scores
    )


def test_scores_say_what_they_were_made_with() -> None:
    versions = score_pair(ONE, ONE, "java").versions
    assert {"fedtranslate", "metric codebleu", "sacrebleu", "tree-sitter"} < set(versions)
    assert versions["tree-sitter-java"].count(".") == 2


def test_a_language_without_grammar_has_no_syntax_and_no_data_flow() -> None:
    text = "       MOVE A TO B."
    found = score_pair(text, text, "cobol")
    assert found.codebleu == pytest.approx(100)
    assert (found.codebleu_parts["syntax"], found.codebleu_parts["dataflow"]) == (None, None)
    assert not any(name.startswith("tree-sitter-") for name in found.versions)


def test_a_prediction_longer_than_any_unit_counts_as_an_empty_one() -> None:
    long = "int f() { " + "g(); " * MAX_CHARACTERS + "}"
    assert score_pair(long, ONE, "java").as_dict() == score_pair("", ONE, "java").as_dict()
    with pytest.raises(ValueError, match="Reference 2 has"):
        score_translations([ONE, ONE], [ONE, long], "java")


@pytest.mark.parametrize(
    "hostile",
    [
        "(" * 20_000 + ")" * 20_000,
        "int f() { return " + "(" * 20_000 + "1" + ")" * 20_000 + "; }",
        "{" * 49_999,
        "int f() { return 1;\0 }",
        "\0" * 1000,
        'int f() { String a = "\ud800"; return a; }',
        "int f() { return " + "a + " * 12_000 + "1; }",
        "void f() { " + "a = b; " * 7_000 + "}",
        "int f( { ] " * 4_500,
        "/*" * 24_000,
        "void f() { a(" + "b, " * 8_000 + "c) = d(" + "e, " * 8_000 + "f); }",
    ],
    ids=range(11),
)
@pytest.mark.parametrize("compat", [None, "k4black"])
def test_hostile_texts_are_scored_within_seconds(hostile: str, compat: str | None) -> None:
    before = time.process_time()
    found = score_corpus([hostile, ONE], [TWO, ONE], "java", compat=compat)  # type: ignore[arg-type]
    assert 0 <= found.scores.codebleu <= 100
    assert score_corpus([hostile], [hostile], "java").scores.exact == 100 * bool(hostile.strip())
    assert time.process_time() - before < 20


def test_a_thousand_units_take_seconds() -> None:
    body = " ".join(f"int v{i} = a + {i}; g(v{i});" for i in range(4))
    units = [f"int f{i}(int a) {{ {body} return a * {i}; }}" for i in range(1000)]
    before = time.process_time()
    score_translations(units[1:] + units[:1], units, "java")
    assert time.process_time() - before < 10


@pytest.mark.parametrize("compat", [None, "k4black", "microsoft"])
def test_a_text_that_takes_a_parser_gigabytes_is_scored_with_less(compat: str | None) -> None:
    program = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))\n"
        "from fedtranslate.metrics import score_corpus\n"
        "found = score_corpus(['void f() {' + 'a<' * 20_000], ['int f() { return 1; }'], 'java',"
        f" compat={compat!r})\n"
        "print(found.scores.codebleu)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert float(done.stdout) < 30
