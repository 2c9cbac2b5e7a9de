"""The sample sites keep what clients/README.md promises of them."""

import re
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
import tree_sitter_c_sharp
import tree_sitter_java
from tree_sitter import Language, Node, Parser

SAMPLES = Path(__file__).parents[2] / "clients" / "samples"
SITES = ("meridian-bank", "kestrel-freight", "halden-clinic")
GRAMMARS = {
    ".java": Language(tree_sitter_java.language()),
    ".cs": Language(tree_sitter_c_sharp.language()),
}
UNITS = {"method_declaration", "constructor_declaration", "property_declaration"}

each_site = pytest.mark.parametrize("site", SITES)


@dataclass(frozen=True)
class Member:
    """A method, constructor or property of a sample file."""

    name: str
    text: str
    tokens: int


def settings(site: str) -> dict[str, Any]:
    return tomllib.loads((SAMPLES / site / "site.toml").read_text(encoding="utf-8"))


def java_files(site: str) -> list[Path]:
    return sorted((SAMPLES / site / "java").rglob("*.java"))


def target_of(site: str, source: Path) -> Path | None:
    found = list((SAMPLES / site / "csharp").rglob(f"{source.stem}.cs"))
    assert len(found) <= 1
    return found[0] if found else None


def migrated(site: str) -> dict[Path, Path]:
    both = {source: target_of(site, source) for source in java_files(site)}
    return {source: target for source, target in both.items() if target is not None}


def chosen(site: str, key: str) -> list[Path]:
    return [SAMPLES / site / path for path in settings(site)[key]]


def training_files(site: str) -> list[Path]:
    apart = {*chosen(site, "held_out"), *chosen(site, "validation")}
    return [source for source in migrated(site) if source not in apart]


def members(path: Path) -> list[Member]:
    root = Parser(GRAMMARS[path.suffix]).parse(path.read_bytes()).root_node
    assert not root.has_error, path
    return list(_members(root))


def _members(node: Node) -> list[Member]:
    if node.type not in UNITS:
        return [member for child in node.children for member in _members(child)]
    name, text = node.child_by_field_name("name"), node.text
    assert name is not None
    assert name.text is not None
    assert text is not None
    return [Member(name.text.decode(), text.decode(), _count_tokens(node))]


def _count_tokens(node: Node) -> int:
    if "comment" in node.type:
        return 0
    if node.child_count == 0 or node.type == "string_literal":
        return 1
    return sum(_count_tokens(child) for child in node.children)


def count(paths: list[Path]) -> int:
    return sum(len(members(path)) for path in paths)


def words(text: str) -> str:
    return " ".join(text.split())


def in_csharp(java_name: str, java_text: str) -> str:
    """Name a Java member as its C# side is called: getX() becomes the property X."""
    getter = re.fullmatch(r"get([A-Z]\w*)", java_name)
    if getter and f"{java_name}()" in java_text:
        return getter[1]
    return java_name[0].upper() + java_name[1:]


def run(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@each_site
@pytest.mark.skipif(shutil.which("javac") is None, reason="needs javac to compile the Java side")
def test_the_java_side_compiles(site: str, tmp_path: Path) -> None:
    folders = (SAMPLES / "framework/java", SAMPLES / site / "library/java", SAMPLES / site / "java")
    files = [str(path) for folder in folders for path in sorted(folder.rglob("*.java"))]
    run(["javac", "-d", str(tmp_path), *files], tmp_path)


@each_site
@pytest.mark.skipif(shutil.which("mcs") is None, reason="needs mcs to compile the C# side")
def test_the_csharp_side_compiles_with_all_usings_of_the_site(site: str, tmp_path: Path) -> None:
    folders = [SAMPLES / site / folder for folder in settings(site)["class_path"]]
    files = [str(path) for folder in folders for path in sorted(folder.resolve().rglob("*.cs"))]
    usings = "".join(f"using {name};\n" for name in settings(site)["usings"])
    probe = tmp_path / "Probe.cs"
    body = (
        "ILogger l; Clock.UtcNow.AddDays(1); HttpResult r; IRow w; ItemList<int> i; Math.Max(1, 2);"
    )
    probe.write_text(f"{usings}class Probe {{ void Run() {{ {body} }} }}\n", encoding="utf-8")
    library = tmp_path / "site.dll"
    command = ["mcs", "-langversion:7", "-target:library", f"-out:{library}"]
    run([*command, *files, str(probe)], tmp_path)


def test_the_federation_names_the_sites_that_there_are() -> None:
    federation = tomllib.loads((SAMPLES / "federation.toml").read_text(encoding="utf-8"))
    assert set(federation["site"]) == set(SITES)
    for name, site in federation["site"].items():
        assert settings(site["folder"])["name"] == name


@each_site
def test_held_out_and_validation_files_exist_on_both_sides(site: str) -> None:
    held_out, validation = chosen(site, "held_out"), chosen(site, "validation")
    assert 3 <= len(held_out) <= 4
    assert len(validation) == 6
    assert not set(held_out) & set(validation)
    assert {*held_out, *validation} <= set(migrated(site))


@each_site
def test_about_a_fifth_of_the_files_is_not_migrated_yet(site: str) -> None:
    sources = java_files(site)
    pending = [source for source in sources if target_of(site, source) is None]
    assert 4 <= len(pending) <= 6
    assert 0.70 <= 1 - len(pending) / len(sources) <= 0.80
    assert count(pending) >= 20


@each_site
def test_the_migrated_folder_holds_nothing_that_java_does_not(site: str) -> None:
    assert set((SAMPLES / site / "csharp").rglob("*.cs")) == set(migrated(site).values())


@each_site
def test_every_unit_has_its_counterpart_in_the_same_place(site: str) -> None:
    for source, target in migrated(site).items():
        expected = [in_csharp(member.name, member.text) for member in members(source)]
        assert [member.name for member in members(target)] == expected, source


@each_site
def test_counts_of_units_are_as_promised(site: str) -> None:
    assert 110 <= count(training_files(site)) <= 150
    assert 45 <= count(chosen(site, "validation")) <= 60
    assert 25 <= count(chosen(site, "held_out")) <= 40


@each_site
def test_units_are_short(site: str) -> None:
    pairs = migrated(site)
    for paths in (training_files(site), [pairs[source] for source in training_files(site)]):
        assert 25 <= mean(member.tokens for path in paths for member in members(path)) <= 70
    for path in (*java_files(site), *pairs.values()):
        assert max(member.tokens for member in members(path)) <= 120


def test_no_two_files_are_the_same() -> None:
    texts = [path.read_bytes() for path in SAMPLES.rglob("*") if path.suffix in GRAMMARS]
    assert len(texts) == len(set(texts))


def test_no_unit_outside_training_is_also_trained_on_anywhere() -> None:
    trained = {
        words(member.text)
        for site in SITES
        for path in training_files(site)
        for member in members(path)
    }
    for site in SITES:
        apart = [path for path in java_files(site) if path not in training_files(site)]
        assert not trained & {words(member.text) for path in apart for member in members(path)}


def test_sites_share_no_unit() -> None:
    seen: set[str] = set()
    for site in SITES:
        own = {words(member.text) for path in java_files(site) for member in members(path)}
        assert not seen & own
        seen |= own
