"""What the replies of a run's last round were worth, as it is kept and told.

    RUN/round-00008/contribution.json    beside the round's adapter, with which it appears

This module loads no arithmetic, so that whoever only looks at a run is quick.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.journal import read_json, round_folder

CONTRIBUTION_FILE = "contribution.json"
WARNING = (
    "These are estimates, of one round, on the sites' own validation pairs as the sites report"
    " them: a difference within a few standard errors may be chance, and they settle no account."
)

FEW_ORDERS = 5
"""Of fewer random orders than these, a standard error says next to nothing: it is itself known to
about one part in the root of twice (orders - 1), 35 % at five, and no site has been everywhere."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What one site's reply is worth."""

    value: float
    """By how much it lowers the validation loss per token; negative where it does harm."""
    error: float | None
    """Standard error of ``value``; None where nothing can be said."""
    sampling_error: float | None = 0.0
    """What of that comes from looking at some orders only."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What the replies of a round were worth; unknown where there is a problem."""

    method: str
    """leave-one-out or shapley."""
    sites: tuple[str, ...] = ()
    """Whose validation pairs the values are on."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Sites that did not evaluate all coalitions, with the reason."""
    coalitions: int = 0
    """Joint adapters that were evaluated."""
    orders: int = 0
    """Random orders that were looked at; 0 where the values are exact."""
    everyone: float | None = None
    """Validation loss per token of the joint adapter of all replies."""
    nobody: float | None = None
    """Likewise, of the one that the sites trained from."""
    worth: Mapping[str, Worth] = field(default_factory=dict)
    """By site."""
    problem: str = ""
    """Why nothing is known, as a sentence."""

    @property
    def is_exact(self) -> bool:
        """Return whether all coalitions that matter were evaluated."""
        return not self.orders

    def summary(self) -> str:
        """Say how the values were found."""
        if self.problem:
            return f"What the replies are worth is unknown: {self.problem}"
        how = "leave-one-out" if self.method == "leave-one-out" else "Shapley values"
        if self.orders:
            how += f" estimated from {self.orders} random orders"
        judges = "1 site" if len(self.sites) == 1 else f"{len(self.sites)} sites"
        return f"What each reply is worth: {how}, {self.coalitions} coalitions tried at {judges}."

    def caution(self) -> str:
        """Say that the estimates are of too few orders; empty where they are not."""
        if not 0 < self.orders < FEW_ORDERS:
            return ""
        orders = "1 random order" if self.orders == 1 else f"{self.orders} random orders"
        enough = 2 + FEW_ORDERS * (len(self.worth) - 1)
        return (
            f"Warning: these are of {orders} only, and of fewer than {FEW_ORDERS} the standard"
            f" errors cannot be relied on; coalitions = {enough} would have been enough."
        )

    def sentence(self, site: str) -> str:
        """Say what the reply of a site is worth."""
        worth = self.worth[site]
        changes = "lowers" if worth.value >= 0 else "raises"
        error = "unknown" if worth.error is None else f"{worth.error:.4f}"
        return (
            f"The reply of {site} {changes} the validation loss per token by"
            f" {abs(worth.value):.4f} (standard error {error})."
        )

    def short(self, site: str) -> str:
        """Return the worth of a site's reply with its standard error, for a table."""
        worth = self.worth[site]
        return f"{worth.value:+.4f} ± {'?' if worth.error is None else f'{worth.error:.4f}'}"


def as_values(found: Contribution) -> dict[str, Any]:
    """Return what the file holds."""
    return {**asdict(found), "sites": list(found.sites), "warning": WARNING}


def read_contribution(run: Path, number: int) -> Contribution | None:
    """Return what the replies of a round were worth; None if nobody asked, or it is damaged."""
    try:
        values = read_json(round_folder(run, number) / CONTRIBUTION_FILE)
        values.pop("warning", None)
        worth = {
            str(site): Worth(**{key: _number(one) for key, one in about.items()})
            for site, about in values.pop("worth").items()
        }
        ends = {key: _number(values.pop(key)) for key in ("everyone", "nobody")}
        sites = tuple(map(str, values.pop("sites")))
        left_out = {str(site): str(why) for site, why in values.pop("left_out").items()}
        found = Contribution(**values, **ends, sites=sites, left_out=left_out, worth=worth)
    except (FederationError, KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return None
    texts, counts = (found.method, found.problem), (found.coalitions, found.orders)
    is_sound = all(isinstance(text, str) for text in texts) and all(
        type(count) is int for count in counts
    )
    return found if is_sound and all(one.value is not None for one in worth.values()) else None


def newest_contribution(run: Path, last_round: int) -> tuple[int, Contribution] | None:
    """Return the last round of a run whose replies were weighed up, and what was found.

    Args:
        run: Folder of the run.
        last_round: The last that is finished.
    """
    for number in range(last_round, 0, -1):
        if (found := read_contribution(run, number)) is not None:
            return number, found
    return None


def _number(value: object) -> Any:  # noqa: ANN401 - float, or None where nothing is known
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("not a number")
    if not math.isfinite(value):
        raise ValueError("not finite")
    return float(value)
