"""What the page reads of a coordinator's folder: as it grows, and however it is damaged."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from example_place import (
    NOW,
    SITES,
    at,
    example,
    member,
    put_release,
    put_round,
    put_run,
    put_sites,
    tell,
    write,
)

from fedtranslate.adapters.factors import Factors
from fedtranslate.adapters.releases import folder, store
from fedtranslate.adapters.releases.publishing import publish
from fedtranslate.adapters.releases.release import About, Contribution
from fedtranslate.adapters.releases.signing import load_signing_key, new_signing_key
from fedtranslate.adapters.store import Manifest
from fedtranslate.config.files import write_secret
from fedtranslate.federation.coordinator import journal, orders
from fedtranslate.federation.coordinator.journal import mean_losses
from fedtranslate.federation.coordinator.members import Members
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.federation.coordinator.roundfolder import save_round
from fedtranslate.federation.membership.requests import State
from fedtranslate.status import files, releases
from fedtranslate.status.documents import run_document, snapshot_document
from fedtranslate.status.snapshot import Watched
from fedtranslate.status.views import Run, Snapshot

LOADED = """
import sys
import fedtranslate.status.serving
print(*sorted(name.split(".")[0] for name in sys.modules if "." not in name))
print(*sorted(name.split(".")[1] for name in sys.modules if name.startswith("fedtranslate.")))
"""


def look(watched: Watched) -> Snapshot:
    return watched.look(NOW)[1]


def only_run(watched: Watched) -> Run:
    (run,) = look(watched).runs
    return run


@pytest.fixture
def place(tmp_path: Path) -> CoordinatorPlace:
    return CoordinatorPlace(tmp_path)


def test_names_are_those_of_the_journal_and_the_orders() -> None:
    assert files.EVENTS_FILE == journal.EVENTS_FILE
    assert files.RUN_FILE == journal.RUN_FILE
    assert files.STATUS_FILE == journal.STATUS_FILE
    assert files.ORDER_FILE == orders.ORDER_FILE
    assert files.STOP_FILE == orders.STOP_FILE


def test_a_journal_is_read_as_it_is_written(place: CoordinatorPlace) -> None:
    written = journal.Journal(place.run("elm"), lambda: "2026-11-28T12:00:00+00:00")
    joint = {"layer": Factors(torch.zeros(2, 3), torch.zeros(3, 2), 2.0)}
    manifest = Manifest("builtin", "f", "java", "csharp", rank=2, alpha=4.0, run="elm")
    written.set_status("running")
    checksums = []
    for number in range(2):
        reply = {"pairs": 7, "weight": 7.0, "train_loss": 1.5, "bytes": 99}
        record = {"replies": {"alder": reply}, "left_out": {"birch": "late"}, "sent_bytes": 100}
        checksums.append(save_round(written.folder, number, joint, manifest, record))
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
    assert list(only_run(Watched(place)).losses) == pytest.approx(mean_losses(scores))


def test_a_newest_round_that_nobody_evaluated_leaves_the_others_as_they_are(
    place: CoordinatorPlace,
) -> None:
    put_run(place, "elm", 2)
    losses = only_run(Watched(place)).losses
    assert losses[-1] is None
    assert None not in losses[:-1]


def test_an_empty_folder_is_a_coordinator_without_anything(place: CoordinatorPlace) -> None:
    found = look(Watched(place))
    assert (found.sites, found.runs, found.releases) == ((), (), ())
    assert found.problems == ("coordinator.toml is missing or wrong.",)
    assert not place.members.exists()


def test_half_a_line_is_told_when_it_is_whole(place: CoordinatorPlace) -> None:
    run = put_run(place, "elm", 0)
    watched = Watched(place)
    before = look(watched).last_event
    line = json.dumps({"kind": "round", "round": 1, "text": "Joined.", "values": {}, "time": at(1)})
    with (run / "events.jsonl").open("a") as file:
        file.write(line[:20])
        file.flush()
        assert look(watched).last_event == before
        file.write(line[20:] + "\n")
    assert look(watched).last_event == before + 1
    (event,) = watched.events_after(before, 10)
    assert event.text == "Joined."


def test_a_journal_that_began_anew_is_read_from_its_start(place: CoordinatorPlace) -> None:
    run = put_run(place, "elm", 3)
    watched = Watched(place)
    before = look(watched).last_event
    (run / "events.jsonl").write_text("")
    tell(run, "started", 0, "Anew.")
    assert look(watched).last_event == before + 1


@pytest.mark.parametrize("line", [b"{", b"[]", b"\xff\xfe", b"[" * 50_000, b"null", b"x" * 100_000])
def test_a_line_that_cannot_be_read_is_told_as_such(place: CoordinatorPlace, line: bytes) -> None:
    run = put_run(place, "elm", 0)
    with (run / "events.jsonl").open("ab") as file:
        file.write(line + b"\n")
    tell(run, "round", 1, "The next.")
    watched = Watched(place)
    look(watched)
    newest, damaged, first = watched.events_before(10**9, 10)
    assert (newest.text, damaged.kind, first.kind) == ("The next.", "damaged", "started")


def test_of_a_huge_journal_the_start_and_the_end_are_told(place: CoordinatorPlace) -> None:
    run = put_run(place, "elm", 0)
    with (run / "events.jsonl").open("ab") as file:
        file.seek(200 * 2**20)
        file.write(b"\n")
    tell(run, "round", 1, "The newest.", at(5))
    watched = Watched(place)
    began = time.monotonic()
    found = only_run(watched)
    assert time.monotonic() - began < 5
    assert found.first == at(-120)
    assert watched.events_before(10**9, 1)[0].text == "The newest."


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
        ("go on", None, False, "ordered"),
        ("go on", "running", False, "running"),
        ("go on", "running", True, "stopping"),
        ("go on", "interrupted", False, "interrupted"),
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


def test_sites_are_those_of_the_register_and_of_runs(place: CoordinatorPlace) -> None:
    with Members(place.members) as register:
        register.invite("dogwood", "0" * 64, NOW + 60, NOW)
    put_sites(place, member("alder"), member("birch", State.REVOKED, ended=NOW))
    put_run(place, "elm", 1)
    watched = Watched(place)
    states = {site.name: site.state for site in look(watched).sites}
    assert states == {
        "alder": "approved",
        "birch": "revoked",
        "cedar": "unknown",
        "dogwood": "invited",
    }
    (event,) = [one for one in watched.events_after(0, 99) if one.site]
    assert (event.site, event.kind, event.time) == ("dogwood", "invited", at(0))
    put_sites(place, member("cedar", State.PENDING))
    assert {site.name: site.state for site in look(watched).sites}["cedar"] == "pending"
    assert len([one for one in watched.events_after(0, 99) if one.site]) == 1


def test_a_register_that_is_none_breaks_nothing(place: CoordinatorPlace) -> None:
    put_run(place, "elm", 1)
    place.members.write_bytes(b"no database at all" * 100)
    found = look(Watched(place))
    assert any("register" in problem for problem in found.problems)
    assert [site.name for site in found.sites] == list(SITES)


def test_who_is_connected_is_believed_for_a_minute(place: CoordinatorPlace) -> None:
    put_run(place, "elm", 1)
    watched = Watched(place)
    assert {site.online for site in look(watched).sites} == {None}
    write(place.state / "online.json", {"time": NOW - 5, "sites": ["alder"]})
    assert [site.online for site in look(watched).sites] == [True, False, False]
    write(place.state / "online.json", {"time": NOW - 500, "sites": ["alder"]})
    assert {site.online for site in look(watched).sites} == {None}


def test_releases_tell_their_parents_and_which_is_in_use(tmp_path: Path) -> None:
    place = example(tmp_path)
    ledger = [
        {"release": "0123456789abcdef", "kind": "published"},
        {"release": "0123456789abcdef", "kind": "withdrawn"},
    ]
    lines = "".join(json.dumps(entry) + "\n" for entry in ledger)
    (place.releases / "ledger.jsonl").write_text(lines + "damaged\n")
    put_release(place, "00000000deadbeef", None)
    (place.releases / "releases" / "00000000deadbeef" / "release.json").write_text("{")
    (place.releases / "releases" / "..").mkdir(exist_ok=True)
    newest, oldest, damaged = look(Watched(place)).releases
    assert (newest.id, newest.is_in_use, newest.parent) == (
        "fedcba9876543210",
        True,
        "0123456789abcdef",
    )
    assert (newest.loss, newest.direction, newest.sites) == (1.5, "java to csharp", 1)
    assert (oldest.is_in_use, oldest.last) == (False, "withdrawn")
    assert damaged.problem == "release.json is damaged."


def test_names_are_those_of_the_store() -> None:
    assert releases.LEDGER_FILE == store.LEDGER_FILE
    assert releases.CURRENT_FILE == store.CURRENT_FILE
    assert releases.RELEASES == store.RELEASES
    assert releases.RELEASE_FILE == folder.RELEASE_FILE


def test_a_store_is_read_as_it_is_written(place: CoordinatorPlace) -> None:
    write_secret(place.signing_key, new_signing_key())
    key = load_signing_key(place.signing_key)
    kept = store.ReleaseStore(place.releases, owner=key)
    made = []
    for number in range(2):
        factors = {"layer": Factors(torch.ones(2, 3) * number, torch.ones(3, 2), 2.0)}
        manifest = Manifest(
            "builtin", "f", "java", "csharp", rank=2, alpha=4.0, run="elm", round=number
        )
        part = Contribution(site="0123456789ab", weight=1.0)
        about = About("grove", "fra", [part], validation=[3.0, 2.0])
        made.append(publish(kept, factors, manifest, about, key, now=at(number)))
        kept.promote(made[-1].id, now=at(number))
    newest, oldest = look(Watched(place)).releases
    assert [oldest.id, newest.id] == [release.id for release in made]
    assert (newest.parent, oldest.parent) == (oldest.id, "")
    assert (newest.is_in_use, oldest.is_in_use) == (True, False)
    assert (newest.run, newest.round, newest.loss, newest.sites) == ("elm", 1, 2.0, 1)
    assert (newest.last, newest.rank, newest.problem) == ("promoted", 2, "")


def test_nothing_changes_between_two_looks_at_the_same(tmp_path: Path) -> None:
    watched = Watched(example(tmp_path))
    assert watched.look(NOW) == watched.look(NOW)
    put_round(tmp_path / "runs" / "elm", 4)
    assert watched.look(NOW)[0] == 2


def test_without_the_token_texts_are_brief(place: CoordinatorPlace) -> None:
    reason = "No route to 10.1.2.3:9443. Ask eve@acme.example."
    put_run(place, "elm", 1, "failed", reason=reason)
    watched = Watched(place)
    found = look(watched)
    events = watched.events_before(10**9, 10)
    whole, part = (
        json.dumps(snapshot_document(found, events, NOW, start="s", whole=whole))
        for whole in (True, False)
    )
    assert whole.count("10.1.2.3") == 2
    assert "10.1.2.3" not in part
    assert "eve@" not in part
    assert "No route to" in part


def test_a_page_of_ten_thousand_events_and_five_hundred_rounds_is_read_in_milliseconds(
    place: CoordinatorPlace,
) -> None:
    run = put_run(place, "elm", 500, of=500)
    with (run / "events.jsonl").open("a") as file:
        for number in range(10_000):
            event = {"kind": "round", "round": number, "text": "Joined.", "values": {}}
            file.write(json.dumps(event | {"time": at(0)}) + "\n")
    watched = Watched(place)
    now = time.time() + 10
    began = time.monotonic()
    watched.look(now)
    first = time.monotonic() - began
    times = []
    for number in range(5):
        tell(run, "round", number, "One more.")
        began = time.monotonic()
        watched.look(now)
        times.append(time.monotonic() - began)
    assert first < 5
    assert min(times) < 0.1


def test_the_page_loads_neither_arithmetic_nor_what_can_hold_code() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    )
    packages, rooms = (set(line.split()) for line in done.stdout.splitlines())
    assert "fastapi" in packages
    assert not packages & {"torch", "flwr", "numpy", "transformers"}
    assert "status" in rooms
    assert not rooms & {"corpus", "languages", "prompts", "records", "evaluation", "adapters"}
