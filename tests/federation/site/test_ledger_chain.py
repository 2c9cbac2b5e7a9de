"""The ledger's chain: nothing in it can be changed unnoticed, and appending stays cheap."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from fedtranslate.errors import FederationError
from fedtranslate.federation.site.ledger import Departure, Ledger, _hash_of

ENTRY = Departure("2026-01-01T00:00:00+00:00", "run", 1, "update", {}, {"pairs": 3}, policy="p1")
OLD = {
    "time": "2026-01-01T00:00:00+00:00",
    "run": "old",
    "round": 0,
    "kind": "introduction",
    "arrays": {},
    "values": {},
    "checksum": "",
}


def ledger(folder: Path, entries: int, old: int = 0) -> Path:
    path = folder / "ledger.jsonl"
    path.write_text("".join(json.dumps(OLD) + "\n" for _ in range(old)))
    for _ in range(entries):
        Ledger(path).append(ENTRY)
    return path


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines(keepends=True)


def test_a_ledger_that_nobody_touched_is_in_order(tmp_path: Path) -> None:
    found = Ledger(ledger(tmp_path, 5)).verify()
    assert (found.entries, found.unchained, found.problem) == (5, 0, "")
    assert found.last == list(Ledger(tmp_path / "ledger.jsonl").entries())[-1].hash


def test_a_ledger_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert Ledger(tmp_path / "none").verify().entries == 0


def test_entries_of_older_versions_stay_readable_and_are_tied_in_with_the_first_new_one(
    tmp_path: Path,
) -> None:
    path = ledger(tmp_path, 3, old=2)
    assert [entry.run for entry in Ledger(path).entries()] == ["old", "old", "run", "run", "run"]
    found = Ledger(path).verify()
    assert (found.entries, found.unchained, found.problem) == (5, 2, "")
    path.write_text(path.read_text().replace('"old"', '"new"', 1))
    assert "ledger.jsonl:3 does not follow" in Ledger(path).verify().problem


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (lambda x: [x[0], x[1].replace('"pairs": 3', '"pairs": 4'), *x[2:]], 2, "was changed"),
        (lambda x: [x[0], x[1].replace('"p1"', '"p2"'), *x[2:]], 2, "was changed"),
        (lambda x: [x[0], *x[2:]], 2, "does not follow"),
        (lambda x: [x[0], x[2], x[1], *x[3:]], 2, "does not follow"),
        (lambda x: [x[0], x[0], *x[1:]], 2, "does not follow"),
        (lambda x: x[1:], 1, "does not follow"),
        (lambda x: [*x[:2], "{half\n", *x[2:]], 3, "is damaged"),
        (lambda x: [*x[:2], json.dumps(OLD) + "\n", *x[2:]], 3, "has lost its hash"),
        (lambda x: [*x[:3], "[]\n"], 4, "is damaged"),
    ],
)
def test_the_first_bad_line_is_named(tmp_path: Path, change: object, line: int, words: str) -> None:
    path = ledger(tmp_path, 4)
    path.write_text("".join(change(lines(path))))  # type: ignore[operator]
    found = Ledger(path).verify()
    assert f"ledger.jsonl:{line} {words}" in found.problem
    assert found.entries == line - 1


def test_a_torn_entry_never_left_and_does_not_break_the_chain(tmp_path: Path) -> None:
    path = ledger(tmp_path, 2)
    with path.open("ab") as file:
        file.write(path.read_bytes()[:50])
    assert Ledger(path).verify().entries == 2
    Ledger(path).append(ENTRY)
    assert (Ledger(path).verify().entries, Ledger(path).verify().problem) == (3, "")


@pytest.mark.parametrize("left", [0, 1, 3, 3.5, None])
def test_entries_that_were_cut_off_are_missed(tmp_path: Path, left: float | None) -> None:
    path = ledger(tmp_path, 4)
    kept = lines(path)
    if left is None:
        path.unlink()
    else:
        path.write_text("".join(kept[: int(left)]) + ("{half" if left % 1 else ""))
    assert "entries were cut off" in Ledger(path).verify().problem
    with pytest.raises(FederationError, match="entries were cut off"):
        list(Ledger(path).entries())
    with pytest.raises(FederationError, match=r"entries were cut off.*move it and ledger\.head"):
        Ledger(path).append(ENTRY)
    path.unlink(missing_ok=True)
    path.with_suffix(".head").unlink()
    Ledger(path).append(ENTRY)
    assert Ledger(path).verify().entries == 1


@pytest.mark.parametrize("left", [1, 2])
def test_a_ledger_without_its_head_is_told_and_left_as_it_is(tmp_path: Path, left: int) -> None:
    path = ledger(tmp_path, 4)
    path.write_text("".join(lines(path)[:left]))
    path.with_suffix(".head").unlink()
    assert "no head" in Ledger(path).verify().problem
    before = path.read_bytes()
    with pytest.raises(FederationError, match="no head"):
        Ledger(path).append(ENTRY)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", "[" * 100_000, '{"end": Infinity, "hash": ""}', '{"end": "x", "hash": ""}'],
)
def test_a_damaged_head_is_named(tmp_path: Path, content: str) -> None:
    path = ledger(tmp_path, 2)
    path.with_suffix(".head").write_text(content)
    assert "ledger.head is damaged." in Ledger(path).verify().problem
    with pytest.raises(FederationError, match=r"ledger\.head is damaged"):
        Ledger(path).append(ENTRY)


def test_a_head_from_the_beginning_stands_for_one_entry_at_most(tmp_path: Path) -> None:
    path = ledger(tmp_path, 2)
    path.with_suffix(".head").write_text('{"end": 0, "hash": ""}')
    assert "entries were cut off" in Ledger(path).verify().problem
    with pytest.raises(FederationError, match="entries were cut off"):
        Ledger(path).append(ENTRY)
    path.write_text(lines(path)[0])
    assert Ledger(path).verify().problem == ""


def test_nothing_is_added_where_other_entries_stand_in_the_place_of_those_cut_off(
    tmp_path: Path,
) -> None:
    path = ledger(tmp_path, 4)
    before = json.loads(lines(path)[1])["hash"]
    forged = replace(ENTRY, note="x" * 5000, previous=before)
    forged = replace(forged, hash=_hash_of(forged))
    path.write_text("".join(lines(path)[:2]) + json.dumps(asdict(forged), sort_keys=True) + "\n")
    with pytest.raises(FederationError, match="entries were cut off"):
        Ledger(path).append(ENTRY)


def test_an_entry_that_is_newer_than_the_head_is_kept(tmp_path: Path) -> None:
    path = ledger(tmp_path, 1)
    head = path.with_suffix(".head").read_bytes()
    Ledger(path).append(ENTRY)
    path.with_suffix(".head").write_bytes(head)  # as if killed before the head was written
    assert Ledger(path).verify().problem == ""
    Ledger(path).append(ENTRY)
    assert (Ledger(path).verify().entries, Ledger(path).verify().problem) == (3, "")


def test_nothing_is_added_behind_a_damaged_last_line(tmp_path: Path) -> None:
    path = ledger(tmp_path, 1)
    with path.open("a") as file:
        file.write("{half\n")
    before = path.read_bytes()
    with pytest.raises(FederationError, match=r"last line of .*is damaged"):
        Ledger(path).append(ENTRY)
    assert path.read_bytes() == before


def test_appending_to_a_long_ledger_reads_only_its_end(tmp_path: Path) -> None:
    path = ledger(tmp_path, 1)
    last = path.read_bytes()
    with path.open("r+b") as file:
        file.truncate(2 * 2**30)  # a hole of 2 GiB, which would take seconds to read
        file.seek(0, os.SEEK_END)
        file.write(b"\n" + last)
    head = {"end": path.stat().st_size, "hash": json.loads(last)["hash"]}
    path.with_suffix(".head").write_text(json.dumps(head))
    start = time.perf_counter()
    Ledger(path).append(ENTRY)
    assert time.perf_counter() - start < 0.5
    with path.open("rb") as file:
        file.seek(-4096, os.SEEK_END)
        tail = file.read().splitlines()
    assert json.loads(tail[-1])["previous"] == json.loads(last)["hash"]


def _append_many(path: Path) -> None:
    for _ in range(20):
        Ledger(path).append(ENTRY)


def test_processes_that_append_at_once_make_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_append_many, args=(path,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    found = Ledger(path).verify()
    assert (found.entries, found.problem) == (40, "")


def test_a_killed_process_leaves_a_ledger_that_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    program = (
        "from pathlib import Path\n"
        "from fedtranslate.federation.site.ledger import Departure, Ledger\n"
        f"ledger = Ledger(Path({str(path)!r}))\n"
        "while True: ledger.append(Departure('t', 'r', 1, 'update', {}, {'n': 'x' * 20000}))\n"
    )
    for _ in range(3):
        writer = subprocess.Popen([sys.executable, "-c", program])
        before = path.stat().st_size if path.exists() else 0
        while not path.exists() or path.stat().st_size <= before:
            time.sleep(0.01)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    Ledger(path).append(ENTRY)
    assert Ledger(path).verify().problem == ""
