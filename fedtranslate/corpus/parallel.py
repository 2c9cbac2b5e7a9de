"""Parallel line files: line i of one file is the translation of line i of the other.

The layout of CodeXGLUE: ``train.java-cs.txt.java`` beside ``train.java-cs.txt.cs``, one whole
function per line.
"""

from pathlib import Path

from fedtranslate.corpus.rows import Layout, aliases
from fedtranslate.errors import CorpusError
from fedtranslate.records import CodePair


def find_files(location: Path, layout: Layout) -> tuple[Path, Path] | None:
    """Return both files, given the common stem or either file, or None when there are none.

    Raises:
        CorpusError: One of the two is there, the other is not.
    """
    names = (aliases(layout.source_language), aliases(layout.target_language))
    if names[0] == names[1]:
        return None  # one file cannot be both sides
    stem = location
    ending = location.suffix.lstrip(".")
    if location.is_file():
        if not any(ending in side for side in names):
            return None
        stem = location.with_suffix("")
    sides = [_existing(stem, side) for side in names]
    if sides[0] is not None and sides[1] is not None:
        return sides[0], sides[1]
    if found := sides[0] or sides[1]:
        missing = _with_ending(stem, names[1 if sides[0] else 0][0])
        raise CorpusError(
            f"{found} has no other half: there is no {missing}.",
            hint="Parallel line files come in twos.",
        )
    return None


def wanted_names(stem: Path, layout: Layout) -> tuple[Path, Path]:
    """Return the names that the two files of ``stem`` should have."""
    source, target = aliases(layout.source_language)[0], aliases(layout.target_language)[0]
    return _with_ending(stem, source), _with_ending(stem, target)


def read_files(source: Path, target: Path, layout: Layout) -> list[CodePair]:
    """Return one pair for each line; each line is a group of its own.

    Raises:
        CorpusError: A file cannot be read, holds binary data, or the files differ in length.
    """
    sides = (_lines(source), _lines(target))
    if len(sides[0]) != len(sides[1]):
        raise CorpusError(
            f"{source} has {len(sides[0])} lines but {target} has {len(sides[1])}.",
            hint="Line i of one must be the translation of line i of the other.",
        )
    return [
        CodePair(
            source=left,
            target=right,
            source_language=layout.source_language,
            target_language=layout.target_language,
            id=f"{source.stem}:{number}",
            group=f"{source.stem}:{number}",
        )
        for number, (left, right) in enumerate(zip(*sides, strict=True), start=1)
    ]


def _lines(path: Path) -> list[str]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path} cannot be read: {error.strerror}.") from None
    # not splitlines(): code may hold U+2028 or a form feed, and the halves must stay in step
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if not lines[-1]:
        lines.pop()
    return [_decoded(line, path, number) for number, line in enumerate(lines, start=1)]


def _decoded(line: bytes, path: Path, number: int) -> str:
    if b"\0" in line:
        raise CorpusError(f"{path}, line {number}, has a NUL byte: it is not UTF-8 text.")
    try:
        return line.removesuffix(b"\r").decode()
    except UnicodeDecodeError:
        raise CorpusError(f"{path}, line {number}, is not UTF-8 text.") from None


def _with_ending(stem: Path, ending: str) -> Path:
    return stem.with_name(f"{stem.name}.{ending}")


def _existing(stem: Path, endings: tuple[str, ...]) -> Path | None:
    files = (_with_ending(stem, ending) for ending in endings)
    return next((file for file in files if file.is_file()), None)
