"""The parsers of tree-sitter, kept for each thread, and watched while they work.

There are short texts on which a parser that weighs several readings loses itself: eight kilobytes
of ``->`` take that of Go twenty seconds.  So time and memory are watched from within the parser;
that is why the clock is read here.

What is not covered: a grammar that never comes back or crashes, and a single step of the parser
that takes all memory, as the last one does on thirty kilobytes of ``x=>`` in Java.  For these there
is ``fedtranslate.languages.worker``, through which every text that is not trusted should go.
"""

import resource
import threading
import time

from tree_sitter import Language, Parser, Point, Tree

from fedtranslate.errors import ParseLimitError

MAX_BYTES = 4_000_000
"""Larger texts are not parsed: error recovery takes time and memory that no real unit needs."""
_SMALL = 1_000
"""Bytes that cost little whatever they are; they go without a watch."""
_CHUNK = 65_536
_SECONDS, _SECONDS_PER_BYTE = 1.0, 2e-6
"""Of the processor, for this thread.  Real code takes a tenth of a microsecond for each byte."""
_MEMORY, _MEMORY_PER_BYTE = 300 << 20, 300
"""In bytes, by which the most that this process ever had may grow.  Real code takes a hundred."""


class _Kept(threading.local):
    """The parsers of one thread; making one takes longer than a small text."""

    def __init__(self) -> None:
        self.parsers: dict[Language, Parser] = {}


_KEPT = _Kept()


def parse_with(grammar: Language, code: bytes) -> Tree:
    """Parse a whole program.

    Raises:
        ParseLimitError: It takes too much time or memory.
    """
    parser = _KEPT.parsers.get(grammar)
    if parser is None:
        parser = _KEPT.parsers[grammar] = Parser(grammar)
    if len(code) <= _SMALL:
        return parser.parse(code)
    return _watched(parser, grammar, code)


def _watched(parser: Parser, grammar: Language, code: bytes) -> Tree:
    last = time.thread_time() + _SECONDS + _SECONDS_PER_BYTE * len(code)
    most = _peak() + _MEMORY + _MEMORY_PER_BYTE * len(code)

    def read(place: int, _: Point) -> bytes:
        return code[place : place + _CHUNK]

    def is_lost(_: int, __: bool) -> bool:
        return time.thread_time() > last or _peak() > most

    try:
        return parser.parse(read, progress_callback=is_lost)
    except ValueError:
        del _KEPT.parsers[grammar]  # with all the memory that it took
        raise limit_error(code) from None


def limit_error(code: bytes) -> ParseLimitError:
    """Return what is raised when a text takes too much."""
    return ParseLimitError(
        "The parser was stopped: it needed more time or memory than any real code of this "
        f"length ({len(code):,} bytes).",
        hint="Look at the text; it is hardly code.",
    )


def _peak() -> int:
    """Return the most memory that this process ever had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
