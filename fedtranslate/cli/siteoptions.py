"""What the commands of a site share: its folder, its clock, and asking for consent."""

import os
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

FOLDER_VARIABLE = "FEDTRANSLATE_SITE"
_FOLDER = Path("site")


def in_folder(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--dir``: the folder of the site."""
    return click.option(
        "--dir",
        "folder",
        type=click.Path(file_okay=False, path_type=Path),
        default=_FOLDER,
        show_default=True,
        envvar=FOLDER_VARIABLE,
        show_envvar=True,
        help="Folder of the site.",
    )(command)


def dir_words(folder: Path) -> str:
    """Return the option that names ``folder`` in a command that is to be typed."""
    if folder == Path(os.environ.get(FOLDER_VARIABLE) or _FOLDER):
        return ""
    return f" --dir {shlex.quote(str(folder))}"


def clock() -> int:
    """Return the seconds since 1970."""
    return int(time.time())


def is_terminal() -> bool:
    """Tell whether somebody can be asked."""
    return sys.stdin.isatty()


def ask_consent(question: str, *, yes: bool) -> None:
    """Ask for consent, unless it was given on the command line.

    Raises:
        click.UsageError: Nobody can be asked.
        SystemExit: It was not given.
    """
    if yes:
        return
    if not is_terminal():
        raise click.UsageError(
            "This needs your consent, and there is no terminal to ask at: add --yes to give it."
        )
    if not click.confirm(question, err=True):
        click.echo("Nothing was done.", err=True)
        raise SystemExit(1)
