"""Which language packs there are, by name, alias and file extension.

The folders are the registry: a language exists when it has a folder with a pack.toml in parsers/
or in a folder of the user's own (``fedtranslate.resources.pack_folders``).  A name is compared
with that list before anything is read, so it never becomes a path.
"""

from functools import cache
from pathlib import Path

from fedtranslate.errors import UnknownNameError
from fedtranslate.languages.pack import LanguagePack, read_pack
from fedtranslate.languages.packfile import PackFile, read_pack_file
from fedtranslate.resources import pack_folders


@cache
def known_languages() -> tuple[str, ...]:
    """Return the names of all packs, sorted."""
    return tuple(sorted(_folders()))


@cache
def load_pack(name: str) -> LanguagePack:
    """Return the pack called ``name``, or that has ``name`` among its aliases.

    Raises:
        UnknownNameError: There is no such pack; a path is not a name.
        PackError: The pack is malformed; the message names file and key.
    """
    folders = _folders()
    if name in folders:
        return read_pack(folders[name])
    aliases = {alias: known for known, file in _files().items() for alias in file.aliases}
    if name.lower() not in aliases:
        raise UnknownNameError("language", name, {*folders, *aliases})
    return load_pack(aliases[name.lower()])


def language_of(path: Path) -> str | None:
    """Return the language of a file by the extension of its name; None when no pack claims it."""
    return _extensions().get(path.suffix.lower())


@cache
def _folders() -> dict[str, Path]:
    """Return every pack's folder; a pack of the user's own replaces ours of the same name."""
    found = (file.parent for place in pack_folders() for file in sorted(place.glob("*/pack.toml")))
    return {folder.name: folder for folder in found}


@cache
def _files() -> dict[str, PackFile]:
    """Return what the packs' files say, without loading a grammar."""
    return {name: read_pack_file(folder / "pack.toml") for name, folder in _folders().items()}


@cache
def _extensions() -> dict[str, str]:
    return {end: name for name, file in _files().items() for end in file.extensions}
