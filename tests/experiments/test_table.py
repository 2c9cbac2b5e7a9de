"""The table's arithmetic by hand, and the results behind it on disk."""

import json
from pathlib import Path

import pytest

from fedtranslate.errors import FederationError
from fedtranslate.experiments.results import METRICS, Cell, cell_of, read_cells, write_cells
from fedtranslate.experiments.table import build_table

METRIC = "codebleu"
FORTH, BACK = "java-csharp", "csharp-java"


def cell(
    row: str, owner: str, site: str, value: float, *, seed: int = 0, direction: str = FORTH
) -> Cell:
    scores = dict.fromkeys(METRICS, 0.0) | {METRIC: value}
    return Cell(row, owner, site, direction, seed, 2, scores, None, (1, 0), (value, value))


#                     own code of a: 40, of b: 20; on the other's: 30 and 10
LOCAL = [
    cell("local", "a", "a", 40),
    cell("local", "a", "b", 10),
    cell("local", "b", "a", 30),
    cell("local", "b", "b", 20),
]
FEDERATED = [cell("federated", "", "a", 44), cell("federated", "", "b", 26)]
CENTRAL = [cell("central", "", "a", 50), cell("central", "", "b", 40)]


def test_own_code_is_each_site_with_its_own_model() -> None:
    line = build_table(LOCAL, METRIC, FORTH).line("local")
    assert line is not None
    assert {site: entry.mean for site, entry in line.own.items()} == {"a": 40, "b": 20}
    assert line.own_mean.mean == 30
    assert line.worst == ("b", 20)


def test_everyones_code_is_all_models_on_all_code() -> None:
    line = build_table(LOCAL, METRIC, FORTH).line("local")
    assert line is not None
    assert line.everyone.mean == (40 + 10 + 30 + 20) / 4


def test_gain_and_share_of_the_ceiling() -> None:
    table = build_table([*LOCAL, *FEDERATED, *CENTRAL], METRIC, FORTH)
    assert table.gain == 35 - 25
    assert table.share_of_ceiling == (35 - 25) / (45 - 25)


def test_rows_that_are_missing_give_no_conclusion() -> None:
    assert build_table(LOCAL, METRIC, FORTH).gain is None
    table = build_table([*LOCAL, *FEDERATED], METRIC, FORTH)
    assert table.gain == 10
    assert table.share_of_ceiling is None


def test_a_ceiling_below_the_floor_has_no_share() -> None:
    low = [cell("central", "", site, 5) for site in "ab"]
    assert build_table([*LOCAL, *FEDERATED, *low], METRIC, FORTH).share_of_ceiling is None


def test_a_site_with_more_models_does_not_weigh_more() -> None:
    nearest = [cell("nearest", "a", "a", 10), cell("nearest", "b", "b", 30)]
    line = build_table(nearest, METRIC, FORTH).line("nearest")
    assert line is not None
    assert line.own_mean.mean == 20


def test_a_row_that_was_not_measured_on_everyones_code_has_no_score_there() -> None:
    line = build_table(LOCAL[:3], METRIC, FORTH).line("local")
    assert line is not None
    assert not line.everyone.is_known
    assert line.own["a"].is_known


def test_a_row_that_was_not_measured_on_everyones_code_may_have_several_seeds() -> None:
    cells = [cell("nearest", site, site, 10, seed=seed) for seed in (1, 2) for site in "ab"]
    line = build_table(cells, METRIC, FORTH).line("nearest")
    assert line is not None
    assert not line.everyone.is_known
    assert (line.own_mean.mean, line.own_mean.seeds) == (10, 2)


def test_the_spread_is_that_of_the_means_over_seeds() -> None:
    cells = [
        cell("federated", "", site, value, seed=seed)
        for seed, values in enumerate([(10, 20), (20, 30), (30, 40)])
        for site, value in zip("ab", values, strict=True)
    ]
    line = build_table(cells, METRIC, FORTH).line("federated")
    assert line is not None
    assert (line.own_mean.mean, line.own_mean.spread, line.own_mean.seeds) == (25, 10, 3)
    assert line.own["a"].mean == 20
    one = build_table(FEDERATED, METRIC, FORTH).line("federated")
    assert one is not None
    assert (one.everyone.spread, one.everyone.seeds) == (0, 1)


def test_directions_are_never_mixed() -> None:
    back = [cell("federated", "", site, 99, direction=BACK) for site in "ab"]
    table = build_table([*FEDERATED, *back], METRIC, FORTH)
    assert table.lines[0].everyone.mean == 35
    assert build_table([*FEDERATED, *back], METRIC, BACK).lines[0].everyone.mean == 99


def test_rows_come_in_the_order_from_floor_to_ceiling() -> None:
    table = build_table([*CENTRAL, *FEDERATED, *LOCAL], METRIC, FORTH)
    assert [line.row for line in table.lines] == ["local", "federated", "central"]
    assert table.sites == ("a", "b")


def test_results_come_back_from_disk_as_they_were(tmp_path: Path) -> None:
    compiled = {"compiled": 1, "syntax_error": 1}
    cells = [*LOCAL, Cell("base", "", "a", FORTH, 1, 2, {"x": 1.5}, compiled, (0, 1), (0.5, 1.0))]
    path = tmp_path / "deep" / "cells.json"
    write_cells(path, cells, {"model": "m"})
    assert read_cells([path, path]) == [*cells, *cells]
    assert json.loads(path.read_text())["about"] == {"model": "m"}
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"cells": 3}',
        '{"cells": [{}]}',
        '{"cells": [null]}',
        '"cells"',
        "\xff",
    ],
)
def test_damaged_results_are_refused_by_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "cells.json"
    path.write_text(content, "latin-1")
    with pytest.raises(FederationError, match=r"cells\.json cannot be read"):
        read_cells([path])


def test_truncated_or_missing_results_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "cells.json"
    write_cells(path, LOCAL, {})
    path.write_bytes(path.read_bytes()[:-20])
    for place in (path, tmp_path / "gone.json"):
        with pytest.raises(FederationError, match=f"{place.name} cannot be read"):
            read_cells([place])


def test_no_code_is_in_a_cell(tmp_path: Path) -> None:
    from fedtranslate.evaluation.evaluate import score
    from fedtranslate.records import Translation

    secret = "int Secret() { return 42; }"
    found = score([Translation(secret, secret, "s", secret)], "csharp")
    made = cell_of(found, row="base", model_of="", code_of="a", direction=FORTH, seed=0)
    assert (made.token_exact, made.codebleu) == ((1,), (100.0,))
    write_cells(tmp_path / "c", [made], {})
    assert "Secret" not in (tmp_path / "c").read_text()
