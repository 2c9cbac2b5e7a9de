"""What the documents say is there: commands, options, settings, files."""

import re
import shlex
from pathlib import Path

import click
import pytest

from fedtranslate.checks.behave.differential import Likeness
from fedtranslate.cli import main
from fedtranslate.config.federation import read_federation
from fedtranslate.records import CompileState

CHECKOUT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(CHECKOUT.glob("*.md"))
README = (CHECKOUT / "README.md").read_text("utf-8")


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


COMMANDS = [line for block in blocks("sh") for line in block.splitlines() if line.strip()]


@pytest.mark.parametrize("line", [line for line in COMMANDS if line.startswith("fedtranslate ")])
def test_every_command_of_the_readme_exists_with_its_options(line: str) -> None:
    command: click.Command = main
    words = shlex.split(line)[1:]
    context = click.Context(main)
    while isinstance(command, click.Group):
        _, found, words = command.resolve_command(context, words)
        assert found is not None
        command = found
    options = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options
    needed = {p.opts[0] for p in command.params if p.required and isinstance(p, click.Option)}
    assert needed <= set(words)


def test_the_python_of_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (program,) = blocks("python")
    exec(compile(program, "README.md", "exec"), {})
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 5
    assert 0 < float(said[0]) < 100
    states = set(CompileState)
    assert {line.split()[0] for line in said[2:4]} <= states
    assert said[4].split()[0] in set(Likeness)


@pytest.mark.parametrize("line", [line for line in COMMANDS if line.startswith("tools/")])
def test_every_tool_of_the_readme_can_be_run(line: str) -> None:
    assert (CHECKOUT / line).stat().st_mode & 0o111


def test_the_federation_of_the_readme_can_be_read(tmp_path: Path) -> None:
    document, _ = blocks("toml")
    path = tmp_path / "federation.toml"
    path.write_text(document, "utf-8")
    for folder in ("north/java", "north/csharp", "south"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "south" / "pairs.jsonl").write_text("")
    read = read_federation(path)
    assert [site.name for site in read.sites] == ["north", "south"]
    assert {"steps", "lora", "training"} <= read.run.model_fields_set


def mapped_files() -> list[str]:
    """Return the paths of the file map."""
    (block,) = [block for block in blocks("text") if block.startswith("README.md")]
    paths, folder = [], ""
    for line in block.splitlines():
        entry = re.split(r"\s{2,}", re.sub(r"^[│├└─ ]+", "", line))[0]
        depth = len(line) - len(line.lstrip("│├└─ "))
        top = folder.split("/")[0]
        parent = "" if depth == 0 else f"{top}/" if depth < 8 else folder
        for name in entry.split(", "):
            paths.append(parent + name)
            if name.endswith("/") and depth < 8:
                folder = parent + name
    return paths


@pytest.mark.parametrize("path", mapped_files())
def test_every_file_of_the_map_is_there(path: str) -> None:
    assert (CHECKOUT / path).exists()
    assert (CHECKOUT / path).is_dir() == path.endswith("/")


def test_the_map_names_every_room_of_the_package() -> None:
    rooms = {
        f"fedtranslate/{entry.name}"
        for entry in (CHECKOUT / "fedtranslate").iterdir()
        if entry.name not in {"__init__.py", "__main__.py", "__pycache__", "py.typed"}
    }
    named = {"/".join(path.split("/")[:2]) for path in mapped_files()}
    assert rooms <= named


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_to_files_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", document.read_text("utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_paths_of_the_package_that_documents_name_exist(document: Path) -> None:
    named = re.findall(
        r"`((?:fedtranslate|parsers|clients|tests|tools)/[\w./-]*)`", document.read_text("utf-8")
    )
    assert [path for path in named if not (CHECKOUT / path).exists()] == []
