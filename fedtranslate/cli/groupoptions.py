"""How sites are parted into groups: options of ``federate groups`` and ``federate simulate``."""

from collections.abc import Callable
from typing import Any

import click

Command = Callable[..., Any]


def keep(command: Command) -> Command:
    """Add ``--keep``: what of the adapter stays that of all."""
    return click.option(
        "--keep",
        type=click.Choice(["a"], case_sensitive=False),
        help="Keep the factor A that all have learned together; groups train B alone.",
    )(command)
