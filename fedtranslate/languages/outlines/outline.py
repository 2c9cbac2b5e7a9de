"""Make the outline of a file from its syntax tree.

Which pieces are units, and where they begin and end, is for ``units_in`` to say; the query only
adds what is known of them.  So an outline and the units of a file never disagree.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from fedtranslate.errors import ParseLimitError
from fedtranslate.languages.comments import start_with_comments
from fedtranslate.languages.flushing import flush_comment
from fedtranslate.languages.layout import package_of
from fedtranslate.languages.newlines import line_starts, with_line_feeds
from fedtranslate.languages.outlines.declarations import Declaration as Declaration
from fedtranslate.languages.outlines.declarations import Import as Import
from fedtranslate.languages.outlines.declarations import Outline as Outline
from fedtranslate.languages.outlines.declarations import Parameter as Parameter
from fedtranslate.languages.outlines.query import Found, Piece, found_in
from fedtranslate.languages.pack import KINDS, LanguagePack
from fedtranslate.languages.parsing import MAX_BYTES, parse_bytes
from fedtranslate.languages.scanning import names_in, scan
from fedtranslate.languages.units import Marks, marks_in, units_in
from fedtranslate.records import Unit

MAX_DEPTH = 40
"""Types that are nested deeper are left out, and the outline is said to be broken."""
_CONTAINERS = frozenset({"type", "constant"})


@dataclass(slots=True)
class _Entry:
    """A piece with its place, and what was found inside of it."""

    piece: Piece
    kind: str
    start: int
    end: int
    members: list["_Entry"] = field(default_factory=list)


def outline_of(text: str, pack: LanguagePack) -> Outline | None:
    """Return what ``text``, a whole file, declares; None where the pack has no outline.scm.

    A text that is larger than what is parsed, or on which the parser loses itself, gives an empty
    outline that is broken.
    """
    query = pack.queries.get("outline")
    if query is None:
        return None
    code = text.encode("utf-8", "replace")
    if len(code) > MAX_BYTES:
        return Outline(broken=True)
    if not code.strip():
        return Outline()
    plain = with_line_feeds(code)
    try:
        root = parse_bytes(plain, pack).root_node
    except ParseLimitError:
        return Outline(broken=True)
    found = found_in(query, root)
    laid_out = plain.decode("latin-1")
    marks, lines = marks_in(root, code, pack), line_starts(laid_out)
    reader = _Reader(code, laid_out, pack, found, marks, lines)
    units = units_in(text, pack, kinds=KINDS)
    top, too_deep = reader.nested(units)
    return Outline(
        header=reader.header(top),
        package=reader.written(found.package) or package_of(text, pack),
        imports=tuple(reader.an_import(piece) for piece in found.imports),
        declarations=tuple(reader.declarations(top)),
        uses=names_in(text, pack),
        broken=too_deep or root.has_error,
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """A file that is being read."""

    code: bytes
    laid_out: str
    """With a character for every byte."""
    pack: LanguagePack
    found: Found
    marks: Marks
    lines: list[int]
    """Where each line begins."""

    def nested(self, units: list[Unit]) -> tuple[list[_Entry], bool]:
        """Return the outermost entries with all others inside, and whether some lie too deep."""
        entries = [*self._of_units(units), *self._of_others()]
        entries.sort(key=lambda entry: (entry.start, -entry.end, entry.kind == "statement"))
        top: list[_Entry] = []
        around: list[_Entry] = []
        too_deep = False
        for entry in entries:
            while around and around[-1].end <= entry.start:
                around.pop()
            siblings = around[-1].members if around else top
            if around and (
                around[-1].kind not in _CONTAINERS
                or (entry.kind == "statement" and entry.start <= around[-1].start)
                or entry.end > around[-1].end
            ):
                continue
            if len(around) >= MAX_DEPTH:
                too_deep = True
                continue
            if not self._joined(siblings, entry):
                siblings.append(entry)
            around.append(siblings[-1])
        return top, too_deep

    def _joined(self, siblings: list[_Entry], entry: _Entry) -> bool:
        """Make one of two statements between which nothing stands."""
        before = siblings[-1] if siblings else None
        if before is None or before.kind != "statement" or entry.kind != "statement":
            return False
        if self.code[before.end : entry.start].strip():
            return False
        before.end = entry.end
        return True

    def _of_units(self, units: list[Unit]) -> Iterator[_Entry]:
        """Yield the pieces that are units."""
        pieces = [piece for piece in self.found.pieces if piece.kind in KINDS]
        todo = sorted(units, key=lambda unit: (unit.start_byte, -unit.end_byte), reverse=True)
        around: list[Unit] = []
        taken: set[int] = set()
        for piece in pieces:
            start, end = piece.node.start_byte, piece.node.end_byte
            while todo and todo[-1].start_byte <= start:
                around.append(todo.pop())
            while around and around[-1].end_byte <= start:
                around.pop()
            unit = next((one for one in reversed(around) if one.end_byte >= end), None)
            name = self.written(piece.part("name"))
            if unit is not None and unit.name == name and id(unit) not in taken:
                taken.add(id(unit))
                yield _Entry(piece, unit.kind, unit.start_byte, unit.end_byte)

    def _of_others(self) -> Iterator[_Entry]:
        """Yield the pieces that are no units: fields, constants, initializers, statements."""
        others = [piece for piece in self.found.pieces if piece.kind not in KINDS]
        done = {self._outermost(piece.node).id for piece in others if piece.kind != "statement"}
        if self.found.header is not None:
            done.add(self.found.header.id)
        done.update(node.id for piece in self.found.pieces for node in piece.all("docs"))
        last_of = {piece.node.id: piece for piece in others if piece.each}
        first_of = {piece.node.id: piece for piece in reversed(others) if piece.each}
        for piece in others:
            node = self._outermost(piece.node)
            if piece.kind == "statement" and node.id in done:
                continue
            start, end = node.start_byte, node.end_byte
            if piece.each and first_of[piece.node.id] is not piece:
                start = piece.each.start_byte
            else:
                start = start_with_comments(
                    start, self.laid_out, self.marks.comments, self.marks.attributes
                )
            if piece.each and last_of[piece.node.id] is not piece:
                end = piece.each.end_byte
            if start < end:
                yield _Entry(piece, piece.kind, start, end)

    def _outermost(self, node: Node) -> Node:
        while node.id in self.marks.shells:
            node = self.marks.shells[node.id]
        return node

    def declarations(self, top: list[_Entry]) -> Iterator[Declaration]:
        """Yield what the entries declare."""
        for entry in top:
            yield self._declaration(entry, tuple(self.declarations(entry.members)))

    def _declaration(self, entry: _Entry, members: tuple[Declaration, ...]) -> Declaration:
        piece = entry.piece
        return Declaration(
            kind=entry.kind,
            name=self.written(piece.part("name")),
            start_byte=entry.start,
            end_byte=entry.end,
            form=self.written(piece.part("form")),
            modifiers=self._all(piece, "modifier"),
            annotations=self._all(piece, "annotation"),
            type=self._typed(piece, "result", "dimensions"),
            parameters=tuple(self._parameters(piece)),
            type_parameters=self.written(piece.part("type_parameters")),
            bases=self._all(piece, "base"),
            interfaces=self._all(piece, "interface"),
            throws=self._all(piece, "throws"),
            value=self.exact(piece.part("value")),
            docs=self._docs(entry),
            has_body=piece.part("body") is not None,
            delegate=self.written(piece.part("delegate")),
            line=bisect_right(self.lines, (piece.each or piece.node).start_byte),
            members=members,
        )

    def _parameters(self, piece: Piece) -> Iterator[Parameter]:
        for group in piece.all("parameters"):
            for one in self.found.parameters.get(group.id, ()):
                yield Parameter(
                    name=self.written(one.part("parameter.name")),
                    type=self._typed(one, "parameter.type", "parameter.dimensions"),
                    default=self.exact(one.part("parameter.default")),
                    variadic=one.part("parameter.variadic") is not None,
                )

    def an_import(self, piece: Piece) -> Import:
        """Return what one piece imports."""
        return Import(
            name=self.written(piece.part("import.name")),
            text=self.written(piece.node),
            is_static=piece.part("import.static") is not None,
            is_wildcard=piece.part("import.wildcard") is not None,
            members=self._all(piece, "import.member"),
            alias=self.written(piece.part("import.alias")),
        )

    def header(self, top: list[_Entry]) -> str:
        """Return the comments at the top of the file that belong to no declaration."""
        nodes = [piece.node.start_byte for piece in self.found.imports]
        if self.found.package is not None:
            nodes.append(self.found.package.start_byte)
        end = min([len(self.code), *nodes, *(entry.start for entry in top)])
        docs = self.found.header
        parts = list(self._comments(0, docs.start_byte if docs else end))
        if docs is not None:
            parts.append(self.exact(docs))
        return "\n".join(parts)

    def _docs(self, entry: _Entry) -> str:
        node = entry.piece.each or entry.piece.node
        if entry.kind == "statement":
            return ""
        above = list(self._comments(entry.start, max(entry.start, node.start_byte)))
        inside = [self.exact(docs) for docs in entry.piece.all("docs")]
        return "\n".join((*above, *inside))

    def _comments(self, start: int, end: int) -> Iterator[str]:
        text = self.code[start:end].decode("utf-8", "replace")
        for token in scan(text, self.pack):
            if token.kind == "comment":
                yield flush_comment(token.text)

    def _typed(self, piece: Piece, name: str, dimensions: str) -> str:
        behind = "".join(self._all(piece, dimensions))
        return self.written(piece.part(name)) + behind

    def _all(self, piece: Piece, name: str) -> tuple[str, ...]:
        return tuple(self.written(node) for node in piece.all(name))

    def written(self, node: Node | None) -> str:
        """Return the text of a node on one line; "" where there is none."""
        return " ".join(self.exact(node).split())

    def exact(self, node: Node | None) -> str:
        """Return the text of a node as it is; "" where there is none."""
        if node is None:
            return ""
        return self.code[node.start_byte : node.end_byte].decode("utf-8", "replace")
