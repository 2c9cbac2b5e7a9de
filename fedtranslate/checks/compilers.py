"""Which compilers are on this machine, and of which version."""

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fedtranslate.checks import sandbox
from fedtranslate.checks.complaints import first_line
from fedtranslate.errors import CheckError
from fedtranslate.languages.pack import LanguagePack

_LIMITS = sandbox.Limits(seconds=30.0, memory_bytes=None)


@dataclass(frozen=True, slots=True)
class CompilerFound:
    """A compiler that a pack asks for."""

    name: str
    """The program, such as ``javac``; "" where the pack has no compile check."""
    version: str
    """The first line of what it says of itself; "" when it is not there or does not say."""
    help: str
    """What a user does who lacks it."""
    path: Path | None
    """Where it is; None when it is nowhere."""


def compiler_found(pack: LanguagePack) -> CompilerFound:
    """Look for the compiler of a language, by PATH; asked once for each pack."""
    return _found(pack)


@cache
def _found(pack: LanguagePack) -> CompilerFound:
    table = pack.compile
    command = table.version or table.command[:1]
    if not (table.tool and command):
        return CompilerFound("", "", table.help, None)
    path = sandbox.find_program(command[0])
    if path is None:
        return CompilerFound(command[0], "", table.help, None)
    return CompilerFound(command[0], _version(table.version), table.help, path)


def _version(command: tuple[str, ...]) -> str:
    if not command:
        return ""
    with tempfile.TemporaryDirectory(prefix="fedtranslate-version-") as folder:
        try:
            done = sandbox.run(command, folder=Path(folder), limits=_LIMITS)
        except CheckError:  # nothing contains programs here
            return ""
    if done.exit_code != 0:
        return ""
    said = (done.stdout or done.stderr).decode("utf-8", "replace")
    # A virtual machine may complain of its own options before the compiler says a word.
    return first_line("\n".join(line for line in said.splitlines() if " warning: " not in line))
