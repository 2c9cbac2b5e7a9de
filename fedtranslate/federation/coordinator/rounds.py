"""Conduct a run: rounds of asking the sites, judging their replies and combining them.

It knows neither Flower nor a clock: ``Sites`` is how it speaks to them.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from fedtranslate.adapters.aside import set_aside
from fedtranslate.adapters.factors import Adapter
from fedtranslate.adapters.guarding import guarded
from fedtranslate.adapters.initial import initial_adapter
from fedtranslate.adapters.methods.method import Joint, Phase
from fedtranslate.adapters.methods.outcome import checked
from fedtranslate.adapters.methods.registry import find_method
from fedtranslate.adapters.robust.rules import withstand
from fedtranslate.adapters.wire.coding import Coded
from fedtranslate.config.federation import RunSettings
from fedtranslate.errors import FedTranslateError, RunStoppedError, SitesAwayError
from fedtranslate.federation.coordinator.beginning import find_beginning
from fedtranslate.federation.coordinator.contribution import (
    check_coalitions,
    note_missed,
    tell,
    weigh_up,
)
from fedtranslate.federation.coordinator.enough import Need
from fedtranslate.federation.coordinator.journal import Journal, dominant
from fedtranslate.federation.coordinator.replies import agreeing, judge, scores_of, weights
from fedtranslate.federation.coordinator.roundfolder import (
    Kept,
    manifest_of,
    newest_round,
    save_round,
)
from fedtranslate.federation.coordinator.roundrecord import (
    likeness_record,
    replies_record,
    signatures_record,
)
from fedtranslate.federation.coordinator.traffic import Downlink
from fedtranslate.federation.coordinator.worth import Contribution
from fedtranslate.federation.exchange import (
    Answer,
    Introduction,
    Task,
    seed_of,
)


class Sites(Protocol):
    """The sites as they can be reached."""

    def present(self, wanted: int) -> tuple[Sequence[Introduction], Mapping[str, str]]:
        """Return who is there, after some waiting for ``wanted`` sites, and what hinders others.

        Who is there may be fewer than ``wanted``, or more.  Others are named as sites where it is
        known which they are.
        """

    def ended(self) -> Mapping[str, str]:
        """Return the sites whose membership is over, and how it ended."""

    def ask(
        self, task: Task, joint: Adapter, names: Sequence[str], *, step: Coded | None = None
    ) -> Sequence[Answer]:
        """Send a task to the sites of these names; one answer each, also if none came.

        ``joint`` is packed, with what is folded.  ``step`` leads to it from the adapter before it,
        for sites that have that.
        """


def conduct(
    settings: RunSettings,
    names: Sequence[str],
    sites: Sites,
    journal: Journal,
    *,
    finish: Callable[[Sequence[str]], None] | None = None,
    is_kept: bool = False,
) -> None:
    """Bring a run to its last round, from wherever its journal says it is.

    Args:
        settings: Of the run.
        names: Of the sites that take part.
        sites: As they can be reached.
        journal: Of the run.
        finish: Called after the last round with the names of the sites that are there; called
            again if the process dies in it.
        is_kept: Whether somebody starts the run again when sites that are away are back.

    Raises:
        FederationError: Too few sites or valid replies, or the journal is of another run.
    """
    with journal.locked():
        journal.check(settings)
        journal.set_status("running")
        try:
            _Run(settings, names, sites, journal).to_the_end(finish)
        except RunStoppedError as error:
            _note_end(journal, "interrupted", str(error))
            raise
        except FedTranslateError as error:
            if is_kept and isinstance(error, SitesAwayError):
                told = f"{error.problem} It goes on by itself when they are back."
                _note_end(journal, "waiting", told, wanted=error.wanted)
            else:
                _note_end(journal, "failed", str(error))
            raise
        except BaseException as error:
            # Not the run's fault: the machine, the network, or somebody who ended the process.
            told = f" ({type(error).__name__}: {error})" if isinstance(error, Exception) else ""
            _note_end(journal, "interrupted", f"It was interrupted{told}.")
            raise


def _note_end(journal: Journal, state: str, reason: str, *, wanted: int = 0) -> None:
    journal.set_status(state, reason, wanted=wanted)
    journal.tell(state, 0, reason)


class _Run:
    def __init__(
        self, settings: RunSettings, names: Sequence[str], sites: Sites, journal: Journal
    ) -> None:
        self._settings = settings
        self._names = names
        self._sites = sites
        self._journal = journal
        self._need = Need.of(settings, len(names))
        self._method = find_method(settings.method)
        self._options = self._method.complete(settings.method_options)
        self._down = Downlink(settings)
        check_coalitions(settings, len(names))
        self._outsiders: dict[str, str] = {}
        """Sites that cannot take part, with the reason that was told."""
        self._present: Mapping[str, Introduction] = {}
        """Sites that could take part when they were last looked for."""
        self._hindered: Mapping[str, str] = {}
        """Sites that are there and of no use, with the reason."""
        self._refused: Collection[str] = ()
        """Sites whose replies were refused when they were last asked to train."""

    def to_the_end(self, finish: Callable[[Sequence[str]], None] | None) -> None:
        settings, journal = self._settings, self._journal
        known = self._gathered(0)
        journal.begin(settings, known, liars=self._need.byzantine)
        journal.sweep()
        number, joint = self._begun(known)
        journal.tell("started", number, f"{len(known)} sites go on after round {number}.")
        while number < settings.rounds:
            number += 1
            joint = self._round(number, joint)
        note_missed(settings, journal, number)
        if not journal.has_evaluation(number):
            self._ask(self._task(number + 1, steps=0), joint)
        if finish is not None:
            finish(sorted(self._present))
        journal.set_status("completed")
        journal.tell("completed", number, f"Round {number} was the last.")

    def _begun(self, known: Mapping[str, Introduction]) -> tuple[int, Joint]:
        """Return the newest round and its joint adapter, which is not in memory if it is heavy."""
        settings = self._settings
        kept = newest_round(self._journal.folder, settings.rounds) or self._start(known)
        self._down = Downlink(settings, kept.left_over)
        return kept.number, self._laid_aside(kept.joint)

    def _start(self, known: Mapping[str, Introduction]) -> Kept:
        record: dict[str, Any] = {"replies": {}, "left_out": {}, "sent_bytes": 0}
        if self._settings.begins_with:
            site = next(iter(known.values()))
            begun = find_beginning(self._settings, self._journal.folder.parent)
            begun.check(site.base_fingerprint, site.shapes)
            self._save(0, begun.joint, known, {**record, "begins_with": begun.told()})
            return Kept(0, begun.joint, {})
        lora = self._settings.lora
        adapter = initial_adapter(
            next(iter(known.values())).shapes,
            rank=lora.rank,
            scaling=lora.scaling,
            seed=seed_of(self._settings.seed, 0),
        )
        joint = Joint(adapter)
        self._save(0, joint, known, record)
        return Kept(0, joint, {})

    def _laid_aside(self, joint: Joint) -> Joint:
        """Let heavy adapters wait on disk."""
        adapter, folded = (
            set_aside(one, self._journal.folder) for one in (joint.adapter, joint.folded)
        )
        return replace(joint, adapter=adapter, folded=folded)

    def _round(self, number: int, joint: Joint) -> Joint:
        known, new, record, found = self._joined(number, joint)
        new = Joint.of(self._down.taken(number, joint.packed(), new.packed()), new.memory)
        self._save(number, new, known, record, found)
        replies = record["replies"]
        loss = sum(reply["train_loss"] for reply in replies.values()) / len(replies)
        text = f"Round {number} joined the adapters of {', '.join(replies)}."
        values = {"train_loss": loss, "sites": len(replies)}
        if heaviest := dominant({site: reply["weight"] for site, reply in replies.items()}):
            text += f" {heaviest[0]} has {heaviest[1]:.1%} of the weight."
            values["heaviest_share"] = heaviest[1]
        self._journal.tell("round", number, text, **values)
        if found is not None:
            tell(self._journal, number, found)
        return self._laid_aside(new)

    def _joined(
        self, number: int, joint: Joint
    ) -> tuple[dict[str, Introduction], Joint, dict[str, Any], Contribution | None]:
        """Return who is there, the new joint adapter, and the record of how it came about.

        With them, in the last round, what the replies were worth, if it is to be found out.
        The sites' adapters are gone when this returns: to write the new one takes memory, too.
        """
        known, answers = self._ask(self._task(number, self._settings.steps), joint)
        valid = {a.site: a.update for a in answers if a.update is not None}
        adapters = [u.adapter for u in valid.values() if u.adapter is not None]
        counts = weights(list(valid.values()), self._settings)
        trusted = withstand(
            self._settings.robust,
            adapters,
            counts,
            joint.adapter,
            byzantine=self._need.byzantine,
            refused=sum(a.update is None and not a.is_missing for a in answers),
            wrong=sum(a.is_wrong for a in answers),
        )
        new = self._combined(number, trusted.replies, trusted.weights, joint, adapters)
        record = {
            **replies_record(valid, counts, answers),
            "shares": dict(zip(valid, trusted.shares, strict=False)),
            **likeness_record(valid, joint.adapter),
            "signatures": signatures_record(valid, known, self._settings),
        }
        found = self._weighed_up(
            number, joint, dict(zip(valid, adapters, strict=True)), counts, known
        )
        return known, new, record, found

    def _combined(
        self,
        number: int,
        replies: Sequence[Adapter],
        weights: Sequence[float],
        joint: Joint,
        sent: Sequence[Adapter],
    ) -> Joint:
        """Return what the method makes of some replies; what was ``sent`` must stay as it is."""
        name = self._method.name
        with guarded(f"The method {name}", [*sent, joint.adapter, joint.folded]):
            return checked(self._phase(number).combine(replies, weights, joint), joint, name)

    def _weighed_up(
        self,
        number: int,
        joint: Joint,
        replies: Mapping[str, Adapter],
        counts: Sequence[float],
        known: Iterable[str],
    ) -> Contribution | None:
        """Return what the replies of the last round are worth; None if nobody asks."""
        if self._settings.contribution == "none" or number < self._settings.rounds:
            return None
        weight = dict(zip(replies, counts, strict=True))
        evaluation = self._task(number + 1, steps=0)

        def join(names: Sequence[str]) -> Joint:
            some = [replies[name] for name in names]
            counts = [weight[name] for name in names]
            return self._combined(number, some, counts, joint, some) if names else joint

        def ask(trial: int, tried: Joint, names: Sequence[str]) -> Sequence[Answer]:
            task = replace(evaluation, trial=trial)
            answers = self._sites.ask(task, tried.packed(), names)
            return judge(answers, task, tried.adapter, self._settings)

        return weigh_up(
            self._settings, number, list(replies), join, ask, sorted(known), self._need.quorum
        )

    def _task(self, number: int, steps: int) -> Task:
        phase = self._phase(number)
        return Task(number, steps, phase.trains, phase.shares)

    def _phase(self, number: int) -> Phase:
        return self._method.phase(number, self._options)

    def _ask(self, task: Task, joint: Joint) -> tuple[dict[str, Introduction], list[Answer]]:
        """Return the sites that are there, and the judged answers of all that are invited.

        The evaluation of ``joint`` that comes with the answers is kept.
        """
        known = self._gathered(task.round)
        ask = partial(self._sites.ask, step=step) if (step := self._down.step) else self._sites.ask
        answers = ask(task, joint.packed(), sorted(known))
        answers = judge(answers, task, joint.adapter, self._settings)
        absent = sorted(set(self._names) - {answer.site for answer in answers})
        reasons = {**self._hindered, **self._outsiders}
        answers += [
            Answer(name, None, reasons[name])
            if name in reasons
            else Answer(name, None, "it is not connected", is_away=True)
            for name in absent
        ]
        answers.sort(key=lambda answer: answer.site)
        for answer in answers:
            if answer.update is None and answer.site not in self._outsiders:
                text = f"Site {answer.site} is left out of this round: {answer.refusal}."
                self._journal.tell("left-out", task.round, text)
        if task.steps:
            self._refused = [a.site for a in answers if a.update is None and not a.is_missing]
        ended = self._sites.ended().keys() & set(self._names)
        self._need.check(task.round, answers, joins=bool(task.steps), gone=len(ended))
        self._keep_scores(task.round - 1, answers)
        return known, answers

    def _gathered(self, number: int) -> dict[str, Introduction]:
        # All are worth waiting for once; later, a site that went away shall not hold up the rest.
        ended = {name: why for name, why in self._sites.ended().items() if name in self._names}
        wanted = self._worth_waiting_for(ended) if number else len(self._names) - len(ended)
        found, hindered = self._sites.present(wanted)
        self._hindered = {**hindered, **ended}
        known, outsiders = agreeing(found, self._names)
        for name in self._journal.changed(known):
            del known[name]
            outsiders[name] = "its pairs are not those that the run began with"
        for name, reason in sorted(outsiders.items()):
            if self._outsiders.get(name) != reason:
                self._journal.tell("left-out", number, f"Site {name} is left out: {reason}.")
        self._outsiders, self._present = outsiders, known
        if len(known) < self._need.quorum:
            all_reasons = {**outsiders, **self._hindered}
            reasons = "; ".join(f"{name}: {why}" for name, why in all_reasons.items())
            away = set(self._names) - known.keys() - all_reasons.keys()
            raise self._need.shortage(
                len(self._names) - len(away) - len(ended) + self._need.quorum - len(known),
                len(known) + len(away),
                self._need.quorum,
                f"{len(known)} of {len(self._names)} sites can take part "
                f"({', '.join(sorted(known)) or 'none'}), but {self._need.quorum} are needed"
                f"{f' ({reasons})' if reasons else ''}.",
                "Help the sites that are missing or refuse, then resume the run: it goes on.",
            )
        return known

    def _worth_waiting_for(self, ended: Collection[str]) -> int:
        """Return how many sites a round is likely to need there, after what the last one had."""
        bad = {*self._refused, *self._outsiders, *self._hindered, *ended} & set(self._names)
        return min(self._need.replies(len(bad)), len(self._names) - len(ended))

    def _keep_scores(self, number: int, answers: Sequence[Answer]) -> None:
        scores = scores_of(answers, self._settings)
        self._journal.save_evaluation(number, scores)
        tokens = sum(score.tokens for score in scores.values())
        if tokens:
            loss = sum(score.loss for score in scores.values()) / tokens
            text = f"The joint adapter of round {number} has a validation loss of {loss:.4f}."
            self._journal.tell("evaluated", number, text, validation_loss=loss)

    def _save(
        self,
        number: int,
        joint: Joint,
        known: Mapping[str, Introduction],
        record: Mapping[str, Any],
        found: Contribution | None = None,
    ) -> None:
        base = next(iter(known.values())).base_fingerprint
        manifest = manifest_of(self._settings, number, joint.whole(), base)
        save_round(
            self._journal.folder, number, joint, manifest, record, self._down.left_over, found
        )
