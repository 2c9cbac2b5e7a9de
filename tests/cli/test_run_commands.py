"""``fedtranslate federate status | logs``: what they tell of a run, read from its folder."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fedtranslate.cli import main
from fedtranslate.config.federation import RunSettings
from fedtranslate.config.traffic import TrafficSettings
from fedtranslate.federation.coordinator.journal import Journal, Score, round_folder, write_json
from fedtranslate.federation.coordinator.orders import Order, write_order
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.federation.coordinator.worth import (
    CONTRIBUTION_FILE,
    Contribution,
    Worth,
    as_values,
)

SETTINGS = RunSettings(name="cairn", source="java", target="csharp", rounds=3)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["federate", *words])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a run in which ada weighs more and more."""
    place = CoordinatorPlace(tmp_path / "hub")
    monkeypatch.setenv("FEDTRANSLATE_COORDINATOR", str(place.root))
    place.root.mkdir()
    place.settings.touch()
    folder = place.run("cairn")
    write_order(folder, Order(SETTINGS, ("ada", "bob", "eve"), started=100))
    journal = Journal(folder, lambda: "now")
    journal.set_status("running")
    for number, weight in ((1, 10.0), (2, 20.0), (3, 60.0)):
        weights = {"ada": weight, "bob": 10.0, "eve": 10.0}
        record = {"replies": {name: {"weight": each} for name, each in weights.items()}}
        whole = {"format": 1, "round": number, "checksum": "c" * 64, **record}
        round_folder(folder, number).mkdir()
        write_json(round_folder(folder, number) / "round.json", whole)
        journal.save_evaluation(number, {"ada": Score(4.0, 8)})
    return folder


def test_status_names_a_site_that_has_most_of_the_weight(folder: Path) -> None:
    assert folder.exists()
    _, _, first, second, third = run("status").stdout.splitlines()
    assert first == "  round   1: validation loss 0.5000"
    assert second == "  round   2: validation loss 0.5000"
    assert third == "  round   3: validation loss 0.5000, ada has 75.0% of the weight"
    document = json.loads(run("status", "--json").stdout)
    assert document["dominant"] == [{"round": 3, "site": "ada", "share": 0.75}]


def test_status_tells_method_rule_and_formats_and_the_bytes_of_rounds(folder: Path) -> None:
    plain = "  Method fra, no robust rule; numbers travel as float32 both ways."
    assert run("status").stdout.splitlines()[1] == plain
    traffic = TrafficSettings(up="int4", down="int8", top_k=0.25)
    other = {"method": "fra-then-ffa", "method_options": {"fra_rounds": 2.0}, "robust": "median"}
    settings = SETTINGS.model_copy(update={**other, "traffic": traffic})
    write_order(folder, Order(settings, ("ada", "bob", "eve"), started=100))
    replies = {name: {"weight": 1.0, "bytes": 600_000} for name in ("ada", "bob")}
    record = {"format": 1, "round": 2, "checksum": "c" * 64, "replies": replies}
    write_json(round_folder(folder, 2) / "round.json", {**record, "sent_bytes": 2_500})
    _, told, first, second, _ = run("status").stdout.splitlines()
    assert told == (
        "  Method fra-then-ffa (fra_rounds 2), rule median; numbers travel as int4 up, the largest"
        " 25% of the entries, int8 down."
    )
    assert first == "  round   1: validation loss 0.5000"
    assert second == "  round   2: validation loss 0.5000, 1.2 MB up, 2.5 kB down"
    document = json.loads(run("status", "--json").stdout)
    assert {key: document[key] for key in other} == other
    assert document["traffic"] == {"up": "int4", "down": "int8", "top_k": 0.25}
    assert document["bytes"] == [{"round": 2, "up": 1_200_000, "down": 2_500}]


WORTH = Contribution(
    "shapley",
    ("ada", "bob"),
    {"eve": "its policy refuses: 'trials'"},
    coalitions=64,
    orders=9,
    everyone=0.4,
    nobody=0.5,
    worth={"ada": Worth(0.0812, 0.004), "bob": Worth(-0.01, None)},
)


@pytest.mark.parametrize("command", ["status", "history"])
def test_status_and_history_tell_what_replies_are_worth_with_a_warning(
    folder: Path, command: str
) -> None:
    write_json(round_folder(folder, 3) / CONTRIBUTION_FILE, as_values(WORTH))
    lines = run(command).stdout.splitlines()
    at = next(n for n, line in enumerate(lines) if "What each reply is worth" in line)
    assert lines[at].endswith(
        "Shapley values estimated from 9 random orders, 64 coalitions tried at 2 sites."
    )
    assert lines[at + 1 : at + 3] == ["    ada: +0.0812 ± 0.0040", "    bob: -0.0100 ± ?"]
    assert "These are estimates" in lines[at + 3]
    document = json.loads(run(command, "--json").stdout)
    told = (document[0] if command == "history" else document)["contribution"]
    assert told["round"] == 3
    assert told["worth"]["ada"] == {"value": 0.0812, "error": 0.004, "sampling_error": 0.0}
    assert "These are estimates" in told["warning"]


def test_status_warns_of_values_from_too_few_orders(folder: Path) -> None:
    for orders, warns in ((0, False), (1, True), (4, True), (5, False)):
        found = replace(WORTH, orders=orders)
        write_json(round_folder(folder, 3) / CONTRIBUTION_FILE, as_values(found))
        told = run("status").stdout
        assert ("cannot be relied on; coalitions = 7 would have been enough." in told) == warns
        assert (f"of {orders} random order" in found.caution()) == warns
        document = json.loads(run("status", "--json").stdout)
        assert document["contribution"]["caution"] == found.caution()


def test_a_run_that_did_not_ask_tells_no_worth(folder: Path) -> None:
    assert folder.exists()
    assert "worth" not in run("status").stdout + run("history").stdout
    assert json.loads(run("status", "--json").stdout)["contribution"] is None


def test_what_is_damaged_in_a_run_is_told(folder: Path) -> None:
    for name in ("run.json", "offers.json"):
        (folder / name).write_text('{"release": 5}' if name == "offers.json" else "{")
    first, *_, run_file, offers = run("status").stdout.splitlines()
    assert first == "cairn: running, round 3 of 3, 3 sites."
    assert run_file.endswith("run.json cannot be read: JSONDecodeError.")
    assert "offers.json is damaged, so sites that were away are not offered" in offers
    assert len(json.loads(run("status", "--json").stdout)["problems"]) == 2


@pytest.mark.parametrize("content", [None, "{"])
def test_a_run_whose_status_is_gone_is_not_told_as_ordered(
    folder: Path, content: str | None
) -> None:
    (folder / "status.json").unlink()
    if content is not None:
        (folder / "status.json").write_text(content)
    (line,) = run("history").stdout.splitlines()
    assert line.startswith("cairn: unknown, round 3 of 3, 3 sites.")
    assert line.endswith("'fedtranslate federate resume cairn' lets the run go on.")


@pytest.mark.parametrize("content", [None, "{", '{"settings": {}}'])
def test_a_run_whose_order_is_damaged_does_not_vanish(folder: Path, content: str | None) -> None:
    write_json(folder / "run.json", {"format": 1})
    (folder / "order.json").unlink()
    if content is not None:
        (folder / "order.json").write_text(content)
    (line,) = run("history").stdout.splitlines()
    assert line.startswith("cairn: unknown, round 3.")
    assert "order.json" in line
    for words in (("status",), ("status", "cairn")):
        told = run(*words)
        assert told.exit_code == 2
        assert "delete it and start the run anew" in " ".join(told.stderr.split())
    assert run("logs", "cairn").exit_code == 0


def test_a_damaged_round_does_not_hinder_status(folder: Path) -> None:
    (round_folder(folder, 3) / "round.json").write_text("{")
    assert "weight" not in run("status").stdout


def test_whoever_follows_a_run_is_told_that_a_silent_one_is_at_work(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = 0.0

    def pause(length: float) -> None:
        nonlocal seconds
        seconds += length
        if seconds == 150.0:
            Journal(folder, lambda: "then").set_status("completed")

    monkeypatch.setattr("time.sleep", pause)
    monkeypatch.setattr("time.monotonic", lambda: seconds)
    said = run("status", "cairn", "--follow")
    assert said.exit_code == 0
    assert said.stderr.splitlines() == ["cairn is running; nothing new for a minute."] * 2
