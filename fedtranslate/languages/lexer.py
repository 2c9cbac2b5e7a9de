"""Cut code into tokens; never fails, whatever the text.

Tokens are the leaves of the syntax tree, with each string and each comment as one token.  A text
that the parser cannot read is cut by the pattern of the pack instead.  A string is one token with
all that is interpolated in it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from tree_sitter import Node, QueryCursor

from fedtranslate.errors import ParseLimitError
from fedtranslate.languages.newlines import text_with_line_feeds
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.parsing import MAX_BYTES, SyntaxTree, syntax_tree
from fedtranslate.languages.scanning import Kind, Span, scan

_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


class Token(NamedTuple):
    """One token of a text."""

    text: str
    kind: Kind


def lex(text: str, pack: LanguagePack) -> list[Token]:
    """Return the tokens of ``text`` in order, comments included."""
    return [Token(span.text, span.kind) for span in _spans(text, pack)]


def code_tokens(text: str, pack: LanguagePack) -> tuple[str, ...]:
    """Return what is left of ``text`` when layout and comments do not count.

    Two texts are the same code when this is equal.  Where indentation and line ends mean
    something, they are in it as tokens of their own: a line feed, a tab for one level deeper and
    a backspace for one level back.  Where the case does not matter, all but strings is in lower
    case.
    """
    spans = (span for span in _spans(text, pack) if span.kind != "comment")
    if pack.indented:
        return tuple(_with_layout(list(spans), text_with_line_feeds(text)))
    if pack.ignore_case:
        return tuple(span.text if span.kind == "string" else span.text.lower() for span in spans)
    return tuple(span.text for span in spans)


def identifiers(text: str, pack: LanguagePack) -> list[str]:
    """Return the distinct identifiers of ``text``, names of types among them, in order."""
    spans = _spans(text, pack)
    return list(dict.fromkeys(s.text for s in spans if s.kind in ("identifier", "type")))


def rename(text: str, pack: LanguagePack, mapping: Mapping[str, str]) -> str:
    """Return ``text`` with its identifiers replaced as ``mapping`` says, all at once."""
    parts: list[str] = []
    done = 0
    for span in _spans(text, pack):
        if span.kind in ("identifier", "type") and span.text in mapping:
            parts += text[done : span.start], mapping[span.text]
            done = span.start + len(span.text)
    return "".join(parts) + text[done:]


def _spans(text: str, pack: LanguagePack) -> Iterable[Span]:
    if pack.grammar is not None and len(text) <= MAX_BYTES:
        with suppress(ParseLimitError):
            parsed = syntax_tree(text, pack)
            if not parsed.tree.root_node.has_error:
                return _from_tree(text, parsed, pack)
    return scan(text, pack)


def _from_tree(text: str, parsed: SyntaxTree, pack: LanguagePack) -> list[Span]:
    code, offset, end = parsed.code, parsed.offset, parsed.offset + parsed.size
    types = _type_places(parsed, pack)
    ascii_only = parsed.size == len(text)
    spans, done, place = [], offset, 0
    for node in _leaves(parsed, pack):
        start, stop = node.start_byte, node.end_byte
        if start < offset or stop > end:
            continue
        written = code[start:stop].decode("utf-8", "replace")
        kind = _kind_of(node.type, written, pack)
        if kind == "identifier" and start in types:
            kind = "type"
        if ascii_only:
            place = start - offset
        else:
            place += len(code[done:start].decode("utf-8", "replace"))
            done = start
        bare = written.strip()
        if bare and node.type not in pack.nodes.skip:
            spans.append(Span(bare, kind, place + written.index(bare)))
    return spans


def _leaves(parsed: SyntaxTree, pack: LanguagePack) -> Iterator[Node]:
    """Yield the leaves in order; strings and comments are leaves, whatever is in them."""
    closed = pack.nodes.string | pack.nodes.comment
    cursor = parsed.tree.walk()
    while True:
        node = cursor.node
        if node is None:
            return
        if node.type in closed or not cursor.goto_first_child():
            yield node
            while not cursor.goto_next_sibling():
                if not cursor.goto_parent():
                    return


def _type_places(parsed: SyntaxTree, pack: LanguagePack) -> frozenset[int]:
    if "types" not in pack.queries:
        return frozenset()
    captures = QueryCursor(pack.queries["types"]).captures(parsed.tree.root_node)
    return frozenset(node.start_byte for node in captures.get("type", ()))


def _kind_of(node_type: str, written: str, pack: LanguagePack) -> Kind:
    nodes = pack.nodes
    if node_type in nodes.identifier:
        return "identifier"
    if node_type in nodes.type:
        return "type"
    if node_type in nodes.comment:
        return "comment"
    if node_type in nodes.string:
        return "string"
    return _kind_by_look(written, pack)


def _kind_by_look(written: str, pack: LanguagePack) -> Kind:
    first = written[:1]
    if first.isdigit() or (first == "." and written[1:2].isdigit()):
        return "number"
    if written in pack.keywords or first.isalpha():
        return "keyword"
    return "operator"


def _with_layout(spans: Sequence[Span], text: str) -> Iterator[str]:
    lines = _logical_lines(spans, text)
    columns = [len(text[text.rfind("\n", 0, s[0].start) + 1 : s[0].start]) for s in lines]
    if len(lines) > 1 and columns[0] == 0 and lines[0][-1].text != ":":
        columns[0] = columns[1]  # a decorator that was cut out of its class, without its indent
    levels: list[int] = []
    for column, line in zip(columns, lines, strict=True):
        if levels:
            yield "\n"
        while len(levels) > 1 and column < levels[-1]:
            levels.pop()
            yield "\b"
        if not levels or column > levels[-1]:
            if levels:
                yield "\t"
            levels.append(column)
        yield from (span.text for span in line)


def _logical_lines(spans: Sequence[Span], text: str) -> list[list[Span]]:
    """Split where a line ends outside of brackets, and not by a backslash."""
    lines: list[list[Span]] = []
    depth, done = 0, 0
    for span in spans:
        gap = text[done : span.start]
        continued = depth > 0 or "\n" not in gap or ("\\" in gap and "#" not in gap)
        if lines and continued:
            lines[-1].append(span)
        else:
            lines.append([span])
        depth = max(0, depth + (span.text in _OPENING) - (span.text in _CLOSING))
        done = span.start + len(span.text)
    return lines
