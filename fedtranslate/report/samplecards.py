"""Samples and migrated units as cards: equal translations once, with marks and differences."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from fedtranslate.experiments.comparison import Sample
from fedtranslate.records import CompileState, Problem, Translation
from fedtranslate.report.codetext import Compared, Piece, compare, shown
from fedtranslate.report.content import Migrated
from fedtranslate.report.text import STATE_TITLES, row_title

_MAX_PROBLEMS = 6
_STATE_TONES: dict[CompileState, Literal["good", "fair", "bad"]] = {
    CompileState.TESTS_PASSED: "good",
    CompileState.COMPILED: "good",
    CompileState.UNRESOLVED_ONLY: "fair",
    CompileState.TYPE_ERROR: "bad",
    CompileState.SYNTAX_ERROR: "bad",
}


@dataclass(frozen=True, slots=True)
class Badge:
    """A short finding."""

    text: str
    tone: Literal["good", "fair", "bad"]


@dataclass(frozen=True, slots=True)
class Card:
    """One translation, and the rows that all wrote it."""

    rows: tuple[str, ...]
    """Titles."""
    compared: Compared
    badges: tuple[Badge, ...]
    problems: tuple[Problem, ...]
    more_problems: int


@dataclass(frozen=True, slots=True)
class SampleView:
    """One unit with all its translations."""

    site: str
    id: str
    source: str
    reference: str
    cards: tuple[Card, ...]
    right: tuple[str, ...]
    """Names of the rows that wrote the reference."""


def sample_views(samples: Sequence[Sample]) -> tuple[SampleView, ...]:
    """Arrange samples, each translation compared with the reference."""
    return tuple(_sample_view(sample) for sample in samples)


def migrated_views(units: Sequence[Migrated]) -> tuple[SampleView, ...]:
    """Arrange migrated units; there is no reference to compare them with."""
    return tuple(
        SampleView(
            site=unit.site,
            id=unit.translation.id,
            source=shown(unit.translation.source),
            reference="",
            cards=(_card(("Translation",), unit.translation, None),),
            right=(),
        )
        for unit in units
    )


def _sample_view(sample: Sample) -> SampleView:
    rows_by_text: dict[str, list[str]] = {}
    for row, translation in sample.translations.items():
        rows_by_text.setdefault(translation.text, []).append(row)
    reference = sample.reference or None
    cards = [
        (rows, _card(tuple(map(row_title, rows)), sample.translations[rows[0]], reference))
        for rows in rows_by_text.values()
    ]
    return SampleView(
        site=sample.site,
        id=sample.id,
        source=shown(sample.source),
        reference=shown(sample.reference),
        cards=tuple(card for _, card in cards),
        right=tuple(row for rows, card in cards if card.compared.is_same for row in rows),
    )


def _card(rows: tuple[str, ...], translation: Translation, reference: str | None) -> Card:
    compared = _compared(translation.text, reference)
    problems = translation.verdict.problems if translation.verdict else ()
    return Card(
        rows=rows,
        compared=compared,
        badges=tuple(_badges(translation, compared)),
        problems=problems[:_MAX_PROBLEMS],
        more_problems=max(0, len(problems) - _MAX_PROBLEMS),
    )


def _compared(text: str, reference: str | None) -> Compared:
    if reference is not None:
        return compare(text, reference)
    plain = shown(text)
    return Compared((Piece("same", plain),) if plain else (), is_same=False)


def _badges(translation: Translation, compared: Compared) -> list[Badge]:
    badges = [Badge("same as the reference", "good")] if compared.is_same else []
    verdict = translation.verdict
    if verdict is not None and verdict.compile_state in _STATE_TONES:
        state = verdict.compile_state
        badges.append(Badge(STATE_TITLES[state].lower(), _STATE_TONES[state]))
    elif verdict is not None:
        parses = verdict.parses
        badges.append(Badge("parses" if parses else "does not parse", "fair" if parses else "bad"))
    if not translation.finished:
        badges.append(Badge("cut off at the length limit", "bad"))
    return badges
