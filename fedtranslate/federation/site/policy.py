"""Judge what a coordinator asks for by the site's own policy, which wins.

The coordinator is told the code of a refusal and nothing else; the sentence is for the site's
ledger.  Everything here is pure: the same question has the same answer.  A stricter policy never
allows more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fedtranslate.adapters.methods.registry import find_method
from fedtranslate.adapters.wire.floats import FLOAT32
from fedtranslate.adapters.wire.formats import Format
from fedtranslate.config.federation import RunSettings
from fedtranslate.config.policy import Policy
from fedtranslate.errors import UnknownNameError
from fedtranslate.federation.exchange import Task
from fedtranslate.federation.refusals import RefusalCode
from fedtranslate.federation.site.traffic import format_up
from fedtranslate.federation.site.usage import Asked, Usage, trial_key, wording
from fedtranslate.federation.site.worker import Equipment
from fedtranslate.languages.registry import load_pack

_HEADER_BYTES = 128
"""Of an array as it travels."""
_SLACK = 1 + 1e-9
"""Sums of fractions of an epoch may be off in their last digits."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a site does not do what it is asked."""

    code: RefusalCode
    reason: str
    """A sentence for the site's own records."""


def judge(
    policy: Policy,
    site: str,
    settings: RunSettings,
    sites: Sequence[str],
    equipment: Equipment | None = None,
    *,
    epsilon: float | None = None,
) -> Refusal | None:
    """Return why ``site`` does not take part in a run, or None.

    Args:
        policy: Of the site.
        site: Its name.
        settings: Of the run.
        sites: Names of all sites that the run is for.
        equipment: What the site brings along; None as long as nothing was loaded, when what
            depends on it is not judged yet.
        epsilon: Privacy that the run will spend; None if it has no differential privacy.
    """
    refusal = _wrong_kind(policy, site, settings, sites) or _too_private(policy, epsilon)
    if refusal is None and equipment is not None:
        refusal = _wrong_rank(policy, settings, equipment) or _too_dear(policy, settings, equipment)
    return refusal


def judge_task(
    policy: Policy,
    settings: RunSettings,
    task: Task,
    joint: str,
    equipment: Equipment,
    used: Usage,
) -> Refusal | None:
    """Return why a site does not work on ``task``, or None.

    A round that was asked for before is worked on again if nothing about it has changed, since
    what leaves is then what has left already.

    Args:
        policy: Of the site.
        settings: Of the run, which were judged before.
        task: What is asked for.
        joint: SHA-256 of the joint adapter that came with it.
        equipment: What the site brings along.
        used: What the run has taken so far.
    """
    return (
        _not_agreed(settings, task)
        or (_tried(policy, settings, joint, used) if task.trial else _changed(task, joint, used))
        or _used_up(policy, settings, task, equipment, used)
    )


def judge_offer(policy: Policy, used: Usage) -> Refusal | None:
    """Return why a site does not look at a release, or None: judging takes time as training does.

    Args:
        policy: Of the site.
        used: What the run that the release is of has taken so far.
    """
    return _out_of_time(policy, used)


def epochs_of(steps: int, settings: RunSettings, equipment: Equipment) -> float:
    """Return how often ``steps`` optimiser steps pass over the site's pairs."""
    batches = equipment.batches or equipment.pairs
    return steps * settings.training.accumulate / max(1, batches)


def update_bytes(shapes: Mapping[str, tuple[int, int]], rank: int, wire: Format = FLOAT32) -> int:
    """Return how much the adapter of one update weighs as it travels, if all of it does.

    Args:
        shapes: (out, in) of every module that is adapted.
        rank: Of the adapter.
        wire: How its numbers are written.
    """
    return sum(
        wire.size(rank * side) + _HEADER_BYTES for sides in shapes.values() for side in sides
    )


def _wrong_kind(
    policy: Policy, site: str, settings: RunSettings, sites: Sequence[str]
) -> Refusal | None:
    run, rank = settings.name, settings.lora.rank
    if site not in sites:
        return Refusal(RefusalCode.SITE_NAME, f"The run {run} does not name the site {site}.")
    if len(set(sites)) < policy.minimum_sites:
        few = f"The run is for {len(set(sites))} sites; policy.minimum_sites is"
        return Refusal(RefusalCode.TOO_FEW_SITES, f"{few} {policy.minimum_sites}.")
    if settings.base not in policy.bases:
        text = f"The base model {settings.base!r} is not in policy.bases."
        return Refusal(RefusalCode.BASE, text)
    if policy.methods and settings.method not in policy.methods:
        text = f"The method {settings.method!r} is not in policy.methods."
        return Refusal(RefusalCode.METHOD, text)
    if not policy.minimum_rank <= rank <= policy.maximum_rank:
        span = f"{policy.minimum_rank} to {policy.maximum_rank}"
        return Refusal(RefusalCode.RANK, f"The rank {rank} is not in {span}, as policy says.")
    if settings.contribution != "none" and not policy.shows_replies:
        text = "The run finds out what replies are worth, which policy.shows_replies forbids."
        return Refusal(RefusalCode.SHOWN, text)
    if settings.signature != "none" and not policy.shows_signature:
        text = f"The run asks for a signature ({settings.signature}), which"
        return Refusal(RefusalCode.SIGNATURE, f"{text} policy.shows_signature forbids.")
    if settings.rounds > policy.rounds:
        text = f"The run is for {settings.rounds} rounds; policy.rounds is {policy.rounds}."
        return Refusal(RefusalCode.ROUNDS, text)
    if settings.weighting == "pairs" and "pairs" not in policy.report:
        text = "The run weighs sites by their pairs, which are not in policy.report."
        return Refusal(RefusalCode.METRICS, text)
    return _wrong_language(policy, settings)


def _wrong_language(policy: Policy, settings: RunSettings) -> Refusal | None:
    if not policy.languages:
        return None
    allowed = {_direction(*text.split("->", 1)) for text in policy.languages if "->" in text}
    asked = [(settings.source, settings.target)]
    if settings.training.both_directions:
        asked.append((settings.target, settings.source))
    for source, target in asked:
        if _direction(source, target) not in allowed:
            text = f"The direction {source}->{target} is not in policy.languages."
            return Refusal(RefusalCode.LANGUAGE, text)
    return None


def _direction(source: str, target: str) -> tuple[str, str]:
    return _language(source), _language(target)


def _language(name: str) -> str:
    try:
        return load_pack(name.strip()).name
    except UnknownNameError:
        return name.strip()


def _too_private(policy: Policy, epsilon: float | None) -> Refusal | None:
    if policy.epsilon is None:
        return None
    if epsilon is None:
        text = "policy.epsilon is set, and the run has no differential privacy."
    elif not epsilon <= policy.epsilon:
        text = f"The run spends an epsilon of {epsilon:g}; policy.epsilon is {policy.epsilon:g}."
    else:
        return None
    return Refusal(RefusalCode.EPSILON, text)


def _wrong_rank(policy: Policy, settings: RunSettings, equipment: Equipment) -> Refusal | None:
    """Judge the site's own rank, if it has one."""
    rank, most = equipment.rank or settings.lora.rank, settings.lora.rank
    if problem := find_method(settings.method).rank_problem(rank, most):
        text = f"The site does not fit: {problem}."
    elif rank < policy.minimum_rank:
        text = f"The site's own rank is {rank}; policy.minimum_rank is {policy.minimum_rank}."
    else:
        return None
    return Refusal(RefusalCode.RANK, text)


def _too_dear(policy: Policy, settings: RunSettings, equipment: Equipment) -> Refusal | None:
    """Judge what the whole run will take, so that it is not refused half-way."""
    epochs = epochs_of(settings.rounds * settings.steps, settings, equipment)
    if epochs > policy.epochs * _SLACK:
        text = f"The run passes {epochs:.4g} times over the pairs; policy.epochs is"
        return Refusal(RefusalCode.EPOCHS, f"{text} {policy.epochs:g}.")
    each = update_bytes(equipment.shapes, settings.lora.rank, format_up(settings.traffic))
    size = settings.rounds * each
    if policy.gigabytes is not None and size > policy.gigabytes * 1e9:
        text = f"The run takes {size / 1e9:.4g} GB out; policy.gigabytes is {policy.gigabytes:g}."
        return Refusal(RefusalCode.BYTES, text)
    if settings.weighting == "pairs" and equipment.pairs < policy.report_pairs_in:
        text = f"{equipment.pairs} pairs are reported as 0, as policy.report_pairs_in says, and"
        return Refusal(RefusalCode.METRICS, f"{text} the run weighs sites by their pairs.")
    return None


def _not_agreed(settings: RunSettings, task: Task) -> Refusal | None:
    if task.steps not in (0, settings.steps):
        text = f"{task.steps} steps are asked for; {settings.steps} were agreed."
        return Refusal(RefusalCode.STEPS, text)
    # After the last round comes one question more: how good its joint adapter is.
    last = settings.rounds + (not task.steps)
    if not 1 <= task.round <= last:
        text = f"Round {task.round} is asked for; {settings.rounds} were agreed."
        return Refusal(RefusalCode.ROUNDS, text)
    return None


def _changed(task: Task, joint: str, used: Usage) -> Refusal | None:
    earlier = used.rounds.get(task.round, Asked(joint))
    what = wording(task)
    if earlier.joint != joint:
        text = f"Round {task.round} was asked for before, with another joint adapter."
    elif what and earlier.task not in ("", what):
        text = f"Round {task.round} was asked for before, with {earlier.task} instead of {what}."
    else:
        return None
    return Refusal(RefusalCode.REPEATED, text)


def _tried(policy: Policy, settings: RunSettings, joint: str, used: Usage) -> Refusal | None:
    """Judge a trial; one that was made before is made again."""
    count = len({*used.trials, trial_key(joint)})
    if settings.contribution == "none":
        text = "A joint adapter of some replies is to be evaluated, against the run's settings."
    elif count > policy.trials:
        text = f"{count} joint adapters of some replies are to be evaluated; policy.trials is"
        text += f" {policy.trials}."
    else:
        # Without the evaluation that ends a run, there is no run.
        return _out_of_time(policy, used, ahead=2)
    return Refusal(RefusalCode.TRIALS, text)


def _used_up(
    policy: Policy, settings: RunSettings, task: Task, equipment: Equipment, used: Usage
) -> Refusal | None:
    is_new = bool(task.steps) and not used.rounds.get(task.round, Asked("")).task
    if used.trained + is_new > policy.rounds:
        text = f"{used.trained} rounds were trained; policy.rounds is {policy.rounds}."
        return Refusal(RefusalCode.ROUNDS, text)
    epochs = used.epochs + epochs_of(task.steps, settings, equipment)
    if task.steps and epochs > policy.epochs * _SLACK:
        text = f"The run would come to {epochs:.4g} passes over the pairs; policy.epochs is"
        return Refusal(RefusalCode.EPOCHS, f"{text} {policy.epochs:g}.")
    if refusal := _out_of_time(policy, used):
        return refusal
    size = used.bytes
    if task.steps:
        size += update_bytes(equipment.shapes, settings.lora.rank, format_up(settings.traffic))
    if policy.gigabytes is not None and size > policy.gigabytes * 1e9:
        text = f"{size / 1e9:.4g} GB would have left; policy.gigabytes is {policy.gigabytes:g}."
        return Refusal(RefusalCode.BYTES, text)
    return None


def _out_of_time(policy: Policy, used: Usage, ahead: int = 1) -> Refusal | None:
    """Judge as if ``ahead`` tasks to come took as long as those before did on average."""
    hours = (used.seconds + ahead * used.seconds / max(1, used.tasks)) / 3600
    if policy.hours is None or hours <= policy.hours:
        return None
    text = f"The run would come to {hours:.4g} hours; policy.hours is {policy.hours:g}."
    return Refusal(RefusalCode.HOURS, text)
