"""The robust rules by name: ours, and those of installed plugins.

A rule stands before the method: it takes the replies of a round and returns replies and weights
that the method then combines.  One that weighs returns the replies it trusts, and suits every
method.  One that works entry by entry returns a single new reply, and suits methods that look at
the product B A, or at B under a frozen A.  To add one from another distribution, announce a
``Rule`` as an entry point of the group ``fedtranslate.rules``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from math import inf, isfinite
from typing import TypeAlias

from torch import Tensor

from fedtranslate.adapters.cohort import Cohort
from fedtranslate.adapters.factors import Adapter
from fedtranslate.adapters.guarding import guarded
from fedtranslate.adapters.products import difference, gram
from fedtranslate.adapters.robust import coordinates, weighing
from fedtranslate.errors import AggregationError, UnknownNameError

NONE = "none"
"""The name for no rule at all."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule made of the replies of a round."""

    replies: tuple[Adapter, ...]
    weights: tuple[float, ...]
    """One for each of ``replies``."""
    shares: tuple[float, ...] = ()
    """What each reply that came in counts for; empty for a rule that works entry by entry."""


Apply: TypeAlias = Callable[[Sequence[Adapter], Adapter | None, int, bool], Outcome]
"""From the replies, what they began with (None: from nothing), f, and whether the result must
have its rank."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A robust rule.  To bear f Byzantine replies it needs ``times * f + more`` in all."""

    name: str
    title: str
    paper: str
    times: int
    more: int
    apply: Apply
    by_coordinates: bool
    """Whether it makes one new reply, entry by entry."""

    def needs(self, byzantine: int) -> int:
        """Return the fewest replies among which so many may be Byzantine."""
        return self.times * byzantine + self.more

    def bears(self, replies: int) -> int:
        """Return how many of so many replies may be Byzantine."""
        return max(0, (replies - self.more) // self.times)


def _weighs(shares_of: Callable[[Tensor, int], Tensor]) -> Apply:
    def apply(
        adapters: Sequence[Adapter],
        reference: Adapter | None,
        byzantine: int,
        keeps_rank: bool,  # noqa: ARG001 - the replies are handed on as they are
    ) -> Outcome:
        apart = adapters if reference is None else [difference(a, reference) for a in adapters]
        shares = shares_of(gram(apart), byzantine).tolist()
        trusted = [(a, share) for a, share in zip(adapters, shares, strict=True) if share > 0]
        return Outcome(
            tuple(adapter for adapter, _ in trusted),
            tuple(share for _, share in trusted),
            tuple(shares),
        )

    return apply


def _by_coordinates(
    reduce: coordinates.Reduce, choose: Callable[[Tensor, int], list[int]] | None = None
) -> Apply:
    def apply(
        adapters: Sequence[Adapter],
        reference: Adapter | None,
        byzantine: int,
        keeps_rank: bool,
    ) -> Outcome:
        chosen = list(adapters)
        if choose is not None:
            apart = adapters if reference is None else [difference(a, reference) for a in adapters]
            chosen = [adapters[number] for number in choose(gram(apart), byzantine)]
        new = coordinates.joined(chosen, reference, byzantine, reduce, keeps_rank=keeps_rank)
        return Outcome((new,), (1.0,))

    return apply


_ALL = (
    Rule(
        "bulyan",
        "Bulyan",
        "El Mhamdi et al. 2018, arXiv:1802.07927",
        4,
        3,
        _by_coordinates(coordinates.nearest_to_median, weighing.bulyan_choice),
        by_coordinates=True,
    ),
    Rule(
        "geometric-median",
        "Geometric median (RFA)",
        "Pillutla et al. 2022, arXiv:1912.13445",
        2,
        1,
        _weighs(weighing.geometric_median_shares),
        by_coordinates=False,
    ),
    Rule(
        "krum",
        "Krum",
        "Blanchard et al. 2017, arXiv:1703.02757",
        2,
        3,
        _weighs(weighing.krum_shares),
        by_coordinates=False,
    ),
    Rule(
        "median",
        "Median",
        "Yin et al. 2018, arXiv:1803.01498",
        2,
        1,
        _by_coordinates(coordinates.median),
        by_coordinates=True,
    ),
    Rule(
        "multi-krum",
        "Multi-Krum",
        "Blanchard et al. 2017, arXiv:1703.02757",
        2,
        3,
        _weighs(weighing.multi_krum_shares),
        by_coordinates=False,
    ),
    Rule(
        "trimmed-mean",
        "Trimmed mean",
        "Yin et al. 2018, arXiv:1803.01498",
        2,
        1,
        _by_coordinates(coordinates.trimmed_mean),
        by_coordinates=True,
    ),
)
RULES: Mapping[str, Rule] = {rule.name: rule for rule in _ALL}


def all_rules() -> list[Rule]:
    """Return all rules, ours first."""
    others = sorted(set(entry_points(group="fedtranslate.rules").names) - RULES.keys())
    found = (find_rule(name) for name in others)
    return [*RULES.values(), *(rule for rule in found if rule is not None)]


def find_rule(name: str) -> Rule | None:
    """Return the rule called ``name``, None for "none"; a built-in one wins over a plugin.

    Raises:
        UnknownNameError: Neither built in nor announced by an installed plugin.
    """
    if name == NONE or name in RULES:
        return RULES.get(name)
    plugins = entry_points(group="fedtranslate.rules")
    if name not in plugins.names:
        raise UnknownNameError("robust rule", name, {NONE, *RULES, *plugins.names})
    rule: Rule = plugins[name].load()
    return rule


def expected(rule: Rule, byzantine: int, sites: int) -> int:
    """Return how many Byzantine replies a run of so many sites is to bear.

    Args:
        rule: The rule of the run.
        byzantine: As the settings say; 0 takes what the rule bears, at most a third of the sites.
        sites: That take part.

    Raises:
        AggregationError: The rule cannot bear them among so few sites.
    """
    wanted = byzantine or min(rule.bears(sites), sites // 3)
    if wanted < 1 or rule.bears(sites) < wanted:
        least = max(1, wanted)
        raise AggregationError(
            f"The rule {rule.name} bears {least} Byzantine among {rule.needs(least)} sites or more,"
            f" and the run has {sites}.",
            hint=_way_out(rule, wanted, sites),
        )
    return wanted


def _way_out(rule: Rule, wanted: int, sites: int) -> str:
    if (most := rule.bears(sites)) >= 1:
        return f"Set byzantine to {most} or less, or invite more sites."
    # byzantine = 0 takes one too, so that a lower number is no way out.
    enough = f"{rule.needs(max(1, wanted))} sites are enough for it"
    others = [name for name, one in RULES.items() if one.bears(sites) >= max(1, wanted)]
    fitting = f"Rules that fit {sites} sites: {', '.join(others)}" if others else "No rule fits"
    return f'{fitting}; {enough}; robust = "none" is without any.'


def fewest(rule: Rule, byzantine: int, refused: int = 0) -> int:
    """Return the fewest valid replies that ``rule`` is used on.

    Args:
        rule: The rule of the run.
        byzantine: Wrong replies that the run is to bear.
        refused: Replies of the round that were refused, for whatever reason.  Each lowers the
            number, so that bad sites cannot end a run by sending what is refused.
    """
    left = byzantine - refused
    return rule.needs(left) if left > 0 else 1


def withstand(
    name: str,
    replies: Sequence[Adapter],
    weights: Sequence[float],
    reference: Adapter | None,
    *,
    byzantine: int,
    refused: int = 0,
    wrong: int = 0,
    keeps_rank: bool = True,
) -> Outcome:
    """Return what the method shall combine in the place of the replies of a round.

    The promise of a rule is about a round: of the replies, at most ``byzantine`` are wrong.  One
    that was refused for what it holds was one of these, so the rule looks for one less among the
    rest.  Nobody gains by sending such a reply on purpose: it takes the place of one that would
    have stood among the others, and as a rule needs at least one reply more for each wrong one it
    bears, what is left is enough whenever all was.

    One that was refused against the others may have been an honest one that wrong ones made look
    odd.  So it lowers how many replies there must be, as else a bad site could end a run by it,
    but not how many wrong ones are looked for, as long as the replies suffice for that.  A site
    that is away or silent lowers neither: it may be honest, and all wrong ones be here.

    Args:
        name: Of the rule; "none" returns what came in.
        replies: Finite adapters of the same modules and (out, in).
        weights: One for each; 0 means that it is absent.  Rules read no more than this of them.
        reference: The joint adapter that the sites began with; None if they began from nothing.
        byzantine: How many the run is to bear, as ``expected`` says.
        refused: How many replies of this round were refused, or kept away as useless.
        wrong: How many of these were refused for what they hold themselves.
        keeps_rank: Whether a new reply must have rank and scaling of ``reference``.

    Raises:
        AggregationError: There are too few replies for what is left to bear, or they do not fit
            each other or ``reference`` in their modules and shapes.
    """
    if len(replies) != len(weights):
        raise AggregationError(f"{len(replies)} replies cannot have {len(weights)} weights.")
    rule = find_rule(name)
    if rule is None:
        return Outcome(tuple(replies), tuple(weights), tuple(weights))
    here = [number for number, weight in enumerate(weights) if weight > 0]
    if len(here) < (wanted := fewest(rule, byzantine, refused)):
        raise AggregationError(
            f"{len(here)} replies are too few for the rule {rule.name}: to bear"
            f" {max(0, byzantine - refused)} Byzantine among them it needs {wanted}.",
            hint="Help the sites that are missing, then resume the run: it goes on.",
        )
    Cohort.of(replies, weights, like=reference)  # refuses what does not fit, for all rules alike
    borne = min(max(0, byzantine - wrong), rule.bears(len(here)))
    present = [replies[number] for number in here]
    with guarded(f"The rule {rule.name}", [*present, reference or {}]):
        outcome = _checked(rule, rule.apply(present, reference, borne, keeps_rank), len(here))
    shares = [0.0] * len(replies)
    for number, share in zip(here, outcome.shares, strict=False):
        shares[number] = share
    return Outcome(outcome.replies, outcome.weights, tuple(shares) if outcome.shares else ())


def _checked(rule: Rule, outcome: Outcome, replies: int) -> Outcome:
    """Return what a rule hands on as plain numbers, if a method can take it."""
    found = Outcome(
        tuple(outcome.replies),
        tuple(map(float, outcome.weights)),
        tuple(map(float, outcome.shares)),
    )
    numbers = (*found.weights, *found.shares)
    if (
        not found.replies
        or not all(isinstance(reply, Mapping) for reply in found.replies)
        or len(found.weights) != len(found.replies)
        or len(found.shares) not in (0, replies)
        or not all(isfinite(number) and number >= 0 for number in numbers)
        or not 0 < sum(found.weights) < inf
    ):
        raise AggregationError(
            f"The rule {rule.name} made of {replies} replies what cannot be gone on with:"
            f" {len(found.replies)} replies, {len(found.weights)} weights and"
            f" {len(found.shares)} shares, which must be finite and not negative.",
            hint="The rounds before are kept. Mend the rule, or take another one.",
        )
    return found
