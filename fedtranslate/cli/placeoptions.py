"""The options that name the folder of a coordinator or of a site."""

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
site_folder = click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="FEDTRANSLATE_SITE",
    default=Path("site"),
    show_default=True,
    show_envvar=True,
    help="The site's folder.",
)
