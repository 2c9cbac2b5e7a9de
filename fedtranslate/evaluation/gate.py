"""The gate: does a site install the joint adapter, or keep what it has?

It alone decides.  A site has few pairs to judge by (15 are common), so a bare comparison would
be a coin toss: the candidate must be better in the mean *and* in most resamplings of the pairs
(paired bootstrap, Koehn 2004), on pairs that were never learned from.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fedtranslate.metrics.bootstrap import paired_bootstrap
from fedtranslate.metrics.scores import Scores, UnitScores

CONFIDENCE = 0.9
"""Share of resamplings in which the candidate must be better."""


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
    candidate: Scores, incumbent: Scores, *, confidence: float = CONFIDENCE, seed: int = 0
) -> Decision:
    """Decide whether ``candidate`` replaces ``incumbent``.

    Args:
        candidate: Scores of the joint adapter on the site's own pairs.
        incumbent: Scores of what is installed, or of the base alone, on the same pairs.
        confidence: Share of resamplings that must agree, in (0.5, 1].
        seed: Of the resampling.
    """
    new, old = _quality(candidate.per_unit), _quality(incumbent.per_unit)
    compared = paired_bootstrap(new, old, seed=seed)
    sure = compared.mean_difference > 0 and compared.probability_better >= confidence
    how = f"better in {compared.probability_better:.0%} of resamplings of {len(new)} pairs"
    return Decision(
        installed=sure,
        gain=compared.mean_difference,
        low=compared.low,
        high=compared.high,
        confidence=compared.probability_better,
        pairs=len(new),
        reason=f"{how}; {confidence:.0%} are asked for",
    )


def _quality(units: Sequence[UnitScores]) -> list[float]:
    """Return the quality of each translation, 0 to 100: CodeBLEU, and 0 if it does not parse.

    A translation that is right to the token gets 100, as CodeBLEU gives it.
    """
    return [100.0 * unit.codebleu if unit.parses else 0.0 for unit in units]
