"""GeeksforGeeks tests of TransCoder (Roziere et al. 2020, arXiv:2006.03511): functions with inputs.

A script holds the right answer as ``f_gold`` and a place for the candidate, ``f_filled``; it counts
on how many inputs both agree.  As self-test the candidate is ``f_gold`` under its other name.  The
scripts print their counts and end with 0 whatever comes out, so the counts are read.
"""

import re
from pathlib import Path

from benchmarks.suites.tasks import Fault, Suite, Task, rows, run_table
from fedtranslate.checks.behave.testing import TestProgram

LANGUAGES = ("python", "java", "cpp")
_MARKERS = {"python": "#TOFILL", "java": "//TOFILL", "cpp": "//TOFILL"}
_GOLD = {
    "python": r"^(?P<function>def f_gold\b.*?)(?=^#TOFILL|^\S)",
    "java": r"(?P<function>^[^\n]*\bf_gold\s*\(.*?)(?=//TOFILL)",
    "cpp": r"(?P<function>^[^\n]*\bf_gold\s*\(.*?)(?=//TOFILL)",
}
_ALL = r"#Results:\s*([1-9]\d*),\s*\1\b"
_UPSTREAM = {
    ("python", "FIND_EQUAL_POINT_STRING_BRACKETS"): "adds to None on some of its own inputs",
    ("python", "SEARCH_ALMOST_SORTED_ARRAY"): "a syntax error in its own inputs",
    ("python", "SEARCH_AN_ELEMENT_IN_A_SORTED_AND_PIVOTED_ARRAY"): "uses an undefined name",
    ("java", "CHECK_IF_A_NUMBER_IS_POWER_OF_ANOTHER_NUMBER_1"): "divides by zero on its own inputs",
    (
        "java",
        "CHECK_IF_X_CAN_GIVE_CHANGE_TO_EVERY_PERSON_IN_THE_QUEUE",
    ): "a syntax error in its own inputs",
    ("java", "SEARCH_AN_ELEMENT_IN_A_SORTED_AND_PIVOTED_ARRAY"): "a syntax error in its own inputs",
    ("java", "SEARCH_INSERT_AND_DELETE_IN_AN_UNSORTED_ARRAY"): "numbers after the end of the class",
    ("java", "UNIQUE_CELLS_BINARY_MATRIX"): "reads behind an array on its own inputs",
}
_PAIR = "import javafx.util.Pair;"


def read(folder: Path, language: str) -> list[Task]:
    """Return the scripts in ``folder`` for one of ``LANGUAGES``."""
    return [
        _task(row["id"], row["text"], language)
        for row in rows(folder / "gfg_test_scripts.jsonl.gz")
        if row["lang"] == language
    ]


def explain(language: str, task: str, reason: str) -> tuple[Fault, str]:  # noqa: ARG001
    """Return whose fault a failure is."""
    if known := _UPSTREAM.get((language, task)):
        return Fault.UPSTREAM, known
    return Fault.HARNESS, ""


def _task(name: str, text: str, language: str) -> Task:
    marker = _MARKERS[language]
    before, found, after = text.partition(marker)
    gold = re.search(_GOLD[language], before + found, re.MULTILINE | re.DOTALL)
    candidate = re.sub(r"\bf_gold\b", "f_filled", gold["function"]) if gold else ""
    # Written for Java 8 with JavaFX, which no longer comes with Java and which no script uses.
    script = f"{before}{{candidate}}\n{after}".replace(_PAIR, "")
    return Task(
        "geeksforgeeks",
        language,
        name,
        candidate,
        TestProgram(script, run_table(language), must=_ALL),
    )


SUITE = Suite("geeksforgeeks", LANGUAGES, read, explain)
