"""What is left of what a model wrote, and pairs out of what people have accepted or corrected."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import example_migration as example
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.corpus.adding import Added, add_pairs
from fedtranslate.corpus.formats import read_pairs
from fedtranslate.errors import CorpusError
from fedtranslate.languages.worker import ParseWorker
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.review.accepting import Judged, judged
from fedtranslate.migration.review.measuring import FileMeasure, measured
from fedtranslate.migration.review.survival import Survival, likeness
from fedtranslate.migration.review.written import Origin, Written
from fedtranslate.records import CodePair

STANDS = "return 0;"
"""In the translation of ``balance``."""
ID = "src/Account.java#Account.{}"


@dataclass(frozen=True)
class Migrated:
    """An output as it was written, which people may change."""

    journal: Journal
    out: Path
    worker: ParseWorker

    @property
    def place(self) -> Path:
        return self.out / "src/Account.cs"

    def change(self, old: str, new: str) -> None:
        """Change the file as people do."""
        text = self.place.read_text()
        assert text.count(old) == 1
        self.place.write_text(text.replace(old, new))

    def measure(self) -> FileMeasure:
        settings = example.settings(self.out)
        found = {one.path: one for one in measured(self.journal, settings, self.out, self.worker)}
        return found["src/Account.java"]

    def judge(self, *names: str, everything: bool = False) -> dict[str, Judged]:
        units = [ID.format(name) for name in names]
        settings = example.settings(self.out)
        found = judged(self.journal, settings, self.out, self.worker, units, everything=everything)
        return {one.unit.rpartition(".")[2]: one for one in found}


@pytest.fixture
def migrated(tmp_path: Path, parser: ParseWorker) -> Iterator[Migrated]:
    out = tmp_path / "out"
    with example.migration(out) as journal:
        written = Written(journal, example.settings(out)).file(example.ACCOUNT)
        assert written is not None
        (out / "src").mkdir()
        (out / "src/Account.cs").write_text(written.text)
        yield Migrated(journal, out, parser)


def test_every_character_has_one_author(migrated: Migrated) -> None:
    written = Written(migrated.journal, example.settings(migrated.out)).file(example.ACCOUNT)
    assert written is not None
    assert sum(written.characters().values()) == len(written.text)
    by_model = "".join(
        written.text[part.by_model.start : part.by_model.stop]
        for part in written.parts
        if part.origin is Origin.MODEL
    )
    # The comments above were carried over by rule.
    assert "Tells" not in by_model
    assert by_model.startswith("public int Balance()")


def test_what_nobody_touched_is_unchanged(migrated: Migrated) -> None:
    found = migrated.measure()
    assert found.kept == found.by_model > 0
    assert found.now == len(migrated.place.read_text())
    assert found.share == found.kept / found.now
    assert (found.unchanged_units, found.changed_units, found.stubs) == (2, 0, 1)


def test_a_changed_character_is_one_less(migrated: Migrated) -> None:
    before = migrated.measure()
    migrated.change(STANDS, "return 7;")
    found = migrated.measure()
    assert found.kept == before.kept - 1
    assert (found.unchanged_units, found.changed_units) == (1, 1)


def test_what_is_added_makes_the_share_smaller_and_nothing_changed(migrated: Migrated) -> None:
    before = migrated.measure()
    migrated.change("class Account\n", "// ours\nclass Account\n")
    found = migrated.measure()
    assert found.kept == before.kept
    assert found.share is not None
    assert before.share is not None
    assert found.share < before.share
    assert found.unchanged_units == 2


def test_a_unit_that_was_moved_and_indented_is_unchanged(migrated: Migrated) -> None:
    lines = migrated.place.read_text().split("\n")
    first = next(n for n, line in enumerate(lines) if "Tells balance" in line)
    moved = [f"    {line}" for line in lines[first : first + 5]]
    rest = lines[:first] + lines[first + 5 :]
    migrated.place.write_text("\n".join([*rest[:-2], *moved, *rest[-2:]]))
    found = migrated.measure()
    assert (found.unchanged_units, found.changed_units, found.gone_units) == (2, 0, 0)
    assert found.kept == found.by_model


def test_a_renamed_unit_is_changed_and_a_removed_one_gone(migrated: Migrated) -> None:
    migrated.change("public int Balance()", "public long CurrentBalance()")
    assert (migrated.measure().changed_units, migrated.measure().gone_units) == (1, 0)
    text = migrated.place.read_text()
    start = text.index("/** Tells balance. */")
    migrated.place.write_text(text[:start] + text[text.index("}", start) + 1 :])
    found = migrated.measure()
    assert (found.changed_units, found.gone_units) == (0, 1)


def test_a_file_that_is_gone_has_no_share(migrated: Migrated) -> None:
    migrated.place.unlink()
    found = migrated.measure()
    assert (found.now, found.kept, found.share, found.gone_units) == (0, 0, None, 2)


def test_line_ends_are_no_change(migrated: Migrated) -> None:
    before = migrated.measure()
    text = migrated.place.read_text()
    migrated.place.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert migrated.measure() == before


def test_a_replaced_stub_is_told(migrated: Migrated) -> None:
    replace_stub(migrated)
    found = migrated.measure()
    assert (found.stubs, found.replaced_stubs) == (0, 1)


def replace_stub(migrated: Migrated, code: str = "public int Deposit() { return 20; }") -> None:
    text = migrated.place.read_text()
    start = text.index("// NOT MIGRATED")
    end = text.index("Exception(); }", start) + len("Exception(); }")
    migrated.place.write_text(text[:start] + code + text[end:])


def test_only_what_people_corrected_is_accepted_unless_more_is_asked_for(
    migrated: Migrated,
) -> None:
    assert migrated.judge() == {}
    migrated.change(STANDS, "return 7;")
    (found,) = migrated.judge().values()
    assert found.corrected
    assert found.pair == CodePair(
        source="/** Tells balance. */\npublic int balance() {\n    return 0;\n}",
        target="/** Tells balance. */\npublic int Balance()\n{\n    return 7;\n}",
        source_language="java",
        target_language="csharp",
        id="shop/src/Account.java#Account.balance",
        group="src/Account.java",
    )


def test_what_is_named_is_accepted_as_it_is(migrated: Migrated) -> None:
    (found,) = migrated.judge("close").values()
    assert not found.corrected
    assert found.pair is not None
    assert "return 40;" in found.pair.target


def test_all_is_what_the_model_wrote_and_stubs_are_refused(migrated: Migrated) -> None:
    found = migrated.judge(everything=True)
    assert {name for name, one in found.items() if one.pair} == {"balance", "close"}
    assert "it is a stub: translate it in src/Account.cs" in found["deposit"].reason
    assert "owner" not in found


def test_a_stub_that_people_replaced_is_a_pair(migrated: Migrated) -> None:
    replace_stub(migrated)
    (found,) = migrated.judge().values()
    assert found.pair is not None
    assert found.pair.target == "public int Deposit() { return 20; }"


@pytest.mark.parametrize(
    ("name", "reason"), [("deposit", "it is a stub"), ("owner", "rules wrote it")]
)
def test_what_cannot_be_learnt_from_is_refused(migrated: Migrated, name: str, reason: str) -> None:
    (found,) = migrated.judge(name).values()
    assert found.pair is None
    assert reason in found.reason


def test_what_is_gone_is_refused(migrated: Migrated) -> None:
    migrated.place.write_text("class Account { }\n")
    assert "is not in src/Account.cs any more" in migrated.judge("close")["close"].reason
    migrated.place.unlink()
    assert "is not there any more" in migrated.judge("close")["close"].reason


def pair(name: str, target: str = "y") -> CodePair:
    return CodePair("x", target, "java", "csharp", name, "file")


def test_a_pair_that_comes_again_is_replaced_and_other_lines_stay(tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    other = '{"target": "b",  "source": "a", "id": "old", "note": "\\u00fc"}\n'
    file.write_text(f"\n{other}")
    assert add_pairs(file, [pair("one"), pair("two")]) == Added(2, 0, 0)
    assert add_pairs(file, [pair("one"), pair("two", "z"), pair("three")]) == Added(1, 1, 1)
    assert file.read_text().startswith(other)
    found = read_pairs(file, "java", "csharp")
    assert [(one.id, one.target) for one in found] == [
        ("old", "b"),
        ("one", "y"),
        ("two", "z"),
        ("three", "y"),
    ]
    assert {one.group for one in found[1:]} == {"file"}


def test_a_file_without_a_last_line_end_is_added_to(tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_text('{"source": "a", "target": "b", "id": "old"}')
    add_pairs(file, [pair("one")])
    assert len(file.read_text().splitlines()) == 2


@pytest.mark.parametrize("content", ["{broken", '{"source": "a"}', "[1]"])
def test_a_file_that_is_no_pairs_is_left_as_it_is(tmp_path: Path, content: str) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_text(content)
    with pytest.raises(CorpusError):
        add_pairs(file, [pair("one")])
    assert file.read_text() == content
    assert list(tmp_path.iterdir()) == [file]


def test_pairs_of_another_direction_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    line = {"source": "a", "target": "b", "source_language": "python", "target_language": "go"}
    file.write_text(json.dumps(line))
    with pytest.raises(CorpusError, match="python to go"):
        add_pairs(file, [pair("one")])


TEXT = st.text(alphabet="ab {}\n;", max_size=60)


@given(TEXT, TEXT)
def test_what_survives_is_the_same_on_both_sides_and_in_order(before: str, after: str) -> None:
    found = Survival(before, after)
    for one in found.blocks:
        assert before[one.before : one.before + one.size] == after[one.after : one.after + one.size]
    for one, later in zip(found.blocks, found.blocks[1:], strict=False):
        assert one.before + one.size <= later.before
        assert one.after + one.size <= later.after
    assert 0 <= found.surviving(0, len(before)) <= min(len(before), len(after))


@given(TEXT, TEXT, st.data())
def test_a_place_maps_into_the_other_text(before: str, after: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(before)))
    end = data.draw(st.integers(start, len(before)))
    begin, stop = Survival(before, after).place(start, end)
    assert 0 <= begin <= len(after)
    assert 0 <= stop <= len(after)


@given(TEXT, TEXT, TEXT)
def test_what_is_between_unchanged_ends_is_found(head: str, old: str, tail: str) -> None:
    before = f"first;\n{head}\nA({old})\n{tail}\nlast;"
    after = before.replace(f"A({old})", "B()")
    start = before.index(f"A({old})")
    begin, stop = Survival(before, after).place(start, start + len(f"A({old})"))
    assert begin <= after.index("B()") + 1
    assert stop >= after.index("B()")


def test_letters_of_other_words_do_not_survive() -> None:
    assert Survival("return total;", "while (rest) { tell(note); }").surviving(0, 13) <= 4
    assert Survival("return total;", "return totals;").surviving(0, 13) == 13
    assert likeness("int a = 1;", "int b = 1;") > 0.7
    assert likeness("int a = 1;", "while (true) { }", 0.6) == 0.0
