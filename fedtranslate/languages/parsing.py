"""Parse a text, which may be a whole file or a lone unit, and say what is wrong with it.

A method is not a program: its parser wants a class around it.  ``syntax_tree`` puts one there
(of the constructor's own name, when the unit is a constructor), and all places that this module
reports are in the text as it was given.

A parser is a C library that reads whatever a model wrote.  For text that is not trusted, use
``fedtranslate.languages.worker``, which runs this module in a process that can be killed.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from tree_sitter import Node, Parser, Query, QueryCursor, Tree

from fedtranslate.languages.pack import LanguagePack
from fedtranslate.records import Problem

MAX_BYTES = 4_000_000
"""Larger texts are refused: error recovery takes time and memory that no real unit needs."""
_KEPT_SIZE = 20_000
"""Trees of longer texts are not kept; a tree takes a hundred times as much memory as its text."""
_MAX_PROBLEMS = 20
_EXCERPT = 80
_WIDE = 1000


class SyntaxTree(NamedTuple):
    """A parsed text, with what was put around it."""

    tree: Tree
    code: bytes
    """What was parsed: the text in UTF-8 between the two halves of the wrapping."""
    offset: int
    """Where the text begins in ``code``; 0 when it was not wrapped."""
    size: int
    """Length of the text in ``code``, in bytes."""


def is_whole(text: str, pack: LanguagePack) -> bool:
    """Tell whether ``text`` begins as a file or a type does, so that it needs no class around."""
    if not pack.wrap[0]:
        return True
    start = _start_of_code(text, pack)
    whole, lone = pack.opening.whole, pack.opening.lone
    if whole is not None and whole.match(text, start):
        return True
    return lone is not None and not lone.match(text, start)


def constructor_name(text: str, pack: LanguagePack) -> str | None:
    """Return the name of the constructor that ``text`` begins with; None when it is none."""
    if pack.opening.constructor is None:
        return None
    found = pack.opening.constructor.match(text, _start_of_code(text, pack))
    return found[1] if found and found[1] not in pack.keywords else None


def wrapping(text: str, pack: LanguagePack, name: str = "") -> tuple[str, str]:
    """Return what must stand before and after ``text`` so that it is a program.

    Args:
        text: A unit or a whole file.
        pack: Its language.
        name: Name of the class around it; a constructor overrules it.
    """
    if is_whole(text, pack):
        return "", ""
    before, after = pack.wrap
    class_name = constructor_name(text, pack) or name or pack.wrap_name
    return before.replace("{name}", class_name), after


def syntax_tree(text: str, pack: LanguagePack) -> SyntaxTree:
    """Parse ``text``, wrapped when it is a lone unit; lone surrogates become question marks.

    The last trees are kept: whoever asks whether a text parses asks for its tokens next.
    """
    return _kept_tree(text, pack) if len(text) <= _KEPT_SIZE else _new_tree(text, pack)


@lru_cache(maxsize=4)
def _kept_tree(text: str, pack: LanguagePack) -> SyntaxTree:
    return _new_tree(text, pack)


def _new_tree(text: str, pack: LanguagePack) -> SyntaxTree:
    before, after = wrapping(text, pack)
    head, body = before.encode(), text.encode("utf-8", "replace")
    code = head + body + after.encode()
    return SyntaxTree(Parser(pack.grammar).parse(code), code, len(head), len(body))


def parses(text: str, pack: LanguagePack) -> bool:
    """Tell whether ``text`` is code without syntax errors; an empty text is none."""
    return not parse_problems(text, pack)


def parse_problems(text: str, pack: LanguagePack) -> tuple[Problem, ...]:
    """Return what the parser had to skip or invent, from top to bottom, at most 20 places."""
    if not text.strip():
        return (Problem(1, 1, "there is no code"),)
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        return (Problem(1, 1, f"the text is larger than the {MAX_BYTES:,} bytes that are parsed"),)
    parsed = syntax_tree(text, pack)
    found = []
    for node in _faults(parsed.tree.root_node):
        found.append(_problem(node, parsed))
        if len(found) == _MAX_PROBLEMS:
            break
    return tuple(found) or _escape(parsed, pack) or _emptiness(parsed, pack)


def matches(query: Query, root: Node) -> Iterator[Mapping[str, Sequence[Node]]]:
    """Yield the captures of each match below ``root``.

    A query takes time that grows with the square of the children of a node that is an error, and
    a broken file can have a million of them; such a node is therefore asked piece by piece.
    """
    if not _has_wide_error(root):
        yield from (captures for _, captures in QueryCursor(query).matches(root))
        return
    todo = [root]
    while todo:
        node = todo.pop()
        if not node.has_error:
            yield from (captures for _, captures in QueryCursor(query).matches(node))
            continue
        if not node.is_error:
            cursor = QueryCursor(query)
            cursor.set_max_start_depth(0)
            yield from (captures for _, captures in cursor.matches(node))
        todo.extend(child for child in node.children if child.is_named)


def _start_of_code(text: str, pack: LanguagePack) -> int:
    skipped = pack.opening.skip.match(text)
    return skipped.end() if skipped else 0


def _faults(root: Node) -> Iterator[Node]:
    """Yield the ERROR and MISSING nodes in order; goes only where there is one, never recurses."""
    todo = [root]
    while todo:
        node = todo.pop()
        if node.is_error or node.is_missing:
            yield node
        elif node.has_error:
            todo.extend(child for child in reversed(node.children) if child.has_error)


def _has_wide_error(root: Node) -> bool:
    todo = [root] if root.has_error else []
    while todo:
        node = todo.pop()
        if node.is_error and node.child_count > _WIDE:
            return True
        todo.extend(child for child in node.children if child.has_error)
    return False


def _problem(node: Node, parsed: SyntaxTree) -> Problem:
    if node.is_missing:
        return _at(parsed, node.start_byte, f"`{node.type}` is missing here")
    start = max(node.start_byte, parsed.offset)
    end = min(node.end_byte, parsed.offset + parsed.size, start + 4 * _EXCERPT)
    shown = _printable(parsed.code[start:end])[:40]
    return _at(parsed, start, f"unexpected `{shown}`" if shown else "unexpected end")


def _escape(parsed: SyntaxTree, pack: LanguagePack) -> tuple[Problem, ...]:
    """Refuse a text that ends the class around it, and so parses as something else."""
    if parsed.offset == 0:
        return ()
    first, *others = [
        child
        for child in parsed.tree.root_node.named_children
        if child.type not in pack.nodes.comment
    ]
    if not others:
        return ()
    return (_at(parsed, first.end_byte - 1, "this closes a bracket that was not opened"),)


def _emptiness(parsed: SyntaxTree, pack: LanguagePack) -> tuple[Problem, ...]:
    """Refuse a text of comments only."""
    text = parsed.code[parsed.offset : parsed.offset + parsed.size].decode()
    if _start_of_code(text, pack) < len(text):
        return ()
    return (Problem(1, 1, "there is no code"),)


def _at(parsed: SyntaxTree, byte: int, message: str) -> Problem:
    """Make a problem at a place of ``parsed.code``; what lies behind the text is its end."""
    end = parsed.offset + parsed.size
    place = min(max(byte, parsed.offset), end)
    line_start = max(parsed.code.rfind(b"\n", 0, place) + 1, parsed.offset)
    line_end = parsed.code.find(b"\n", place, end)
    line = parsed.code[line_start : line_end if line_end >= 0 else end]
    column = len(parsed.code[line_start:place].decode("utf-8", "replace")) + 1
    return Problem(
        line=parsed.code.count(b"\n", parsed.offset, place) + 1,
        column=column,
        message=message,
        excerpt=_around(line, place - line_start),
    )


def _around(line: bytes, byte: int) -> str:
    start = max(0, byte - _EXCERPT // 2)
    return _printable(line[start : start + _EXCERPT])


def _printable(code: bytes) -> str:
    """Return ``code`` on one line that is fit for a terminal."""
    line = " ".join(code.decode("utf-8", "replace").split())
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in line
    )
