"""How sites are parted into groups: options of ``federate groups`` and ``federate simulate``."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from fedtranslate.adapters.grouping import Peers

Command = Callable[..., Any]
WANTED = "N|auto|peers:K"
"""How groups can be asked for."""


def keep(command: Command) -> Command:
    """Add ``--keep``: what of the adapter stays that of all."""
    return click.option(
        "--keep",
        type=click.Choice(["a"], case_sensitive=False),
        help="Keep the factor A that all have learned together; groups train B alone.",
    )(command)


def by(command: Command) -> Command:
    """Add ``--by``: what sites are compared by."""
    return click.option(
        "--by",
        type=click.Choice(["similarity", "signature"]),
        help="Compare sites by their updates' similarity (the default), or their signatures.",
    )(command)


def read_wanted(text: str | None, option: str) -> "int | Peers | None":
    """Return how many groups are asked for, or neighbourhoods of how many peers.

    Args:
        text: What was given; neither that nor ``auto`` says how many.
        option: By which it was given.

    Raises:
        UsageError: It is none of ``WANTED``.
    """
    if text is None or text == "auto":
        return None
    found = re.fullmatch(r"(peers:)?([1-9][0-9]{0,3})", text)
    if found is None:
        raise click.UsageError(
            f"{option} takes a number of groups, auto, or peers:K for a neighbourhood of each site"
            f" and the K most like it; not {text!r}."
        )
    if not found[1]:
        return int(found[2])
    from fedtranslate.adapters.grouping import Peers  # late: it loads the arithmetic

    return Peers(int(found[2]))
