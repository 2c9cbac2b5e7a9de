"""What is gathered from the folder of a run."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import example_run
import pytest

from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.journal import Score, round_folder, write_json
from fedtranslate.federation.coordinator.worth import (
    CONTRIBUTION_FILE,
    Contribution,
    Worth,
    as_values,
)
from fedtranslate.federation.site.ledger import Departure, Ledger
from fedtranslate.report.page import render
from fedtranslate.report.reading import compile_lines, page_of_run, tables_of, traffic_of

SETTINGS = {
    "name": "tiny",
    "source": "java",
    "target": "csharp",
    "rounds": 3,
    "method": "fra",
    "lora": {"rank": 2, "alpha": 4.0, "rslora": False},
}


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """A run of two sites whose third round is evaluated last."""
    about = {"settings": SETTINGS, "base_fingerprint": "f00d", "data": {"ada": "1", "bob": "2"}}
    write_json(tmp_path / "run.json", about)
    write_json(tmp_path / "status.json", {"state": "completed", "reason": ""})
    for number, loss in enumerate((40.0, 20.0, 10.0, 12.0)):
        save_round(tmp_path, number, loss)
    for site in ("ada", "bob"):
        ledger = Ledger(tmp_path / "sites" / site / "ledger.jsonl")
        ledger.append(departure("introduction", 0))
        for number in (1, 2, 3):
            ledger.append(departure("update", number, tensors=2))
        ledger.append(departure("update", 4))
        ledger.append(replace(departure("update", 1, tensors=2), run="another"))
    return tmp_path


def save_round(folder: Path, number: int, loss: float) -> None:
    place = round_folder(folder, number)
    place.mkdir()
    replies = {s: {"pairs": 9, "weight": 9.0, "train_loss": loss / 20} for s in ("ada", "bob")}
    left_out = {"bob": "it is not connected"} if number == 2 else {}
    record = {
        "format": 1,
        "round": number,
        "checksum": "0" * 64,
        "replies": {k: v for k, v in replies.items() if number and k not in left_out},
        "left_out": left_out,
    }
    write_json(place / "round.json", record)
    scores = {"ada": asdict(Score(loss, 10)), "bob": asdict(Score(loss * 3, 10))}
    write_json(place / "evaluation.json", scores)


def departure(kind: str, number: int, tensors: int = 0) -> Departure:
    arrays = {f"adapter/{n}": {"shape": [2, 5], "bytes": 168} for n in range(tensors)}
    values = {"site": {"site": "ada", "round": number}, "numbers": {"pairs": 9}}
    return Departure("2026-01-01T00:00:00+00:00", "tiny", number, kind, arrays, values)


def test_curves_are_per_site_and_over_all(run_folder: Path) -> None:
    page = page_of_run(run_folder)
    assert [curve.name for curve in page.validation] == ["ada", "bob"]
    assert page.validation[0].points == ((0, 4.0), (1, 2.0), (2, 1.0), (3, 1.2))
    assert page.joint_validation is not None
    assert page.joint_validation.points[0] == (0, 8.0)
    assert page.best_round == 2
    assert [number for number, _ in page.training[1].points] == [1, 3]


def test_replies_that_did_not_count_are_told(run_folder: Path) -> None:
    (reply,) = page_of_run(run_folder).left_out
    assert (reply.round, reply.site, reply.reason) == (2, "bob", "it is not connected")


def test_traffic_is_that_of_this_run_only(run_folder: Path) -> None:
    ada, _ = page_of_run(run_folder).traffic
    assert (ada.messages, ada.tensors, ada.bytes) == (5, 6, 6 * 168)
    assert ada.by_round == ((0, 0), (1, 336), (2, 336), (3, 336), (4, 0))
    assert [sent.kind for sent in ada.sent] == ["introduction", "update"]
    assert ada.sent[1].values == ("pairs", "round", "site")


def test_ledgers_elsewhere_can_be_named(run_folder: Path) -> None:
    path = run_folder / "sites" / "bob" / "ledger.jsonl"
    assert [site.site for site in page_of_run(run_folder, ledgers={"b": path}).traffic] == ["b"]
    assert page_of_run(run_folder, ledgers={}).traffic == ()


@pytest.mark.parametrize(
    "about",
    [{"data": 3}, {"settings": [1]}, {"settings": None}, {"settings": {"rounds": "x"}}],
)
def test_a_damaged_file_of_the_run_is_named(run_folder: Path, about: dict[str, object]) -> None:
    path = run_folder / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | about))
    with pytest.raises(FederationError, match=r"run\.json is damaged"):
        page_of_run(run_folder)


def test_a_damaged_ledger_is_named(run_folder: Path) -> None:
    path = run_folder / "sites" / "bob" / "ledger.jsonl"
    path.write_text(path.read_text() + "{\n")
    with pytest.raises(FederationError, match=r"ledger\.jsonl:7 is damaged"):
        traffic_of({"bob": path}, "tiny")


def test_settings_are_told_in_full(run_folder: Path) -> None:
    told = dict(page_of_run(run_folder).settings)
    assert told["direction"] == "Java → C#"
    assert told["lora.rank"] == "2"
    assert told["lora.rslora"] == "no"
    assert told["base fingerprint"] == "f00d"
    assert told["method"] == "fra"


def test_what_replies_are_worth_is_on_the_page_with_its_error(run_folder: Path) -> None:
    assert page_of_run(run_folder).contribution is None
    assert "contribution" not in render(page_of_run(run_folder))
    worth = {"ada": Worth(0.0812, 0.004), "<b>": Worth(-0.01, None)}
    found = Contribution("shapley", ("ada",), {"bob": "why & so"}, 4, 0, 0.4, 0.5, worth)
    write_json(round_folder(run_folder, 3) / CONTRIBUTION_FILE, as_values(found))
    page = page_of_run(run_folder)
    assert page.contribution == (3, found)
    html = render(page)
    assert "<td>+0.0812</td><td>0.0040</td><td>0.0000</td>" in html
    assert "<td>-0.0100</td><td>\N{EN DASH}</td>" in html
    assert "&lt;b&gt;" in html
    assert "bob: why &amp; so" in html
    assert "These are estimates" in html


def test_that_values_are_of_too_few_orders_is_on_the_page(run_folder: Path) -> None:
    worth = {"ada": Worth(0.08, 0.004), "bob": Worth(0.01, 0.001)}
    for orders in (4, 5):
        found = Contribution("shapley", ("ada",), {}, 9, orders, 0.4, 0.5, worth)
        write_json(round_folder(run_folder, 3) / CONTRIBUTION_FILE, as_values(found))
        warns = "these are of 4 random orders only" in render(page_of_run(run_folder))
        assert warns == (orders == 4)


def test_that_it_is_unknown_what_replies_are_worth_is_on_the_page(run_folder: Path) -> None:
    found = Contribution("shapley", problem="1 sites evaluated all coalitions, but 2 are needed.")
    write_json(round_folder(run_folder, 3) / CONTRIBUTION_FILE, as_values(found))
    assert "is unknown: 1 sites evaluated" in render(page_of_run(run_folder))


def test_a_run_that_stopped_has_a_page_up_to_there(run_folder: Path) -> None:
    write_json(run_folder / "status.json", {"state": "failed", "reason": "Nobody came."})
    (round_folder(run_folder, 2) / "round.json").write_text("{")
    (round_folder(run_folder, 1) / "evaluation.json").unlink()
    page = page_of_run(run_folder)
    assert page.validation[0].points == ((0, 4.0),)
    assert page.best_round is None
    assert "Nobody came." in render(page)


def test_a_run_that_has_only_begun_has_a_page(run_folder: Path) -> None:
    for number in range(4):
        (round_folder(run_folder, number) / "round.json").unlink()
    assert page_of_run(run_folder, ledgers={}).validation == ()
    render(page_of_run(run_folder))


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FederationError, match=r"run\.json"):
        page_of_run(tmp_path)


def test_all_metrics_of_all_directions_have_tables(run_folder: Path) -> None:
    cells = example_run.cells() + example_run.cells(direction="csharp-java")
    tables = page_of_run(run_folder, cells=cells).tables
    assert [t.direction for t in tables] == ["java-csharp"] * 6 + ["csharp-java"] * 6
    assert tables[0].metric == "token_exact"
    assert tables_of([]) == ()


def test_compile_states_are_of_own_code_and_never_merged() -> None:
    lines = compile_lines(example_run.cells())
    local = [line for line in lines if line.row == "local"]
    assert [line.site for line in local] == ["", *example_run.SITES]
    assert local[0].units == 3 * 40
    assert len(local[0].counts) == 6
    for state, count in local[0].counts.items():
        assert count == sum(line.counts[state] for line in local[1:])


def test_nothing_compiled_gives_no_compile_table() -> None:
    assert compile_lines([replace(cell, compile=None) for cell in example_run.cells()]) == ()


def test_the_page_of_a_read_run_can_be_shown(run_folder: Path) -> None:
    text = render(page_of_run(run_folder, title="A run", cells=example_run.cells()))
    assert "A run" in text
