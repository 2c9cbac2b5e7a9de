"""Reading and writing pairs: every format, and every character."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedtranslate.corpus.formats import PARTS, read_pairs, write_pairs
from fedtranslate.errors import CorpusError, UnknownNameError
from fedtranslate.records import CodePair

JAVA, CSHARP = "int f() { return 1; }", "int F() { return 1; }"
PAIR = CodePair(JAVA, CSHARP, "java", "csharp", id="a/F.java#F.f()", group="a/F.java")

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
awkward = st.sampled_from(["\u2028", "\r", "a\rb", "\x85", "\x0c", "\n\r\n", '"', "\\", "\0", "é"])
anything = texts | awkward | st.builds("".join, st.lists(texts | awkward, max_size=4))


@st.composite
def pair_lists(draw: st.DrawFn) -> list[CodePair]:
    """Draw pairs with any text and unique ids that are not empty."""
    names = draw(st.lists(anything.filter(bool), unique=True, max_size=6))
    return [
        CodePair(
            source=draw(anything),
            target=draw(anything),
            source_language="java",
            target_language="csharp",
            id=name,
            group=draw(anything.filter(bool)),
            confidence=draw(st.floats(0, 1, exclude_min=True)),
        )
        for name in names
    ]


@given(pairs=pair_lists())
@settings(deadline=None)
def test_what_is_written_is_read_back_whatever_the_text(
    pairs: list[CodePair], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("pairs") / "pairs.jsonl"
    assert write_pairs(path, pairs) == len(pairs)
    assert read_pairs(path, "java", "csharp") == pairs


@given(pairs=pair_lists())
@settings(deadline=None, max_examples=30)
def test_csv_gives_back_any_text_too(
    pairs: list[CodePair], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("pairs") / "pairs.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(["id", "group", "source", "target", "confidence"])
        for pair in pairs:
            writer.writerow([pair.id, pair.group, pair.source, pair.target, pair.confidence])
    assert read_pairs(path, "java", "csharp") == pairs


def test_parquet_is_read(tmp_path: Path) -> None:
    columns = {
        "source": [JAVA, "b"],
        "target": [CSHARP, "c"],
        "other": [1, 2],
        "group": ["x", None],
    }
    pq.write_table(pa.table(columns), tmp_path / "pairs.parquet")
    pairs = read_pairs(tmp_path / "pairs.parquet", "java", "csharp")
    assert [(p.source, p.target, p.id, p.group) for p in pairs] == [
        (JAVA, CSHARP, "pairs:1", "x"),
        ("b", "c", "pairs:2", "pairs:2"),
    ]


@pytest.mark.parametrize("given_name", ["t.java-cs.txt", "t.java-cs.txt.java", "t.java-cs.txt.cs"])
def test_parallel_files_are_found_by_stem_or_by_either_name(
    tmp_path: Path, given_name: str
) -> None:
    (tmp_path / "t.java-cs.txt.java").write_bytes("a\u2028b\r\nc\rd\n".encode())
    (tmp_path / "t.java-cs.txt.cs").write_bytes("A\u2028B\nC".encode())
    pairs = read_pairs(tmp_path / given_name, "java", "csharp")
    assert [(p.source, p.target) for p in pairs] == [("a\u2028b", "A\u2028B"), ("c\rd", "C")]
    assert [p.group for p in pairs] == ["t.java-cs.txt:1", "t.java-cs.txt:2"]


def test_parallel_files_may_end_in_the_name_of_the_language(tmp_path: Path) -> None:
    (tmp_path / "t.java-python.java").write_text("a\n")
    (tmp_path / "t.java-python.python").write_text("b\n")
    assert len(read_pairs(tmp_path / "t.java-python", "java", "python")) == 1


def test_a_folder_that_datasets_saved_is_read_and_a_split_can_be_named(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    rows = datasets.Dataset.from_dict({"java": [JAVA], "cs": [CSHARP]})
    datasets.DatasetDict({"train": rows, "test": rows}).save_to_disk(tmp_path / "saved")
    (pair,) = read_pairs(f"{tmp_path / 'saved'}:test", "java", "csharp")
    assert (pair.source, pair.target) == (JAVA, CSHARP)
    with pytest.raises(CorpusError, match="several splits; it has: test, train"):
        read_pairs(tmp_path / "saved", "java", "csharp")
    with pytest.raises(CorpusError, match="no split 'dev'"):
        read_pairs(f"{tmp_path / 'saved'}:dev", "java", "csharp")


def test_a_folder_of_data_files_is_read_without_leaving_a_copy_in_a_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasets = pytest.importorskip("datasets")
    cache = tmp_path / "cache"
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", cache)
    (tmp_path / "data").mkdir()
    write_pairs(tmp_path / "data" / "train.jsonl", [PAIR])
    assert read_pairs(tmp_path / "data", "java", "csharp") == [PAIR]
    assert not [path for path in cache.rglob("*") if path.suffix == ".arrow"]


def test_a_folder_of_parts_is_read_by_the_name_of_a_part(tmp_path: Path) -> None:
    for part in PARTS:
        write_pairs(tmp_path / f"{part}.jsonl", [replace(PAIR, id=part)])
    for part in PARTS:
        assert read_pairs(f"{tmp_path}:{part}", "java", "csharp") == [replace(PAIR, id=part)]
    with pytest.raises(CorpusError, match=r"several parts: train, validation, held_out\. Name one"):
        read_pairs(tmp_path, "java", "csharp")


def test_rows_the_other_way_round_are_turned(tmp_path: Path) -> None:
    write_pairs(tmp_path / "p.jsonl", [PAIR])
    assert read_pairs(tmp_path / "p.jsonl", "csharp", "java") == [PAIR.reversed()]
    with pytest.raises(CorpusError, match="line 1: is java to csharp, but java to python was"):
        read_pairs(tmp_path / "p.jsonl", "java", "python")


def test_an_alias_of_a_language_gives_pairs_of_the_language(tmp_path: Path) -> None:
    write_pairs(tmp_path / "p.jsonl", [PAIR])
    assert read_pairs(tmp_path / "p.jsonl", "java", "cs") == [PAIR]
    with pytest.raises(UnknownNameError):
        read_pairs(tmp_path / "p.jsonl", "java", "klingon")


def test_columns_can_be_named_or_are_called_after_the_languages(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text(json.dumps({"java": "a", "cs": "b", "left": "c", "right": "d"}))
    (pair,) = read_pairs(path, "java", "csharp")
    assert (pair.source, pair.target) == ("a", "b")
    (pair,) = read_pairs(path, "java", "csharp", source_field="left", target_field="right")
    assert (pair.source, pair.target) == ("c", "d")


def test_ids_that_occur_again_become_unique(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    names = ["a", "a~2", "a", "a", 7]
    path.write_text("\n".join(json.dumps({"source": "", "target": "", "id": n}) for n in names))
    ids = [pair.id for pair in read_pairs(path, "java", "csharp")]
    assert ids[0] == "a"
    assert ids[4] == "7"
    assert len(set(ids)) == 5


def test_a_failed_write_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    write_pairs(path, [PAIR])
    with pytest.raises(CorpusError, match=r"pair 2 is no valid text"):
        write_pairs(path, [PAIR, replace(PAIR, source="\ud800")])
    assert read_pairs(path, "java", "csharp") == [PAIR]
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(CorpusError, match="cannot be written: No such file or directory"):
        write_pairs(tmp_path / "none" / "p.jsonl", [PAIR])
