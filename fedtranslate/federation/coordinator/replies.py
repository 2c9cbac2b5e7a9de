"""Judge the replies of one round: a bad reply costs that reply and nothing else.

First one by one, by what holds for each; then those that are left against each other.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import torch

from fedtranslate.adapters.factors import Adapter, is_finite, norm
from fedtranslate.adapters.methods.method import Fit, Part
from fedtranslate.adapters.methods.registry import find_method
from fedtranslate.adapters.robust.screening import Bounds, capped, screened
from fedtranslate.config.federation import RunSettings
from fedtranslate.federation.coordinator.journal import Score
from fedtranslate.federation.exchange import Answer, Introduction, SiteUpdate, Task

_MAX_LOSS_PER_TOKEN = 1e4


def judge(
    answers: Sequence[Answer], task: Task, joint: Adapter, settings: RunSettings
) -> list[Answer]:
    """Return ``answers`` in order of the sites' names, each refused if it is not acceptable.

    Args:
        answers: One per site; those without an update stay refused.
        task: What the sites were asked.
        joint: The adapter they were sent.
        settings: For the limits.
    """
    judged = [
        replace(answer, refusal=answer.refusal or "it did not answer")
        if answer.update is None
        else _judged(answer, answer.update, task, joint, settings)
        for answer in sorted(answers, key=lambda answer: answer.site)
    ]
    return _compared(judged, joint, settings) if task.steps else judged


def weights(updates: Sequence[SiteUpdate], settings: RunSettings) -> list[float]:
    """Return how much each of ``updates`` counts, none more than screening allows."""
    claimed = [weight(update, settings) for update in updates]
    screening = settings.screening
    return capped(claimed, screening.weight_factor) if screening.enabled else claimed


def weight(update: SiteUpdate, settings: RunSettings) -> float:
    """Return how much ``update`` may count in the joint adapter, seen alone."""
    return 1.0 if settings.weighting == "equal" else min(float(update.pairs), settings.max_weight)


def scores_of(answers: Sequence[Answer], settings: RunSettings) -> dict[str, Score]:
    """Return each site's evaluation, with the tokens that it counts for.

    What a site says of its tokens cannot be verified either: as with pairs, none counts for more
    than screening allows, and its loss per token stays what it is.
    """
    told = {answer.site: answer.update for answer in answers if answer.update is not None}
    claimed = [float(update.validation_tokens) for update in told.values()]
    screening = settings.screening
    counted = capped(claimed, screening.weight_factor) if screening.enabled else claimed
    return {
        site: Score(update.validation_loss * (math.floor(tokens) / claim), math.floor(tokens))
        if claim > tokens
        else Score(update.validation_loss, update.validation_tokens)
        for (site, update), claim, tokens in zip(told.items(), claimed, counted, strict=True)
    }


def agreeing(
    introductions: Sequence[Introduction], invited: Sequence[str]
) -> tuple[dict[str, Introduction], dict[str, str]]:
    """Split the sites into those that can train together, and the others with the reason.

    The largest group with the same base model and adapted modules goes on; between groups of
    one size the one whose first site comes first in the alphabet.
    """
    left_out = {
        found.site: "it is not among the sites of this run"
        for found in introductions
        if found.site not in invited
    }
    names = [found.site for found in introductions]
    left_out |= {name: "two nodes claim to be it" for name in names if names.count(name) > 1}
    groups: dict[object, list[Introduction]] = {}
    for found in sorted(introductions, key=lambda found: found.site):
        if found.site not in left_out:
            kind = (found.base_fingerprint, tuple(sorted(found.shapes.items())))
            groups.setdefault(kind, []).append(found)
    chosen = max(groups.values(), key=len, default=[])
    for group in groups.values():
        if group is not chosen:
            for found in group:
                left_out[found.site] = (
                    f"its base model has the fingerprint {found.base_fingerprint[:64]!a} or adapts "
                    f"other modules, unlike {chosen[0].base_fingerprint[:64]!a} of most sites"
                )
    return {found.site: found for found in chosen}, left_out


def _compared(judged: list[Answer], joint: Adapter, settings: RunSettings) -> list[Answer]:
    """Refuse what stands out among the replies that are in order by themselves."""
    screening = settings.screening
    if not screening.enabled:
        return judged
    replies = {a.site: a.update.adapter for a in judged if a.update and a.update.adapter}
    bounds = Bounds(screening.norm_factor, screening.least_cosine, screening.likeness)
    by_rows = find_method(settings.method).fit is Fit.ROWS
    reasons = screened(replies, joint, bounds, by_rows=by_rows)
    return [
        replace(answer, update=None, refusal=reasons[answer.site])
        if answer.site in reasons
        else answer
        for answer in judged
    ]


def _judged(
    answer: Answer, update: SiteUpdate, task: Task, joint: Adapter, settings: RunSettings
) -> Answer:
    problem = _number_problem(update, settings)
    if not problem and task.steps:
        problem = _adapter_problem(update.adapter, task, joint, settings)
    return replace(answer, update=None, refusal=problem, is_wrong=True) if problem else answer


def _number_problem(update: SiteUpdate, settings: RunSettings) -> str:
    least = 1 if settings.weighting == "pairs" else 0  # a site may keep its number to itself
    if update.pairs < least:
        return f"it claims {update.pairs} training pairs"
    if not abs(update.train_loss) <= _MAX_LOSS_PER_TOKEN:
        return "its training loss is not a number, or impossible"
    tokens = update.validation_tokens
    if tokens < 0 or tokens > settings.max_weight * settings.training.max_tokens:
        return f"it claims {tokens} validation tokens"
    if not 0 <= update.validation_loss <= _MAX_LOSS_PER_TOKEN * tokens:
        return "its validation loss is not a number, or impossible"
    return ""


def _adapter_problem(
    adapter: Adapter | None, task: Task, joint: Adapter, settings: RunSettings
) -> str:
    if adapter is None:
        return "it sent no adapter"
    if adapter.keys() != joint.keys():
        return f"it adapts other modules: {sorted(adapter.keys() ^ joint.keys())[:3]}"
    may_differ = find_method(settings.method).mixed_ranks
    if problem := _shape_problem(adapter, joint, may_differ=may_differ):
        return problem
    if not is_finite(adapter):
        return "its adapter holds NaN or infinity"
    if (size := norm(adapter)) > settings.max_update_norm:
        most = f"{settings.max_update_norm:g} (max_update_norm)"
        return f"the norm {size:.4g} of its adapter is above {most}"
    for side in ("a", "b"):
        # With the core alone, B is changed within its basis, which the coordinator makes itself.
        moves = side in task.shares or (side == "b" and Part.CORE in task.shares)
        if not moves and not all(
            torch.equal(getattr(factors, side), getattr(joint[name], side))
            for name, factors in adapter.items()
        ):
            return f"it changed the frozen factor {side.upper()}"
    return ""


def _shape_problem(adapter: Adapter, joint: Adapter, *, may_differ: bool) -> str:
    for name, wanted in joint.items():
        found = adapter[name]
        rank_fits = found.rank == wanted.rank or (may_differ and 1 <= found.rank < wanted.rank)
        if found.shape != wanted.shape or not rank_fits:
            return f"its factors for {name} have the wrong shape"
    return ""
