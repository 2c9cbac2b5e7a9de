"""What the commands of a coordinator share: its folder."""

import os
import shlex
from pathlib import Path

import click

FOLDER_VARIABLE = "FEDTRANSLATE_COORDINATOR"
FOLDER = Path("coordinator")

coordinator_folder = click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    envvar=FOLDER_VARIABLE,
    default=FOLDER,
    show_default=True,
    show_envvar=True,
    help="The coordinator's folder.",
)


def dir_words(folder: Path) -> str:
    """Return the option that names ``folder`` in a command that is to be typed."""
    if folder == Path(os.environ.get(FOLDER_VARIABLE) or FOLDER):
        return ""
    return f" --dir {shlex.quote(str(folder))}"
