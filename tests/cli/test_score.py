"""``fedtranslate score``: files in, scores out; where there is nothing to score, a clear word."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fedtranslate.cli import main
from fedtranslate.metrics import codebleu

REFERENCES = [
    "int f() { return 1; }",
    "int f(int a) { int b = a; return b; }",
    "void g() { for (int i = 0; i < 9; i++) { h(i); } }",
]
PREDICTIONS = [REFERENCES[0], "int f(int a) { return a; }", ""]
ORACLE = Path(os.environ.get("FEDTRANSLATE_ORACLE", "/nowhere"))


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    predictions, references = tmp_path / "predictions.txt", tmp_path / "references.txt"
    predictions.write_text("\n".join(PREDICTIONS) + "\n", "utf-8")
    references.write_text("\n".join(REFERENCES) + "\n", "utf-8")
    return predictions, references


def run(*arguments: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["score", *map(str, arguments)], input=stdin)


def document(*arguments: object, stdin: str | None = None) -> dict[str, Any]:
    result = run(*arguments, "--language", "java", "--json", "--samples", 100, stdin=stdin)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def refused(*arguments: object, language: str = "java") -> str:
    result = run(*arguments, "--language", language)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    return " ".join(result.stderr.split())


def test_it_prints_every_metric_with_parts_intervals_and_versions(files: tuple[Path, Path]) -> None:
    result = run(*files, "--language", "java", "--samples", 100)
    assert result.exit_code == 0
    for told in ("3 units of java", "CrystalBLEU", "weighted ngram", "95 % interval", "chrF"):
        assert told in result.stdout
    assert "tree-sitter-java" in result.stdout
    assert max(map(len, result.stdout.split("Made with")[0].splitlines())) <= 80


def test_that_broken_code_has_no_codebleu_is_told_where_there_is_any(
    files: tuple[Path, Path],
) -> None:
    words = ("--language", "java", "--samples", 100)
    said = "CodeBLEU gives 0 to what does not parse"
    assert said in run(*files, *words).stdout
    assert said in run(files[1], files[1], *words, "--baseline", files[0]).stdout
    assert said not in run(files[1], files[1], *words).stdout
    assert said not in run(*files, *words, "--compat", "k4black").stdout
    assert said not in run(*files, "--language", "cobol", "--samples", 100).stdout


def test_json_holds_scores_intervals_and_versions(files: tuple[Path, Path]) -> None:
    found = document(*files)
    assert (found["units"], found["language"], found["tokens"]) == (3, "java", "lexer")
    assert found["exact"] == pytest.approx(100 / 3)
    assert found["codebleu_parts"].keys() == {"ngram", "weighted_ngram", "syntax", "dataflow"}
    low, high = found["intervals"]["codebleu"]
    assert low <= found["codebleu"] <= high
    assert found["versions"]["fedtranslate"]


def test_an_empty_prediction_scores_nothing(tmp_path: Path) -> None:
    (tmp_path / "p").write_text("\n", "utf-8")
    (tmp_path / "r").write_text(REFERENCES[0] + "\n", "utf-8")
    found = document(tmp_path / "p", tmp_path / "r")
    for name in ("exact", "bleu", "sacre_bleu", "codebleu", "chrf", "edit_similarity"):
        assert found[name] == 0


def test_a_baseline_is_compared_in_every_metric(files: tuple[Path, Path], tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("\n".join(["x", "y", "z"]), "utf-8")
    found = document(*files, "--baseline", other, "--seed", 7)
    assert len(found["differences"]) == 10
    by_name = {one["metric"]: one for one in found["differences"]}
    assert by_name["codebleu"]["difference"] == pytest.approx(
        found["codebleu"] - found["baseline"]["codebleu"]
    )
    assert all(0 < one["p_value"] <= 1 for one in by_name.values())
    told = run(*files, "--language", "java", "--baseline", other, "--samples", 100)
    assert "Against the baseline" in told.stdout
    assert "paired approximate randomisation" in told.stdout


def test_compat_gives_the_number_of_the_package(files: tuple[Path, Path]) -> None:
    found = document(*files, "--compat", "k4black")
    assert (found["compat"], found["tokens"]) == ("k4black", "whitespace")
    expected = codebleu(PREDICTIONS, REFERENCES, "java", compat="k4black")
    assert found["codebleu"] == pytest.approx(100 * expected.corpus)
    assert found["codebleu"] != pytest.approx(document(*files)["codebleu"])


def test_json_lines_hold_units_of_several_lines(tmp_path: Path) -> None:
    rows = [{"target": text.replace(" ", "\n"), "reference": text} for text in REFERENCES]
    path = tmp_path / "written.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    assert document(path, path)["token_exact"] == 100
    assert document(path, path, "--field", "reference")["exact"] == 100
    bare = tmp_path / "bare.jsonl"
    bare.write_text("\n".join(map(json.dumps, REFERENCES)), "utf-8")
    assert document(bare, bare)["exact"] == 100


def test_what_comes_in_can_be_scored(files: tuple[Path, Path]) -> None:
    assert document("-", files[1], stdin="\n".join(REFERENCES))["exact"] == 100
    lines = "\n".join(json.dumps({"prediction": text}) for text in REFERENCES)
    bare = files[1].with_suffix(".jsonl")
    bare.write_text("\n".join(map(json.dumps, REFERENCES)), "utf-8")
    assert document("-", bare, "--jsonl", stdin=lines)["exact"] == 100


def test_each_unit_can_be_written(files: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "units.jsonl"
    document(*files, "--per-unit", out)
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [row["unit"] for row in rows] == [1, 2, 3]
    assert [row["codebleu"] for row in rows][::2] == [1.0, 0.0]
    assert rows[0]["parts"]["ngram"] == 1
    assert "never overwritten" in refused(*files, "--per-unit", files[1])


def test_several_processes_give_the_same(files: tuple[Path, Path]) -> None:
    assert document(*files, "--jobs", 2) == document(*files)


def test_carriage_returns_and_a_byte_order_mark_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "p").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(REFERENCES).encode())
    (tmp_path / "r").write_bytes("\n".join(REFERENCES).encode())
    assert document(tmp_path / "p", tmp_path / "r")["exact"] == 100


def test_hostile_texts_in_json_lines_are_scored(tmp_path: Path) -> None:
    texts = [
        "int f() { return '\ud800'; }",
        "\0\0",
        "(" * 100_000 + ")" * 100_000,
        "a" * 10_000_000,
    ]
    predictions, references = tmp_path / "p.jsonl", tmp_path / "r.jsonl"
    predictions.write_text("\n".join(map(json.dumps, texts)), "utf-8")
    references.write_text("\n".join(map(json.dumps, [REFERENCES[0]] * len(texts))), "utf-8")
    found = document(predictions, references)
    assert found["exact"] == 0
    assert found["parse_rate"] <= 25


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty: there is nothing to score"),
        (b"a\n", "has 1 units but"),
        (b"a\nb\n\xff\xfe\n", "line 3, is not UTF-8 text"),
        (b"a\nb\0\nc\n", "line 2, has a NUL byte"),
    ],
)
def test_files_that_cannot_be_scored_are_refused(
    files: tuple[Path, Path], content: bytes, told: str
) -> None:
    files[0].write_bytes(content)
    assert told in refused(*files)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "line 1, is no JSON"),
        ("[" * 100_000, "line 1, is no JSON"),
        ('{"a": 1}', "has no field 'prediction' or 'target'; it has: a"),
        ("7", "it has: none"),
        ('{"target": 1}', "the field 'target' is no text"),
    ],
)
def test_json_lines_that_hold_no_text_are_refused(tmp_path: Path, line: str, told: str) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text(line, "utf-8")
    assert told in refused(path, path)


def test_requests_that_make_no_sense_are_refused(files: tuple[Path, Path], tmp_path: Path) -> None:
    assert "No language is called 'jova'" in refused(*files, language="jova")
    assert "is not there" in refused(tmp_path / "no", files[1])
    assert "no plain file" in refused(tmp_path, files[1])
    assert "Only one of the files" in refused("-", "-")
    assert "--seed" in refused(*files, "--seed", -1)
    long = tmp_path / "long"
    long.write_text("x\n" + "a" * 60_000 + "\ny\n", "utf-8")
    assert "unit 2, has 60,000 characters" in refused(files[0], long)
    assert "language of the evaluator microsoft" in refused(
        *files, "--compat", "microsoft", language="cobol"
    )
    assert "language of the package codebleu" in refused(*files, "--oracle", language="cobol")


def test_an_oracle_that_cannot_be_made_is_told(files: tuple[Path, Path], tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", "utf-8")
    told = refused(*files, "--oracle", "--oracle-folder", blocked / "below")
    assert "is not a folder" in told


@pytest.mark.skipif(
    not (ORACLE / "complete").is_file() or shutil.which("python3") is None,
    reason="FEDTRANSLATE_ORACLE names no environment of the package; tools/oracle makes one",
)
def test_the_oracle_says_the_same(files: tuple[Path, Path]) -> None:
    found = document(*files, "--oracle", "--oracle-folder", ORACLE)["oracle"]
    assert found["units"] == {"equal": 3}
    assert found["ours"] == pytest.approx(found["theirs"])
