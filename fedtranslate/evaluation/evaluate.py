"""Translate pairs whose answer is known, check what was written, and score it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from fedtranslate.checks.compile import CompileContext
from fedtranslate.checks.verdicts import check
from fedtranslate.errors import CorpusError
from fedtranslate.evaluation.pair_tests import judge_by_tests, pair_tests
from fedtranslate.evaluation.translator import Translator
from fedtranslate.metrics.meter import MAX_CHARACTERS
from fedtranslate.metrics.scores import Scores, score_translations
from fedtranslate.records import CodePair, Translation


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well a set of pairs was translated."""

    scores: Scores
    translations: tuple[Translation, ...]
    """In the order of the pairs, with references and verdicts."""


def evaluate(
    translator: Translator,
    pairs: Sequence[CodePair],
    *,
    context: CompileContext | None = None,
    test_jobs: int = 0,
    on_done: Callable[[int], None] | None = None,
) -> Evaluation:
    """Translate the sources of ``pairs`` and score the result against their targets.

    Args:
        translator: Who translates.
        pairs: At least one, all of the same two languages.
        context: Where the targets belong, to compile against; None to parse only.
        test_jobs: How many tests of pairs run at the same time; 0 to run none.
        on_done: Called with the number of pairs that each batch has finished.

    Raises:
        CorpusError: There are no pairs, they are of several languages, a target is no unit, or
            none has the tests that shall run.
        CheckError: Tests shall run, and there is nothing to run them with, or no sandbox.
    """
    languages = pair_languages(pairs)
    _refuse_long(pairs)  # before the work of translating
    tests = pair_tests(pairs) if test_jobs else ()
    translations = translator.translate(
        [pair.source for pair in pairs],
        languages,
        ids=[pair.id for pair in pairs],
        references=[pair.target for pair in pairs],
        on_done=on_done,
    )
    return score(translations, languages[1], context=context, tests=tests, jobs=test_jobs)


def score(
    translations: Sequence[Translation],
    language: str,
    *,
    context: CompileContext | None = None,
    tests: Sequence[str] = (),
    jobs: int = 1,
) -> Evaluation:
    """Check and score ``translations`` into ``language``; all of them have references.

    Args:
        translations: What was written.
        language: Theirs.
        context: Where they belong, to compile against; None to parse only.
        tests: A program for each translation that tests it, or ""; none at all to run nothing.
        jobs: How many tests run at the same time.

    Raises:
        CheckError: Tests shall run, and there is nothing to run them with, or no sandbox.
    """
    texts = [translation.text for translation in translations]
    verdicts = check(texts, language, context=context)
    if tests:
        verdicts = judge_by_tests(verdicts, translations, tests, language, jobs=jobs)
    references = [translation.reference or "" for translation in translations]
    scores = score_translations(texts, references, language, verdicts=verdicts)
    judged = (
        replace(translation, verdict=verdict)
        for translation, verdict in zip(translations, verdicts, strict=True)
    )
    return Evaluation(scores, tuple(judged))


def _refuse_long(pairs: Sequence[CodePair]) -> None:
    for number, pair in enumerate(pairs, 1):
        if len(pair.target) > MAX_CHARACTERS:
            raise CorpusError(
                f"The target of pair {number} has {len(pair.target):,} characters; one"
                f" that is scored has at most {MAX_CHARACTERS:,}.",
                hint="Evaluate units such as methods, not whole systems.",
            )


def pair_languages(pairs: Sequence[CodePair]) -> tuple[str, str]:
    """Return the two languages that all of ``pairs`` have.

    Raises:
        CorpusError: There are no pairs, or they are of several languages.
    """
    languages = {(pair.source_language, pair.target_language) for pair in pairs}
    if len(languages) != 1:
        found = ", ".join(f"{a} to {b}" for a, b in sorted(languages)) or "none"
        raise CorpusError(
            f"Pairs of one source and one target language are needed; found: {found}.",
            hint="Evaluate each direction by itself.",
        )
    return languages.pop()
