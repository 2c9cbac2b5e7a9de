"""The ledger: a chain in which nothing can be changed, left out, moved or doubled unseen."""

import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from example_releases import KEY, NOW, OTHER_KEY
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.adapters.releases.ledger import Kind, Ledger, Scalar
from fedtranslate.errors import AdapterError

COUNT = 5


def ledger_in(folder: Path, count: int = COUNT, *, signed: bool = False) -> Ledger:
    ledger = Ledger(folder / "ledger.jsonl", owner=KEY if signed else None)
    for number in range(count):
        kind = list(Kind)[number % len(Kind)]
        ledger.append(kind, f"{number:016x}", {"note": f"the {number}th", "loss": 0.5}, now=NOW)
    return ledger


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """The bytes of a ledger and of its head."""
    folder = tmp_path_factory.mktemp("ledger")
    ledger_in(folder)
    return (folder / "ledger.jsonl").read_bytes(), (folder / "ledger.head").read_bytes()


def complaint_of(content: bytes, head: bytes) -> str:
    """Return what is said of a ledger of these bytes; empty if nothing is wrong."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "ledger.jsonl"
        path.write_bytes(content)
        path.with_suffix(".head").write_bytes(head)
        try:
            Ledger(path).verify()
        except AdapterError as error:
            return str(error)
        return ""


def test_what_is_appended_comes_back_in_order(tmp_path: Path) -> None:
    ledger = ledger_in(tmp_path)
    entries = ledger.entries()
    assert ledger.verify() == COUNT
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5]
    assert [entry.kind for entry in entries] == list(Kind)[:COUNT]
    assert entries[3].values == {"note": "the 3th", "loss": 0.5}
    assert [entry.previous for entry in entries[1:]] == [entry.hash for entry in entries[:-1]]


def test_a_ledger_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert Ledger(tmp_path / "ledger.jsonl").entries() == ()


SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=20)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(values=st.dictionaries(st.sampled_from("abcdef"), SCALARS | NUMBERS, max_size=6))
def test_values_of_every_kind_come_back_with_their_types(values: dict[str, Scalar]) -> None:
    with tempfile.TemporaryDirectory() as name:
        ledger = Ledger(Path(name) / "ledger.jsonl", owner=KEY)
        ledger.append(Kind.DECLINED, "0" * 16, values, now=NOW)
        (entry,) = ledger.entries(KEY.public_key())
    assert entry.values == values
    assert {n: type(v) for n, v in entry.values.items()} == {n: type(v) for n, v in values.items()}


@given(place=st.integers(0), byte=st.integers(1, 255))
def test_a_flipped_byte_is_seen(files: tuple[bytes, bytes], place: int, byte: int) -> None:
    for which in (0, 1):
        changed = list(files)
        content = bytearray(files[which])
        content[place % len(content)] ^= byte
        changed[which] = bytes(content)
        assert complaint_of(*changed)


@given(place=st.integers(0))
def test_a_ledger_that_was_cut_anywhere_is_seen(files: tuple[bytes, bytes], place: int) -> None:
    content, head = files
    assert complaint_of(content[: place % len(content)], head)


@given(numbers=st.lists(st.integers(0, COUNT - 1), max_size=7))
def test_entries_left_out_moved_or_doubled_are_seen_and_the_first_is_named(
    files: tuple[bytes, bytes], numbers: list[int]
) -> None:
    content, head = files
    lines = content.splitlines(keepends=True)
    complaint = complaint_of(b"".join(lines[number] for number in numbers), head)
    right = 0
    while right < len(numbers) and numbers[right] == right:
        right += 1
    if numbers == list(range(COUNT)):
        assert complaint == ""
    else:
        assert f"entry {right + 1} " in complaint or f"before entry {right + 1}," in complaint


def test_entries_of_another_ledger_do_not_fit(files: tuple[bytes, bytes], tmp_path: Path) -> None:
    other = Ledger(tmp_path / "ledger.jsonl")
    for number in range(COUNT):
        other.append(Kind.OFFERED, f"{number + 9:016x}", {}, now=NOW)
    lines = files[0].splitlines(keepends=True)
    foreign = (tmp_path / "ledger.jsonl").read_bytes().splitlines(keepends=True)
    mixed = b"".join([*lines[:2], foreign[2], *lines[3:]])
    assert "entry 3 does not follow the entry before it" in complaint_of(mixed, files[1])


def test_without_its_head_a_ledger_of_several_entries_is_refused(tmp_path: Path) -> None:
    ledger = ledger_in(tmp_path)
    (tmp_path / "ledger.head").unlink()
    with pytest.raises(AdapterError, match=r"ledger\.head is missing"):
        ledger.verify()


def test_what_a_crash_leaves_is_no_damage(tmp_path: Path) -> None:
    # Killed within the first entry, before the head of the first, within and after the last.
    ledger = ledger_in(tmp_path, 1)
    whole = (tmp_path / "ledger.jsonl").read_bytes()
    (tmp_path / "ledger.head").unlink()
    assert ledger.verify() == 1
    (tmp_path / "ledger.jsonl").write_bytes(whole[:40])
    assert ledger.verify() == 0
    (tmp_path / "ledger.jsonl").write_bytes(whole)
    ledger.append(Kind.PROMOTED, "0" * 16, {}, now=NOW)
    head = (tmp_path / "ledger.head").read_bytes()
    ledger.append(Kind.WITHDRAWN, "0" * 16, {}, now=NOW)
    (tmp_path / "ledger.head").write_bytes(head)
    assert ledger.verify() == 3
    with (tmp_path / "ledger.jsonl").open("ab") as file:
        file.write(b'{"hash":"torn')
    assert ledger.verify() == 3
    ledger.append(Kind.DECLINED, "0" * 16, {}, now=NOW)
    assert [entry.number for entry in ledger.entries()] == [1, 2, 3, 4]


def test_a_full_disk_leaves_the_ledger_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = ledger_in(tmp_path)
    before = (tmp_path / "ledger.jsonl").read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("fedtranslate.adapters.releases.ledger.os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            ledger.append(Kind.PROMOTED, "0" * 16, {}, now=NOW)
    assert (tmp_path / "ledger.jsonl").read_bytes() == before
    assert ledger.append(Kind.PROMOTED, "0" * 16, {}, now=NOW).number == COUNT + 1


def test_signed_entries_are_checked_by_the_key_that_is_given(tmp_path: Path) -> None:
    ledger = ledger_in(tmp_path, 2, signed=True)
    Ledger(tmp_path / "ledger.jsonl").append(Kind.PROMOTED, "0" * 16, {}, now=NOW)
    assert ledger.verify(KEY.public_key()) == 3
    with pytest.raises(AdapterError, match=r"entry 1 has a signature by another key"):
        ledger.verify(OTHER_KEY.public_key())


def test_nothing_is_appended_to_a_damaged_ledger(tmp_path: Path) -> None:
    ledger = ledger_in(tmp_path)
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(path.read_bytes().replace(b"the 2th", b"the 9th"))
    before = path.read_bytes()
    with pytest.raises(AdapterError, match="entry 3 does not have the hash"):
        ledger.append(Kind.PROMOTED, "0" * 16, {}, now=NOW)
    assert path.read_bytes() == before


Change = Callable[[dict[str, object]], object]
CHANGES: list[tuple[Change, str]] = [
    (lambda line: line.update(more=1), "more: unknown entry"),
    (lambda line: line.pop("kind"), "kind"),
    (lambda line: line.update(number="1"), "number"),
    (lambda line: line.update(number=True), "number"),
    (lambda line: line.update(kind="blessed"), "kind"),
    (lambda line: line.update(release="../../../etc/abc"), "release"),
    (lambda line: line.update(time="yesterday"), "time"),
    (lambda line: line.update(values={"a": [1]}), "values"),
    (lambda line: line.update(values={"a": 10**400}), "values"),
    (lambda line: line.update(values={"a\x1b[2J": 1}), "cannot be printed"),
    (lambda line: line.update(hash=None), "hash"),
]


@pytest.mark.parametrize(("change", "complaint"), CHANGES)
def test_a_hostile_entry_is_refused(tmp_path: Path, change: Change, complaint: str) -> None:
    ledger = ledger_in(tmp_path, 1)
    path = tmp_path / "ledger.jsonl"
    line = json.loads(path.read_bytes())
    change(line)
    path.write_text(json.dumps(line, sort_keys=True, separators=(",", ":")) + "\n")
    with pytest.raises(AdapterError, match=f"entry 1 has wrong entries: .*{re.escape(complaint)}"):
        ledger.verify()


@pytest.mark.parametrize("line", [b"\xff\xfe", b"[" * 100_000, b"{}", b"null", b"1" * 9999, b""])
def test_a_line_that_is_no_entry_is_refused(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "ledger.jsonl").write_bytes(line + b"\n")
    with pytest.raises(AdapterError, match="entry 1 "):
        Ledger(tmp_path / "ledger.jsonl").verify()


def test_the_same_values_in_another_form_are_refused(tmp_path: Path) -> None:
    ledger = ledger_in(tmp_path, 1)
    path = tmp_path / "ledger.jsonl"
    text = path.read_text()
    for other in (text.replace('":', '": '), text.replace('"number":1', '"number":2,"number":1')):
        assert other != text
        path.write_text(other)
        with pytest.raises(AdapterError, match="canonical form"):
            ledger.verify()


def test_an_entry_that_is_too_large_is_not_written(tmp_path: Path) -> None:
    ledger = ledger_in(tmp_path)
    with pytest.raises(AdapterError, match="too large"):
        ledger.append(Kind.DECLINED, "0" * 16, {"text": "x" * 70_000}, now=NOW)
    with pytest.raises(AdapterError, match="time"):
        ledger.append(Kind.DECLINED, "0" * 16, {}, now="now")
    assert ledger.verify() == COUNT


def test_a_pipe_in_place_of_the_ledger_is_refused(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "ledger.jsonl")
    with pytest.raises(AdapterError, match="not a plain file"):
        Ledger(tmp_path / "ledger.jsonl").verify()
