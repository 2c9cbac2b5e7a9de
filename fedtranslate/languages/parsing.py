"""Parse a text, which may be a whole file or a lone unit, and say what is wrong with it.

A method is not a program: its parser wants a class around it.  ``syntax_tree`` puts one there
(of the constructor's own name, when the unit is a constructor), and all places that this module
reports are in the text as it was given.

A parser is a C library that reads whatever a model wrote.  For text that is not trusted, use
``fedtranslate.languages.worker``, which runs this module in a process that can be killed.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from tree_sitter import Node, Query, QueryCursor, Tree

from fedtranslate.errors import PackError, ParseLimitError
from fedtranslate.languages.columns import blanked
from fedtranslate.languages.newlines import with_line_feeds
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.parsers import MAX_BYTES as MAX_BYTES
from fedtranslate.languages.parsers import parse_with
from fedtranslate.languages.rulecheck import rule_faults
from fedtranslate.languages.rules import Rules
from fedtranslate.languages.trial import try_out
from fedtranslate.records import Problem

_MAX_PROBLEMS = 20
_KEPT_BYTES = 100_000
"""The tree of a longer text is not kept; it takes a hundred times as much memory as its text."""
_EXCERPT = 80
_SHOWN = 40
_WIDE = 1000


class _Kept(threading.local):
    """What one thread has parsed."""

    def __init__(self) -> None:
        self.last: tuple[str, LanguagePack, SyntaxTree] | None = None
        """What was parsed last: whoever asks whether a text parses asks for its tokens next."""


_KEPT = _Kept()


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
    """Tell whether ``text`` begins as a file or a type does, so that it needs nothing around."""
    if not pack.wrap[0]:
        return True
    text = blanked(text, pack.columns)
    return _is_whole(text, _start_of_code(text, pack), pack)


def needs_class(text: str, pack: LanguagePack) -> bool:
    """Tell whether ``text``, which is no whole file, cannot stand alone as a function can."""
    text = blanked(text, pack.columns)
    return bool(pack.wrap[0]) and _needs_class(text, _start_of_code(text, pack), pack)


def needs_imports(text: str, pack: LanguagePack) -> bool:
    """Tell whether ``text`` is a unit that stands alone without a class, and no whole file."""
    whole, lone = pack.opening.whole, pack.opening.lone
    if whole is None or (lone is None and pack.wrap[0]):
        return False
    text = blanked(text, pack.columns)
    start = _start_of_code(text, pack)
    return not whole.match(text, start) and not needs_class(text, pack)


def constructor_name(text: str, pack: LanguagePack) -> str | None:
    """Return the name of the constructor that ``text`` begins with; None when it is none."""
    if pack.opening.constructor is None:
        return None
    text = blanked(text, pack.columns)
    return _constructor(text, _start_of_code(text, pack), pack)


def wrapping(text: str, pack: LanguagePack, name: str = "") -> tuple[str, str]:
    """Return what must stand before and after ``text`` so that it is a program.

    Args:
        text: A unit or a whole file.
        pack: Its language.
        name: Name of the class around it; a constructor overrules it.
    """
    if not pack.wrap[0]:
        return "", ""
    text = blanked(text, pack.columns)
    start = _start_of_code(text, pack)
    if _is_whole(text, start, pack):
        return "", ""
    if not _needs_class(text, start, pack):
        return pack.wrap_start, ""
    around = (form[1:] for form in pack.wrap_forms if form[0].match(text, start))
    before, after = next(around, pack.wrap)
    class_name = _constructor(text, start, pack) or name or pack.wrap_name
    return before.replace("{name}", class_name), after


def parse_bytes(code: bytes, pack: LanguagePack) -> Tree:
    """Parse a whole program; a word that the grammar lacks is read as another of its length.

    Raises:
        PackError: The language has no grammar.
        ParseLimitError: It takes too much time or memory.
    """
    if pack.grammar is None or pack.grammar_source is None:
        raise PackError(
            f"{pack.title} has no grammar, so its code has no syntax tree.",
            hint="Use what works by its rules: parse_problems, units_in, lex.",
        )
    for word, known in pack.read_as:
        code = word.sub(known, code)
    try_out(pack.grammar_source, code)
    return parse_with(pack.grammar, code)


def syntax_tree(text: str, pack: LanguagePack) -> SyntaxTree:
    """Parse ``text``, wrapped when it is a lone unit; lone surrogates become question marks.

    Raises:
        PackError: The language has no grammar.
        ParseLimitError: It takes too much time or memory.
    """
    return _wrapped(text, text.encode("utf-8", "replace"), pack)


def parses(text: str, pack: LanguagePack) -> bool:
    """Tell whether ``text`` is code without syntax errors; an empty text is none."""
    return not parse_problems(text, pack)


def parse_problems(text: str, pack: LanguagePack) -> tuple[Problem, ...]:
    """Return what the parser had to skip or invent, from top to bottom, at most 20 places."""
    if not text.strip():
        return (Problem(1, 1, "there is no code"),)
    too_large = f"the text is larger than the {MAX_BYTES:,} bytes that are parsed"
    if len(text) > MAX_BYTES:
        return (Problem(1, 1, too_large),)
    body = text.encode("utf-8", "replace")
    if len(body) > MAX_BYTES:
        return (Problem(1, 1, too_large),)
    if pack.rules is not None:
        return _broken_rules(body.decode(), pack, pack.rules)
    try:
        parsed = _wrapped(text, body, pack)
    except ParseLimitError:
        return (Problem(1, 1, "the parser needed too much time or memory for this text"),)
    root = parsed.tree.root_node
    faults = islice(_faults(root), _MAX_PROBLEMS) if root.has_error else ()
    found = tuple(_problem(node, parsed) for node in faults)
    return found or _escape(parsed, pack) or _emptiness(parsed, pack)


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


def _wrapped(text: str, body: bytes, pack: LanguagePack) -> SyntaxTree:
    last = _KEPT.last
    if last is not None and last[0] == text and last[1] is pack:
        return last[2]
    before, after = wrapping(text, pack)
    head = before.encode()
    code = head + body + after.encode() if before or after else body
    tree = parse_bytes(with_line_feeds(code), pack)
    parsed = SyntaxTree(tree, code, len(head), len(body))
    _KEPT.last = (text, pack, parsed) if len(body) <= _KEPT_BYTES else None
    return parsed


def _is_whole(text: str, start: int, pack: LanguagePack) -> bool:
    whole = pack.opening.whole
    if whole is not None and whole.match(text, start):
        return True
    return not pack.wrap_start and not _needs_class(text, start, pack)


def _needs_class(text: str, start: int, pack: LanguagePack) -> bool:
    lone = pack.opening.lone
    return lone is None or lone.match(text, start) is not None


def _constructor(text: str, start: int, pack: LanguagePack) -> str | None:
    pattern = pack.opening.constructor
    found = pattern.match(text, start) if pattern else None
    return found[1] if found and found[1] not in pack.keywords else None


def _broken_rules(text: str, pack: LanguagePack, rules: Rules) -> tuple[Problem, ...]:
    if _start_of_code(blanked(text, pack.columns), pack) == len(text):
        return (Problem(1, 1, "there is no code"),)
    faults = islice(rule_faults(text, pack, rules), _MAX_PROBLEMS)
    return tuple(_at_character(text, place, message) for place, message in sorted(faults))


def _at_character(text: str, place: int, message: str) -> Problem:
    line_start = text.rfind("\n", 0, place) + 1
    line_end = text.find("\n", place)
    shown = max(line_start, place - _EXCERPT // 2)
    return Problem(
        line=text.count("\n", 0, place) + 1,
        column=place - line_start + 1,
        message=message,
        excerpt=_on_one_line(text[shown : line_end if line_end >= 0 else None][:_EXCERPT]),
    )


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
    end = min(node.end_byte, parsed.offset + parsed.size)
    code = parsed.code[start:end]
    shown = _printable(code[: 4 * _EXCERPT])[:_SHOWN]
    if b"\n" in code.strip() and not parsed.code[end : parsed.offset + parsed.size].strip():
        # What is wrong is somewhere below: most often, it has no end.
        opened = _printable(code.strip().partition(b"\n")[0][: 4 * _EXCERPT])[:_SHOWN]
        return _at(parsed, start, f"`{opened}` has no end, or something in it is wrong")
    return _at(parsed, start, f"unexpected `{shown}`" if shown else "unexpected end")


def _escape(parsed: SyntaxTree, pack: LanguagePack) -> tuple[Problem, ...]:
    """Refuse a text that ends the class around it, and so parses as something else."""
    end = parsed.offset + parsed.size
    if len(parsed.code) == end:
        return ()
    around = parsed.tree.root_node.descendant_for_byte_range(parsed.offset, end)
    if around and around.start_byte < parsed.code.rfind(b"{", 0, parsed.offset):
        return (_at(parsed, end, "a bracket was closed that was not opened"),)
    first, *others = [
        child
        for child in parsed.tree.root_node.named_children
        if child.type not in pack.nodes.comment and child.end_byte > parsed.offset
    ]
    if not others:
        return ()
    return (_at(parsed, first.end_byte - 1, "this closes a bracket that was not opened"),)


def _emptiness(parsed: SyntaxTree, pack: LanguagePack) -> tuple[Problem, ...]:
    """Refuse a text of comments only."""
    text = with_line_feeds(parsed.code[parsed.offset : parsed.offset + parsed.size]).decode()
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
    return _on_one_line(code.decode("utf-8", "replace"))


def _on_one_line(text: str) -> str:
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}"
        for letter in " ".join(text.split())
    )
