"""Cut a file into the units that are translated as a whole, and read files of unknown encoding.

A unit takes its comments along: those that stand directly above it, on lines of their own and
without a blank line between.  What lies inside a method (lambdas, local functions, anonymous
classes) stays inside it.
"""

import codecs
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise

from tree_sitter import Node, QueryCursor

from fedtranslate.errors import ParseLimitError
from fedtranslate.languages.comments import start_with_comments
from fedtranslate.languages.newlines import line_starts, newline_of, with_line_feeds
from fedtranslate.languages.pack import KINDS, LanguagePack
from fedtranslate.languages.parsing import MAX_BYTES, matches, parse_bytes
from fedtranslate.languages.rulecheck import rule_faults
from fedtranslate.languages.rulecut import rule_pieces
from fedtranslate.languages.rules import Rules
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
class Marks:
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
    return SourceText(text, encoding, bom, newline_of(text))


def units_in(
    text: str, pack: LanguagePack, path: str = "", kinds: Collection[str] = CODE_KINDS
) -> list[Unit]:
    """Return the units of a file from top to bottom, those with errors inside included.

    There are none in a text that is larger than what is parsed (``MAX_BYTES``), or on which the
    parser loses itself.

    Args:
        text: A whole file.
        pack: Its language.
        path: What the units shall say of where they come from.
        kinds: Any of ``method``, ``constructor``, ``function``, ``property`` and ``type``.
    """
    code = text.encode("utf-8", "replace")
    if len(code) > MAX_BYTES or not code.strip():
        return []
    if pack.rules is not None:
        return _by_rules(code.decode(), pack, pack.rules, path, kinds)
    plain = with_line_feeds(code)
    try:
        root = parse_bytes(plain, pack).root_node
    except ParseLimitError:
        return []
    marks = marks_in(root, code, pack)
    laid_out = plain.decode("latin-1")  # a character for every byte
    lines = line_starts(laid_out)
    units, done = [], 0
    for found, containers in _outermost(_matches(root, code, pack, marks.shells)):
        start = start_with_comments(found.start, laid_out, marks.comments, marks.attributes)
        if start < done <= found.start:
            start = found.start  # in broken code, a comment may be inside of the unit before
        if found.kind in kinds:
            units.append(_unit(found, containers, code, start, lines, pack, path))
        if found.kind != "type":
            done = max(done, found.end)
    return units


def _by_rules(
    text: str, pack: LanguagePack, rules: Rules, path: str, kinds: Collection[str]
) -> list[Unit]:
    pieces = rule_pieces(text, pack, rules)
    places = sorted({place for piece in pieces for place in (piece.start, piece.end)})
    sizes = [len(text[a:b].encode()) for a, b in pairwise([0, *places])]
    byte_of = dict(zip(places, accumulate(sizes), strict=True))
    lines = line_starts(text)
    return [
        Unit(
            language=pack.name,
            kind=_kind(piece.kind, piece.name, piece.containers, pack),
            name=piece.name,
            text=(unit_text := text[piece.start : piece.end]),
            first_line=bisect_right(lines, piece.start),
            start_byte=byte_of[piece.start],
            end_byte=byte_of[piece.end],
            path=path,
            container=".".join(piece.containers),
            has_error=any(rule_faults(unit_text, pack, rules)),
        )
        for piece in pieces
        if _kind(piece.kind, piece.name, piece.containers, pack) in kinds
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
    start: int,
    lines: list[int],
    pack: LanguagePack,
    path: str,
) -> Unit:
    return Unit(
        language=pack.name,
        kind=_kind(found.kind, found.name, containers, pack),
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


def _kind(kind: str, name: str, containers: tuple[str, ...], pack: LanguagePack) -> str:
    """Return the kind of a unit: a function in a type is a method of it."""
    if kind != "function" or not containers:
        return kind
    made_by = str(pack.naming.get("constructor", "")).replace("{type}", containers[-1])
    return "constructor" if name == made_by else "method"


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
        list_or_group = parameter.parent
        if list_or_group is None or node not in (list_or_group, list_or_group.parent):
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


def marks_in(root: Node, code: bytes, pack: LanguagePack) -> Marks:
    """Return what may belong to the pieces of a file without being part of their nodes."""
    comments: dict[int, int] = {}
    attributes: list[int] = []
    shells: dict[int, Node] = {}
    for captures in matches(pack.marks, root) if pack.marks else ():
        attributes += (attribute.end_byte for attribute in captures.get("above", ()))
        for comment in (*captures.get("comment", ()), *captures.get("above", ())):
            end = comment.end_byte
            while code[end - 1] in _WHITE:
                end -= 1
            comments[end] = comment.start_byte
        for shell in captures.get("shell", ()):
            shells.update((child.id, shell) for child in captures["inside"])
    return Marks(comments, frozenset(attributes), shells)


def _written(node: Node, code: bytes) -> str:
    return code[node.start_byte : node.end_byte].decode("utf-8", "replace")
