"""``fedtranslate pairs`` from the outside."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fedtranslate.cli import main
from fedtranslate.corpus.formats import read_pairs, write_pairs
from fedtranslate.records import CodePair

LANGUAGES = ("--from", "java", "--to", "csharp")


def run(*arguments: object) -> Result:
    """Run ``fedtranslate pairs`` with ``arguments``."""
    return CliRunner().invoke(main, ["pairs", *map(str, arguments)])


@pytest.fixture
def trees(tmp_path: Path) -> tuple[Path, Path]:
    """Two small trees: one type on both sides, and one that is still to migrate."""
    java, csharp = tmp_path / "java", tmp_path / "cs"
    java.mkdir()
    csharp.mkdir()
    (java / "A.java").write_text("class A { int size() { return items; } void old() { x.y(); } }")
    (java / "B.java").write_text("class B { void later(int day) { queue.put(day); } }")
    (csharp / "A.cs").write_text("class A { int Size() { return items; } }")
    return java, csharp


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Twenty pairs in ten groups, of which two pairs are unfit."""
    path = tmp_path / "pairs.jsonl"
    good = [
        CodePair(f"int f{n}() {{ }}", f"int F{n}() {{ }}", "java", "csharp", f"p{n}", f"g{n // 2}")
        for n in range(18)
    ]
    bad = CodePair("int f( { } ;", "int F() { }", "java", "csharp", "bad", "g9")
    write_pairs(path, [*good, bad, CodePair("", "x", "java", "csharp", "none", "g9")])
    return path


def test_mine_writes_pairs_and_says_what_is_still_to_migrate(
    trees: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "found.jsonl"
    result = run("mine", *trees, *LANGUAGES, "--out", out)
    assert result.exit_code == 0
    assert result.stderr == ""
    assert f"1 pairs from 2 source files and 1 target files, written to {out}" in result.stdout
    assert "still to migrate: 1 units in 1 files\n  B.java (1)" in result.stdout
    (pair,) = read_pairs(out, "java", "csharp")
    assert (pair.id, pair.group) == ("A.java#A.size()", "A.java")


@pytest.mark.usefixtures("trees")
def test_mine_takes_one_half_migrated_folder_and_writes_nothing_without_out(
    tmp_path: Path,
) -> None:
    before = sorted(tmp_path.rglob("*"))
    result = run("mine", tmp_path, *LANGUAGES, "--json")
    assert result.exit_code == 0
    values = json.loads(result.stdout)
    assert values["pairs"] == 1
    assert values["out"] is None
    assert values["pending"] == ["java/B.java#B.later(int)"]
    assert values["unmatched_source"] == ["java/A.java#A.old()", "java/B.java#B.later(int)"]
    assert sorted(tmp_path.rglob("*")) == before


def test_mine_counts_the_units_without_a_partner_and_names_them_when_asked(
    trees: tuple[Path, Path],
) -> None:
    counted = run("mine", *trees, *LANGUAGES).stdout
    assert "units without a partner: 1 in source files that have one\n" in counted
    assert "units without a partner: 0 in target files (--unmatched names them)\n" in counted
    named = run("mine", *trees, *LANGUAGES, "--unmatched").stdout
    assert "1 in source files that have one\n  A.java#A.old()\n" in named
    assert "still to migrate: 1 units in 1 files\n  B.java#B.later(int)\n" in named


def test_mine_exits_with_1_when_there_are_no_pairs(trees: tuple[Path, Path]) -> None:
    assert run("mine", trees[0], *LANGUAGES).exit_code == 1


def test_mine_never_writes_over_a_source_file(trees: tuple[Path, Path]) -> None:
    victim = trees[0] / "A.java"
    text = victim.read_text()
    result = run("mine", *trees, *LANGUAGES, "--out", victim)
    assert result.exit_code == 2
    assert "to a .jsonl file" in result.stderr
    assert victim.read_text() == text


def test_check_says_what_would_be_dropped_and_why(file: Path) -> None:
    result = run("check", file, *LANGUAGES)
    assert result.exit_code == 0
    assert result.stdout.startswith("18 pairs are kept, 2 would be dropped\n")
    assert "none: empty (source: no text)" in result.stdout
    assert "bad: unparsable (source, line 1: " in result.stdout
    values = json.loads(run("check", file, *LANGUAGES, "--json").stdout)
    assert values["kept"] == 18
    assert values["counts"] == {"empty": 1, "unparsable": 1}
    assert [entry["id"] for entry in values["dropped"]] == ["bad", "none"]


def test_check_exits_with_1_when_nothing_is_left(file: Path) -> None:
    assert run("check", file, *LANGUAGES, "--min-tokens", 900).exit_code == 1


def test_check_refuses_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    result = run("check", tmp_path / "none.jsonl", *LANGUAGES)
    assert result.exit_code == 2
    assert "There is no file" in result.stderr


@pytest.mark.parametrize("command", ["check", "split"])
def test_a_file_without_pairs_is_refused_by_name(tmp_path: Path, command: str) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("\n")
    out = ("--out", tmp_path / "parts") if command == "split" else ()
    result = run(command, empty, *LANGUAGES, *out)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{empty} holds no pairs." in result.stderr
    assert not (tmp_path / "parts").exists()


def test_split_writes_three_files_without_cutting_a_group(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "parts" / "new"
    result = run("split", file, *LANGUAGES, "--out", out, "--held-out", 0.2, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        str(out / "train.jsonl"): 14,
        str(out / "validation.jsonl"): 2,
        str(out / "held_out.jsonl"): 4,
    }
    groups = [
        {pair.group for pair in read_pairs(out / name, "java", "csharp")}
        for name in ("train.jsonl", "validation.jsonl", "held_out.jsonl")
    ]
    assert len(set().union(*groups)) == sum(map(len, groups)) == 10


def test_split_never_writes_over_its_input(file: Path, tmp_path: Path) -> None:
    train = tmp_path / "train.jsonl"
    file.rename(train)
    before = train.read_bytes()
    result = run("split", train, *LANGUAGES, "--out", tmp_path)
    assert result.exit_code == 2
    assert "would overwrite" in result.stderr
    assert train.read_bytes() == before


@pytest.mark.parametrize("command", ["mine", "check", "split"])
def test_each_command_explains_itself(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "--from LANGUAGE" in result.stdout
