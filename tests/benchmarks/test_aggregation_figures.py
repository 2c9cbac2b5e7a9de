"""The rows that tell how aggregation and screening grow with the number of sites."""

import json
from pathlib import Path

from benchmarks.figures import figures_table
from benchmarks.speed.aggregation import screening


def test_a_result_that_is_not_there_has_no_row(tmp_path: Path) -> None:
    assert len(figures_table(tmp_path).splitlines()) == 2


def test_the_row_of_methods_tells_which_grows_fastest(tmp_path: Path) -> None:
    def one(seconds: float, mib: int) -> dict[str, float]:
        return {"seconds": seconds, "bytes": mib << 20}

    by_sites = {
        "fedit": {2: one(0.1, 1), 100: one(0.2, 20), 1000: one(2.0, 20)},
        "fra": {2: one(0.1, 1), 100: one(1.0, 50), 1000: one(8.0, 60)},
    }
    document = {"layers": 24, "rank": 8, "by_sites": by_sites}
    (tmp_path / "aggregation_sites.json").write_text(json.dumps(document))
    text = figures_table(tmp_path)
    for part in (
        "rank 8, 1,000 sites, 2 methods | the same with 100 sites | time no more than 10 times",
        "2.0 to 8.0 s of a processor (fra); at most 10.0 times the time (fedit)",
        "1.2 times the memory (fra)",
    ):
        assert part in text, part


def test_the_row_of_screening_is_made_of_what_is_measured(tmp_path: Path) -> None:
    by_sites = {sites: screening(sites) for sites in (6, 60)}
    document = {"shape": [896, 896], "rank": 8, "by_sites": by_sites}
    (tmp_path / "aggregation_screening.json").write_text(json.dumps(document))
    text = figures_table(tmp_path)
    assert "screening all replies at one module, 896x896, rank 8" in text
    assert "0 honest replies refused" in text
    assert by_sites[6]["largest_error"] == 0 < by_sites[60]["largest_error"] < 0.3
