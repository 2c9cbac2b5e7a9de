"""The folders that commands work in: ``--dir``, and the words of commands that are to be typed.

What lies below names commands without a folder, since only a command knows how its user named it.
Here the folder is put in, so that what is told can be typed as it stands.
"""

import functools
import os
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from fedtranslate.errors import FedTranslateError

_WITHOUT_FOLDER = frozenset({"init", "simulate", "methods"})


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder of one end of a federation."""

    of: str
    """Whose it is, in words."""
    variable: str
    """Of the environment; names another folder."""
    usual: Path
    groups: str
    """The commands that take it, as a regular expression."""
    flag: str = "--dir"

    def option(self, command: Callable[..., Any]) -> Callable[..., Any]:
        """Add the option to a command, which gets it as ``folder``; complete its refusals."""

        @functools.wraps(command)
        def completing(*args: Any, folder: Path, **given: Any) -> Any:  # noqa: ANN401
            try:
                return command(*args, folder=folder, **given)
            except FedTranslateError as error:
                error.args = (self.completed(str(error), folder), *error.args[1:])
                raise

        return click.option(
            self.flag,
            "folder",
            type=click.Path(file_okay=False, path_type=Path),
            default=self.usual,
            show_default=True,
            envvar=self.variable,
            show_envvar=True,
            metavar="DIR",
            help=f"Folder of the {self.of}.",
        )(completing)

    def words(self, folder: Path) -> str:
        """Return the option that names ``folder``, if a command needs it to find it."""
        if folder == Path(os.environ.get(self.variable) or self.usual):
            return ""
        return f" {self.flag} {shlex.quote(str(folder))}"

    def completed(self, text: str, folder: Path) -> str:
        """Return ``text`` with the folder in each command in quotes that takes it and lacks it."""
        words = self.words(folder)

        def with_folder(found: re.Match[str]) -> str:
            is_whole = found["verb"] in _WITHOUT_FOLDER or f" {self.flag} " in found[0]
            return found[0] if is_whole else f"{found[0][:-1]}{words}'"

        command = rf"'(?:fedtranslate )?(?:{self.groups}) (?P<verb>[a-z]+)(?: [^'\n]*)?'"
        return re.sub(command, with_folder, text)


COORDINATOR = Folder(
    "coordinator", "FEDTRANSLATE_COORDINATOR", Path("coordinator"), "coordinator|federate"
)
SITE = Folder("site", "FEDTRANSLATE_SITE", Path("site"), "site")
STORE = Folder("store", "FEDTRANSLATE_ADAPTERS", Path("adapters"), "adapters", "--store")
