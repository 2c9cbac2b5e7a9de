"""Cut a file into the units that are translated as a whole, and read files of unknown encoding.

A unit takes its comments along: those that stand directly above it, on lines of their own and
without a blank line between.  What lies inside a method (lambdas, local functions, anonymous
classes) stays inside it.
"""

import codecs
import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from tree_sitter import Node, Parser, QueryCursor

from fedtranslate.languages.pack import KINDS, LanguagePack
from fedtranslate.languages.parsing import matches
from fedtranslate.records import Unit

CODE_KINDS = KINDS - {"type"}
"""What ``units_in`` looks for unless told otherwise."""
_WHITE = b" \t\r\n\f\v"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class SourceText:
    """The text of a file, and what is needed to write it back."""

    text: str
    encoding: str
    """A Python codec; ``latin-1`` stands for any encoding that is neither UTF-8 nor UTF-16."""
    bom: bytes
    """The byte order mark, which is not in ``text``; may be empty."""
    newline: str
    """The line end that most lines have; ``text`` keeps them all as they are."""


@dataclass(frozen=True, slots=True)
class _Marks:
    """What may belong to a unit without being part of its node."""

    comments: Mapping[int, int]
    """Where comments and attributes begin, by where they end."""
    attributes: frozenset[int]
    """Ends of the attributes among them: they belong to what follows, wherever they stand."""
    shells: Mapping[int, Node]
    """What is around a node and belongs to it, by the node's number."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A piece that the query found, in bytes of the file."""

    kind: str
    node: Node
    start: int
    end: int
    name: str
    parameters: Node | None
    containers: tuple[str, ...]
    """Types that the code itself names, where it stands outside of them."""


def read_source(data: bytes) -> SourceText:
    """Decode the bytes of a file; every file can be decoded, and written back byte by byte."""
    bom, encoding = next(
        ((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", "utf-8")
    )
    try:
        text = data[len(bom) :].decode(encoding)
    except UnicodeDecodeError:
        bom, encoding = b"", "latin-1"
        text = data.decode(encoding)
    crlf = text.count("\r\n")
    return SourceText(text, encoding, bom, "\r\n" if 2 * crlf > text.count("\n") else "\n")


def units_in(
    text: str, pack: LanguagePack, path: str = "", kinds: Collection[str] = CODE_KINDS
) -> list[Unit]:
    """Return the units of a file from top to bottom, those with errors inside included.

    Args:
        text: A whole file.
        pack: Its language.
        path: What the units shall say of where they come from.
        kinds: Any of ``method``, ``constructor``, ``function``, ``property`` and ``type``.
    """
    code = text.encode("utf-8", "replace")
    if not code.strip():
        return []
    root = Parser(pack.grammar).parse(code).root_node
    marks = _marks(root, code, pack)
    lines = _line_starts(code)
    return [
        _unit(found, containers, code, marks, lines, pack, path)
        for found, containers in _outermost(_matches(root, code, pack, marks.shells))
        if found.kind in kinds
    ]


def _matches(
    root: Node, code: bytes, pack: LanguagePack, shells: Mapping[int, Node]
) -> list[_Found]:
    """Return what the query finds, sorted so that an outer piece comes before its inner ones."""
    found = {}
    for captures in matches(pack.units, root):
        kind = next(kind for kind in captures if kind in KINDS)
        (node, *_), (name, *_) = captures[kind], captures["name"]
        around = node
        while around.id in shells:
            around = shells[around.id]
        found[around.id] = _Found(
            kind=kind,
            node=around,
            start=around.start_byte,
            end=_with_tail(around.end_byte, code, pack),
            name=_written(name, code),
            parameters=next(iter(captures.get("parameters", ())), None),
            containers=tuple(_written(one, code) for one in captures.get("container", ())),
        )
    return sorted(found.values(), key=lambda piece: (piece.start, -piece.end))


def _outermost(pieces: list[_Found]) -> Iterator[tuple[_Found, tuple[str, ...]]]:
    """Yield each piece that is not inside code, with the names of the types around it."""
    around: list[_Found] = []
    for piece in pieces:
        while around and around[-1].end <= piece.start:
            around.pop()
        if all(outer.kind == "type" for outer in around[-1:]):
            yield piece, (*(outer.name for outer in around), *piece.containers)
            around.append(piece)


def _unit(
    found: _Found,
    containers: tuple[str, ...],
    code: bytes,
    marks: _Marks,
    lines: list[int],
    pack: LanguagePack,
    path: str,
) -> Unit:
    start = _with_comments(found.start, code, marks)
    kind = found.kind
    if kind == "function" and containers:
        made_by = str(pack.naming.get("constructor", "")).replace("{type}", containers[-1])
        kind = "constructor" if found.name == made_by else "method"
    return Unit(
        language=pack.name,
        kind=kind,
        name=found.name,
        text=code[start : found.end].decode("utf-8", "replace"),
        first_line=bisect_right(lines, start),
        start_byte=start,
        end_byte=found.end,
        path=path,
        container=".".join(containers),
        parameters=_parameters(found.parameters, code, pack, in_type=bool(containers)),
        has_error=found.node.has_error,
    )


def _parameters(
    node: Node | None, code: bytes, pack: LanguagePack, *, in_type: bool
) -> tuple[str, ...]:
    """Return the types of a parameter list as written, "" for one without a type."""
    if node is None or "parameters" not in pack.queries:
        return ()
    types: dict[int, str] = {}
    cut: set[int] = set()
    receivers = pack.naming.get("receivers", ()) if in_type else ()
    for _, captures in QueryCursor(pack.queries["parameters"]).matches(node):
        (parameter, *_) = captures["parameter"]
        if parameter.parent != node:
            continue  # of a lambda in a default value
        without = sorted((one.start_byte, one.end_byte) for one in captures.get("without", ()))
        if without:
            if parameter.start_byte not in cut:
                cut.add(parameter.start_byte)
                types[parameter.start_byte] = _rest(parameter, without, code)
            continue
        if parameter.start_byte in types or _written(parameter, code) in receivers:
            continue
        kind = next(iter(captures.get("type", ())), None)
        types[parameter.start_byte] = " ".join(_written(kind, code).split()) if kind else ""
    return tuple(types[start] for start in sorted(types))


def _rest(parameter: Node, without: list[tuple[int, int]], code: bytes) -> str:
    """Return a parameter as written, but for its name and its default value."""
    parts: list[bytes] = []
    done = parameter.start_byte
    for start, end in without:
        parts.append(code[done:start])
        done = end
    text = b"".join((*parts, code[done : parameter.end_byte])).decode("utf-8", "replace")
    return " ".join(text.split()).removesuffix("=").rstrip()


def _with_tail(end: int, code: bytes, pack: LanguagePack) -> int:
    """Return where the leaf ends that closes the unit behind ``end``; or ``end``."""
    place = end
    while place < len(code) and code[place] in _WHITE:
        place += 1
    tails = (tail.encode() for tail in pack.nodes.tail)
    return next((place + len(tail) for tail in tails if code.startswith(tail, place)), end)


def _with_comments(start: int, code: bytes, marks: _Marks) -> int:
    """Return where the comments and attributes begin that belong to ``start``; or ``start``."""
    while True:
        end = start
        while end > 0 and code[end - 1] in _WHITE:
            end -= 1
        above = marks.comments.get(end)
        if above is None:
            return start
        if end not in marks.attributes:
            if code.count(b"\n", end, start) > 1:
                return start
            line_start = code.rfind(b"\n", 0, above) + 1
            if code[line_start:above].strip():
                return start  # it stands behind code, and speaks of that
        start = above


def _marks(root: Node, code: bytes, pack: LanguagePack) -> _Marks:
    comments: dict[int, int] = {}
    attributes: list[int] = []
    shells: dict[int, Node] = {}
    for captures in matches(pack.marks, root):
        attributes += (attribute.end_byte for attribute in captures.get("above", ()))
        for comment in (*captures.get("comment", ()), *captures.get("above", ())):
            end = comment.end_byte
            while code[end - 1] in _WHITE:
                end -= 1
            comments[end] = comment.start_byte
        for shell in captures.get("shell", ()):
            shells.update((child.id, shell) for child in captures["inside"])
    return _Marks(comments, frozenset(attributes), shells)


def _line_starts(code: bytes) -> list[int]:
    return [0, *(found.end() for found in re.finditer(b"\n", code))]


def _written(node: Node, code: bytes) -> str:
    return code[node.start_byte : node.end_byte].decode("utf-8", "replace")
