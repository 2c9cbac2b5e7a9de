"""The geometry of the plots; the templates draw them as SVG in the colours of the page.

No numbers are left to a renderer: the same values give the same file, byte by byte.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from fedtranslate.report.content import Curve

WIDTH, HEIGHT = 420, 270
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 112, 14, 40
_LABEL_GAP = 14
STYLES = 8
"""Kinds of lines the style sheet knows; further lines start over."""
_MAX_LABELLED = 14
_MAX_LABEL = 16


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """One curve, placed."""

    name: str
    label: str
    """The name, short enough for the margin."""
    style: str
    """Class of the style sheet: ``joint``, or ``line-1`` and so on."""
    path: str
    dots: tuple[tuple[float, float], ...]
    label_y: float
    end: tuple[float, float]


@dataclass(frozen=True, slots=True)
class LineChart:
    """A chart of losses over rounds, placed on a canvas of ``WIDTH`` by ``HEIGHT``."""

    title: str
    summary: str
    """For those who cannot see it."""
    lines: tuple[DrawnLine, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    mark: float | None
    """Where the best round is."""
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    bottom: int = HEIGHT - _BOTTOM


def line_chart(
    title: str, curves: Sequence[Curve], joint: Curve | None = None, best_round: int | None = None
) -> LineChart | None:
    """Place the curves; None if there is no finite point to draw.

    Args:
        title: Of the chart.
        curves: One per site.
        joint: Over all sites; drawn on top.
        best_round: Is marked if it is on the chart.
    """
    named = [(f"line-{i % STYLES + 1}", c) for i, c in enumerate(curves)]
    if joint is not None:
        named.append(("joint", joint))
    finite = [(style, curve.name, _finite(curve)) for style, curve in named]
    finite = [(style, name, points) for style, name, points in finite if points]
    if not finite:
        return None
    rounds = [x for _, _, points in finite for x, _ in points]
    losses = [y for _, _, points in finite for _, y in points]
    ticks = nice_ticks(min(losses), max(losses))
    x_scale = _Scale(min(rounds), max(rounds), _LEFT, WIDTH - _RIGHT)
    y_scale = _Scale(ticks[0], ticks[-1], HEIGHT - _BOTTOM, _TOP)
    marked = best_round if best_round in rounds else None
    return LineChart(
        title=title,
        summary="; ".join(_told(name, points) for _, name, points in finite),
        lines=_lines(finite, x_scale, y_scale),
        x_ticks=tuple(Tick(x_scale(x), str(x)) for x in _rounds_named(min(rounds), max(rounds))),
        y_ticks=tuple(Tick(y_scale(y), _tick_text(y, ticks)) for y in ticks),
        mark=None if marked is None else x_scale(marked),
    )


def nice_ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Return round numbers, evenly spaced, that enclose ``low`` and ``high``."""
    if high <= low:
        low, high = low - max(abs(low), 1.0) / 10, high + max(abs(high), 1.0) / 10
    rough = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [index * step for index in range(first, last + 1)]


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        return round(self.start + share * (self.end - self.start), 2)


_Points = list[tuple[int, float]]


def _finite(curve: Curve) -> _Points:
    return [(x, y) for x, y in curve.points if math.isfinite(y)]


def _lines(
    finite: Sequence[tuple[str, str, _Points]], x_scale: _Scale, y_scale: _Scale
) -> tuple[DrawnLine, ...]:
    placed = [[(x_scale(x), y_scale(y)) for x, y in points] for _, _, points in finite]
    heights = _spread_out([dots[-1][1] for dots in placed])
    few = len(finite) <= _MAX_LABELLED
    return tuple(
        DrawnLine(
            name=name,
            label=_short(name) if few or style == "joint" else "",
            style=style,
            path="M" + " L".join(f"{x:g} {y:g}" for x, y in dots),
            dots=tuple(dots),
            label_y=height if few else dots[-1][1],
            end=dots[-1],
        )
        for (style, name, _), dots, height in zip(finite, placed, heights, strict=True)
    )


def _spread_out(heights: Sequence[float]) -> list[float]:
    """Move labels apart, as little as need be, in the order of their lines."""
    order = sorted(range(len(heights)), key=lambda index: heights[index])
    moved = list(heights)
    for before, after in pairwise(order):
        moved[after] = max(moved[after], moved[before] + _LABEL_GAP)
    floor = float(HEIGHT - _BOTTOM + 4)
    for index in reversed(order):
        moved[index] = min(moved[index], floor)
        floor = moved[index] - _LABEL_GAP
    return [round(height, 2) for height in moved]


def _rounds_named(first: int, last: int) -> range:
    step = next(s for s in _steps() if (last - first) / s <= 8)
    return range(first, last + 1, step)


def _steps() -> Sequence[int]:
    return [factor * 10**power for power in range(9) for factor in (1, 2, 5)]


def _tick_text(value: float, ticks: Sequence[float]) -> str:
    step = ticks[1] - ticks[0]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) + (0 if _is_round(step) else 1)
    return f"{value + 0.0:.{decimals}f}"


def _is_round(step: float) -> bool:
    return round(step / 10.0 ** math.floor(math.log10(step) + 1e-9), 6) != 2.5


def _told(name: str, points: _Points) -> str:
    (first, start), (last, end) = points[0], points[-1]
    return f"{name}: {start:.4g} in round {first}, {end:.4g} in round {last}"


def _short(name: str) -> str:
    return name if len(name) <= _MAX_LABEL else f"{name[: _MAX_LABEL - 1]}…"
