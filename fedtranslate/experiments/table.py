"""The table of every federated result: floors, base, local, federated, personalised, central.

Two views.  *Own code*: each site's held-out code, translated by its own model.  *Everyone's
code*: each model on the held-out code of all sites, the sites weighing the same, then averaged
over the models of a row: what a migration of new code looks like.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import isnan, nan
from statistics import fmean, stdev

from fedtranslate.experiments.results import ROWS, Cell


@dataclass(frozen=True, slots=True)
class Entry:
    """A mean over seeds, with its spread."""

    mean: float
    spread: float
    """Standard deviation over seeds; 0 with one seed."""
    seeds: int

    @property
    def is_known(self) -> bool:
        """Whether it was measured."""
        return not isnan(self.mean)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table, for one metric."""

    row: str
    own: dict[str, Entry]
    """By site."""
    own_mean: Entry
    everyone: Entry
    worst: tuple[str, float]
    """Site with the lowest score on its own code, and that score."""


@dataclass(frozen=True, slots=True)
class Table:
    """All rows for one metric and one direction."""

    metric: str
    direction: str
    sites: tuple[str, ...]
    lines: tuple[Line, ...]

    def line(self, row: str) -> Line | None:
        """Return the line of ``row``, if it was measured."""
        return next((line for line in self.lines if line.row == row), None)

    @property
    def gain(self) -> float | None:
        """Federated gain on everyone's code: federated - local."""
        local, federated = self.line("local"), self.line("federated")
        if local is None or federated is None:
            return None
        return federated.everyone.mean - local.everyone.mean

    @property
    def share_of_ceiling(self) -> float | None:
        """(federated - local) / (central - local) on everyone's code, if central is above."""
        local, central = self.line("local"), self.line("central")
        if local is None or central is None or self.gain is None:
            return None
        room = central.everyone.mean - local.everyone.mean
        return self.gain / room if room > 0 else None


def build_table(cells: Sequence[Cell], metric: str, direction: str) -> Table:
    """Arrange the cells of ``direction`` into the table of ``metric``."""
    chosen = [cell for cell in cells if cell.direction == direction]
    sites = tuple(dict.fromkeys(cell.code_of for cell in chosen))
    present = {cell.row for cell in chosen}
    lines = [
        _line([cell for cell in chosen if cell.row == row], row, metric, sites)
        for row in ROWS
        if row in present
    ]
    return Table(metric, direction, sites, tuple(lines))


def _line(cells: Sequence[Cell], row: str, metric: str, sites: Sequence[str]) -> Line:
    own = {
        site: _over_seeds(
            [c for c in cells if c.code_of == site and c.model_of in ("", site)],
            lambda group: fmean(c.scores[metric] for c in group),
        )
        for site in sites
    }
    own_mean = _over_seeds(
        [c for c in cells if c.model_of in ("", c.code_of)],
        lambda group: fmean(c.scores[metric] for c in group),
    )
    worst = min(own, key=lambda site: own[site].mean)
    return Line(
        row=row,
        own=own,
        own_mean=own_mean,
        everyone=_over_seeds(cells, lambda group: _everyone(group, metric, sites)),
        worst=(worst, own[worst].mean),
    )


def _everyone(cells: Sequence[Cell], metric: str, sites: Sequence[str]) -> float:
    """Average over the code of all sites, then over the models of the row.

    Not a number when some model was not measured on everyone's code.
    """
    by_model: dict[str, dict[str, float]] = {}
    for cell in cells:
        by_model.setdefault(cell.model_of, {})[cell.code_of] = cell.scores[metric]
    return fmean(fmean(scores.get(site, nan) for site in sites) for scores in by_model.values())


def _over_seeds(cells: Iterable[Cell], value: Callable[[list[Cell]], float]) -> Entry:
    by_seed: dict[int, list[Cell]] = {}
    for cell in cells:
        by_seed.setdefault(cell.seed, []).append(cell)
    values = [value(group) for group in by_seed.values()]
    spread = stdev(values) if len(values) > 1 and not any(map(isnan, values)) else 0.0
    return Entry(fmean(values) if values else float("nan"), spread, len(values))
