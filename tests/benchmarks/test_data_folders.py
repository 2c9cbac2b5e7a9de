"""The folder of data that is given to a benchmark: one of another kind is refused in a sentence."""

from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

PROGRAMS = {
    "studies.codexglue": ("{data}",),
    "studies.groups": ("{data}",),
    "studies.methods": ("{data}",),
    "studies.migration": ("{data}", "{work}"),
    "accuracy.gold_units": ("{data}",),
    "accuracy.mutants": ("{data}",),
    "speed.java_compile": ("{data}",),
    "speed.parsing": ("{data}",),
    "speed.migration": ("units", "{data}"),
    "suites.gold": ("humaneval-x", "{data}", "--out", "{work}/gold.json"),
}


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("kind", ["missing", "empty", "file"])
def test_a_folder_without_the_data_is_refused_in_a_sentence(
    tmp_path: Path, program: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = tmp_path / "data"
    if kind == "empty":
        data.mkdir()
    if kind == "file":
        data.touch()
    words = [word.format(data=data, work=tmp_path / "work") for word in PROGRAMS[program]]
    result = CliRunner().invoke(import_module(f"benchmarks.{program}").main, words)
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    told = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert len(told) == 1
    assert str(data) in " ".join(result.stderr.split())
