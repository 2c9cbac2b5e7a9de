"""Which language packs there are, by name, alias and file extension.

The folders are the registry: a language exists when it has a folder with a pack.toml in parsers/
or in a folder of the user's own (``fedtranslate.resources.pack_folders``).  A name is compared
with that list before anything is read, so it never becomes a path.

A pack of the user's own wins: it replaces ours of its name, takes over aliases and extensions,
and where one of its aliases is the name of ours, ours is gone.  Two packs of the user's own may
not claim the same; which of them was meant, nobody could tell.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from fedtranslate.errors import PackError, UnknownNameError
from fedtranslate.languages.pack import LanguagePack, read_pack
from fedtranslate.languages.packfile import Claims, read_claims
from fedtranslate.resources import PACKS, pack_folders


@cache
def known_languages() -> tuple[str, ...]:
    """Return the names of all packs, sorted."""
    return tuple(sorted(_shelf().folders))


def language_name(name: str) -> str:
    """Return the name of the pack that is called ``name`` or has it among its aliases.

    The pack itself is not read.

    Raises:
        UnknownNameError: There is no such pack; a path is not a name.
    """
    shelf = _shelf()
    if name in shelf.folders:
        return name
    if name.lower() not in shelf.aliases:
        raise UnknownNameError("language", name, {*shelf.folders, *shelf.aliases})
    return shelf.aliases[name.lower()]


@cache
def load_pack(name: str) -> LanguagePack:
    """Return the pack called ``name``, or that has ``name`` among its aliases.

    Raises:
        UnknownNameError: There is no such pack; a path is not a name.
        PackError: The pack is malformed; the message names file and key.
    """
    known = language_name(name)
    return read_pack(_shelf().folders[name]) if known == name else load_pack(known)


def language_of(path: Path) -> str | None:
    """Return the language of a file by the extension of its name; None when no pack claims it."""
    return _shelf().extensions.get(path.suffix.lower())


def taken_over() -> Mapping[str, tuple[str, ...]]:
    """Return what each pack of the user's own took from ours, in words, by its name."""
    shelf = _shelf()
    return {name: tuple(shelf.taken.get(name, ())) for name in shelf.own}


@dataclass(slots=True)
class _Shelf:
    """All packs, and who claims what."""

    folders: dict[str, Path] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    extensions: dict[str, str] = field(default_factory=dict)
    own: list[str] = field(default_factory=list)
    """The packs that are the user's own."""
    taken: dict[str, list[str]] = field(default_factory=dict)

    def take(self, name: str, what: str) -> None:
        """Note that the user's pack ``name`` has ``what`` from ours."""
        self.taken.setdefault(name, []).append(what)

    def remove(self, name: str) -> None:
        """Forget a pack and all that it claims."""
        del self.folders[name]
        for claims in (self.aliases, self.extensions):
            for claim in [one for one, claimant in claims.items() if claimant == name]:
                del claims[claim]


@cache
def _shelf() -> _Shelf:
    ours, *own = pack_folders()
    shelf = _Shelf()
    for folder, file in _packs_in(ours):
        shelf.folders[folder.name] = folder
        _refuse_double(shelf.aliases, folder, shelf.folders, file.aliases)
        _refuse_double(shelf.extensions, folder, shelf.folders, file.extensions)
        shelf.aliases.update(dict.fromkeys(file.aliases, folder.name))
        shelf.extensions.update(dict.fromkeys(file.extensions, folder.name))
    _add_own([pack for place in dict.fromkeys(own) for pack in _packs_in(place)], shelf)
    return shelf


def _packs_in(place: Path) -> Iterator[tuple[Path, Claims]]:
    """Yield the packs in a folder, which may be a pack itself."""
    for file in (*place.glob("pack.toml"), *sorted(place.glob("*/pack.toml"))):
        yield file.parent, read_claims(file)


def _add_own(packs: list[tuple[Path, Claims]], shelf: _Shelf) -> None:
    names: dict[str, str] = {}
    extensions: dict[str, str] = {}
    folders: dict[str, Path] = {}
    for folder, file in packs:
        name = folder.name
        where = {**folders, name: folder}
        if name in folders:
            raise _double(name, folders[name], folder)
        claims = (name, *(alias for alias in file.aliases if alias != name))
        _refuse_double(names, folder, where, claims)
        _refuse_double(extensions, folder, where, file.extensions)
        folders = where
        names.update(dict.fromkeys(claims, name))
        extensions.update(dict.fromkeys(file.extensions, name))
    for claim, name in names.items():
        if claim in shelf.folders:
            shelf.take(name, f"the name {claim}")
            shelf.remove(claim)
        elif claim in shelf.aliases:
            shelf.take(name, f"the alias {claim} of {shelf.aliases.pop(claim)}")
    for end, name in extensions.items():
        if end in shelf.extensions:
            shelf.take(name, f"the extension {end} of {shelf.extensions[end]}")
    shelf.folders.update(folders)
    shelf.aliases.update({claim: name for claim, name in names.items() if claim != name})
    shelf.extensions.update(extensions)
    shelf.own.extend(folders)


def _refuse_double(
    claimed: Mapping[str, str], folder: Path, folders: Mapping[str, Path], claims: tuple[str, ...]
) -> None:
    for claim in claims:
        if claim in claimed and claimed[claim] != folder.name:
            raise _double(claim, folders[claimed[claim]], folder)


def _double(claim: str, first: Path, second: Path) -> PackError:
    return PackError(
        f"Two language packs claim {claim!r}: {first} and {second}.",
        hint=f"Change the aliases or extensions of one, rename its folder, or take its folder out "
        f"of {PACKS} or --packs.",
    )
