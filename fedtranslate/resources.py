"""Where the data that ships with fedtranslate is on this machine.

The only module that knows about installation layouts.  In a checkout (and so in an editable
install) ``parsers/``, ``clients/`` and ``constraints.txt`` lie beside this package; in a wheel they
lie inside it, in ``_shipped/``, put there by ``tools/ship_data.py``.

A user's own language packs are in the folders that the environment variable of ``PACKS`` names.
It is read and set here, below the command line, because every process that works for a user must
see the same packs: parse workers and the apps of a site inherit it.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from fedtranslate.errors import ConfigError, InstallError

PACKS = "FEDTRANSLATE_PACKS"
"""Environment variable: folders of language packs, separated as in PATH."""
_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent


def shipped(name: str) -> Path:
    """Return what came with this installation: "parsers", "clients" or "constraints.txt".

    Raises:
        InstallError: It is neither in the package nor in a checkout around it.
    """
    inside = _PACKAGE / "_shipped" / name
    if inside.exists():
        return inside
    beside = _CHECKOUT / name
    if beside.exists() and (_CHECKOUT / "pyproject.toml").is_file():
        return beside
    raise InstallError(
        f"{name!r} that ships with fedtranslate is missing from {_PACKAGE}.",
        hint="Install it again: pip install --force-reinstall fedtranslate.",
    )


def add_pack_folders(folders: Sequence[Path]) -> None:
    """Add folders of the user's own packs, for this process and those that it starts.

    Packs are read once: it must be called before any is.

    Raises:
        ConfigError: The name of a folder has a colon in it.
    """
    named = [str(folder.absolute()) for folder in folders]
    for name in named:
        if os.pathsep in name:
            raise ConfigError(
                f"{name} cannot hold language packs: {os.pathsep!r} parts the folders in {PACKS}.",
                hint="Move the packs into a folder without it.",
            )
    before = [name for name in (os.environ.get(PACKS, ""),) if name]
    if named:
        os.environ[PACKS] = os.pathsep.join((*before, *named))


def pack_folders() -> tuple[Path, ...]:
    """Return the folders of language packs: ours first, then the user's.

    A folder has packs as subfolders, or is one itself.

    Raises:
        InstallError: A folder that the user named is not there, or ours are missing.
    """
    own = [Path(name) for name in os.environ.get(PACKS, "").split(os.pathsep) if name]
    for folder in own:
        if not folder.is_dir():
            raise InstallError(
                f"{folder}, named as a folder of language packs, is no folder.",
                hint=f"Correct --packs or {PACKS}; without them the packs that ship are used.",
            )
    return (shipped("parsers"), *(folder.resolve() for folder in own))
