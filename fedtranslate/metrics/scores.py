"""All scores of a set of translations, as one value.

Kept together because none of them means much alone: a copy of the source has a CodeBLEU of 36 to
43, and a text that parses need not be a translation.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from fedtranslate.languages.lexer import code_tokens
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.parsing import parses
from fedtranslate.languages.registry import load_pack
from fedtranslate.metrics.bleu import check_paired, codexglue_bleu
from fedtranslate.metrics.codebleu import codebleu
from fedtranslate.metrics.exact import exact_match, token_exact_match
from fedtranslate.metrics.similarity import chrf, edit_similarity
from fedtranslate.records import CompileState, Verdict


@dataclass(frozen=True, slots=True)
class UnitScores:
    """Scores of one translation, for comparisons pair by pair."""

    token_exact: bool
    codebleu: float
    """0 to 1."""
    parses: bool


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of a set of translations; 0 to 100, but counts."""

    units: int
    exact: float
    """Share of translations that are the reference to the letter."""
    token_exact: float
    """Share of translations that are the reference but for layout and comments."""
    bleu: float
    """CodeXGLUE's definition, on tokens cut at white space."""
    codebleu: float
    """Ours, of the corpus as a whole."""
    codebleu_mean: float
    """Ours, mean of the units."""
    parse_rate: float
    compile: dict[str, int] | None
    """How many translations are in each state of ``CompileState``; None when nothing was
    compiled.  The states are never merged into one number."""
    edit_similarity: float
    """Mean of the units, in characters of code: layout and comments do not count."""
    chrf: float
    """Of the corpus."""
    per_unit: tuple[UnitScores, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values that JSON can hold."""
        return asdict(self)


def score_translations(
    predictions: Sequence[str],
    references: Sequence[str],
    language: str,
    *,
    verdicts: Sequence[Verdict] | None = None,
) -> Scores:
    """Score translations against their references.

    Args:
        predictions: One per unit, in any state; may be empty texts, but not no texts.
        references: In the same order.
        language: Pack of the language both are written in.
        verdicts: What the checks said of each prediction, when they were asked.

    Raises:
        UnknownNameError: There is no such language.
        ValueError: The lists differ in length, or are empty: there are no scores of nothing.
    """
    check_paired(predictions, references)
    if not predictions:
        raise ValueError("There is nothing to score: no predictions were given.")
    pack = load_pack(language)
    valid = _validity(predictions, pack, verdicts)
    pairs = list(zip(predictions, references, strict=True))
    similar = codebleu(predictions, references, pack.name, valid=valid)
    exact = [token_exact_match(*pair, pack) for pair in pairs]
    return Scores(
        units=len(pairs),
        exact=_percent([exact_match(*pair) for pair in pairs]),
        token_exact=_percent(exact),
        bleu=codexglue_bleu(predictions, references),
        codebleu=100 * similar.corpus,
        codebleu_mean=100 * similar.mean,
        parse_rate=_percent(valid),
        compile=_states(verdicts),
        edit_similarity=_percent([edit_similarity(*_normal(pair, pack)) for pair in pairs]),
        chrf=chrf(predictions, references),
        per_unit=tuple(map(UnitScores, exact, similar.per_unit, valid)),
    )


def _validity(
    predictions: Sequence[str], pack: LanguagePack, verdicts: Sequence[Verdict] | None
) -> list[bool]:
    if verdicts is None:
        return [parses(text, pack) for text in predictions]
    if len(verdicts) != len(predictions):
        raise ValueError(
            f"There are {len(predictions)} predictions but {len(verdicts)} verdicts; "
            "each prediction needs its own."
        )
    return [verdict.parses for verdict in verdicts]


def _states(verdicts: Sequence[Verdict] | None) -> dict[str, int] | None:
    """Count the states, all of them, so that two results have the same keys."""
    if verdicts is None:
        return None
    counts = Counter(verdict.compile_state for verdict in verdicts)
    return {state.value: counts[state] for state in CompileState}


def _normal(pair: tuple[str, str], pack: LanguagePack) -> tuple[str, str]:
    first, second = (" ".join(code_tokens(text, pack)) for text in pair)
    return first, second


def _percent(values: Sequence[float]) -> float:
    return 100 * sum(values) / len(values)
