"""Put translated or changed pieces back into a file without touching any other byte."""

from collections.abc import Sequence

from fedtranslate.languages.newlines import with_newlines
from fedtranslate.languages.units import read_source
from fedtranslate.records import Unit


def splice(text_bytes: bytes, replacements: Sequence[tuple[int, int, bytes]]) -> bytes:
    """Return ``text_bytes`` with each ``[start, end)`` replaced; order does not matter.

    Raises:
        ValueError: Two of the places overlap, or one is not inside the text.
    """
    parts: list[bytes] = []
    done = 0
    for start, end, new in sorted(replacements):
        if not done <= start <= end <= len(text_bytes):
            raise ValueError(f"bytes {start} to {end} overlap another piece or the end of the text")
        parts += text_bytes[done:start], new
        done = end
    return b"".join((*parts, text_bytes[done:]))


def splice_units(data: bytes, replacements: Sequence[tuple[Unit, str]]) -> bytes:
    """Return the file ``data`` with the text of units replaced.

    Encoding, byte order mark and line ends stay as they are; new text gets the line end that most
    lines of the file have, and a unit's own text stays as it is.  A character that the encoding
    lacks makes the whole file UTF-8.

    Args:
        data: The bytes of the file that the units were cut from.
        replacements: Units as ``units_in`` gave them for this file, and their new texts.
    """
    source = read_source(data)
    pieces = [
        (
            unit.start_byte,
            unit.end_byte,
            with_newlines(new, source.newline).encode("utf-8", "replace"),
        )
        for unit, new in replacements
        if new != unit.text
    ]
    text = splice(source.text.encode("utf-8", "replace"), pieces).decode("utf-8")
    try:
        return source.bom + text.encode(source.encoding)
    except UnicodeEncodeError:
        return source.bom + text.encode("utf-8")
