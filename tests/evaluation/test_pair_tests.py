"""Tests that pairs carry decide about their translations."""

import json
from pathlib import Path

import pytest

from fedtranslate.corpus.formats import read_pairs, write_pairs
from fedtranslate.errors import CorpusError
from fedtranslate.evaluation.evaluate import score
from fedtranslate.evaluation.pair_tests import pair_tests
from fedtranslate.records import CodePair, Translation

GOLD = "def f(a):\n    return a + 1"
TESTS = "{candidate}\nassert f(1) == 2"


def pair(tests: str = TESTS) -> CodePair:
    return CodePair("int f(int a) { return a + 1; }", GOLD, "java", "python", "1", "g", 1.0, tests)


def translation(text: str) -> Translation:
    return Translation(pair().source, text, reference=GOLD)


def test_translations_that_pass_their_tests_are_counted() -> None:
    texts = [GOLD, "def f(a): return 1 + a", "def f(a): return a", "def f(a: return"]
    found = score([translation(one) for one in texts], "python", tests=[TESTS] * 4, jobs=2)
    assert found.scores.compile is not None
    assert found.scores.compile["tests_passed"] == 2
    verdicts = [one.verdict for one in found.translations]
    assert [v.compile_state for v in verdicts if v][:2] == ["tests_passed"] * 2
    assert verdicts[2] is not None
    assert "failed" in verdicts[2].reason
    assert verdicts[3] is not None
    assert not verdicts[3].parses


def test_a_test_that_the_reference_fails_blames_no_translation() -> None:
    found = score([translation("def f(a): return 3")], "python", tests=["assert f(1) == 4"])
    verdict = found.translations[0].verdict
    assert verdict is not None
    assert "harness_failed" in verdict.reason


def test_without_tests_a_verdict_stays_as_it_was() -> None:
    plain = score([translation(GOLD)], "python").translations[0].verdict
    assert score([translation(GOLD)], "python", tests=[""]).translations[0].verdict == plain


def test_pairs_without_any_tests_are_refused() -> None:
    assert pair_tests([pair(""), pair()]) == ["", TESTS]
    with pytest.raises(CorpusError, match="No pair has tests"):
        pair_tests([pair("")])


def test_tests_are_read_and_written_with_their_pairs(tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    write_pairs(file, [pair(), CodePair("a", "b", "java", "python", "2", "g")])
    found = read_pairs(file, "java", "python")
    assert [one.tests for one in found] == [TESTS, ""]
    assert "tests" not in json.loads(file.read_text().splitlines()[1])


def test_tests_are_of_the_target_and_do_not_turn_round(tmp_path: Path) -> None:
    assert pair().reversed().tests == ""
    file = tmp_path / "pairs.jsonl"
    write_pairs(file, [pair()])
    assert read_pairs(file, "python", "java")[0].tests == ""


def test_tests_that_are_no_text_are_a_wrong_row(tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_text(json.dumps({"source": "a", "target": "b", "tests": ["x"]}))
    with pytest.raises(CorpusError, match="'tests' is list, not text"):
        read_pairs(file, "java", "python")
