"""Packs of the user's own, from the outside: what is known is read once, by a process."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fedtranslate.errors import ConfigError
from fedtranslate.resources import PACKS, add_pack_folders, shipped

PROGRAM = """
import json
from pathlib import Path
from fedtranslate.languages import registry
print(json.dumps([
    list(registry.known_languages()),
    {name: str(registry.load_pack(name).folder) for name in %r},
    {name: registry.language_of(Path(name)) for name in %r},
    {name: list(taken) for name, taken in registry.taken_over().items()},
]))
"""


def own_pack(folder: Path, *, of: str = "java", **changes: str) -> Path:
    """Make a pack from one that ships, with some keys changed; returns the folder it lies in."""
    shutil.copytree(shipped("parsers") / of, folder, ignore=shutil.ignore_patterns("broken"))
    file = folder / "pack.toml"
    lines = file.read_text("utf-8").splitlines()
    kept = [line for line in lines if line.split(" = ")[0] not in changes]
    head = [f"{key} = {value}" for key, value in changes.items()]
    file.write_text("\n".join([*head, *kept]), "utf-8")
    return folder.parent


def ask(names: list[str], files: list[str], *folders: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM % (names, files)],
        env={**os.environ, PACKS: os.pathsep.join(map(str, folders))},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_pack_of_the_users_own_adds_a_language(tmp_path: Path) -> None:
    folder = own_pack(tmp_path / "mine", extensions='[".mine"]', aliases='["my"]')
    known, packs, files, taken = json.loads(
        ask(["mine", "MY"], ["a.mine", "a.java"], folder).stdout
    )
    assert "mine" in known
    assert set(packs.values()) == {str(tmp_path / "mine")}
    assert files == {"a.mine": "mine", "a.java": "java"}
    assert taken == {"mine": []}


def test_a_pack_of_the_users_own_replaces_ours_of_its_name(tmp_path: Path) -> None:
    folder = own_pack(tmp_path / "java", title='"My Java"')
    known, packs, files, taken = json.loads(ask(["java"], ["a.java"], folder).stdout)
    assert known.count("java") == 1
    assert packs == {"java": str(tmp_path / "java")}
    assert files == {"a.java": "java"}
    assert taken == {"java": ["the name java"]}


def test_an_alias_and_an_extension_of_ours_are_taken_over(tmp_path: Path) -> None:
    folder = own_pack(tmp_path / "mine", aliases='["c#"]', extensions='[".cs", ".mine"]')
    known, packs, files, taken = json.loads(
        ask(["c#", "csharp", "cs"], ["a.cs", "a.mine"], folder).stdout
    )
    assert "csharp" in known
    mine, ours = str(tmp_path / "mine"), str(shipped("parsers") / "csharp")
    assert packs == {"c#": mine, "csharp": ours, "cs": ours}
    assert files == {"a.cs": "mine", "a.mine": "mine"}
    assert taken == {"mine": ["the alias c# of csharp", "the extension .cs of csharp"]}


def test_a_name_of_ours_that_is_an_alias_of_the_users_means_the_users(tmp_path: Path) -> None:
    folder = own_pack(tmp_path / "mine", aliases='["csharp"]', extensions='[".mine"]')
    known, packs, files, taken = json.loads(ask(["csharp"], ["a.cs"], folder).stdout)
    assert "csharp" not in known
    assert packs == {"csharp": str(tmp_path / "mine")}
    assert files == {"a.cs": None}
    assert taken == {"mine": ["the name csharp"]}


@pytest.mark.parametrize(
    ("first", "second", "claim"),
    [
        ({"aliases": '["my"]'}, {"aliases": '["my"]', "extensions": '[".b"]'}, "'my'"),
        ({"extensions": '[".a"]'}, {"extensions": '[".b", ".a"]'}, "'.a'"),
        ({"aliases": '["second"]'}, {"extensions": '[".b"]'}, "'second'"),
    ],
)
def test_two_packs_of_the_users_own_may_not_claim_the_same(
    tmp_path: Path, first: dict[str, str], second: dict[str, str], claim: str
) -> None:
    one = own_pack(tmp_path / "one/first", **first)
    two = own_pack(tmp_path / "two/second", **second)
    said = ask([], [], one, two)
    assert said.returncode != 0
    last = said.stderr.strip().splitlines()[-1]
    assert "PackError" in last
    for word in (claim, str(tmp_path / "one/first"), str(tmp_path / "two/second")):
        assert word in last


def test_two_packs_of_the_users_own_may_not_have_one_name(tmp_path: Path) -> None:
    one, two = own_pack(tmp_path / "one/mine"), own_pack(tmp_path / "two/mine")
    assert "Two language packs claim 'mine'" in ask([], [], one, two).stderr
    assert ask([], [], one, one).returncode == 0


def fedtranslate(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fedtranslate", *map(str, words)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_option_names_folders_for_this_process_and_its_children(tmp_path: Path) -> None:
    one = own_pack(tmp_path / "one/mine", extensions='[".mine"]')
    two = own_pack(tmp_path / "two/yours", extensions='[".yours"]')
    three = own_pack(tmp_path / "three/theirs", extensions='[".theirs"]')
    said = fedtranslate(
        "--packs", one, "--packs", two, "languages", "--json", FEDTRANSLATE_PACKS=str(three)
    )
    assert said.returncode == 0, said.stderr
    rows = {row["name"]: row for row in json.loads(said.stdout)}
    assert {"java", "mine", "yours", "theirs"} <= set(rows)
    assert rows["mine"]["folder"] == str(tmp_path / "one/mine")
    program = (
        "from fedtranslate.resources import add_pack_folders; from pathlib import Path; "
        f"add_pack_folders([Path({str(one)!r})]); "
        "from fedtranslate.languages.worker import ParseWorker; w = ParseWorker(); "
        "print(w.problems(['int f() { }', 'int f( {'], 'mine')[0]); w.close()"
    )
    child = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert child.stdout.strip() == "()", child.stderr


@pytest.mark.parametrize("words", [("--packs", "nowhere"), ()])
def test_a_folder_that_is_not_there_is_a_wrong_request(words: tuple[str, ...]) -> None:
    environment = {} if words else {PACKS: "/nowhere"}
    said = fedtranslate(*words, "languages", **environment)
    assert said.returncode == 2
    assert "nowhere" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_broken_pack_of_the_users_own_is_named(tmp_path: Path) -> None:
    folder = own_pack(tmp_path / "mine", title="7")
    said = fedtranslate("--packs", folder, "languages")
    assert said.returncode == 2
    assert str(tmp_path / "mine/pack.toml") in said.stderr
    assert "title" in said.stderr


def test_a_folder_whose_name_would_be_two_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PACKS, raising=False)
    with pytest.raises(ConfigError, match="cannot hold language packs"):
        add_pack_folders([tmp_path / "a:b"])
    add_pack_folders([])
    assert PACKS not in os.environ
