"""Which round of a run is the best, by what its sites say of their validation pairs.

Losses are claims.  A run with a robust rule bears as many false ones as false replies: each site
then has one vote, and of every round the highest and the lowest votes are cut, as many as sites may
lie (the trimmed mean of Yin et al. 2018, arXiv:1803.01498), so that no liar moves a round farther
than honest sites do.  Votes are differences to a site's own mean over the rounds, or sites with
hard code would always be the ones that are cut.  That takes more than twice as many voters as may
lie; a round that too few have judged is not chosen.
"""

from collections.abc import Mapping, Sequence
from math import inf
from pathlib import Path
from statistics import fmean

from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.journal import RUN_FILE, Score, mean_losses, read_json


def chosen_round(scores: Mapping[int, Mapping[str, Score]], liars: int = 0) -> int:
    """Return the best of the rounds, the earliest of equals.

    Args:
        scores: By round, at least one, what each site says of its joint adapter.
        liars: How many sites may say what is not so; 0 believes all, who weigh by their tokens.
            If no round has enough voters, nobody can be believed, and it is the last one.
    """
    numbers = sorted(scores)
    if not liars:
        losses = mean_losses([scores[number] for number in numbers])
        return min(zip(losses, numbers, strict=True))[1]
    judged = {number: _losses(scores[number]) for number in numbers}
    # Rounds with the fewest voters go first, the earliest of equals.
    for number in sorted(numbers, key=lambda one: (len(judged[one]), one)):
        voters = sorted(set.intersection(*map(set, judged.values())))
        if len(voters) > 2 * liars:
            return _elected(judged, voters, liars)
        del judged[number]
    return numbers[-1]


def _elected(judged: Mapping[int, Mapping[str, float]], voters: Sequence[str], cut: int) -> int:
    means = {name: fmean(losses[name] for losses in judged.values()) for name in voters}
    found = []
    for number, losses in judged.items():
        votes = sorted(losses[name] - means[name] for name in voters)
        found.append((fmean(votes[cut : len(votes) - cut]), number))
    return min(found)[1]


def _losses(scores: Mapping[str, Score]) -> dict[str, float]:
    """Return the losses per token of the sites that have judged a round."""
    found = {name: one.loss / one.tokens for name, one in scores.items() if one.tokens}
    return {name: loss for name, loss in found.items() if loss < inf}


def liars_in(folder: Path) -> int:
    """Return how many sites may lie in the run in ``folder``: as many as its rule is to bear.

    Raises:
        FederationError: The file of the run is damaged.
    """
    path = folder / RUN_FILE
    liars = read_json(path).get("liars", 0) if path.exists() else 0
    if type(liars) is not int or not 0 <= liars < 2**31:
        raise FederationError(f"{path} is damaged: its number of liars is none.")
    return liars
