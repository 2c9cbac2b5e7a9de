"""Read the texts that are to be scored: one per line, or JSON lines.

A text that spans lines needs JSON lines, where ``\\n`` can be written.  What is no text at all is
refused with its place; what is no code is read, and scores 0.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from fedtranslate.errors import CorpusError

STANDARD_INPUT = "-"


def read_texts(place: str, fields: tuple[str, ...], *, as_json: bool) -> list[str]:
    """Return the texts in a file, or those that come in.

    Args:
        place: A file, or ``-``; one that ends in ``.jsonl`` holds JSON lines.
        fields: Names under which a text may be in a JSON object; the first that is there is taken.
        as_json: Whether any file holds JSON lines.

    Raises:
        CorpusError: It cannot be read, is no text, holds no lines, or lacks the field.
    """
    name = "standard input" if place == STANDARD_INPUT else place
    lines = list(_lines(_bytes(place), name))
    if not lines:
        raise CorpusError(f"{name} is empty: there is nothing to score.")
    if as_json or place.endswith(".jsonl"):
        return [
            _text_in(line, f"{name}, line {number}", fields) for number, line in enumerate(lines, 1)
        ]
    for number, line in enumerate(lines, 1):
        if "\0" in line:
            raise CorpusError(
                f"{name}, line {number}, has a NUL byte: it is not text.",
                hint="Give UTF-8 text, one unit per line, or a .jsonl file.",
            )
    return lines


def _bytes(place: str) -> bytes:
    if place == STANDARD_INPUT:
        return sys.stdin.buffer.read()
    path = Path(place)
    if not path.exists():
        raise CorpusError(f"{place} is not there.", hint="Correct the path.")
    if not path.is_file():
        raise CorpusError(f"{place} is no plain file.", hint="Name a file of units.")
    try:
        return path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{place} cannot be read: {error.strerror}.") from None


def _lines(data: bytes, name: str) -> Iterator[str]:
    """Yield the lines; only a line feed ends one, since code may hold other separators."""
    parts = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if not parts[-1]:
        parts.pop()
    for number, part in enumerate(parts, 1):
        try:
            yield part.removesuffix(b"\r").decode()
        except UnicodeDecodeError:
            raise CorpusError(
                f"{name}, line {number}, is not UTF-8 text.",
                hint="Convert it to UTF-8 first, with iconv for example.",
            ) from None


def _text_in(line: str, place: str, fields: tuple[str, ...]) -> str:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise CorpusError(
            f"{place}, is no JSON.", hint="Each line is a JSON object or a JSON string."
        ) from None
    if isinstance(row, str):
        return row
    there = row if isinstance(row, dict) else {}
    field = next((field for field in fields if field in there), None)
    if field is None:
        raise CorpusError(
            f"{place}, has no field {' or '.join(map(repr, fields))}; it has: "
            f"{', '.join(map(str, sorted(there))) or 'none'}.",
            hint="Name the field with --field or --reference-field.",
        )
    if not isinstance(there[field], str):
        raise CorpusError(f"{place}: the field {field!r} is no text.")
    return str(there[field])
