r"""Line ends of any kind: ``\n``, ``\r\n``, and the lone ``\r`` of old files.

Grammars and patterns know the first two, and take a file with lone carriage returns for one line,
of which a comment swallows the rest.  They get such texts with line feeds, which moves nothing.
"""

import re

_LONE = re.compile(r"\r(?!\n)")
_LONE_BYTES = re.compile(rb"\r(?!\n)")
_END = re.compile(r"\r\n?|\n")


def with_line_feeds(code: bytes) -> bytes:
    """Return ``code`` with a line feed for every lone carriage return."""
    return _LONE_BYTES.sub(b"\n", code) if b"\r" in code else code


def text_with_line_feeds(text: str) -> str:
    """Return ``text`` with a line feed for every lone carriage return."""
    return _LONE.sub("\n", text) if "\r" in text else text


def newline_of(text: str) -> str:
    """Return the line end that most lines of ``text`` have; a line feed if there are none."""
    crlf = text.count("\r\n")
    counts = {"\n": text.count("\n") - crlf, "\r\n": crlf, "\r": text.count("\r") - crlf}
    return max(counts, key=lambda end: counts[end])


def with_newlines(text: str, newline: str) -> str:
    """Return ``text`` with every line end replaced."""
    return _END.sub(newline, text)


def line_starts(text: str) -> list[int]:
    """Return where the lines of ``text`` start."""
    return [0, *(found.end() for found in _END.finditer(text))]
