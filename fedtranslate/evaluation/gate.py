"""The gate: does a site install the joint adapter, or keep what it has?

It alone decides.  A site has few pairs to judge by (15 are common), so a bare comparison would
be a coin toss: the candidate must be better in the mean *and* in most resamplings of the pairs
(paired bootstrap, Koehn 2004), on pairs that were never learned from.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fedtranslate.config.policy import Gate
from fedtranslate.metrics.bootstrap import paired_bootstrap
from fedtranslate.metrics.scores import Scores, UnitScores

CONFIDENCE = 0.9
"""Share of resamplings in which the candidate must be better."""
MARGIN = 1.0
"""Points of quality by which a candidate that shall be no worse may still be worse, at the lower
bound of the interval: a test of non-inferiority."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the gate decided, and on what grounds."""

    installed: bool
    gain: float
    """Mean gain of the candidate per pair, in points of quality (0 to 100)."""
    low: float
    high: float
    """Bounds of the 95 % interval of the gain."""
    confidence: float
    """Share of resamplings in which the candidate is better."""
    pairs: int
    reason: str


def decide(
    candidate: Scores,
    incumbent: Scores,
    *,
    gate: Gate = "better",
    confidence: float = CONFIDENCE,
    seed: int = 0,
) -> Decision:
    """Decide whether ``candidate`` replaces ``incumbent``.

    Args:
        candidate: Scores of the joint adapter on the site's own pairs.
        incumbent: Scores of what is installed, or of the base alone, on the same pairs.
        gate: What the candidate must be: better with certainty, or not worse.
        confidence: Share of resamplings that must agree, in (0.5, 1]; for ``better``.
        seed: Of the resampling.
    """
    new, old = _quality(candidate.per_unit), _quality(incumbent.per_unit)
    compared = paired_bootstrap(new, old, seed=seed)
    if gate == "better":
        sure = compared.mean_difference > 0 and compared.probability_better >= confidence
        how = f"better in {compared.probability_better:.0%} of resamplings of {len(new)} pairs"
        demand = f"{confidence:.0%} are asked for"
    else:
        sure = compared.low >= -MARGIN
        how = f"at least {compared.low:+.1f} points on {len(new)} pairs, with 95 % certainty"
        demand = f"{-MARGIN:+.1f} are asked for"
    return Decision(
        installed=sure,
        gain=compared.mean_difference,
        low=compared.low,
        high=compared.high,
        confidence=compared.probability_better,
        pairs=len(new),
        reason=f"{how}; {demand}",
    )


def _quality(units: Sequence[UnitScores]) -> list[float]:
    """Return the quality of each translation, 0 to 100: CodeBLEU, and 0 if it does not parse.

    A translation that is right to the token gets 100, as CodeBLEU gives it.
    """
    return [100.0 * unit.codebleu if unit.parses else 0.0 for unit in units]
