"""All scores of a set of translations, as one value.

Kept together because none of them means much alone: a copy of the source has a CodeBLEU of 36 to
43, and a text that parses need not be a translation.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import repeat
from typing import Any

import numpy as np

from fedtranslate.languages.lexer import code_tokens
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.registry import load_pack
from fedtranslate.metrics.batches import Request, measure_pairs
from fedtranslate.metrics.bleu import check_paired
from fedtranslate.metrics.codebleu import Evaluator, Tokens
from fedtranslate.metrics.codebleu.parts import Parts
from fedtranslate.metrics.codebleu.score import scored
from fedtranslate.metrics.crystal import (
    MOST_FREQUENT,
    Trivial,
    crystal_bleu,
    trivial_ngrams,
)
from fedtranslate.metrics.meter import MAX_CHARACTERS, Measured
from fedtranslate.metrics.tally import (
    CHRF_WIDTH,
    CODEBLEU_WIDTH,
    OVERLAP_WIDTH,
    Tally,
    bleu_tally,
    chrf_tally,
    codebleu_row,
    codebleu_tally,
    counts_of_row,
    crystal_tally,
    mean_tally,
    overlap_of_row,
    overlap_row,
    sacre_tally,
)
from fedtranslate.metrics.versions import metric_versions
from fedtranslate.records import CompileState, Verdict

_CORPUS = 5_000
"""References that CrystalBLEU's trivial n-grams are taken from, evenly spread if there are more."""


@dataclass(frozen=True, slots=True)
class UnitScores:
    """Scores of one translation, for comparisons pair by pair."""

    token_exact: bool
    codebleu: float
    """0 to 1."""
    parses: bool
    exact: bool = False
    edit_similarity: float = 0.0
    """0 to 1."""
    parts: Parts | None = None
    """Of CodeBLEU."""


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
    """Ours, of the corpus as a whole, unless that of an evaluator was asked for."""
    codebleu_mean: float
    """The same, mean of the units."""
    parse_rate: float
    compile: dict[str, int] | None
    """How many translations are in each state of ``CompileState``; None when nothing was
    compiled.  The states are never merged into one number."""
    edit_similarity: float
    """Mean of the units, in characters of code: layout and comments do not count."""
    chrf: float
    """Of the corpus."""
    per_unit: tuple[UnitScores, ...]
    sacre_bleu: float = 0.0
    """BLEU as sacrebleu defines it."""
    crystal_bleu: float | None = None
    """BLEU without what any two texts share; None where the references hold nothing else."""
    codebleu_parts: dict[str, float | None] = field(default_factory=dict)
    """The four parts of ``codebleu``; None where one is undefined."""
    versions: dict[str, str] = field(default_factory=dict)
    """What the scores were made with."""

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values that JSON can hold."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Scoring:
    """Scores together with the sums that they are made of, so that they can be drawn anew."""

    scores: Scores
    tallies: tuple[Tally, ...]


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
    return score_corpus(predictions, references, language, verdicts=verdicts).scores


def score_pair(prediction: str, reference: str, language: str) -> Scores:
    """Score one translation; see ``score_translations``."""
    return score_translations([prediction], [reference], language)


def score_corpus(
    predictions: Sequence[str],
    references: Sequence[str],
    language: str,
    *,
    verdicts: Sequence[Verdict] | None = None,
    tokens: Tokens = "lexer",
    compat: Evaluator | None = None,
    trivial: Trivial | None = None,
    jobs: int = 1,
) -> Scoring:
    """Score translations, and keep what each unit adds to every score.

    Args:
        predictions: One per unit; one that is longer than any unit counts as empty.
        references: In the same order.
        language: Pack of the language both are written in.
        verdicts: What the checks said of each prediction, when they were asked.
        tokens: What the n-gram parts of CodeBLEU count.
        compat: Give the CodeBLEU of a published evaluator.
        trivial: N-grams that CrystalBLEU leaves out; those of the references when it is None.
        jobs: How many processes work.

    Raises:
        UnknownNameError: There is no such language, or ``compat`` does not know it.
        ValueError: The lists differ in length, or are empty, or a reference is no unit.
    """
    check_paired(predictions, references)
    if not predictions:
        raise ValueError("There is nothing to score: no predictions were given.")
    for number, reference in enumerate(references, 1):
        if len(reference) > MAX_CHARACTERS:
            raise ValueError(
                f"Reference {number} has {len(reference):,} characters; a unit has at most "
                f"{MAX_CHARACTERS:,}."
            )
    pack = load_pack(language)
    if trivial is None:
        trivial = trivial_of(references, pack)
    request = Request(pack.name, tokens, compat, trivial)
    pairs = zip(predictions, references, _known(predictions, verdicts), strict=False)
    gathered = _Gathered(compat)
    for measured in measure_pairs(pairs, request, jobs):
        gathered.add(measured)
    tallies = gathered.tallies()
    return Scoring(gathered.scores(tallies, _states(verdicts), metric_versions(pack)), tallies)


def trivial_of(references: Sequence[str], pack: LanguagePack, most: int = MOST_FREQUENT) -> Trivial:
    """Return the n-grams that CrystalBLEU takes for trivial, judged by the references."""
    step = -(-len(references) // _CORPUS)
    return trivial_ngrams((code_tokens(text, pack) for text in references[::step]), most)


class _Gathered:
    """What the units have added so far, as columns."""

    def __init__(self, compat: Evaluator | None) -> None:
        self.compat = compat
        self.units: list[UnitScores] = []
        self.rows: list[np.ndarray[Any, np.dtype[np.int32]]] = []

    def add(self, one: Measured) -> None:
        parts, total = scored(one.codebleu, self.compat)
        self.units.append(
            UnitScores(one.token_exact, total, one.parses, one.exact, one.edit_similarity, parts)
        )
        numbers = [
            *codebleu_row(one.codebleu),
            *overlap_row(one.bleu),
            *overlap_row(one.sacre_bleu),
            *overlap_row(one.crystal_bleu),
            *one.chrf,
        ]
        self.rows.append(np.asarray(numbers, dtype=np.int32))

    def tallies(self) -> tuple[Tally, ...]:
        """Return every metric in a form that can be drawn anew."""
        rows = np.stack(self.rows)
        widths = (CODEBLEU_WIDTH, OVERLAP_WIDTH, OVERLAP_WIDTH, OVERLAP_WIDTH, CHRF_WIDTH)
        codebleu, bleu, sacre, crystal, characters = np.split(rows, np.cumsum(widths)[:-1], axis=1)
        units = self.units
        return (
            mean_tally("exact", [unit.exact for unit in units]),
            mean_tally("token_exact", [unit.token_exact for unit in units]),
            bleu_tally(bleu),
            sacre_tally(sacre),
            crystal_tally(crystal),
            codebleu_tally(codebleu, self.compat),
            mean_tally("codebleu_mean", [unit.codebleu for unit in units]),
            chrf_tally(characters),
            mean_tally("edit_similarity", [unit.edit_similarity for unit in units]),
            mean_tally("parse_rate", [unit.parses for unit in units]),
        )

    def scores(
        self,
        tallies: Sequence[Tally],
        states: dict[str, int] | None,
        versions: dict[str, str],
    ) -> Scores:
        units = self.units
        sums = {tally.name: tally.rows.sum(axis=0).tolist() for tally in tallies}
        values = {tally.name: tally.score(sums[tally.name]) for tally in tallies}
        parts, _ = scored(counts_of_row(sums["codebleu"]), self.compat)
        crystal = crystal_bleu(overlap_of_row(sums["crystal_bleu"]))
        return Scores(
            units=len(units),
            exact=_percent([unit.exact for unit in units]),
            token_exact=_percent([unit.token_exact for unit in units]),
            bleu=values["bleu"],
            codebleu=values["codebleu"],
            codebleu_mean=100 * (sum(unit.codebleu for unit in units) / len(units)),
            parse_rate=_percent([unit.parses for unit in units]),
            compile=states,
            edit_similarity=_percent([unit.edit_similarity for unit in units]),
            chrf=values["chrf"],
            per_unit=tuple(units),
            sacre_bleu=values["sacre_bleu"],
            crystal_bleu=None if crystal is None else 100 * crystal,
            codebleu_parts={
                name: None if value is None else 100 * value
                for name, value in asdict(parts).items()
            },
            versions=versions,
        )


def _known(predictions: Sequence[str], verdicts: Sequence[Verdict] | None) -> Any:  # noqa: ANN401
    """Return whether each prediction parses, as far as it is known."""
    if verdicts is None:
        return repeat(None)
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


def _percent(values: Sequence[float]) -> float:
    return 100 * sum(values) / len(values)
