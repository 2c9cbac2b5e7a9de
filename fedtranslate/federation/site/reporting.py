"""Make the numbers that leave as coarse as the site's policy asks for."""

from dataclasses import replace

from fedtranslate.config.policy import Policy
from fedtranslate.federation.exchange import Introduction, SiteUpdate


def coarsened(update: SiteUpdate, policy: Policy) -> SiteUpdate:
    """Return ``update`` with the numbers that may be reported, no finer than allowed.

    The others leave as 0; a validation loss without its tokens would say nothing, so both go
    together.
    """
    hears, digits = "validation_loss" in policy.report, policy.report_digits
    return replace(
        update,
        pairs=coarse_pairs(update.pairs, policy),
        train_loss=significant(update.train_loss, digits) if "train_loss" in policy.report else 0.0,
        validation_loss=significant(update.validation_loss, digits) if hears else 0.0,
        validation_tokens=int(significant(update.validation_tokens, digits)) if hears else 0,
        validation_pairs=coarse_pairs(update.validation_pairs, policy) if hears else 0,
    )


def coarsened_introduction(introduction: Introduction, policy: Policy) -> Introduction:
    """Return ``introduction`` with its number of pairs as coarse as allowed."""
    return replace(introduction, pairs=coarse_pairs(introduction.pairs, policy))


def coarse_pairs(pairs: int, policy: Policy) -> int:
    """Return how many pairs are reported."""
    return pairs - pairs % policy.report_pairs_in if "pairs" in policy.report else 0


def significant(value: float, digits: int) -> float:
    """Return ``value`` rounded to so many significant digits; what is not finite stays."""
    return float(f"{value:.{digits - 1}e}")
