"""Files of pairs that are damaged or wrong: each gets a message that names the place."""

import json
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fedtranslate.corpus.formats import read_pairs
from fedtranslate.errors import CorpusError

GOOD = json.dumps({"source": "a", "target": "b"})


def refusal(path: Path | str) -> str:
    """Return the message with which ``path`` is refused."""
    with pytest.raises(CorpusError) as caught:
        read_pairs(path, "java", "csharp")
    return str(caught.value)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{oops", "line 3: is not valid JSON"),
        ('{"source": "a"', "line 3: is not valid JSON"),
        ("[1, 2]", "line 3: is a JSON list, not an object"),
        ("null", "line 3: is a JSON NoneType, not an object"),
        ('{"source": "a"}', "line 3: has no 'target'"),
        ('{"source": "a", "target": null}', "line 3: has no 'target'"),
        ('{"source": "a", "target": 5}', "line 3: 'target' is int, not text"),
        ('{"source": ["a"], "target": "b"}', "line 3: 'source' is list, not text"),
        ('{"source": "a", "target": "\\ud800"}', "half of a surrogate pair"),
        ('{"source": "a", "target": "b", "group": {}}', "line 3: 'group' is dict, not text"),
        ('{"source": "a", "target": "b", "confidence": 0}', "line 3: 'confidence' is 0"),
        ('{"source": "a", "target": "b", "confidence": NaN}', "line 3: 'confidence' is nan"),
        ('{"source": "a", "target": "b", "confidence": "x"}', "line 3: 'confidence' is 'x'"),
        ("[" * 100_000, "line 3: is nested too deeply"),
        ('{"source": "a\0", "target": "b"}', "line 3: is not valid JSON"),
    ],
)
def test_a_wrong_json_line_is_named(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text(f"{GOOD}\n\n{line}\n{GOOD}\n", encoding="utf-8")
    message = refusal(path)
    assert str(path) in message
    assert words in message


def test_all_wrong_lines_are_reported_at_once(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text("x\n" * 12)
    message = refusal(path)
    assert "has 12 wrong row(s)" in message
    assert "line 10:" in message
    assert "line 11:" not in message
    assert "and 2 more" in message


def test_an_empty_file_has_no_pairs(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").touch()
    assert read_pairs(tmp_path / "p.jsonl", "java", "csharp") == []


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    (tmp_path / "p.csv").write_bytes(b"\xef\xbb\xbfsource,target\na,b\n")
    assert len(read_pairs(tmp_path / "p.jsonl", "java", "csharp")) == 1
    assert len(read_pairs(tmp_path / "p.csv", "java", "csharp")) == 1


@pytest.mark.parametrize("name", ["p.jsonl", "p.csv"])
@pytest.mark.parametrize("codec", ["utf-16", "latin-1"])
def test_another_encoding_is_named_as_such(tmp_path: Path, name: str, codec: str) -> None:
    (tmp_path / name).write_bytes("source,target\nä,ö\n".encode(codec))
    assert "is not UTF-8 text (line " in refusal(tmp_path / name)


def test_parquet_that_is_cut_off_or_no_parquet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    pq.write_table(pa.table({"source": ["a"] * 1000, "target": ["b"] * 1000}), path)
    whole = path.read_bytes()
    for data in (whole[:-10], whole[: len(whole) // 2], b"", b"PAR1", GOOD.encode()):
        path.write_bytes(data)
        assert "is not a readable Parquet file" in refusal(path)


def test_parquet_with_damage_inside_is_refused_or_read_but_never_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    pq.write_table(pa.table({"source": ["a"] * 50, "target": ["b"] * 50}), path)
    whole = bytearray(path.read_bytes())
    for place in range(4, len(whole) - 8, 7):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        with suppress(CorpusError):
            read_pairs(path, "java", "csharp")


def test_missing_columns_are_named_with_those_that_are_there(tmp_path: Path) -> None:
    pq.write_table(pa.table({"source": ["a"], "text": ["b"]}), tmp_path / "p.parquet")
    assert "has no column 'target'; it has: source, text." in refusal(tmp_path / "p.parquet")
    (tmp_path / "p.csv").write_text("left,right\n1,2\n")
    message = refusal(tmp_path / "p.csv")
    assert "has no column 'source' and no column 'target'; it has: left, right." in message
    (tmp_path / "empty.csv").touch()
    assert "it has: none." in refusal(tmp_path / "empty.csv")


def test_parquet_rows_of_wrong_types_are_named(tmp_path: Path) -> None:
    pq.write_table(pa.table({"source": [1], "target": [None]}), tmp_path / "p.parquet")
    assert "line 1: 'source' is int, not text" in refusal(tmp_path / "p.parquet")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("source,target\na\n", "line 2: has no 'target'"),
        ("source,target\na,b\nc,d,e\n", "line 3: has more fields than the header"),
        ('source,target\n"a\nb",c\nd\n', "line 4: has no 'target'"),
        ('source,target\na,"b\n', "is not valid CSV: unexpected end of data"),
        ('source,target\n"a"x,b\n', "is not valid CSV"),
    ],
)
def test_a_wrong_csv_row_is_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "p.csv").write_text(text)
    assert words in refusal(tmp_path / "p.csv")


def test_a_csv_field_may_be_larger_than_the_default_limit_of_python(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(f"source,target\n{'a' * 200_000},b\n")
    assert len(read_pairs(tmp_path / "p.csv", "java", "csharp")[0].source) == 200_000


def test_parallel_files_of_different_length_are_refused_with_both_counts(tmp_path: Path) -> None:
    (tmp_path / "t.java").write_text("a\nb\n")
    (tmp_path / "t.cs").write_text("a\n")
    message = refusal(tmp_path / "t")
    assert "t.java has 2 lines" in message
    assert "t.cs has 1." in message


def test_one_parallel_file_alone_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.java").write_text("a\n")
    assert f"there is no {tmp_path / 't.cs'}" in refusal(tmp_path / "t")
    assert f"there is no {tmp_path / 't.cs'}" in refusal(tmp_path / "t.java")


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"a\nb\0c\n", "line 2, has a NUL byte"), (b"a\n\xff\xfe\n", "line 2, is not UTF-8 text")],
)
def test_binary_data_in_a_parallel_file_is_named(tmp_path: Path, data: bytes, words: str) -> None:
    (tmp_path / "t.java").write_bytes(data)
    (tmp_path / "t.cs").write_bytes(b"a\nb\n")
    assert words in refusal(tmp_path / "t")


def test_places_that_hold_no_pairs_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "dir.jsonl").mkdir()
    (tmp_path / "dir.parquet").mkdir()
    (tmp_path / "notes.md").write_text("hello")
    assert "There is no file" in refusal(tmp_path / "none.jsonl")
    assert "There is no file" in refusal(tmp_path / "none.parquet")
    assert "and no parallel files" in refusal(tmp_path / "none")
    assert "is a folder without data files" in refusal(tmp_path / "folder")
    assert "is a folder without data files" in refusal(tmp_path / "dir.jsonl")
    assert "is a folder without data files" in refusal(tmp_path / "dir.parquet")
    assert "is in no format that is known" in refusal(tmp_path / "notes.md")
    assert "needs the name of a data set" in refusal("hub:")


def test_a_folder_that_datasets_cannot_load_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("datasets")
    (tmp_path / "dataset_info.json").write_text("{}")
    assert "datasets cannot load" in refusal(tmp_path)


def test_a_link_that_leads_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").symlink_to(tmp_path / "p.jsonl")
    assert "cannot be read" in refusal(tmp_path / "p.jsonl")
