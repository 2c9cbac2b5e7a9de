"""``translate``, ``evaluate``, ``train`` and ``languages`` from the outside."""

import json
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from command_line import CODE, run
from tiny_models import code_pairs, write_llama

from fedtranslate.adapters.store import ADAPTER_FILE
from fedtranslate.checks import sandbox
from fedtranslate.corpus.formats import read_pairs
from fedtranslate.generation.guard import Guard
from fedtranslate.languages.registry import known_languages
from fedtranslate.models.load import BaseModel, load_base


def test_a_file_is_translated_unit_by_unit(file: Path, model: tuple[str, Path]) -> None:
    result = run("translate", file, *model, "--json")
    rows = json.loads(result.stdout)
    assert [row["name"] for row in rows] == ["size", "old"]
    assert rows[0]["source"] == "int size() { return items; }"
    failed = [row for row in rows if not (row["parses"] and row["finished"])]
    assert result.exit_code == (1 if failed else 0)
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == [
        row["name"] for row in failed
    ]


def test_writing_is_guarded_unless_the_request_says_no(
    file: Path, model: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(Guard, "admits", lambda *_: bool(asked.append(1)) or True)
    run("translate", file, *model, "--no-guard")
    assert not asked
    run("translate", file, *model)
    assert asked


def test_standard_input_is_translated(model: tuple[str, Path]) -> None:
    result = run("translate", *model, stdin="int size() { return n; }")
    assert result.exit_code in (0, 1)
    assert result.stdout.strip()
    rows = json.loads(run("translate", "-", *model, "--json", stdin=CODE).stdout)
    assert [row["name"] for row in rows] == ["size", "old"]


def test_code_that_is_no_unit_is_translated_as_a_whole(model: tuple[str, Path]) -> None:
    (row,) = json.loads(run("translate", *model, "--json", stdin="x = 1;").stdout)
    assert row["source"] == "x = 1;"


def test_an_input_that_is_not_what_the_request_says_is_warned_of(
    file: Path, model: tuple[str, Path], tmp_path: Path
) -> None:
    other = tmp_path / "A.cs"
    other.write_text("class A { int Size => items; }")
    stderr = run("translate", other, *model).stderr
    assert "Warning: " + f"{other} is named like C#, but --from says Java." in stderr
    assert f"Warning: {other} does not parse as Java (line 1: " in stderr
    broken = run("translate", *model, stdin="int size( { return 1; }")
    assert "Warning: standard input does not parse as Java (line 1: " in broken.stderr
    assert broken.exit_code in (0, 1)
    assert "Warning" not in run("translate", file, *model).stderr
    assert "Warning" not in run("translate", *model, stdin=CODE + CODE).stderr


@pytest.mark.parametrize("stdin", ["", " \n\t", b"\xef\xbb\xbf"])
def test_no_code_is_a_wrong_request(model: tuple[str, Path], stdin: str | bytes) -> None:
    result = run("translate", *model, stdin=stdin)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no code to translate" in result.stderr


def test_an_output_file_holds_what_would_be_printed(
    file: Path, model: tuple[str, Path], tmp_path: Path
) -> None:
    out = tmp_path / "A.cs"
    printed = run("translate", file, *model)
    written = run("translate", file, *model, "--out", out)
    assert out.read_text() == printed.stdout
    assert written.stdout == ""
    assert f"Written to {out}." in written.stderr
    assert written.exit_code == printed.exit_code


@pytest.mark.parametrize("way", ["same", "relative", "symlink", "hardlink"])
def test_the_source_is_never_overwritten(
    file: Path, model: tuple[str, Path], tmp_path: Path, way: str
) -> None:
    out = tmp_path / "other.java"
    if way == "same":
        out = file
    elif way == "relative":
        out = tmp_path / "x" / ".." / file.name
        (tmp_path / "x").mkdir()
    elif way == "symlink":
        out.symlink_to(file)
    else:
        os.link(file, out)
    result = run("translate", file, *model, "--out", out)
    assert result.exit_code == 2
    assert "never overwritten" in result.stderr
    assert file.read_text() == CODE


def test_a_source_that_is_named_like_a_draft_stays(model: tuple[str, Path], tmp_path: Path) -> None:
    source = tmp_path / "A.cs.tmp"
    source.write_text(CODE)
    assert run("translate", source, *model, "--out", tmp_path / "A.cs").exit_code in (0, 1)
    assert source.read_text() == CODE


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gone.java"], "gone.java cannot be read: No such file"),
        (["."], ". is a folder, but translate takes one file or standard input. For all its files"),
        (["-", "--from", "jav"], "Did you mean 'java'?"),
        (["-", "--to", "../java"], "No language is called '../java'"),
        (["-", "--beams", "0"], "Invalid value for '--beams'"),
        (["-", "--model", "nowhere"], "There is no base model 'nowhere'"),
        (["-", "--model", ""], "There is no base model ''"),
        (["-", "--adapter", "nowhere"], "manifest.json cannot be read"),
        (["-", "--out", "no/such/A.cs"], "there is no folder no/such"),
        (["-", "--out", "."], "is a directory"),
        (["-", "--out", "link.cs"], "link.cs is a link or no plain file"),
    ],
)
def test_a_wrong_request_is_answered_with_a_sentence(
    arguments: list[str],
    message: str,
    model: tuple[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link.cs").symlink_to("elsewhere.cs")
    chosen = () if "--model" in arguments else model
    result = run("translate", *arguments, *chosen, stdin="int size() { return n; }")
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr


def test_an_adapter_is_used(file: Path, model: tuple[str, Path], adapter: Path) -> None:
    plain = run("translate", file, *model)
    adapted = run("translate", file, *model, "--adapter", adapter)
    assert adapted.stdout == plain.stdout


def test_a_model_that_has_not_learned_a_language_says_so(
    file: Path, llama_folder: Path, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    shutil.copytree(llama_folder, model)
    (model / "fedtranslate.json").write_text('{"languages": ["java", "csharp"]}')
    said = run("translate", file, "--from", "java", "--to", "python", "--model", model)
    assert "has learned java and csharp, and not python: expect nothing of it" in said.stderr
    said = run("translate", file, "--from", "java", "--to", "csharp", "--model", model)
    assert "expect nothing" not in said.stderr


def test_an_adapter_of_another_base_is_refused_and_both_are_named(
    file: Path, adapter: Path, llama: BaseModel, tmp_path: Path
) -> None:
    other = write_llama(tmp_path / "other", seed=9)
    result = run("translate", file, "--model", other, "--adapter", adapter)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "trained for the base model 'tiny'" in result.stderr
    assert f"the model in use is {str(other)!r}" in result.stderr
    assert llama.fingerprint in result.stderr
    assert load_base(str(other)).fingerprint in result.stderr


@pytest.mark.parametrize("part", ["adapter", "model"])
def test_truncated_weights_are_refused(
    file: Path, llama_folder: Path, adapter: Path, tmp_path: Path, part: str
) -> None:
    model = shutil.copytree(llama_folder, tmp_path / "model")
    weights = adapter / ADAPTER_FILE if part == "adapter" else model / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-64])
    result = run("translate", file, "--model", model, "--adapter", adapter)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error: " in result.stderr


def test_scores_are_printed_beside_those_of_a_copy(pairs: Path, model: tuple[str, Path]) -> None:
    result = run("evaluate", pairs, *model, "--limit", 2)
    assert result.exit_code == 0
    assert "2 pairs" in result.stdout
    assert "copy of the source" in result.stdout
    as_json = run("evaluate", pairs, *model, "--limit", 2, "--json")
    document = json.loads(as_json.stdout)
    assert document["units"] == document["copy"]["units"] == 2
    assert document["copy"]["codebleu"] > 0
    assert document["not_checked"] == ["compiling was not asked for"]
    assert "per_unit" not in document
    assert "per_unit" not in document["copy"]


def test_nothing_is_said_of_a_compiler_that_was_not_asked_but_how_to_ask(
    pairs: Path, model: tuple[str, Path]
) -> None:
    result = run("evaluate", pairs, *model, "--limit", 2)
    assert "compile: " not in result.stdout
    assert "Compiling was not asked for; ask with --class-path FOLDER" in result.stdout
    asked = run("evaluate", pairs, *model, "--limit", 2, "--using", "System")
    assert "compile: not_checked" in asked.stdout
    assert "not asked for" not in asked.stdout


@pytest.mark.skipif(shutil.which("mcs") is None, reason="no C# compiler")
def test_a_namespace_that_does_not_exist_is_warned_of(pairs: Path, model: tuple[str, Path]) -> None:
    result = run("evaluate", pairs, *model, "--limit", 1, "--using", "Nowhere.To.Be.Found")
    assert result.exit_code == 0
    assert "Warning: no translation can compile; the compiler says" in result.stderr
    fine = run("evaluate", pairs, *model, "--limit", 1, "--using", "System.Text")
    assert "Warning" not in fine.stderr


def test_a_compiler_that_is_missing_is_named(model: tuple[str, Path], tmp_path: Path) -> None:
    file = tmp_path / "p.jsonl"
    file.write_text('{"source": "int f() { return 1; }", "target": "def f(): return 1"}\n')
    arguments = ("evaluate", file, *model, "--to", "python", "--using", "os")
    translated = "fedtranslate.evaluation.translator.write_translations"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            translated, lambda *_, **__: [[SimpleNamespace(text="x = 1\n", finished=True)]]
        )
        patch.setattr(sandbox, "find_program", lambda _: None)
        result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    assert "not checked: python3 was not found" in result.stdout


def test_the_held_out_part_of_a_split_folder_is_evaluated(
    pairs: Path, model: tuple[str, Path], tmp_path: Path
) -> None:
    parts = tmp_path / "parts"
    assert run("pairs", "split", pairs, "--out", parts).exit_code == 0
    held_out = parts / "held_out.jsonl"
    result = run("evaluate", parts, *model)
    assert result.exit_code == 0, result.stderr
    assert f"{held_out} is evaluated" in result.stderr
    assert f"{len(read_pairs(held_out, 'java', 'csharp'))} pairs" in result.stdout
    assert run("evaluate", f"{parts}:validation", *model).exit_code == 0
    before = held_out.read_bytes()
    for name in (parts, f"{parts}:held_out"):
        assert run("evaluate", name, *model, "--predictions", held_out).exit_code == 2
    assert held_out.read_bytes() == before


def test_predictions_are_written_as_pairs(
    pairs: Path, model: tuple[str, Path], tmp_path: Path
) -> None:
    out = tmp_path / "predictions.jsonl"
    assert run("evaluate", pairs, *model, "--limit", 2, "--predictions", out).exit_code == 0
    found = read_pairs(out, "java", "csharp")
    assert [(p.id, p.source) for p in found] == [(p.id, p.source) for p in code_pairs(2)]
    for line, pair, read in zip(out.read_text().splitlines(), code_pairs(2), found, strict=True):
        row = json.loads(line)
        assert (row["reference"], row["target"]) == (pair.target, read.target)
        assert (row["compile"], row["reason"]) in (
            ("not_checked", "compiling was not asked for"),
            ("not_checked", ""),
        )
        assert isinstance(row["parses"], bool)
        assert isinstance(row["finished"], bool)


@pytest.mark.parametrize("name", ["out.csv", "out.parquet", "out"])
def test_predictions_of_another_format_are_refused(
    pairs: Path, model: tuple[str, Path], tmp_path: Path, name: str
) -> None:
    result = run("evaluate", pairs, *model, "--predictions", tmp_path / name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "as JSON lines, to a .jsonl file" in " ".join(result.stderr.split())
    assert not (tmp_path / name).exists()


def test_predictions_never_overwrite_the_pairs(pairs: Path, model: tuple[str, Path]) -> None:
    before = pairs.read_bytes()
    result = run("evaluate", pairs, *model, "--predictions", pairs)
    assert result.exit_code == 2
    assert pairs.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "message"),
    [("", "pairs.jsonl holds no pairs."), ('{"source": 1}\n', "pairs.jsonl")],
)
def test_pairs_that_cannot_be_used_are_a_wrong_request(
    pairs: Path, model: tuple[str, Path], content: str, message: str
) -> None:
    pairs.write_text(content)
    result = run("evaluate", pairs, *model)
    assert result.exit_code == 2
    assert message in result.stderr


def test_languages_are_listed_with_their_compilers() -> None:
    result = run("languages", "--json")
    assert result.exit_code == 0
    assert [row["name"] for row in json.loads(result.stdout)] == list(known_languages())
