"""Every broken example of a pack has the state in its name, by its compiler, where there is one."""

import shutil
from pathlib import Path

import pytest

from fedtranslate.checks.compile import CompileContext, compile_units
from fedtranslate.languages.registry import known_languages, load_pack
from fedtranslate.records import CompileState
from fedtranslate.resources import shipped

PROGRAMS = {"java": "javac", "mcs": "mcs"}
SLOW = {"kotlin"}
"""Where a compiler takes seconds for each file; one file for each state must do."""


def _broken(language: str) -> list[Path]:
    files = sorted((shipped("parsers") / language / "examples" / "broken").iterdir())
    if language in SLOW:
        files = list({_state(file): file for file in files}.values())
    return files


def _state(file: Path) -> CompileState:
    return CompileState(file.name.partition("-")[0])


@pytest.mark.parametrize("language", known_languages())
def test_the_compiler_gives_the_state_that_a_broken_example_is_named_by(language: str) -> None:
    table = load_pack(language).compile
    program = PROGRAMS.get(table.tool) or next(iter(table.command), "")
    if not program or not shutil.which(program):
        pytest.skip(f"no {program or 'compiler'} on this machine")
    files = _broken(language)
    texts = [file.read_text("utf-8") for file in files]
    verdicts = compile_units(texts, language, CompileContext())
    found = {file.name: said.compile_state for file, said in zip(files, verdicts, strict=True)}
    assert found == {file.name: _state(file) for file in files}
    for text, said in zip(texts, verdicts, strict=True):
        assert said.problems
        assert all(1 <= problem.line <= text.count("\n") + 1 for problem in said.problems)
