"""Requests that cannot be met: one message, exit code 2, and nothing begun."""

import os
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fedtranslate.adapters.initial import initial_adapter
from fedtranslate.adapters.releases.store import RELEASES
from fedtranslate.adapters.store import Manifest, save_adapter
from fedtranslate.cli import main
from fedtranslate.cli.folders import COORDINATOR
from fedtranslate.models.load import BaseModel, load_base

FEDERATION = """
[federation]
name = "f"
source = "jva"
target = "cshrp"
method = "magic"
[site.a]
pairs = "pairs.jsonl"
"""


def run(*arguments: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(main, list(arguments), input=stdin)


def test_all_unknown_names_of_a_federation_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "federation.toml"
    file.write_text(FEDERATION)
    result = run("federate", "simulate", str(file), "--out", str(tmp_path / "runs"))
    assert result.exit_code == 2
    for name in ("'jva'", "'cshrp'", "'magic'"):
        assert name in result.stderr
    assert "[site.a] pairs: there is no file" in result.stderr
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("command", ["simulate", "mine"])
def test_an_output_below_a_file_is_refused(command: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "pairs.jsonl").write_text("")
    (tmp_path / "A.java").write_text("class A { int sum(int a) { return a + 1; } }")
    (tmp_path / "A.cs").write_text("class A { int Sum(int a) { return a + 1; } }")
    federation = tmp_path / "federation.toml"
    federation.write_text(
        FEDERATION.replace("jva", "java").replace("cshrp", "csharp").replace("magic", "fra")
    )
    if command == "simulate":
        result = run("federate", "simulate", str(federation), "--out", str(tmp_path / "file" / "x"))
    else:
        out = tmp_path / "file" / "x.jsonl"
        result = run("pairs", "mine", str(tmp_path), "--out", str(out))
    assert result.exit_code == 2
    assert "cannot be written: " in result.stderr


def test_binary_input_is_no_source_code() -> None:
    result = run("translate", stdin=b"\x7fELF\x00\x00\x01int")
    assert result.exit_code == 2
    assert "standard input is binary" in result.stderr


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "request_",
    [
        ["pairs", "check", "pipe.jsonl"],
        ["pairs", "check", "lines.java"],
        ["evaluate", "pipe.csv"],
        ["translate", "pipe.java"],
        ["translate", "/dev/zero"],
        ["translate", "A.java", "--adapter", "piped"],
        ["train", "pipe.jsonl", "--out", "out"],
        ["train", "--site", "pipe.toml", "--out", "out"],
        ["federate", "simulate", "pipe.toml"],
    ],
    ids=" ".join,
)
def test_a_pipe_or_a_device_is_not_read(
    request_: list[str], llama_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "piped").mkdir()
    (tmp_path / "A.java").write_text("class A { int sum(int a) { return a + 1; } }")
    for name in ("pipe.jsonl", "pipe.csv", "pipe.toml", "pipe.java", "piped/manifest.json"):
        os.mkfifo(tmp_path / name)
    for name in ("lines.java", "lines.cs"):
        os.mkfifo(tmp_path / name)
    model = {"translate": "--model", "evaluate": "--model", "train": "--model"}.get(request_[0])
    result = run(*request_, *([model, str(llama_folder)] if model else []))
    assert (result.exit_code, result.stdout) == (2, "")
    said = " ".join(result.stderr.split())
    assert "is a pipe or a device, not a plain file" in said or "in no format" in said


def test_a_pipe_among_the_sources_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "A.java").write_text("class A { int sum(int a) { return a + 1; } }")
    (tmp_path / "A.cs").write_text("class A { int Sum(int a) { return a + 1; } }")
    os.mkfifo(tmp_path / "B.java")
    os.mkfifo(tmp_path / ".gitignore")
    result = run("pairs", "mine", str(tmp_path))
    assert result.exit_code == 0
    assert "1 pairs from 1 source files" in result.stdout


@pytest.fixture(scope="module")
def adapter(llama_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    base: BaseModel = load_base(str(llama_folder))
    factors = initial_adapter(
        {"model.layers.0.mlp.up_proj": _shape(base)}, rank=2, scaling=1.0, seed=0
    )
    manifest = Manifest("tiny", base.fingerprint, "java", "csharp", 2, 2.0)
    folder = tmp_path_factory.mktemp("adapters") / "a"
    save_adapter(folder, factors, manifest)
    return folder


def _shape(base: BaseModel) -> tuple[int, int]:
    rows, columns = base.model.model.layers[0].mlp.up_proj.weight.shape
    return int(rows), int(columns)


def test_an_adapter_of_other_languages_is_refused(llama_folder: Path, adapter: Path) -> None:
    result = run(
        *("translate", "--from", "java", "--to", "python"),
        *("--model", str(llama_folder), "--adapter", str(adapter)),
        stdin=b"int f() { return 1; }",
    )
    assert result.exit_code == 2
    assert "was trained for Java to C#" in result.stderr


def test_the_way_back_is_allowed_with_a_note(llama_folder: Path, adapter: Path) -> None:
    result = run(
        *("translate", "--from", "csharp", "--to", "java"),
        *("--model", str(llama_folder), "--adapter", str(adapter)),
        stdin=b"int F() { return 1; }",
    )
    assert result.exit_code in (0, 1)
    assert "Note: the adapter names Java to C#" in result.stderr


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        ("federate status --dir {hub}", "'fedtranslate federate start RUN.toml --dir {hub}'"),
        ("coordinator approve nobody --dir {hub}", "'fedtranslate coordinator sites --dir {hub}'"),
        ("site up --dir {hub}", "'fedtranslate site join INVITE --dir {hub}'"),
        ("adapters show 3f2a --store {store}", "'fedtranslate adapters list --store {store}'"),
    ],
)
def test_a_hint_names_a_command_that_works_for_the_folder_in_hand(
    tmp_path: Path, command: str, hint: str
) -> None:
    hub = tmp_path / "my hub"
    about = ["--federation", "trade", "--organisation", "Trade AG"]
    run("coordinator", "init", str(hub), *about)
    places = {"hub": shlex.quote(str(hub)), "store": shlex.quote(str(hub / "releases"))}
    (hub / "releases" / RELEASES).mkdir(parents=True)
    result = run(*shlex.split(command.format(**places)))
    assert result.exit_code == 2
    assert hint.format(**places) in result.stderr.replace("\n", " ")


def test_a_command_that_is_told_is_completed_once_and_only_where_it_takes_the_folder() -> None:
    folder = Path("hub")
    for text, told in (
        ("'fedtranslate federate status cairn' tells.", " --dir hub' tells."),
        ("'coordinator sites' lists them.", "'coordinator sites --dir hub' lists them."),
        ("'fedtranslate coordinator sites --dir x' tells", "sites --dir x' tells"),
        ("'fedtranslate coordinator init hub' makes it", "init hub' makes it"),
        ("'fedtranslate site up' does", "'fedtranslate site up' does"),
    ):
        assert told in COORDINATOR.completed(text, folder)
    usual = "'fedtranslate federate status' tells"
    assert COORDINATOR.completed(usual, COORDINATOR.usual) == usual
