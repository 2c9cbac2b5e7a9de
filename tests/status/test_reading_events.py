"""Events as the page reads them: half written, damaged, or ten thousand."""

import json
import time

import pytest
from example_place import at, put_run, tell
from watching import look, only_run

from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.status.snapshot import Watched


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
