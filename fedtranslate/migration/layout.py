"""Where the files of a migrated repository go."""

from collections.abc import Collection
from pathlib import PurePosixPath

from fedtranslate.languages.layout import file_name, folder_of
from fedtranslate.languages.naming import styled
from fedtranslate.languages.pack import LanguagePack


def target_path(
    path: str,
    package: str,
    target_package: str,
    packs: tuple[LanguagePack, LanguagePack],
) -> str:
    """Return where the translation of a source file goes, relative to the output.

    Args:
        path: Of the source file, relative to the repository.
        package: That the source file declares; "" where it declares none.
        target_package: What that is called in the target.
        packs: Of source and target.
    """
    source, target = packs
    given = PurePosixPath(path)
    own = folder_of(package, source) if package else PurePosixPath()
    root, below = given.parent, PurePosixPath()
    if own.parts and given.parent.parts[-len(own.parts) :] == own.parts:
        root = PurePosixPath(*given.parent.parts[: -len(own.parts)])
        below = folder_of(target_package, target) if target_package else own
    elif not source.layout.package_folders:
        below = folder_of(target_package, target) if target_package else below
    root = _root(root, source, target)
    if not package:
        root = PurePosixPath(*(styled(part, target.layout.folder) for part in root.parts))
    return (root / below / file_name(given.stem, target)).as_posix()


def _root(root: PurePosixPath, source: LanguagePack, target: LanguagePack) -> PurePosixPath:
    """Return the folder of sources: conventional ones get the name the target has for them."""
    for old, new in zip(_roots(source), _roots(target), strict=True):
        parts = PurePosixPath(old).parts
        if old and root.parts[-len(parts) :] == parts:
            return PurePosixPath(*root.parts[: -len(parts)], new)
    return root


def _roots(pack: LanguagePack) -> tuple[str, str]:
    return pack.layout.main_folder, pack.layout.test_folder


def untaken(path: str, taken: Collection[str]) -> str:
    """Return ``path``, or one like it that no other file has; case does not tell them apart.

    Args:
        path: As wished.
        taken: The paths of others, in lower case.
    """
    if path.lower() not in taken:
        return path
    place = PurePosixPath(path)
    number = 2
    while (other := f"{place.with_suffix('')}-{number}{place.suffix}").lower() in taken:
        number += 1
    return other
