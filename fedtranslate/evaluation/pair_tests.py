"""Run the tests of pairs on their translations: the best thing that checks can say.

Translations that do not parse or compile are not run.  All of it happens at the site, in the
sandbox; tests are code of the site and leave it no more than its pairs do.
"""

from collections.abc import Callable, Sequence

from fedtranslate.checks.behave.testing import pair_test, run_tests, with_tests
from fedtranslate.errors import CorpusError
from fedtranslate.languages.registry import load_pack
from fedtranslate.records import CodePair, CompileState, Translation, Verdict

_HOPELESS = frozenset({CompileState.SYNTAX_ERROR, CompileState.TYPE_ERROR})


def judge_by_tests(
    verdicts: Sequence[Verdict],
    translations: Sequence[Translation],
    tests: Sequence[str],
    language: str,
    *,
    jobs: int = 1,
    on_done: Callable[[int], None] | None = None,
) -> list[Verdict]:
    """Return the verdicts after the tests, in their order.

    A translation without tests keeps its verdict.  The reference is tested first: where it does
    not pass, the reason says so.

    Raises:
        CheckError: Programs of the language cannot be run, or there is no sandbox for them.
    """
    pack = load_pack(language)
    wanted = [
        place
        for place, (verdict, test) in enumerate(zip(verdicts, tests, strict=True))
        if test and verdict.parses and verdict.compile_state not in _HOPELESS
    ]
    requests = (
        (pair_test(tests[place], pack), translations[place].text, translations[place].reference)
        for place in wanted
    )
    after = list(verdicts)
    results = run_tests(requests, jobs=jobs, on_done=on_done)
    for place, result in zip(wanted, results, strict=True):
        after[place] = with_tests(verdicts[place], result)
    return after


def pair_tests(pairs: Sequence[CodePair]) -> list[str]:
    """Return the tests of each pair, "" where it has none.

    Raises:
        CorpusError: None has any.
    """
    tests = [pair.tests for pair in pairs]
    if not any(tests):
        raise CorpusError(
            "No pair has tests to run.",
            hint="Give them in a column 'tests': programs in the target language that end with 0"
            " when all is well, with {candidate} where the translation belongs.",
        )
    return tests
