"""Comments as text: put words into one, carry one to another language, compare those of two.

What is put into a comment may be hostile: nothing in it ends the comment early.
"""

import re
from collections.abc import Iterator

from fedtranslate.languages.flushing import flush_comment, flush_left
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.scanning import scan
from fedtranslate.languages.skeletons.writefile import CommentsTable, write_rules

_LINES = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]|[\ud800-\udfff]")
_ESCAPES = ((re.compile(r"\\(?=u)"), r"\\ "), (re.compile(r"\?>"), "? >"))
"""A Java compiler reads ``\\u000a`` as the end of a line, also in a comment; PHP ends at ``?>``."""
_CODING = re.compile(r"coding(?=[:=])")
"""Python takes a comment at the top that says so for the encoding of the file."""
_CONTINUED = re.compile(r"(?:\\|\?\?/)\s*$")
"""A C compiler takes the next line for a part of a comment that ends so."""
_TRIPLE = re.compile(r"(?i:[rbu]{0,2})(\"{3}|'{3}|\"|')(.*?)\1?\Z", re.DOTALL)
_WORDS = re.compile(r"\w+")
_STARS = re.compile(r"^[ \t]*\*?[ \t]?", re.MULTILINE)


def as_comment(text: str, pack: LanguagePack) -> str:
    """Return ``text`` as comment, flush left, each line marked; "" where no mark is known."""
    table = _table(pack)
    return _marked(text, table.line, table.block) if table else ""


def convert_comment(comment: str, source: LanguagePack, target: LanguagePack) -> str:
    """Return comments of one language as comments of another, flush left.

    They stay as written where the target reads them as comments, too.

    Args:
        comment: One or more comments, or a documentation string, as written in the source.
        source: Its language.
        target: The language that it goes into.
    """
    table = _table(target)
    if table is None or not comment.strip():
        return ""
    flush = flush_comment(comment.strip())
    if _stays(flush, target):
        return flush
    parts = [_converted(one, is_docs, table) for one, is_docs in _comments(flush, source)]
    return "\n".join(part for part in parts if part)


def comments_in(text: str, pack: LanguagePack) -> tuple[str, ...]:
    """Return the words of each comment, in lower case with blanks between them.

    Where indentation means something, a string that stands alone on its lines is a comment, too.
    """
    found = (" ".join(_WORDS.findall(one.lower())) for one, _ in _comments(text, pack))
    return tuple(words for words in found if words)


def _table(pack: LanguagePack) -> CommentsTable | None:
    rules = write_rules(pack.folder)
    return rules.comments if rules and (rules.comments.line or rules.comments.block) else None


def _comments(text: str, pack: LanguagePack) -> Iterator[tuple[str, bool]]:
    """Yield the words of each comment without its marks, and whether it documents."""
    table = _table(pack) or CommentsTable()
    line_end = 0
    for token in scan(text, pack):
        before = text[max(line_end, text.rfind("\n", 0, token.start) + 1) : token.start]
        if token.kind == "comment":
            yield _without_marks(token.text, table)
        elif token.kind == "string" and pack.indented and not before.strip():
            found = _TRIPLE.fullmatch(token.text)
            behind = text[token.start + len(token.text) :].partition("\n")[0].strip()
            if found and len(found[1]) == 3 and not behind:
                yield flush_left(found[2].strip()), True
        line_end = token.start + len(token.text)


def _without_marks(comment: str, table: CommentsTable) -> tuple[str, bool]:
    for ends, is_docs in ((table.doc, True), (table.block, False)):
        if ends and comment.startswith(ends[0].strip()):
            inner = comment[len(ends[0].strip()) :].removesuffix(ends[1].strip())
            return _STARS.sub("", inner).strip(), is_docs
    for mark, is_docs in ((table.doc_line, True), (table.line, False)):
        if mark and comment.startswith(mark):
            return comment[len(mark) :].strip(), is_docs
    return comment.lstrip("#/*-;' ").removesuffix("*/").strip(), False


def _stays(comment: str, target: LanguagePack) -> bool:
    """Tell whether a text is nothing but comments in the target."""
    if any(pattern.search(comment) for pattern, _ in _ESCAPES) or _CONTROL.search(comment):
        return False
    if any(_CONTINUED.search(line) for line in comment.split("\n")) or _CODING.search(comment):
        return False
    if len(_LINES.split(comment)) != comment.count("\n") + 1:
        return False
    last = 0
    for token in scan(comment, target):
        if token.kind != "comment":
            return False
        last = token.start + len(token.text)
    table = _table(target)
    block = table.block if table else ()
    tail = comment[:last].rstrip()
    ends = not block or not tail.rpartition("\n")[2].lstrip().startswith(("*", block[0]))
    return ends or tail.endswith(block[1])


def _converted(text: str, is_docs: bool, table: CommentsTable) -> str:
    lines = _LINES.split(text)
    if is_docs and table.doc and len(table.doc) == 2:
        safe = [_safe(line, table.doc[1].strip()) for line in lines]
        if len(safe) == 1:
            return f"{table.doc[0]} {safe[0]} {table.doc[1].strip()}"
        middle = "\n".join(f" * {line}".rstrip() for line in safe)
        return f"{table.doc[0]}\n{middle}\n {table.doc[1].strip()}"
    return _marked(text, (table.doc_line if is_docs else "") or table.line, table.block)


def _marked(text: str, line_mark: str, ends: tuple[str, ...]) -> str:
    lines = _LINES.split(text.rstrip())
    if line_mark:
        return "\n".join(f"{line_mark} {_safe(line, '')}".rstrip() for line in lines)
    safe = [_safe(line, ends[1]) for line in lines]
    return f"{ends[0]} " + "\n   ".join(safe) + f" {ends[1]}"


def _safe(line: str, end: str) -> str:
    """Return a line in which nothing ends a comment."""
    line = _CODING.sub("coding ", _CONTROL.sub(" ", line))
    for pattern, harmless in _ESCAPES:
        line = pattern.sub(harmless, line)
    while end and end in line:
        line = line.replace(end, f"{end[0]} {end[1:]}")
    if _CONTINUED.search(line):
        line = line.rstrip() + "."
    return line.rstrip()
