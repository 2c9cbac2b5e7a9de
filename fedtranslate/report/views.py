"""Tables, checks and decisions, arranged as the templates show them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fedtranslate.evaluation.gate import Decision
from fedtranslate.experiments.table import Entry, Line, Table
from fedtranslate.records import CompileState
from fedtranslate.report.content import CompileLine
from fedtranslate.report.text import (
    METRIC_NOTES,
    ROW_NOTES,
    STATE_TITLES,
    direction_title,
    entry_text,
    everyones,
    metric_title,
    remarks,
    row_title,
    table_rows,
)

_MAX_SITES_ACROSS = 5


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a bar chart."""

    row: str
    title: str
    text: str
    share: float
    """Of the full width, in percent."""
    low: float
    high: float
    """Ends of the spread, likewise; the same with one seed."""


@dataclass(frozen=True, slots=True)
class MetricView:
    """The table of one metric."""

    title: str
    note: str
    header: tuple[str, ...]
    columns: tuple[str, ...]
    """Names of the table's rows that the columns show; empty for other columns."""
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    """Name of the table's row that is shown, which may be empty, and the cells."""
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DirectionView:
    """All that is told about one direction of translation."""

    title: str
    metric: str
    """The one that bars and remarks are about."""
    note: str
    remarks: tuple[str, ...]
    own: tuple[Bar, ...]
    everyone: tuple[Bar, ...]
    turned: bool
    """Whether the tables of metrics have a row for each site, being too wide otherwise."""
    overview: MetricView
    metrics: tuple[MetricView, ...]


@dataclass(frozen=True, slots=True)
class GateView:
    """One site's decision, with its interval placed on a common scale."""

    site: str
    decision: Decision
    zero: float
    low: float
    high: float
    gain: float
    """In percent of the width."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that stands at the top of the page."""

    value: str
    name: str


def direction_views(tables: Sequence[Table]) -> tuple[DirectionView, ...]:
    """Return one view for each direction, in the order of ``tables``."""
    directions = dict.fromkeys(table.direction for table in tables)
    return tuple(
        _direction_view([t for t in tables if t.direction == direction]) for direction in directions
    )


def row_notes(tables: Sequence[Table]) -> tuple[tuple[str, str], ...]:
    """Return title and meaning of every row that occurs."""
    rows = dict.fromkeys(line.row for table in tables for line in table.lines)
    return tuple((row_title(row), ROW_NOTES[row]) for row in rows if row in ROW_NOTES)


def states_of(lines: Sequence[CompileLine]) -> tuple[CompileState, ...]:
    """Return the states that get a column, best first: all, but ``not_checked`` if it is empty."""
    unchecked = any(line.counts.get(CompileState.NOT_CHECKED, 0) for line in lines)
    states = tuple(CompileState(name) for name in STATE_TITLES)
    return states if unchecked else tuple(s for s in states if s != CompileState.NOT_CHECKED)


def gate_views(gates: Mapping[str, Decision]) -> tuple[GateView, ...]:
    """Place the intervals of all decisions on one scale that holds zero."""
    values = [v for d in gates.values() for v in (d.low, d.high, d.gain) if math.isfinite(v)]
    low, high = min([0.0, *values]), max([0.0, *values])
    margin = (high - low) * 0.06 or 1.0
    start, width = low - margin, high - low + 2 * margin

    def place(value: float) -> float:
        return round(100 * (value - start) / width, 2) if math.isfinite(value) else 50.0

    return tuple(
        GateView(site, d, place(0.0), place(d.low), place(d.high), place(d.gain))
        for site, d in gates.items()
    )


def _direction_view(tables: Sequence[Table]) -> DirectionView:
    first = tables[0]
    shown = [(line, line.own_mean, everyones(first, line)) for line in first.lines]
    highest = max((_top(entry) for _, *pair in shown for entry in pair), default=0.0)
    full = next((limit for limit in (5, 10, 20, 40, 60) if highest <= limit), 100)
    return DirectionView(
        title=direction_title(first.direction),
        metric=metric_title(first.metric),
        note=METRIC_NOTES.get(first.metric, ""),
        remarks=remarks(first),
        own=tuple(_bar(line, own, full) for line, own, _ in shown),
        everyone=tuple(_bar(line, entry, full) for line, _, entry in shown if entry),
        turned=len(first.sites) > _MAX_SITES_ACROSS,
        overview=_overview(tables),
        metrics=tuple(_metric_view(table) for table in tables),
    )


def _top(entry: Entry | None) -> float:
    if entry is None or not math.isfinite(entry.mean):
        return 0.0
    return entry.mean + entry.spread


def _bar(line: Line, entry: Entry, full: int) -> Bar:
    def share(value: float) -> float:
        return round(min(100.0, max(0.0, 100 * value / full)), 2) if math.isfinite(value) else 0.0

    low, high = share(entry.mean - entry.spread), share(entry.mean + entry.spread)
    return Bar(line.row, row_title(line.row), entry_text(entry), share(entry.mean), low, high)


def _overview(tables: Sequence[Table]) -> MetricView:
    rows = dict.fromkeys(line.row for table in tables for line in table.lines)
    found = [
        (row, (row_title(row), *(_everyones_text(table, row) for table in tables))) for row in rows
    ]
    header = ("Model", *(metric_title(table.metric) for table in tables))
    title, plain = "All metrics on everyone's code", ("",) * len(header)
    return MetricView(title, "", header, plain, tuple(found), ())


def _everyones_text(table: Table, row: str) -> str:
    line = table.line(row)
    return entry_text(everyones(table, line) if line else None)


def _metric_view(table: Table) -> MetricView:
    header, rows = table_rows(table)
    names = tuple(line.row for line in table.lines)
    columns, named = ("",) * len(header), tuple(zip(names, rows, strict=True))
    if len(table.sites) > _MAX_SITES_ACROSS:
        turned = list(zip(header, *rows, strict=True))
        header, columns = ("Site", *turned[0][1:]), ("", *names)
        named = tuple(("", cells) for cells in turned[1:])
    note = METRIC_NOTES.get(table.metric, "")
    return MetricView(metric_title(table.metric), note, header, columns, named, remarks(table))
