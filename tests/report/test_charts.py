"""The geometry of the curves."""

import math
import re
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from fedtranslate.report.charts import HEIGHT, WIDTH, LineChart, line_chart, nice_ticks
from fedtranslate.report.content import Curve

LOSS = st.floats(1e-4, 1e4)


def drawn(*curves: Curve, best_round: int | None = None) -> LineChart:
    chart = line_chart("Loss", curves, best_round=best_round)
    assert chart is not None
    return chart


@settings(deadline=None, derandomize=True)
@given(LOSS, LOSS)
def test_ticks_enclose_the_values_in_even_steps(first: float, second: float) -> None:
    low, high = sorted((first, second))
    ticks = nice_ticks(low, high)
    assert ticks[0] <= low + 1e-6 * high
    assert ticks[-1] >= high - 1e-6 * high
    assert 2 <= len(ticks) <= 8
    steps = [after - before for before, after in pairwise(ticks)]
    assert all(math.isclose(step, steps[0], rel_tol=1e-6) for step in steps)


@settings(deadline=None, derandomize=True)
@given(st.lists(st.lists(LOSS, min_size=1, max_size=12), min_size=1, max_size=14))
def test_everything_lies_on_the_canvas(losses: list[list[float]]) -> None:
    chart = drawn(*(Curve(f"s{n}", tuple(enumerate(values))) for n, values in enumerate(losses)))
    for line in chart.lines:
        assert all(chart.left <= x <= chart.right for x, _ in line.dots)
        assert all(chart.top <= y <= chart.bottom for _, y in line.dots)
        assert -20 <= line.label_y <= HEIGHT
    heights = sorted(line.label_y for line in chart.lines)
    assert all(b - a >= 13.9 for a, b in pairwise(heights))
    assert chart.right < WIDTH


def test_a_smaller_loss_is_drawn_lower() -> None:
    ((_, high), (_, low)) = drawn(Curve("a", ((0, 2.0), (1, 1.0)))).lines[0].dots
    assert high < low


def test_values_that_are_no_numbers_are_left_out() -> None:
    chart = drawn(Curve("a", ((0, math.nan), (1, 1.0), (2, math.inf), (3, 0.5))))
    assert len(chart.lines[0].dots) == 2
    assert re.fullmatch(r"M[\d.]+ [\d.]+ L[\d.]+ [\d.]+", chart.lines[0].path)


def test_nothing_to_draw_is_no_chart() -> None:
    assert line_chart("Loss", []) is None
    assert line_chart("Loss", [Curve("a", ((0, math.nan),))]) is None


def test_a_single_point_can_be_drawn() -> None:
    assert len(drawn(Curve("a", ((3, 0.0),))).lines[0].dots) == 1


def test_a_best_round_off_the_chart_is_not_marked() -> None:
    curve = Curve("a", ((0, 1.0), (1, 0.5)))
    assert drawn(curve, best_round=1).mark is not None
    assert drawn(curve, best_round=9).mark is None


def test_the_summary_tells_where_each_curve_starts_and_ends() -> None:
    assert drawn(Curve("ada", ((0, 1.25), (4, 0.5)))).summary == (
        "ada: 1.25 in round 0, 0.5 in round 4"
    )


def test_many_rounds_and_curves_stay_readable() -> None:
    curves = [
        Curve(f"site {n}", tuple((r, 1 / (r + n + 1)) for r in range(500))) for n in range(40)
    ]
    chart = drawn(*curves)
    assert len(chart.x_ticks) <= 9
    assert not any(line.label for line in chart.lines)
