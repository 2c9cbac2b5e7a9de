"""``fedtranslate train``: adapters from pairs, resumable and refused in sentences."""

import re
from pathlib import Path

import pytest
from command_line import run

from fedtranslate.adapters.store import ADAPTER_FILE, load_adapter
from fedtranslate.models.load import BaseModel


def train_arguments(pairs: Path, llama_folder: Path, out: Path, *more: object) -> list[object]:
    quick = ["--steps", 10, "--rank", 2, "--precision", "f32", "--threads", 1]
    return ["train", pairs, "--model", llama_folder, "--out", out, *quick, *more]


def test_training_leaves_an_adapter_that_translate_takes(
    pairs: Path, llama_folder: Path, llama: BaseModel, file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    result = run(*train_arguments(pairs, llama_folder, out))
    assert result.exit_code == 0, result.stderr
    assert f"The adapter is in {out}." in result.stdout
    assert re.search(
        r"\d+ examples to learn from, \d+ to validate on, \d+ pairs held", result.stderr
    )
    assert re.search(r"Validation loss per token: \d\.\d+ before, \d\.\d+ after", result.stdout)
    _, manifest = load_adapter(out, base_fingerprint=llama.fingerprint)
    assert (manifest.rank, manifest.source_language) == (2, "java")
    used = run("translate", file, "--model", llama_folder, "--adapter", out)
    assert used.exit_code in (0, 1)
    assert list(tmp_path.glob("*checkpoint*")) == []


def test_training_off_a_terminal_says_now_and_then_how_far_it_is(
    pairs: Path, llama_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fedtranslate.cli.progress.QUIET_SECONDS", 0.0)
    told = run(*train_arguments(pairs, llama_folder, tmp_path / "a")).stderr.splitlines()
    assert told[1:] == ["... train", *(f"... train: {step} of 10" for step in range(1, 11))]
    monkeypatch.setattr("fedtranslate.cli.progress.QUIET_SECONDS", 3600.0)
    told = run(*train_arguments(pairs, llama_folder, tmp_path / "b")).stderr.splitlines()
    assert told[1:] == ["... train"]


def test_training_on_an_empty_file_is_refused_by_name(
    pairs: Path, llama_folder: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    for arguments in ([empty], [pairs, "--validation", empty]):
        _, _, *rest = train_arguments(pairs, llama_folder, tmp_path / "out")
        result = run("train", *arguments, *rest)
        assert result.exit_code == 2
        assert f"{empty} holds no pairs." in result.stderr
    assert not (tmp_path / "out").exists()


def test_training_twice_with_one_seed_gives_one_adapter(
    pairs: Path, llama_folder: Path, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        run(*train_arguments(pairs, llama_folder, tmp_path / name, "--dropout", 0.1))
    marks = [load_adapter(tmp_path / name)[1].checksum for name in ("a", "b")]
    assert marks[0] == marks[1]


def test_a_finished_adapter_is_not_trained_over(
    pairs: Path, llama_folder: Path, adapter: Path
) -> None:
    before = (adapter / ADAPTER_FILE).read_bytes()
    result = run(*train_arguments(pairs, llama_folder, adapter))
    assert result.exit_code == 2
    assert "a finished adapter" in result.stderr
    assert (adapter / ADAPTER_FILE).read_bytes() == before


def test_training_needs_pairs_or_a_site_and_possible_values(
    pairs: Path, llama_folder: Path, tmp_path: Path
) -> None:
    assert "Give either PAIRS or --site" in run("train", "--out", tmp_path / "o").stderr
    arguments = train_arguments(pairs, llama_folder, tmp_path / "o", "--learning-rate", 7)
    result = run(*arguments, "--alpha", -1)
    assert result.exit_code == 2
    assert "training.learning_rate" in result.stderr
    assert "lora.alpha" in result.stderr


def test_a_site_file_is_trained_from(pairs: Path, llama_folder: Path, tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text('name = "ada"\npairs = "pairs.jsonl"\nlimit = 6\n')
    _, _, *rest = train_arguments(pairs, llama_folder, tmp_path / "out")
    result = run("train", "--site", site, *rest)
    assert result.exit_code == 0, result.stderr
    assert "6 examples to learn from" in result.stderr
