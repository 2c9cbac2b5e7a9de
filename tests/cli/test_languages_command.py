"""``fedtranslate languages``: the list, and the check of packs."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fedtranslate.cli import main
from fedtranslate.languages.registry import known_languages, load_pack
from fedtranslate.resources import shipped


def run(*words: object) -> Result:
    return CliRunner().invoke(main, list(map(str, words)))


@pytest.mark.parametrize("words", [("languages",), ("languages", "list")])
def test_the_list_tells_of_every_pack_and_its_compiler(words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 0
    for name in known_languages():
        pack = load_pack(name)
        line = next(one for one in result.stdout.splitlines() if one.startswith(f"{name} "))
        assert pack.title in line
        assert all(end in line for end in pack.extensions)
    assert str(shipped("parsers")) in result.stdout
    assert "sandbox" in result.stdout.splitlines()[-1]


def test_the_list_is_the_same_in_json() -> None:
    rows = json.loads(run("languages", "--json").stdout)
    assert rows == json.loads(run("languages", "list", "--json").stdout)
    assert [row["name"] for row in rows] == list(known_languages())
    assert {row["parsed_by"] for row in rows} == {"grammar", "rules"}
    for row in rows:
        assert row["compiles"] or row["help"] or not row["compiler"]
        assert Path(row["folder"], "pack.toml").is_file()


def test_what_is_missing_is_told_with_the_command_that_installs_it(tmp_path: Path) -> None:
    (tmp_path / "python3").symlink_to(sys.executable)
    said = subprocess.run(
        [sys.executable, "-m", "fedtranslate", "languages"],
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    line = next(line for line in said.stdout.splitlines() if line.startswith("cobol"))
    assert line.endswith("cobc is missing: apt-get install gnucobol")


def test_a_pack_of_the_users_own_is_listed_with_what_it_takes_over(tmp_path: Path) -> None:
    shutil.copytree(shipped("parsers") / "cobol", tmp_path / "my cobol")
    said = subprocess.run(
        [sys.executable, "-m", "fedtranslate", "--packs", str(tmp_path), "languages"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"your own, in {tmp_path / 'my cobol'}; takes over the alias gnucobol" in said.stdout
    assert "the extension .cob of cobol" in said.stdout


def test_a_folder_that_is_a_pack_itself_may_be_named(tmp_path: Path) -> None:
    shutil.copytree(shipped("parsers") / "cobol", tmp_path / "mine")
    said = subprocess.run(
        [sys.executable, "-m", "fedtranslate", "--packs", str(tmp_path / "mine"), "languages"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "\nmine " in said.stdout


@pytest.mark.parametrize("language", known_languages())
def test_nothing_is_wrong_with_the_packs_that_ship(language: str) -> None:
    folder = shipped("parsers") / language
    result = run("languages", "check", folder, "--no-compile")
    assert result.stdout == f"{language}: nothing is wrong\n1 pack checked, no findings\n"
    assert result.exit_code == 0


@pytest.mark.skipif(shutil.which("cobc") is None, reason="no cobc")
def test_the_compiler_is_asked_about_the_broken_examples(tmp_path: Path) -> None:
    shutil.copytree(shipped("parsers") / "cobol", tmp_path / "mine")
    broken = tmp_path / "mine/examples/broken"
    assert run("languages", "check", tmp_path / "mine").exit_code == 0
    file = broken / "type_error-paragraph.cob"
    (broken / "unresolved_only-paragraph.cob").rename(file)
    result = run("languages", "check", tmp_path)
    assert result.exit_code == 1
    assert f"{file}: for the compiler it is unresolved_only (line 2: " in result.stdout
    assert run("languages", "check", tmp_path, "--no-compile").exit_code == 0


Change = Callable[[Path], object]


def edit(name: str, old: str, new: str) -> Change:
    def change(folder: Path) -> None:
        text = (folder / name).read_text("utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), "utf-8")

    return change


def add(name: str, text: str) -> Change:
    def change(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")

    return change


@pytest.mark.parametrize(
    ("of", "change", "said"),
    [
        ("java", edit("pack.toml", 'title = "Java"', 'titel = "Java"'), "pack.toml has wrong keys"),
        ("java", edit("pack.toml", "extensions =", "endings ="), "endings: unknown key"),
        ("java", edit("pack.toml", 'identifier = ["identifier"]', 'identifier = "a"'), "be a list"),
        ("java", edit("queries/units.scm", "name: (identifier)", "name: (identifer)"), "units.scm"),
        ("java", edit("keywords.txt", "abstract\nassert", "assert\nabstract"), "not sorted"),
        ("java", edit("pack.toml", '"camelCase"', '"CamelCase"'), "'CamelCase' is no convention"),
        ("java", edit("pack.toml", "getter =", "gettter ="), "naming.gettter is unknown"),
        ("java", edit("pack.toml", "comment = '//", "comment = '(?://)?"), "lexer.comment matches"),
        ("java", add("queries/tags.scm", "(identifier) @a"), "tags.scm: nothing reads it"),
        ("java", add("queries/references.scm", "(identifier) @cal"), "@cal is unknown"),
        ("java", edit("examples/Ledger.units.txt", "18 con", "19 con"), "19 constructor Ledger."),
        ("java", edit("examples/Ledger.units.txt", "11 type", "12 type"), "found, but not here"),
        ("java", edit("examples/Ledger.java", "class Ledger", "class {"), "Ledger.java: line"),
        ("java", lambda folder: (folder / "examples/Ledger.java").unlink(), "no file of that name"),
        ("java", add("examples/broken/wrong.java", "class"), "does not say what is wrong"),
        ("java", add("examples/broken/syntax_error-a.java", "int f();"), "sees no syntax error"),
        ("java", add("examples/broken/type_error-a.java", "int f( {"), "sees a syntax error in"),
        ("java", add("dataflow.toml", "variables = ['nobody']"), "dataflow.toml"),
        ("cobol", add("queries/units.scm", "()"), "without a grammar nothing reads it"),
        ("cobol", edit("keywords.txt", "accept", "ACCEPT"), "not all is lower case"),
        ("cobol", edit("pack.toml", "[rules]", "[rulez]"), "rulez"),
        ("cobol", edit("pack.toml", "(?P<name>PROCEDURE", "(?P<nam>PROCEDURE"), "group name"),
        ("cobol", lambda folder: shutil.rmtree(folder / "examples"), "there is no example"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_pack_is_told_with_its_file(
    tmp_path: Path, of: str, change: Change, said: str
) -> None:
    shutil.copytree(shipped("parsers") / of, tmp_path / "mine")
    change(tmp_path / "mine")
    result = run("languages", "check", tmp_path / "mine", "--no-compile")
    assert result.exit_code == 1
    assert said in result.stdout
    assert str(tmp_path / "mine") in result.stdout
    (row,) = json.loads(
        run("languages", "check", tmp_path / "mine", "--no-compile", "--json").stdout
    )
    assert row["pack"] == "mine"
    assert any(said in f"{one['file']}: {one['problem']}" for one in row["findings"])


def test_a_folder_without_packs_is_a_wrong_request(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        result = run("languages", "check", folder)
        assert result.exit_code == 2
        assert "is no language pack" in result.stderr


def test_an_option_of_the_list_is_not_lost_before_another_command() -> None:
    result = run("languages", "--json", "check")
    assert result.exit_code == 2
    assert "check --json" in result.stderr


@pytest.mark.parametrize("name", ["pack.toml", "keywords.txt", "queries/units.scm", "behave.toml"])
@pytest.mark.parametrize("kind", ["pipe", "folder", "loop", "zeros", "bytes", "nested"])
def test_a_file_of_a_pack_that_is_no_text_is_told(tmp_path: Path, name: str, kind: str) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(shipped("parsers") / "java", folder)
    file = folder / name
    file.unlink()
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "folder":
        file.mkdir()
    elif kind in ("loop", "zeros"):
        file.symlink_to(file if kind == "loop" else "/dev/zero")
    else:
        file.write_bytes(b"\xff" if kind == "bytes" else b"x = " + b"[" * 100_000)
    done = subprocess.run(
        [sys.executable, "-m", "fedtranslate", "languages", "check", "--no-compile", str(folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if name == "keywords.txt" and kind == "nested":
        assert done.returncode == 0  # one odd word, and the word is sorted
        return
    assert "Traceback" not in done.stderr
    assert done.returncode == (2 if name == "pack.toml" and kind in NO_FILE else 1)
    assert str(file if done.returncode == 1 else folder) in done.stdout + done.stderr


def test_a_pack_cannot_write_beside_the_folder_of_a_program(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(shipped("parsers") / "python", folder)
    file = folder / "behave.toml"
    text = file.read_text("utf-8")
    assert text.count('\nfile = "') >= 1
    file.write_text(text.replace('\nfile = "', '\nfile = "../../', 1), "utf-8")
    done = run("languages", "check", "--no-compile", folder)
    assert done.exit_code == 1
    assert "run.file: '../../" in done.stdout
    assert "leads out of the folder" in done.stdout


NO_FILE = ("pipe", "folder", "loop", "zeros")
