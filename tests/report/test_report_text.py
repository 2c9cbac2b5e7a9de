"""Tables in words and in Markdown."""

from dataclasses import replace

import example_run
import pytest

from fedtranslate.experiments.table import Entry, Line, Table, build_table
from fedtranslate.report.markdown import markdown_table
from fedtranslate.report.text import DASH, direction_title, remarks, signed, size_text, table_rows


def table(own: dict[str, dict[str, float]], seeds: int = 1) -> Table:
    """A table of two sites from each row's scores: ``{"local": {"ada": 1, "bob": 2}}``."""
    lines = []
    for row, scores in own.items():
        entries = {site: Entry(score, 0.5, seeds) for site, score in scores.items()}
        mean = Entry(sum(scores.values()) / len(scores), 0.5, seeds)
        everyone = replace(mean, mean=mean.mean - 1) if row == "local" else mean
        worst = min(scores, key=lambda site: scores[site])
        lines.append(Line(row, entries, mean, everyone, (worst, scores[worst])))
    return Table("token_exact", "java-csharp", ("ada", "bob"), tuple(lines))


WINS = {
    "local": {"ada": 30.0, "bob": 20.0},
    "federated": {"ada": 40.0, "bob": 30.0},
    "central": {"ada": 50.0, "bob": 42.0},
}


def test_rows_have_the_cells_of_the_header() -> None:
    header, rows = table_rows(build_table(example_run.cells(), "bleu", "java-csharp"))
    assert header[0] == "Model"
    assert header[1:4] == example_run.SITES
    assert header[-1] == "Everyone's code"
    assert len(rows) == 7
    assert {len(row) for row in rows} == {len(header)}


def test_a_row_is_written_out() -> None:
    _, rows = table_rows(table(WINS))
    assert rows[0] == ("Each site alone", "30.0", "20.0", "25.0", "20.0 bob", "24.0")


def test_spread_is_written_with_several_seeds_only() -> None:
    assert "±" not in str(table_rows(table(WINS, seeds=1)))
    assert table_rows(table(WINS, seeds=3))[1][0][1] == "30.0 ± 0.5"


def test_models_that_saw_their_own_code_only_have_no_score_on_everyones() -> None:
    _, rows = table_rows(build_table(example_run.cells(), "bleu", "java-csharp"))
    by_title = {row[0]: row for row in rows}
    assert by_title["Nearest neighbour"][-1] == DASH
    assert by_title["Each site alone"][-1] != DASH
    assert by_title["Federated"][-1] != DASH


def test_gain_and_share_of_the_ceiling_are_told() -> None:
    told = " ".join(remarks(table(WINS)))
    assert "the joint adapter scores 35.0, each site alone 24.0" in told
    assert "federated gain of +11.0 points" in told
    assert "50% of the way to training on all data in one place (46.0)" in told
    assert "Every site is better served by the federation" in told
    assert "One seed" in told


def test_a_site_that_is_better_off_alone_is_named() -> None:
    scores = {**WINS, "federated": {"ada": 25.0, "bob": 30.0}}
    told = " ".join(remarks(table(scores)))
    assert "ada is best served by its own model on its own code (30.0; federated 25.0)." in told
    assert "bob is best" not in told
    assert "Every site" not in told


def test_a_loss_is_called_a_loss() -> None:
    scores = {**WINS, "federated": {"ada": 5.0, "bob": 3.0}}
    told = " ".join(remarks(table(scores)))
    assert "a federated loss of \N{MINUS SIGN}20.0 points" in told
    assert "of the way" not in told


def test_no_ceiling_is_claimed_where_there_is_none() -> None:
    scores = {**WINS, "central": {"ada": 10.0, "bob": 10.0}}
    assert "no ceiling" in " ".join(remarks(table(scores)))


@pytest.mark.parametrize("rows", [{}, {"base": {"ada": 1.0, "bob": 2.0}}])
def test_tables_without_a_federation_have_little_to_say(rows: dict[str, dict[str, float]]) -> None:
    assert len(remarks(table(rows))) == len(rows)


def test_markdown_is_a_table_that_names_cannot_break() -> None:
    hostile = "a|b\n<b>\\"
    scores = {row: {hostile: v["ada"], "bob": v["bob"]} for row, v in WINS.items()}
    lines = markdown_table(replace(table(scores), sites=(hostile, "bob"))).splitlines()
    assert lines[0].startswith("| Model | a\\|b &lt;b>\\\\ | bob |")
    assert lines[1] == "| --- | ---: | ---: | ---: | ---: | ---: |"
    assert len(lines) == 2 + len(scores)


def test_languages_have_their_own_names() -> None:
    assert direction_title("java-csharp") == "Java → C#"
    assert direction_title("java-klingon") == "Java → klingon"


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999_960, "1.0 MB"),
        (1_234_567, "1.2 MB"),
        (10**16, "10000.0 TB"),
    ],
)
def test_sizes_are_in_decimal_units(size: int, text: str) -> None:
    assert size_text(size) == text


@pytest.mark.parametrize(
    ("points", "text"), [(5.94, "+5.9"), (-3.0, "\N{MINUS SIGN}3.0"), (-0.04, "0.0")]
)
def test_differences_have_a_sign(points: float, text: str) -> None:
    assert signed(points) == text
