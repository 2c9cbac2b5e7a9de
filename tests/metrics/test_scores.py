"""All scores together."""

import json
import time

import pytest

from fedtranslate.metrics import Scores, UnitScores, score_translations
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
    assert found.per_unit[0] == UnitScores(token_exact=True, codebleu=1.0, parses=True)


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
    assert again.pop("per_unit") == [{"token_exact": True, "codebleu": 1.0, "parses": True}]
    assert set(again) == set(Scores.__dataclass_fields__) - {"per_unit"}


def test_nothing_and_uneven_lists_are_refused() -> None:
    with pytest.raises(ValueError, match="nothing to score"):
        score_translations([], [], "java")
    with pytest.raises(ValueError, match="1 predictions but 2 references"):
        score_translations([ONE], [ONE, TWO], "java")
    with pytest.raises(ValueError, match="1 predictions but 0 verdicts"):
        score_translations([ONE], [ONE], "java", verdicts=[])


def test_a_thousand_units_take_seconds() -> None:
    body = " ".join(f"int v{i} = a + {i}; g(v{i});" for i in range(4))
    units = [f"int f{i}(int a) {{ {body} return a * {i}; }}" for i in range(1000)]
    before = time.process_time()
    score_translations(units[1:] + units[:1], units, "java")
    assert time.process_time() - before < 10
