"""Every command in a file of a kit exists, with its options."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from example_kits import FORMS, each_kit, files_in, kit

from fedtranslate.cli import main


def command_lines(folder: Path) -> Iterator[list[str]]:
    """Yield the words behind ``fedtranslate`` wherever a file of a kit has that as a command."""
    for path in files_in(folder):
        text = path.read_text("utf-8")
        if path.suffix == ".service":
            lines = re.findall(r"^ExecStart=\S+/fedtranslate (.*)", text, re.MULTILINE)
            yield from (shlex.split(line) for line in lines)
        elif path.name == "Dockerfile":
            yield from (json.loads(line)[1:] for line in re.findall(r'CMD (\["fed.*\])', text))
        elif path.suffix == ".yaml":
            for document in yaml.safe_load_all(text):
                yield from words_in(document)
        elif path.suffix == ".md":
            # In a sentence, a command may be named without what it needs.
            lines = re.findall(r"^fedtranslate (.*)", text, re.MULTILINE)
            for span in re.findall(r"`([^`\n]+)`", text):
                lines += re.findall(r"\bfedtranslate (\w+ \w+ .*)", span)
            yield from (shlex.split(line) for line in lines)


def words_in(document: object) -> Iterator[list[str]]:
    """Yield commands in YAML: lists of words, and lines of scripts."""
    if isinstance(document, dict):
        for inner in document.values():
            yield from words_in(inner)
    if not isinstance(document, list):
        return
    words = [str(word) for word in document if str(word) != "CMD"]
    if words[:1] == ["fedtranslate"]:
        yield words[1:]
    elif words[:1] == ["sh"]:
        found = re.findall(r"\bfedtranslate (.*)", words[-1])
        yield from (shlex.split(line) for line in found)
    else:
        for inner in document:
            yield from words_in(inner)


def parsed(words: list[str]) -> dict[str, Any]:
    """Let click read a command line as it would, and return the values."""
    command: click.Command = main
    context = click.Context(main, **main.context_settings)
    while isinstance(command, click.Group):
        found = command.get_command(context, words[0])
        assert found is not None, f"there is no command {words}"
        command, words = found, words[1:]
    # Commands remember how help is asked for in the first context that they see.
    return command.make_context("command", list(words), parent=context).params


@each_kit
def test_every_command_of_a_kit_exists_with_its_options(
    end: str, form: str, tmp_path: Path
) -> None:
    lines = list(command_lines(kit(end, form, tmp_path)))
    ran = [line for line in lines if line[1] in ("up", "status")]
    assert len(ran) >= {"systemd": 1, "docker": 3, "kubernetes": 3}[form]
    for line in lines:
        parsed(line)


def test_both_parts_of_a_site_are_started_and_agree_on_the_port(tmp_path: Path) -> None:
    for form in FORMS:
        folder = kit("site", form, tmp_path / form)
        lines = [line for line in command_lines(folder) if line[1] == "up"]
        told = [parsed(line) for line in lines]
        assert {values["part"] for values in told} == {"network", "data"}
        assert {values["port"] for values in told} == {9400}
        assert all(values["foreground"] for values in told)


def test_a_command_with_an_option_that_nobody_knows_is_found_out() -> None:
    with pytest.raises(click.UsageError, match="No such option"):
        parsed(shlex.split("site up --foreground --hostt x"))
