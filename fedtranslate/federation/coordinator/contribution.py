"""Find out what each site's reply is worth: join some of the replies, and let the sites evaluate.

A coalition is some of the replies, joined by the run's method from the joint adapter that all sites
trained from, each with the weight that it has in the round.  A rule against bad replies is left
out: it is the reply that is weighed up, not whether the rule noticed it.  The value of a coalition
is minus the validation loss per token over the sites that evaluated all coalitions.

Everything follows from the replies and the evaluations, so that a run that was killed finds the
same numbers when it does the round again.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TypeAlias

from fedtranslate.adapters.methods.method import Joint
from fedtranslate.config.federation import RunSettings
from fedtranslate.errors import AggregationError, FederationError
from fedtranslate.federation.coordinator.coalitions import (
    Coalition,
    Value,
    followed,
    jackknife,
    leave_one_out,
    orders,
    sampled,
    shapley,
)
from fedtranslate.federation.coordinator.journal import Journal, Score, round_folder, write_json
from fedtranslate.federation.coordinator.orders import last_round
from fedtranslate.federation.coordinator.worth import (
    CONTRIBUTION_FILE,
    Contribution,
    Worth,
    as_values,
)
from fedtranslate.federation.exchange import Answer, seed_of

Join: TypeAlias = Callable[[Sequence[str]], Joint]
"""Joins the replies of some sites; of none, the joint adapter that they trained from."""
Ask: TypeAlias = Callable[[int, Joint, Sequence[str]], Sequence[Answer]]
"""Lets sites evaluate the joint adapter of a trial, by its number; the answers are judged."""
_Found: TypeAlias = Callable[[Value], Mapping[str, tuple[float, float | None]]]
"""Returns each player's worth with its sampling error; nothing about a value is random in it."""
_TOLERANCE = 0.01
"""Of what all replies together change: an order is not followed any nearer."""


class _FewerError(Exception):
    """A site does not evaluate any longer: the others are to be compared anew."""


def check_coalitions(settings: RunSettings, sites: int) -> None:
    """Check that a run may try as many coalitions as it takes at least.

    Raises:
        FederationError: It may not.
    """
    if settings.contribution != "none" and settings.coalitions < sites + 1:
        raise FederationError(
            f"contribution = {settings.contribution!r} takes at least {sites + 1} coalitions for"
            f" {sites} sites; coalitions is {settings.coalitions}.",
            hint="Raise coalitions below [federation], or set contribution to none.",
        )


def weigh_up(
    settings: RunSettings,
    number: int,
    players: Sequence[str],
    join: Join,
    ask: Ask,
    sites: Sequence[str],
    quorum: int,
) -> Contribution:
    """Return what the replies of a round are worth; the run goes on whatever comes of it.

    Args:
        settings: Of the run.
        number: Of the round.
        players: Whose replies counted.
        join: Joins the replies of some of them.
        ask: Lets sites evaluate.
        sites: That can be asked.
        quorum: Fewest sites whose evaluations say something.
    """
    trials = _Trials(join, ask, sites)
    while len(trials.sites) >= quorum:
        try:
            return _weighed_up(settings, number, sorted(players), trials)
        except _FewerError:
            continue
        except AggregationError as error:
            problem = f"Some of the replies cannot be joined: {error}"
            return Contribution(settings.contribution, left_out=trials.left_out, problem=problem)
    told = f"{len(trials.sites)} sites evaluated all coalitions, but {quorum} are needed."
    return Contribution(
        settings.contribution,
        tuple(trials.sites),
        trials.left_out,
        trials.count,
        problem=told,
    )


def tell(journal: Journal, number: int, found: Contribution) -> None:
    """Tell those who watch a run what the replies of a round are worth."""
    for site, reason in sorted(found.left_out.items()):
        text = f"Site {site} is left out where replies are weighed up: {reason}."
        journal.tell("contribution", number, text)
    journal.tell("contribution", number, found.summary())
    if caution := found.caution():
        journal.tell("contribution", number, caution)
    for site, worth in sorted(found.worth.items()):
        values = {"worth": worth.value}
        if worth.error is not None:
            values["standard_error"] = worth.error
        journal.tell("contribution", number, found.sentence(site), **values)


def note_missed(settings: RunSettings, journal: Journal, number: int) -> None:
    """Note that the replies to the last round are gone, where that is asked too late.

    A round appears with what its replies were worth, so where it has nothing, nobody had asked.
    """
    file = round_folder(journal.folder, number) / CONTRIBUTION_FILE
    if settings.contribution == "none" or file.exists():
        return
    problem = (
        f"round {number} was finished before it was asked for, and replies are not kept."
        " One more round finds it out: start the run again with --rounds"
        f" {last_round(journal.folder) + 1}."
    )
    found = Contribution(settings.contribution, problem=problem)
    write_json(file, as_values(found))
    tell(journal, number, found)


class _Trials:
    """The coalitions that were evaluated, and by whom.

    Args:
        join: Joins the replies of some players.
        ask: Lets sites evaluate.
        sites: That can be asked.
    """

    def __init__(self, join: Join, ask: Ask, sites: Sequence[str]) -> None:
        self._join = join
        self._ask = ask
        self.sites = sorted(sites)
        """That evaluated every coalition so far."""
        self.left_out: dict[str, str] = {}
        """The others, with the reason."""
        self._scores: dict[Coalition, Mapping[str, Score]] = {}
        self._tokens: dict[str, int] = {}

    @property
    def count(self) -> int:
        """Return how many coalitions were tried."""
        return len(self._scores)

    def value_at(self, sites: Sequence[str]) -> Value:
        """Return the value of coalitions on the validation pairs of ``sites``."""

        @cache
        def value(coalition: Coalition) -> float:
            scores = self._of(coalition)
            tokens = sum(scores[site].tokens for site in sites)
            return -math.fsum(scores[site].loss for site in sites) / tokens

        return value

    def _of(self, coalition: Coalition) -> Mapping[str, Score]:
        if coalition not in self._scores:
            answers = self._ask(self.count + 1, self._join(sorted(coalition)), self.sites)
            scores = {answer.site: self._score(answer) for answer in answers}
            found = {site: score for site, score in scores.items() if isinstance(score, Score)}
            self._scores[coalition] = found
            lost = [site for site in self.sites if site not in found]
            for site in lost:
                self.left_out[site] = str(scores.get(site, "it did not answer"))
            self.sites = [site for site in self.sites if site in found]
            if lost:
                raise _FewerError
        return self._scores[coalition]

    def _score(self, answer: Answer) -> Score | str:
        """Return what a site found, or why it does not count."""
        update = answer.update
        if update is None:
            return answer.refusal or "it did not answer"
        tokens = update.validation_tokens
        if not tokens:
            return "it reports no validation loss"
        # On other tokens, another coalition would seem better or worse than it is.
        if self._tokens.setdefault(answer.site, tokens) != tokens:
            return "the number of its validation tokens changes"
        return Score(update.validation_loss, tokens)


def _weighed_up(
    settings: RunSettings, number: int, players: Sequence[str], trials: _Trials
) -> Contribution:
    """Return what the replies are worth at the sites that are left.

    Raises:
        _FewerError: There is one less now.
    """
    sites = tuple(trials.sites)
    value = trials.value_at(sites)
    nobody, everyone = value(frozenset()), value(frozenset(players))
    found, walked = _estimator(settings, number, players, value)
    whole = found(value)
    # Nothing is asked any more: what was asked once is known of every site.
    without = [
        found(trials.value_at([other for other in sites if other != site]))
        for site in (sites if len(sites) > 1 else ())
    ]
    worth = {}
    for player, (estimate, sampling) in whole.items():
        judging = jackknife(estimate, [one[player][0] for one in without])
        known = sampling is not None and judging is not None
        error = math.hypot(sampling or 0.0, judging or 0.0) if known else None
        worth[player] = Worth(estimate, error, sampling)
    return Contribution(
        method=settings.contribution,
        sites=sites,
        left_out=trials.left_out,
        coalitions=trials.count,
        orders=walked,
        everyone=-everyone,
        nobody=-nobody,
        worth=worth,
    )


def _estimator(
    settings: RunSettings, number: int, players: Sequence[str], value: Value
) -> tuple[_Found, int]:
    """Return how the worth of the players is found, and how many random orders that takes."""
    if settings.contribution == "leave-one-out":
        return lambda v: {one: (gain, 0.0) for one, gain in leave_one_out(players, v).items()}, 0
    if 2 ** len(players) <= settings.coalitions:
        return lambda v: {one: (gain, 0.0) for one, gain in shapley(players, v).items()}, 0
    seed = seed_of(settings.seed, number, "contribution")
    tolerance = _TOLERANCE * abs(value(frozenset(players)) - value(frozenset()))
    walks = [
        followed(order, value, tolerance) for order in orders(players, settings.coalitions, seed)
    ]
    return lambda v: sampled(players, walks, v), len(walks)
