"""Add pairs to a file of pairs: the same id replaces, and all other lines stay as they are."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fedtranslate.config.files import read_plain
from fedtranslate.corpus.formats import json_line, read_pairs, write_lines
from fedtranslate.errors import CorpusError
from fedtranslate.records import CodePair

_ENDING = ".jsonl"


@dataclass(frozen=True, slots=True)
class Added:
    """What adding pairs came to."""

    new: int = 0
    replaced: int = 0
    same: int = 0
    """They were there already, to the letter."""


def add_pairs(path: Path, pairs: Iterable[CodePair]) -> Added:
    """Add ``pairs`` to the JSON lines at ``path``; a reader sees the old file or the new one.

    Args:
        path: Made where there is none; its folder is there.
        pairs: All of one direction, each with an id of its own.

    Raises:
        CorpusError: The file is no JSON lines of pairs of this direction, or cannot be written.
    """
    fresh = {pair.id: pair for pair in pairs}
    if path.suffix != _ENDING:
        raise CorpusError(f"{path}: pairs are added to JSON lines.", hint=f"Name a {_ENDING} file.")
    if not fresh:
        return Added()
    lines: list[str] = []
    replaced = same = 0
    for line in _lines_of(path, next(iter(fresh.values()))):
        pair = fresh.pop(str(json.loads(line).get("id", "")), None)
        new = line if pair is None else json_line(pair)
        if pair is not None:
            same += new == line
            replaced += new != line
        lines.append(new)
    if fresh or replaced:
        write_lines(path, [*lines, *map(json_line, fresh.values())])
    return Added(len(fresh), replaced, same)


def _lines_of(path: Path, like: CodePair) -> list[str]:
    """Return the lines of a file that holds pairs of the direction of ``like``."""
    if not path.exists():
        return []
    read_pairs(path, like.source_language, like.target_language)
    try:
        text = read_plain(path).decode("utf-8-sig")
    except (OSError, ValueError) as error:
        raise CorpusError(f"{path} cannot be read: {error}.") from None
    return [f"{line}\n" for line in text.split("\n") if line.strip()]
