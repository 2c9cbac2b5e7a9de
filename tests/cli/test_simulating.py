"""``federate simulate`` from the outside: mistakes, a whole run, and a run that is killed."""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tiny_models import code_pairs

from fedtranslate.cli import main
from fedtranslate.corpus.formats import write_pairs

SETTINGS = """
[federation]
name = "tiny"
source = "java"
target = "csharp"
rounds = {rounds}
steps = {steps}
threads = 1
lora = {{rank = 2, alpha = 4.0, targets = ["q_proj", "v_proj"]}}
training = {{precision = "f32", warmup_steps = 0, learning_rate = 1e-2, batch_tokens = 512}}
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["federate", "simulate", *map(str, arguments)])


def write_federation(folder: Path, *, rounds: int = 2, steps: int = 3) -> Path:
    """Write two sites with twelve pairs each, and the federation of them."""
    text = SETTINGS.format(rounds=rounds, steps=steps)
    for site in ("ada", "bob"):
        write_pairs(folder / f"{site}.jsonl", code_pairs(12, site))
        files = json.dumps([f"{site}/{n}.java" for n in (2, 3)])
        others = json.dumps([f"{site}/{n}.java" for n in (4, 5)])
        text += f'\n[site.{site}]\npairs = "{site}.jsonl"\n'
        text += f"validation = {files}\nheld_out = {others}\n"
    path = folder / "federation.toml"
    path.write_text(text)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_federation(tmp_path)


def outcome(file: Path, base: Path, out: Path, *more: object) -> dict[str, Any]:
    result = run(file, "--base", base, "--out", out, "--json", *more)
    assert result.exit_code == 0, result.stderr
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def test_a_run_is_printed_and_a_finished_one_is_printed_again(
    file: Path, llama_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "runs"
    first = run(file, "--base", llama_folder, "--out", out)
    assert first.exit_code == 0, first.stderr
    assert "ada: 8 pairs to train on, 2 for validation, 2 held out" in first.stderr
    assert "Validation loss after rounds 0 to 2:" in first.stdout
    assert "Method fra, no robust rule; numbers travel as float32" in first.stdout
    assert re.search(r"In all rounds together: [\d.]+ kB up, [\d.]+ kB down\.", first.stdout)
    (folder,) = out.iterdir()
    adapters = {path: path.stat().st_mtime_ns for path in folder.rglob("*.safetensors")}
    again = run(file, "--base", llama_folder, "--out", out)
    assert again.stdout == first.stdout
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.safetensors")} == adapters
    document = outcome(file, llama_folder, out)
    assert document["checksum"][:16] in first.stdout
    assert Path(document["folder"]) == folder


def test_more_rounds_go_on_and_another_seed_is_another_run(
    file: Path, llama_folder: Path, tmp_path: Path
) -> None:
    short = outcome(file, llama_folder, tmp_path / "a")
    longer = outcome(file, llama_folder, tmp_path / "a", "--rounds", 3)
    straight = outcome(file, llama_folder, tmp_path / "b", "--rounds", 3)
    other = outcome(file, llama_folder, tmp_path / "a", "--seed", 5)
    assert longer["checksum"] == straight["checksum"] != short["checksum"]
    assert longer["folder"] == short["folder"] != other["folder"]
    assert other["checksum"] != short["checksum"]


def test_a_comparison_has_all_rows_and_is_plain_json(
    file: Path, llama_folder: Path, tmp_path: Path
) -> None:
    document = outcome(file, llama_folder, tmp_path / "runs", "--compare")
    rows = document["tables"]["token_exact"]
    assert list(rows) == [
        "copy", "nearest", "base", "local", "federated", "personalised", "central",
    ]  # fmt: skip
    for row in rows.values():
        assert set(row["own"]) == {"ada", "bob"}
        assert all(0 <= value <= 100 for value in (*row["own"].values(), row["everyone"]))
        assert row["own_mean"] == pytest.approx(sum(row["own"].values()) / 2)
    assert set(document["installed"]["ada"]) == {"joint", "personalised"}
    text = run(file, "--base", llama_folder, "--out", tmp_path / "runs", "--compare").stdout
    assert re.search(
        r"Federated gain on everyone's code: [+-]\d+\.\d percentage points of exact match", text
    )
    assert re.search(
        r"joint adapter: gain [+-]\d+\.\d CodeBLEU points per validation pair \(95 % interval", text
    )
    for row in rows:
        assert row in text


def test_three_mistakes_are_named_at_once(file: Path) -> None:
    text = file.read_text().replace("steps = 3", "steps = 0").replace("threads", "treads")
    file.write_text(text.replace("held_out = ", "held_in = ", 1))
    result = run(file)
    assert (result.exit_code, result.stdout) == (2, "")
    for part in (str(file), "steps: ", "treads: ", "held_in: "):
        assert part in result.stderr


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        (None, ["gone.toml"], "There is no file gone.toml."),
        (None, ["."], ". is a folder"),
        (None, ["federation.toml", "--rounds", "0"], "rounds: "),
        (None, ["federation.toml", "--base", "nowhere"], "There is no base model 'nowhere'"),
        (('"java"', '"jav"'), ["federation.toml"], "Did you mean 'java'?"),
        (("rounds", "method = 'best'\nrounds"), ["federation.toml"], "'best'"),
        (("ada.jsonl", "gone.jsonl"), ["federation.toml"], "gone.jsonl"),
        (("[", "[["), ["federation.toml"], "is not valid TOML"),
    ],
)
def test_a_wrong_request_is_answered_with_a_sentence(
    file: Path,
    llama_folder: Path,
    change: tuple[str, str] | None,
    arguments: list[str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if change is not None:
        file.write_text(file.read_text().replace(*change, 1))
    monkeypatch.chdir(file.parent)
    base = () if "--base" in arguments else ("--base", llama_folder)
    result = run(*arguments, *base)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("content", ["", '{"source": "", "target": "x"}\n'])
def test_a_site_without_pairs_is_named(file: Path, llama_folder: Path, content: str) -> None:
    (file.parent / "bob.jsonl").write_text(content)
    file.write_text(file.read_text().split("[site.bob]")[0] + '[site.bob]\npairs = "bob.jsonl"\n')
    result = run(file, "--base", llama_folder, "--out", file.parent / "runs")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Site 'bob' has no pairs to train on" in result.stderr
    assert not (file.parent / "runs").exists()


def test_a_comparison_without_held_out_pairs_is_refused_before_any_training(
    file: Path, llama_folder: Path
) -> None:
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(line for line in lines if not line.startswith("held_out")))
    out = file.parent / "runs"
    result = run(file, "--base", llama_folder, "--out", out, "--compare")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "there are none at 'ada', 'bob'. Name held_out files" in result.stderr
    assert not out.exists()
    plain = run(file, "--base", llama_folder, "--out", out)
    assert plain.exit_code == 0
    assert "nothing is held out at 'ada', 'bob'; --compare would be refused" in plain.stderr


def test_a_site_without_validation_pairs_is_warned_of(file: Path, llama_folder: Path) -> None:
    text = file.read_text()
    file.write_text(text.replace('validation = ["bob/2.java", "bob/3.java"]\n', ""))
    result = run(file, "--base", llama_folder, "--out", file.parent / "runs")
    assert result.exit_code == 0, result.stderr
    assert "there are no validation pairs at 'bob'; the gate cannot judge" in result.stderr


def test_a_loss_that_nobody_could_measure_is_null(file: Path, llama_folder: Path) -> None:
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(line for line in lines if not line.startswith("validation")))
    out = file.parent / "runs"
    assert outcome(file, llama_folder, out, "--rounds", 1)["validation"] == [None, None]
    shown = run(file, "--base", llama_folder, "--out", out, "--rounds", 1).stdout
    assert "Validation loss after rounds 0 to 1: -  -\n" in shown


def test_what_became_of_the_pairs_of_a_site_is_said(file: Path, llama_folder: Path) -> None:
    pairs = code_pairs(12, "bob")
    seen = [replace(pairs[2], id="seen", group="bob/again.java"), pairs[8]]
    write_pairs(file.parent / "bob.jsonl", [*pairs, *seen])
    long = replace(pairs[0], source="int f() { return " + "1 + " * 80 + "1; }")
    write_pairs(file.parent / "ada.jsonl", [*code_pairs(12, "ada"), replace(long, id="long")])
    result = run(file, "--base", llama_folder, "--out", file.parent / "runs", "--rounds", 1)
    assert result.exit_code == 0, result.stderr
    bob = "bob: 8 pairs to train on, 2 for validation, 2 held out, 0 units not migrated yet,"
    assert f"{bob} 2 pairs dropped (1 duplicate, 1 in validation or held-out)\n" in result.stderr
    assert "1 examples of more than 256 tokens left out\n" in result.stderr


@pytest.mark.skipif(shutil.which("mcs") is None, reason="no C# compiler")
def test_a_site_at_which_nothing_can_compile_is_warned_of_once(
    file: Path, llama_folder: Path
) -> None:
    text = file.read_text().replace("[site.bob]", '[site.bob]\nusings = ["System", "Nowhere"]')
    file.write_text(text)
    out = ("--out", file.parent / "runs", "--rounds", 1)
    result = run(file, "--base", llama_folder, *out, "--migrate", 1)
    assert result.exit_code == 0, result.stderr
    warning = "Warning: no translation can compile at 'bob'; the compiler says"
    assert result.stderr.count(warning) == 1
    assert "`Nowhere'" in result.stderr
    assert "compile at 'ada'" not in result.stderr
    assert warning not in run(file, "--base", llama_folder, *out).stderr


def test_pairs_that_are_all_too_long_are_said_to_be(file: Path, llama_folder: Path) -> None:
    file.write_text(file.read_text().replace("512}", "512, max_tokens = 16}"))
    result = run(file, "--base", llama_folder, "--out", file.parent / "runs")
    assert result.exit_code == 2
    assert "training.max_tokens (16)" in result.stderr


def test_a_killed_run_goes_on_to_the_identical_checksum(llama_folder: Path, tmp_path: Path) -> None:
    file = write_federation(tmp_path, rounds=30, steps=8)
    command = [sys.executable, "-m", "fedtranslate", "federate", "simulate", str(file)]
    command += ["--base", str(llama_folder), "--out", str(tmp_path / "killed")]
    with (tmp_path / "stderr").open("wb") as errors:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors)
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob("killed/*/round-00002")):
        assert process.poll() is None, (tmp_path / "stderr").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    (folder,) = (tmp_path / "killed").iterdir()
    done = len(list(folder.glob("round-000*"))) - 1
    assert done < 30
    assert "Warning" not in (tmp_path / "stderr").read_text()
    rounds = ("--rounds", done + 2)
    resumed = outcome(file, llama_folder, tmp_path / "killed", *rounds)
    unbroken = outcome(file, llama_folder, tmp_path / "unbroken", *rounds)
    assert resumed["folder"] == str(folder)
    assert resumed["checksum"] == unbroken["checksum"]
    assert resumed["validation"] == unbroken["validation"]


@pytest.mark.parametrize(
    ("settings", "options", "told"),
    [
        ("rank = 4", (), "ada: its own rank is 4, and that of the run is 2. Methods for mixed"),
        (
            "rank = 1",
            ("--strategy", "fedit"),
            "ada: it has a rank of its own, 1, and fedit has one",
        ),
        ('method = "fedsa"', ("--groups", "auto"), "nothing tells which sites are alike"),
        ("", ("--groups", "peers:2"), "Take peers:1 to peers:1."),
        ("", ("--shared-rounds", "9", "--groups", "auto"), "cannot be rounds of all sites"),
        ("", ("--strategy", "fedaddam"), "No method is called 'fedaddam'. Did you mean 'fedadam'?"),
    ],
)
def test_what_cannot_be_had_is_refused_before_pairs_are_read(
    file: Path, tmp_path: Path, settings: str, options: tuple[str, ...], told: str
) -> None:
    place = "[site.ada]" if settings.startswith("rank") else "threads = 1"
    file.write_text(file.read_text().replace(place, f"{place}\n{settings}", 1))
    result = run(file, *options, "--out", tmp_path / "runs")
    assert result.exit_code == 2, result.output
    assert told in " ".join(result.stderr.split())
    assert "has wrong settings" not in result.stderr
    assert not (tmp_path / "runs").exists()


def test_a_rule_that_so_few_sites_do_not_allow_is_refused_before_anything_is_made(
    file: Path, tmp_path: Path
) -> None:
    file.write_text(file.read_text().replace("threads = 1", 'threads = 1\nrobust = "krum"'))
    result = run(file, "--out", tmp_path / "runs")
    assert result.exit_code == 2
    assert result.stderr.count("among 5 sites or more, and the run has 2") == 1
    assert "No rule fits; 5 sites are enough for it" in " ".join(result.stderr.split())
    assert not (tmp_path / "runs").exists()
