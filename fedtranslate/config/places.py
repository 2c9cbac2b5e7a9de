"""The files and folders that a site's settings name: which of them are not there."""

from collections.abc import Iterator, Mapping
from pathlib import Path

_HUB = "hub:"
PAIRS = ("pairs", "validation_pairs", "held_out_pairs")
FOLDERS = ("source_folder", "target_folder")
"""Settings of a site that name pairs, and those that name folders."""
CLASS_PATH = "class_path"
_LIBRARIES = (".dll", ".exe", ".jar", ".zip")
"""Endings of the files that compilers take as libraries."""


def missing_places(values: Mapping[str, object], root: Path) -> list[str]:
    """Return a line for each place among the settings ``values`` of a site that is not there.

    Values of a wrong type are left to the settings themselves.

    Args:
        values: As they were written.
        root: The folder that relative paths start from.
    """
    root = root.resolve()
    lines = []
    for key, place in _places(values):
        try:
            problem = _problem(root / place, key)
        except (OSError, ValueError) as error:
            problem = f"{root / place} cannot be read: {error}"
        if problem:
            lines.append(f"{key}: {problem}")
    return lines


def _places(values: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for key in (*PAIRS, *FOLDERS):
        place = values.get(key)
        if isinstance(place, str) and not (key in PAIRS and place.startswith(_HUB)):
            yield key, place
    listed = values.get(CLASS_PATH)
    for place in listed if isinstance(listed, list) else ():
        if isinstance(place, str):
            yield CLASS_PATH, place


def _problem(path: Path, key: str) -> str:
    if path.exists():
        if key in FOLDERS and not path.is_dir():
            return f"{path} is not a folder"
        if key == CLASS_PATH and not path.is_dir() and path.suffix.lower() not in _LIBRARIES:
            return f"{path} is neither a folder nor a library ({', '.join(_LIBRARIES)})"
        return ""
    if key in PAIRS and _is_other_form(path):
        return ""
    what = "file" if key in PAIRS else "folder"
    return f"there is no {what} {path}; correct the path, or put it there"


def _is_other_form(path: Path) -> bool:
    """Tell whether ``path`` is FOLDER:SPLIT, or the stem of parallel line files."""
    folder, colon, _ = path.name.rpartition(":")
    if colon and (path.parent / folder).is_dir():
        return True
    beside = path.parent.iterdir() if path.parent.is_dir() else ()
    return any(entry.name.startswith(f"{path.name}.") for entry in beside)
