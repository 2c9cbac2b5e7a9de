"""Which round of a run is the best, by what its sites say of their validation pairs.

Losses are claims.  A run with a robust rule bears as many false ones as false replies: each site
then has one vote, and of every round the highest and the lowest votes are cut, as many as sites may
lie (the trimmed mean of Yin et al. 2018, arXiv:1803.01498), so that no liar moves a round farther
than honest sites do.  Votes are differences to a site's own mean over the rounds, or sites with
hard code would always be the ones that are cut.
"""

from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from statistics import fmean

from fedtranslate.config.federation import RunSettings
from fedtranslate.config.reading import validate
from fedtranslate.errors import FedTranslateError
from fedtranslate.federation.coordinator.enough import Need
from fedtranslate.federation.coordinator.journal import RUN_FILE, Score, mean_losses, read_json


def chosen_round(scores: Mapping[int, Mapping[str, Score]], liars: int = 0) -> int:
    """Return the best of the rounds, the earliest of equals.

    Args:
        scores: By round, at least one, what each site says of its joint adapter.
        liars: How many sites may say what is not so; 0 believes all, who weigh by their tokens.
    """
    numbers = sorted(scores)
    votes = _votes([scores[number] for number in numbers]) if liars else []
    cut = min(liars, (len(votes) - 1) // 2)
    losses = (
        [_trimmed([vote[at] for vote in votes], cut) for at in range(len(numbers))]
        if votes
        else mean_losses([scores[number] for number in numbers])
    )
    return min(zip(losses, numbers, strict=True))[1]


def liars_in(folder: Path) -> int:
    """Return how many sites may lie in the run in ``folder``: as many as its rule is to bear."""
    try:
        about = read_json(folder / RUN_FILE)
        settings = validate(RunSettings, about.get("settings", {}), str(folder / RUN_FILE))
        data = about.get("data")
        return Need.of(settings, len(data) if isinstance(data, dict) else 0).byzantine
    except FedTranslateError:
        return 0  # no rule, or too few sites for it: whoever needs the file says what is wrong


def _votes(rounds: list[Mapping[str, Score]]) -> list[list[float]]:
    """Return of every site that has judged all rounds how much each is better than their mean."""
    votes = []
    for name in set.intersection(*map(set, rounds)):
        if all(scores[name].tokens for scores in rounds):
            losses = [scores[name].loss / scores[name].tokens for scores in rounds]
            if isfinite(mean := fmean(losses)):
                votes.append([loss - mean for loss in losses])
    return votes


def _trimmed(votes: list[float], cut: int) -> float:
    return fmean(sorted(votes)[cut : len(votes) - cut])
