"""The folders that commands work in: ``--dir``, and the words of commands that are to be typed."""

import os
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder of one end of a federation."""

    of: str
    """Whose it is, in words."""
    variable: str
    """Of the environment; names another folder."""
    usual: Path

    def option(self, command: Callable[..., Any]) -> Callable[..., Any]:
        """Add ``--dir`` to a command, which gets it as ``folder``."""
        return click.option(
            "--dir",
            "folder",
            type=click.Path(file_okay=False, path_type=Path),
            default=self.usual,
            show_default=True,
            envvar=self.variable,
            show_envvar=True,
            help=f"Folder of the {self.of}.",
        )(command)

    def words(self, folder: Path) -> str:
        """Return the option that names ``folder``, if a command needs it to find it."""
        if folder == Path(os.environ.get(self.variable) or self.usual):
            return ""
        return f" --dir {shlex.quote(str(folder))}"


COORDINATOR = Folder("coordinator", "FEDTRANSLATE_COORDINATOR", Path("coordinator"))
SITE = Folder("site", "FEDTRANSLATE_SITE", Path("site"))
