"""How many valid replies a round needs, and whether waiting for the others would help.

A run has a quorum of its own, and a robust rule needs a number that its promise holds for.  A reply
that was refused lowers that number (``robust.rules.fewest``); silence lowers nothing: a site that
is away, or gives no answer, may be an honest one, so a run waits for it and does not fail.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fedtranslate.adapters.robust.rules import Rule, expected, fewest, find_rule
from fedtranslate.config.federation import RunSettings
from fedtranslate.errors import FederationError, SitesAwayError
from fedtranslate.federation.exchange import Answer

_SOME = "Help these sites, then resume the run; it goes on after its last round."
_NOBODY = (
    "Where the replies of all sites are refused, the run's settings may be at fault, such as a"
    " learning_rate that is too high. Begin a run of another name with others, or help the sites"
    " and resume this one."
)


@dataclass(frozen=True, slots=True)
class Need:
    """How many valid replies a round of a run needs."""

    quorum: int
    """Of the settings; fewer sites are never enough."""
    rule: Rule | None = None
    byzantine: int = 0
    """Wrong replies that the rule is to bear."""

    @classmethod
    def of(cls, settings: RunSettings, sites: int) -> "Need":
        """Return that of a run of so many sites.

        Raises:
            AggregationError: The rule cannot bear what it is to bear among so few sites.
        """
        rule = find_rule(settings.robust)
        byzantine = expected(rule, settings.byzantine, sites) if rule else 0
        return cls(settings.quorum_of(sites), rule, byzantine)

    def replies(self, refused: int = 0) -> int:
        """Return the fewest valid replies of a round in which so many were refused."""
        if self.rule is None:
            return self.quorum
        return max(self.quorum, fewest(self.rule, self.byzantine, refused))

    def shortage(
        self, here: int, back: int, wanted: int, problem: str, hint: str
    ) -> FederationError:
        """Return the error of a run that has too few: to be waited for, or final.

        Args:
            here: Sites that have to be there, of use or not, for it to be worth going on.
            back: Valid replies there would be at most, if all came back that may.
            wanted: Valid replies that are needed.
            problem: As for every error.
            hint: Likewise.
        """
        if back < wanted:
            return FederationError(problem, hint)
        return SitesAwayError(problem, hint, wanted=here)

    def check(self, number: int, answers: Sequence[Answer], *, joins: bool, gone: int = 0) -> None:
        """Check that a round has as many valid replies as it needs.

        Args:
            number: Of the round.
            answers: Judged, of all sites of the run.
            joins: Whether the replies are to be combined; a rule has no say in an evaluation.
            gone: Sites that are no members any more, which nobody has to wait for.

        Raises:
            SitesAwayError: It has not, and would if all were back and answered.
            FederationError: It has not, and would not.
        """
        valid = sum(a.update is not None for a in answers)
        missing = sum(a.is_missing for a in answers)
        wanted = self.replies(len(answers) - valid - missing) if joins else self.quorum
        if valid >= wanted:
            return
        refused = "; ".join(f"{a.site}: {a.refusal}" for a in answers if a.update is None)
        by_rule = f" by the rule {self.rule.name}" if self.rule and wanted > self.quorum else ""
        silent = sum(a.is_missing and not a.is_away for a in answers)
        there = sum(not a.is_away for a in answers) - gone + max(0, wanted - valid - silent)
        raise self.shortage(
            there,
            valid + missing,
            wanted,
            f"Round {number} has {valid} valid replies, but {wanted} are needed{by_rule}"
            f" ({refused}).",
            _NOBODY if not valid + missing else _SOME,
        )
