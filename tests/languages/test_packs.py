import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fedtranslate.errors import PackError, UnknownNameError
from fedtranslate.languages.pack import KINDS, read_pack
from fedtranslate.languages.parsing import parse_problems
from fedtranslate.languages.registry import known_languages, language_of, load_pack
from fedtranslate.languages.units import units_in
from fedtranslate.records import Unit
from fedtranslate.resources import shipped

EXAMPLES = sorted(shipped("parsers").glob("*/examples/*.units.txt"))
BROKEN = sorted(shipped("parsers").glob("*/examples/broken/*"))
STATES = ("syntax_error", "unresolved_only", "type_error")


def _line(unit: Unit) -> str:
    name = f"{unit.container}.{unit.name}" if unit.container else unit.name
    return f"{unit.first_line} {unit.kind} {name}({', '.join(unit.parameters)})"


@pytest.mark.parametrize("golden", EXAMPLES, ids=lambda path: path.parts[-3])
def test_the_units_of_the_example_are_found(golden: Path) -> None:
    pack = load_pack(golden.parts[-3])
    (source,) = golden.parent.glob(f"{golden.name.split('.')[0]}{pack.extensions[0]}")
    units = units_in(source.read_text("utf-8"), pack, kinds=KINDS)
    assert [_line(unit) for unit in units] == golden.read_text("utf-8").splitlines()
    assert not any(unit.has_error for unit in units)


@pytest.mark.parametrize("file", BROKEN, ids=lambda path: f"{path.parts[-4]}-{path.stem}")
def test_the_parser_sees_the_syntax_errors_among_the_broken_examples_and_no_others(
    file: Path,
) -> None:
    state = file.name.partition("-")[0]
    assert state in STATES
    assert language_of(file) == file.parts[-4]
    text = file.read_text("utf-8")
    problems = parse_problems(text, load_pack(file.parts[-4]))
    assert bool(problems) == (state == "syntax_error")
    assert all(1 <= problem.line <= text.count("\n") + 1 for problem in problems)


@pytest.mark.parametrize("language", known_languages())
def test_every_pack_has_a_broken_example(language: str) -> None:
    assert [path for path in BROKEN if path.parts[-4] == language]


@pytest.mark.parametrize("language", known_languages())
def test_every_pack_has_an_example(language: str) -> None:
    assert list((shipped("parsers") / language / "examples").glob("*.units.txt"))


@pytest.mark.parametrize("language", known_languages())
def test_every_key_of_every_pack_is_explained(language: str) -> None:
    explained = (shipped("parsers") / "README.md").read_text("utf-8")
    text = (shipped("parsers") / language / "pack.toml").read_text("utf-8")
    for key in _keys(tomllib.loads(text)):
        assert f"{key}`" in explained, key


def _keys(table: dict[str, Any]) -> Iterator[str]:
    """Yield the keys that hold values; what packs name themselves, such as files, is left out."""
    for key, value in table.items():
        tables = value if isinstance(value, list) else [value]
        if key in ("environment", "files", "markers") or not isinstance(tables[0], dict):
            yield key
        else:
            for inner in tables:
                yield from _keys(inner)


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("c#", "csharp"),
        ("C#", "csharp"),
        ("cs", "csharp"),
        ("py", "python"),
        ("js", "javascript"),
        ("TS", "typescript"),
        ("golang", "go"),
        ("kt", "kotlin"),
    ],
)
def test_an_alias_gives_the_same_pack(alias: str, name: str) -> None:
    assert load_pack(alias) is load_pack(name)


@pytest.mark.parametrize("name", ["../clients", "..", "", "java/", "./java", "/etc", "java\0"])
def test_a_name_never_becomes_a_path(name: str) -> None:
    with pytest.raises(UnknownNameError):
        load_pack(name)


def test_an_unknown_language_names_a_close_one() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'java'"):
        load_pack("jav")


def test_the_language_of_a_file_is_told_by_its_extension() -> None:
    assert language_of(Path("a/b/Foo.JAVA")) == "java"
    assert language_of(Path("a/b.pyi")) == "python"
    assert language_of(Path("a/b.test.MJS")) == "javascript"
    assert language_of(Path("a/Makefile")) is None
    assert language_of(Path(".java")) is None


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    shutil.copytree(shipped("parsers") / "java", tmp_path / "mine")
    return tmp_path / "mine"


@pytest.mark.parametrize(
    ("old", "new", "complaints"),
    [
        ('title = "Java"', 'titel = "Java"', ["title", "titel"]),
        ('title = "Java"', "title = 7", ["title"]),
        ('title = "Java"', "title = ", ["pack.toml", "line 2"]),
        ('grammar = "tree_sitter_java"', 'grammar = "no_such_grammar"', ["grammar", "pip install"]),
        ('grammar = "tree_sitter_java"', 'grammar = "json"', ["grammar", "json.language"]),
        ('grammar = "tree_sitter_java"', 'grammar = "../evil"', ["grammar"]),
        ('extensions = [".java"]', "extensions = []", ["extensions"]),
        ('extensions = [".java"]', 'extensions = ["java"]', ["extensions"]),
        ('"block_comment"]', '"blok_comment"]', ["nodes.comment", "blok_comment"]),
        ("constructor = '(", "constructor = '((", ["wrap.constructor", "regular expression"]),
        ("constructor = '(\\w++)", "constructor = '\\w++", ["wrap.constructor", "one group"]),
    ],
)
def test_a_malformed_pack_file_is_refused_by_file_and_key(
    broken: Path, old: str, new: str, complaints: list[str]
) -> None:
    file = broken / "pack.toml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(PackError) as caught:
        read_pack(broken)
    for complaint in [str(file), *complaints]:
        assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("(method_declaration", "units.scm"),
        ("(no_such_node) @method", "units.scm"),
        ("(method_declaration) @methd", "@methd"),
    ],
)
def test_a_malformed_query_is_refused_by_file(broken: Path, query: str, complaint: str) -> None:
    (broken / "queries" / "units.scm").write_text(query, "utf-8")
    with pytest.raises(PackError, match=complaint):
        read_pack(broken)


@pytest.mark.parametrize("missing", ["pack.toml", "keywords.txt", "queries/units.scm"])
def test_a_missing_file_of_a_pack_is_named(broken: Path, missing: str) -> None:
    (broken / missing).unlink()
    with pytest.raises(PackError, match=Path(missing).name):
        read_pack(broken)


def test_a_folder_of_the_users_own_adds_languages(broken: Path) -> None:
    file = broken / "pack.toml"
    file.write_text(file.read_text("utf-8").replace('[".java"]', '[".mine"]'), "utf-8")
    program = (
        "from pathlib import Path; from fedtranslate.languages import registry; "
        "print(registry.load_pack('mine').folder, registry.language_of(Path('a.mine')))"
    )
    said = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "FEDTRANSLATE_PACKS": str(broken.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == [str(broken), "mine"]
