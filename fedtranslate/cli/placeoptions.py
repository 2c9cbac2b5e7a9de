"""What the commands of a coordinator share: its folder."""

from pathlib import Path

import click

coordinator_folder = click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="FEDTRANSLATE_COORDINATOR",
    default=Path("coordinator"),
    show_default=True,
    show_envvar=True,
    help="The coordinator's folder.",
)
