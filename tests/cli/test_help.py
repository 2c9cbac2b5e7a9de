"""``--help`` of every command: it works, at once, and without the heavy libraries."""

import json
import resource
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from fedtranslate import __version__
from fedtranslate.cli import main

HEAVY = {"torch", "transformers", "peft", "flwr", "datasets", "matplotlib"}
PROBE = """
import json, sys
from fedtranslate.cli import main
try:
    main([*sys.argv[1:], "--help"], prog_name="fedtranslate")
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [path]
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        deeper = isinstance(command, click.Group)
        found += commands(command, (*path, name)) if deeper else [(*path, name)]
    return found


COMMANDS = commands(main)


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_needs_less_than_a_second_and_no_heavy_library(path: tuple[str, ...]) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *path], capture_output=True, text=True, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.stdout.startswith("Usage: fedtranslate")
    assert not HEAVY & set(json.loads(done.stderr))
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_says_what_it_does_and_what_each_option_is(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*path, "-h"])
    assert result.exit_code == 0
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    assert lines[2].strip()
    assert "\b" not in result.stdout


def test_the_version_is_printed() -> None:
    result = CliRunner().invoke(main, ["--version"])
    assert result.stdout == f"fedtranslate, version {__version__}\n"


def test_an_unknown_command_is_a_wrong_request() -> None:
    result = CliRunner().invoke(main, ["fly"])
    assert result.exit_code == 2
    assert "No such command 'fly'" in result.stderr
    assert result.stdout == ""


def test_python_minus_m_is_the_same_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fedtranslate", "--help"], capture_output=True, text=True, check=True
    )
    for name, *_ in COMMANDS[1:]:
        assert f"  {name} " in done.stdout
