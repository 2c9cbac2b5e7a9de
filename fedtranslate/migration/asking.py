"""Put units to the engine, in batches, and keep what it writes.

A batch is noted before it is asked and stays so until all of its answers are in the journal: after
a crash the very same batch is asked again, and gives the same.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from fedtranslate.corpus.retrieval import PairStore, memory_candidate
from fedtranslate.languages.brackets import unclosed
from fedtranslate.languages.flushing import flush_left
from fedtranslate.languages.lexer import code_tokens
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.migration.building import Mode
from fedtranslate.migration.carry import parted
from fedtranslate.migration.engines.base import Candidate, Context, Engine, Request
from fedtranslate.migration.fitting import fitted
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.judging import Judge
from fedtranslate.migration.settings import MigrationSettings
from fedtranslate.migration.states import Attempt, Batch, PlannedUnit
from fedtranslate.records import Problem

BATCH_UNITS = 64
FITTED = frozenset({"method", "constructor", "function"})
_EXAMPLES = 3
_SIGNATURES = 30
_PROBLEMS = 10
_MEMORY_FROM = 0.5
"""Likeness, in [0, 1], from which the nearest pair of the site is a candidate itself, with the
likeness in place of the probability that a model has."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks one engine for the units of one migration."""

    journal: Journal
    settings: MigrationSettings
    engine: Engine
    judge: Judge
    packs: tuple[LanguagePack, LanguagePack]
    store: PairStore | None
    """Pairs of the site; None where there are none."""

    def batches(self, attempt: int, units: Sequence[PlannedUnit]) -> Iterator[Batch]:
        """Cut units that are asked for now into batches, those of like length together."""
        inside = sorted(units, key=lambda unit: (len(unit.text), unit.id))
        for start in range(0, len(inside), BATCH_UNITS):
            some = inside[start : start + BATCH_UNITS]
            yield self.journal.open_batch(attempt, [unit.id for unit in some])

    def ask(self, batch: Batch, on_done: Callable[[int], None]) -> None:
        """Ask for all units of a batch, and keep the answers of those that have none yet.

        Raises:
            EngineError: The engine does not answer at all any more.
        """
        found = (self.journal.unit(unit) for unit in batch.units)
        units = [unit for unit in found if unit is not None]
        requests = [self._request(unit, batch.attempt) for unit in units]
        answers = self.engine.write(requests, attempt=batch.attempt, on_done=on_done)
        for unit, candidates in zip(units, answers, strict=True):
            known = {one.attempt for one in self.journal.attempts(unit.id)}
            if batch.attempt in known:
                continue
            with self.journal.together():
                self.journal.put_attempts(self._attempts(unit, batch.attempt, candidates))
        self.journal.close_batch(batch)

    def _attempts(
        self, unit: PlannedUnit, attempt: int, candidates: Sequence[Candidate]
    ) -> Iterator[Attempt]:
        answers = list(candidates)
        if attempt == 0:
            answers += self._from_memory(unit)
        answers = [one for answer in answers for one in self._both(unit, answer)]
        seen = set()
        for number, candidate in enumerate(answers):
            if candidate.text in seen:
                continue
            seen.add(candidate.text)
            text = candidate.text.encode("utf-8", "replace").decode()
            if candidate.failure:
                problems: tuple[Problem, ...] = (Problem(1, 1, candidate.failure),)
            else:
                problems = self.judge.problems(unit, text, finished=candidate.finished)
            yield Attempt(
                unit=unit.id,
                attempt=attempt,
                candidate=number,
                text=text,
                finished=candidate.finished,
                score=candidate.score,
                rejected=bool(problems),
                problems=problems,
            )

    def _both(self, unit: PlannedUnit, answer: Candidate) -> Iterator[Candidate]:
        """Yield an answer below the signature of the skeleton, where it fits, and as it is."""
        baseline = self.journal.fact("baseline")
        if baseline is not None and baseline["mode"] == Mode.ALONE:
            yield answer  # the frame does not know all types, and the model may
        left = unclosed(answer.text, self.packs[1])
        is_whole = left is not None and left.nothing
        if is_whole and unit.kind in FITTED and not self.settings.is_edit:
            text = fitted(answer.text, unit.signature, self.packs[1])
            if text:
                yield replace(answer, text=text)
        yield answer

    def _request(self, unit: PlannedUnit, attempt: int) -> Request:
        languages = (self.settings.source, self.settings.target)
        code = flush_left(unit.text)
        if not self.settings.is_edit:
            code = parted(code, self.packs[0]).code
        context = self._context(unit, code, attempt) if self.engine.takes_context else Context()
        return Request(code, languages, context, self.settings.instruction)

    def _context(self, unit: PlannedUnit, code: str, attempt: int) -> Context:
        context = Context(signatures=self._signatures(unit), examples=self._examples(code))
        if attempt == 0:
            return context
        tried = [one for one in self.journal.attempts(unit.id) if one.attempt < attempt]
        if not tried:
            return context
        last = min(tried, key=lambda one: (-one.attempt, len(one.problems), one.candidate))
        said = tuple(f"line {one.line}: {one.message}" for one in last.problems[:_PROBLEMS])
        return replace(context, previous=last.text, problems=said)

    def _signatures(self, unit: PlannedUnit) -> tuple[str, ...]:
        """Return the signatures, in the target, of what a unit uses."""
        if self.settings.is_edit:
            return ()
        found = self.journal.signatures(unit.uses, near=unit.path, most=_SIGNATURES)
        return tuple(found)

    def _examples(self, code: str) -> tuple[tuple[str, str], ...]:
        if self.store is None:
            return ()
        return tuple((pair.source, pair.target) for pair, _ in self.store.nearest(code, _EXAMPLES))

    def _from_memory(self, unit: PlannedUnit) -> list[Candidate]:
        """Return the nearest pair's translation with this unit's names, where it is near enough."""
        if self.store is None or self.settings.is_edit:
            return []
        code = parted(flush_left(unit.text), self.packs[0]).code
        for pair, _ in self.store.nearest(code, 1):
            likeness = self._likeness(code, pair.source)
            if likeness >= _MEMORY_FROM:
                score = math.log(likeness)
                return [Candidate(memory_candidate(code, pair), finished=True, score=score)]
        return []

    def _likeness(self, one: str, other: str) -> float:
        """Return the Jaccard index of the tokens of two texts, each as often as it is there."""
        tokens, others = (Counter(code_tokens(text, self.packs[0])) for text in (one, other))
        return (tokens & others).total() / max(1, (tokens | others).total())
