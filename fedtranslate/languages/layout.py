"""Where code of a language lies: names of files, packages, and the folders of packages.

Names come from source code that is not trusted.  What is returned is fit to be a path: no part of
it is empty, goes up, or has a separator in it.
"""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from types import MappingProxyType

from fedtranslate.languages.naming import styled
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.scanning import bare

_UNFIT = re.compile(r"[^\w-]+")
_MAX_LENGTH = 200
"""Of one part, in bytes; file systems end at 255, and an extension follows."""
_PACKAGE_WITHIN = 200_000
"""Characters from the start in which a package is looked for."""


def file_name(name: str, pack: LanguagePack) -> str:
    """Return what the file of a type, or of a unit that stands alone, is called.

    Args:
        name: As written in code; of a nested type, that of the outermost.
        pack: The language that the file will be in.
    """
    return _part(styled(_bare_name(name), pack.layout.file)) + pack.extensions[0]


def package_of(text: str, pack: LanguagePack) -> str:
    """Return the package or namespace that a file declares; "" where it declares none.

    Comments and strings do not count.  Where packages are folders and no more, as in Python, no
    file declares one.
    """
    if pack.package is None:
        return ""
    found = pack.package.search(bare(text[:_PACKAGE_WITHIN], pack))
    return "".join(found["name"].split()) if found else ""


def packaged(text: str, package: str, pack: LanguagePack) -> str:
    """Return the text of a file with the declaration of its package around it, if there is one."""
    if not package:
        return text
    layout = pack.layout
    last = (_parts(package, pack) or [package])[-1]
    before, after = (
        part.replace("{name}", package).replace("{last}", last)
        for part in (layout.package_before, layout.package_after)
    )
    opening = re.match(layout.package_behind, text) if layout.package_behind else None
    place = opening.end() if opening else 0
    return text[:place] + before + text[place:] + after


def folder_of(package: str, pack: LanguagePack) -> PurePosixPath:
    """Return the folder of a package, below the root of the sources; ``.`` for the root itself."""
    if not pack.layout.package_folders:
        return PurePosixPath()
    folder = pack.layout.folder
    return PurePosixPath(*(_part(styled(name, folder)) for name in _parts(package, pack)))


def below_sources(path: str, pack: LanguagePack) -> str:
    """Return ``path`` without the conventional folder of sources or tests that it lies in."""
    parts = PurePosixPath(path).parts
    for folder in (pack.layout.main_folder, pack.layout.test_folder):
        known = PurePosixPath(folder).parts
        if known and parts[: len(known)] == known:
            return PurePosixPath(*parts[len(known) :]).as_posix()
    return path


def package_in(
    package: str,
    pack: LanguagePack,
    target: LanguagePack,
    names: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Return what a package of one language is called in another; "" for none.

    Args:
        package: As the source names it.
        pack: The language of the source.
        target: The other one.
        names: Of packages in the target.  The longest that ``package`` lies in counts; the rest
            of its name, and all of it where there is none, follows the target's conventions.
    """
    separator = pack.layout.package_separator
    known = [one for one in names if f"{package}{separator}".startswith(f"{one}{separator}")]
    longest = max(known, key=len, default="")
    layout = target.layout
    parts = _parts(package[len(longest) :], pack)
    below = (styled(_part(name), layout.package_naming) for name in parts)
    above = [names[longest]] if longest and names[longest] else []
    return layout.package_separator.join([*above, *below])


def _parts(package: str, pack: LanguagePack) -> list[str]:
    return [name for name in package.split(pack.layout.package_separator) if name.strip()]


def _bare_name(name: str) -> str:
    """Return ``name`` without type parameters and without the types around it."""
    return name.partition("<")[0].strip().rpartition(".")[2]


def _part(name: str) -> str:
    """Return ``name`` as one part of a path."""
    fit = _UNFIT.sub("_", name.strip()).encode("utf-8", "replace")[:_MAX_LENGTH]
    return fit.decode("utf-8", "ignore") or "_"
