"""Runs as the page reads them: as they were written, and however they are damaged."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from example_place import NOW, example, put_round, put_run, write
from watching import look, only_run

from fedtranslate.adapters.factors import Factors
from fedtranslate.adapters.methods.method import Joint
from fedtranslate.adapters.store import Manifest
from fedtranslate.federation.coordinator import journal
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.federation.coordinator.roundfolder import save_round
from fedtranslate.status.documents import run_document
from fedtranslate.status.snapshot import Watched


def test_a_journal_is_read_as_it_is_written(place: CoordinatorPlace) -> None:
    written = journal.Journal(place.run("elm"), lambda: "2026-11-28T12:00:00+00:00")
    joint = {"layer": Factors(torch.zeros(2, 3), torch.zeros(3, 2), 2.0)}
    manifest = Manifest("builtin", "f", "java", "csharp", rank=2, alpha=4.0, run="elm")
    written.set_status("running")
    checksums = []
    for number in range(2):
        reply = {"pairs": 7, "weight": 7.0, "train_loss": 1.5, "bytes": 99}
        record = {"replies": {"alder": reply}, "left_out": {"birch": "late"}, "sent_bytes": 100}
        checksums.append(save_round(written.folder, number, Joint(joint), manifest, record))
        written.save_evaluation(number, {"alder": journal.Score(6.0 - number, 3)})
    written.tell("round", 1, "Round 1 joined the adapters of alder.", train_loss=1.5)
    watched = Watched(place)
    run = only_run(watched)
    assert (run.state, run.last_round, run.problems) == ("running", 1, ())
    assert run.losses == (2.0, 5 / 3)
    last = run.rounds[-1]
    assert (last.checksum, last.rank, last.sent_bytes) == (checksums[-1], 2, 100)
    assert last.replies["alder"].received_bytes == 99
    assert last.left_out == {"birch": "late"}
    (event,) = watched.events_after(0, 10)
    assert (event.kind, event.round, event.values) == ("round", 1, {"train_loss": 1.5})


def test_losses_are_those_of_the_result(place: CoordinatorPlace) -> None:
    put_run(place, "elm", 6, "completed")
    folder = place.run("elm")
    scores = [journal.read_evaluation(folder, number) or {} for number in range(7)]
    assert list(only_run(Watched(place)).losses) == pytest.approx(journal.mean_losses(scores))


def test_a_newest_round_that_nobody_evaluated_leaves_the_others_as_they_are(
    place: CoordinatorPlace,
) -> None:
    put_run(place, "elm", 2)
    losses = only_run(Watched(place)).losses
    assert losses[-1] is None
    assert None not in losses[:-1]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"[" * 100_000, b'{"a": 1' + b"0" * 9_000])
@pytest.mark.parametrize("name", ["run.json", "status.json", "order.json"])
def test_a_damaged_file_of_a_run_is_shown_as_such(
    place: CoordinatorPlace, name: str, content: bytes
) -> None:
    run = put_run(place, "elm", 1)
    (run / name).write_bytes(content)
    found = only_run(Watched(place))
    assert found.problems == (f"{name} is damaged.",)
    assert found.state == ("unknown" if name == "status.json" else "running")


DAMAGED = (b"{", b'{"worth": {"alder": {}}}', b'{"worth": {"alder": {"value": NaN}}}')


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_file_of_what_replies_are_worth_is_shown_as_such(
    place: CoordinatorPlace, content: bytes
) -> None:
    path = put_run(place, "elm", 2, "completed") / "round-00002" / "contribution.json"
    path.write_bytes(content)
    run = only_run(Watched(place))
    assert run.problems == ("Round 2: contribution.json is damaged.",)
    assert run.rounds[-1].weighing is None


def test_damaged_settings_of_a_run_are_not_told(place: CoordinatorPlace) -> None:
    run = put_run(place, "elm", 1)
    odd = {"method": "fra", "method_options": {"rate": "x", "beta1": 0.5}, "traffic": {"up": 5}}
    write(run / "run.json", {"settings": odd})
    found = only_run(Watched(place))
    assert (found.method, found.robust, found.formats) == ("fra (beta1 0.5)", "", "")


@pytest.mark.parametrize("name", ["round.json", "evaluation.json", "manifest.json"])
def test_a_damaged_round_is_shown_as_such_and_mends(place: CoordinatorPlace, name: str) -> None:
    path = put_run(place, "elm", 2, "completed") / "round-00001" / name
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    watched = Watched(place)
    assert only_run(watched).problems == (f"Round 1: {name} is damaged.",)
    path.write_bytes(whole)
    assert only_run(watched).problems == ()


@pytest.mark.parametrize(
    "record",
    [
        {"round": True, "checksum": "x"},
        {"round": 2, "checksum": "x"},
        {"round": 1, "checksum": 5},
        {},
    ],
)
def test_a_record_of_another_round_is_damaged(
    place: CoordinatorPlace, record: dict[str, Any]
) -> None:
    run = put_run(place, "elm", 1)
    write(run / "round-00001" / "round.json", record)
    (problem,) = only_run(Watched(place)).problems
    assert problem == "Round 1: round.json is not the record of round 1."


def test_values_that_are_no_values_are_left_out(place: CoordinatorPlace) -> None:
    run = put_run(place, "elm", 0)
    text = (
        '{"round": 1, "checksum": "c", "sent_bytes": -1,'
        ' "left_out": {"b": 7, "c\\ud800": "\\u202e"},'
        '"replies": {"a": {"pairs": 1e999, "weight": NaN, "train_loss": "x", "bytes": true},'
        ' "d": null}}'
    )
    put_round(run, 1)
    (run / "round-00001" / "round.json").write_text(text)
    write(run / "round-00001" / "evaluation.json", {"a": {"loss": 10**400, "tokens": 5}})
    watched = Watched(place)
    found = only_run(watched)
    last = found.rounds[-1]
    assert last.problem == "evaluation.json is damaged."
    assert last.left_out == {"b": "", "c[U+D800]": "[U+202E]"}
    told = last.replies["a"]
    assert (told.pairs, told.weight, told.train_loss, told.received_bytes) == (None,) * 4
    json.dumps(run_document(found, NOW, whole=True), allow_nan=False).encode()


def test_only_folders_with_a_name_are_runs(place: CoordinatorPlace) -> None:
    put_run(place, "elm", 0)
    for name in ("<script>", "..x", "a b", "-x", "x" * 65):
        put_run(place, name, 0)
    (place.runs / "a-file").write_text("")
    (place.runs / "a-link").symlink_to(place.run("elm"))
    assert [run.name for run in look(Watched(place)).runs] == ["elm"]


def test_a_round_behind_a_link_is_not_read(place: CoordinatorPlace, tmp_path: Path) -> None:
    run = put_run(place, "elm", 1)
    (run / "round-00001").rename(tmp_path / "elsewhere")
    (run / "round-00001").symlink_to(tmp_path / "elsewhere")
    assert only_run(Watched(place)).last_round == 0


def test_what_is_half_written_is_not_seen(place: CoordinatorPlace) -> None:
    run = put_run(place, "elm", 1)
    write(run / ".round-00002.abcd" / "round.json", {"round": 2})
    assert only_run(Watched(place)).last_round == 1


@pytest.mark.parametrize(
    ("wish", "state", "stops", "told"),
    [
        ("go on", None, False, "unknown"),
        ("stop", None, False, "stopped"),
        ("go on", "running", False, "running"),
        ("go on", "running", True, "stopping"),
        ("go on", "interrupted", False, "interrupted"),
        ("go on", "waiting", False, "waiting"),
        ("go on", "failed", True, "failed"),
        ("stop", "interrupted", False, "stopped"),
        ("stop", "completed", False, "completed"),
        ("nothing", "completed", False, "completed"),
        ("go on", "dancing", False, "unknown"),
    ],
)
def test_a_run_is_in_the_state_that_its_order_and_its_journal_say(
    place: CoordinatorPlace, wish: str, state: str | None, stops: bool, told: str
) -> None:
    run = put_run(place, "elm", 1)
    order = json.loads((run / "order.json").read_text())
    write(run / "order.json", order | {"wish": wish})
    if state is None:
        (run / "status.json").unlink()
    else:
        write(run / "status.json", {"state": state, "reason": "A reason."})
    if stops:
        (run / "stop-requested").touch()
    assert only_run(Watched(place)).state == told


def test_a_run_that_has_not_begun_is_ordered(place: CoordinatorPlace) -> None:
    run = put_run(place, "elm", 0)
    (run / "status.json").unlink()
    assert only_run(Watched(place)).state == "ordered"


def test_a_run_without_a_sign_of_life_is_silent(place: CoordinatorPlace) -> None:
    put_run(place, "elm", 1)
    found = only_run(Watched(place))
    assert not run_document(found, NOW, whole=False)["silent"]
    assert run_document(found, NOW + 7200, whole=False)["silent"]


def test_the_run_that_was_started_last_comes_first(tmp_path: Path) -> None:
    place = example(tmp_path)
    assert [run.name for run in look(Watched(place)).runs] == ["elm", "oak"]


def test_adapters_have_the_round_before_as_their_parent(place: CoordinatorPlace) -> None:
    put_run(place, "elm", 3)
    adapters = run_document(only_run(Watched(place)), NOW, whole=False)["adapters"]
    assert [one["parent"] for one in adapters[1:]] == [one["checksum"] for one in adapters[:-1]]
    assert adapters[0]["parent"] == ""
