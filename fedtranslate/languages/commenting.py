"""Comments as text of their own: read, compared, and written anew in another language."""

import re

from fedtranslate.languages.flushing import flush_left
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.scanning import scan
from fedtranslate.languages.writefile import CommentsTable, write_rules

_EDGE = re.compile(
    r"^\s*(?:/\*+!?|\*+/|\*+(?!/)|//+!?|#+|--+|\"{3}|'{3})?[ \t]?|\s*(?:\*+/|\"{3}|'{3})\s*$"
)
_MARKS = re.compile(r"/\*+|\*+/|//+|\"{3}|'{3}|^[#*\s]+", re.MULTILINE)


def comments_in(text: str, pack: LanguagePack) -> tuple[str, ...]:
    """Return the words of each comment, without its marks; comments that say nothing are left out.

    Comments of one line that stand directly below each other are one.
    """
    found: list[str] = []
    end = -1
    for span in scan(text, pack):
        if span.kind != "comment":
            end = -1
            continue
        said = " ".join(_MARKS.sub(" ", span.text).replace("*", " ").split())
        is_line = not span.text.startswith("/*")
        if found and is_line and end >= 0 and not text[end : span.start].strip():
            found[-1] = f"{found[-1]} {said}".strip()
        else:
            found.append(said)
        end = span.start + len(span.text) if is_line else -1
    return tuple(one for one in found if one)


def as_comment(text: str, pack: LanguagePack) -> str:
    """Return any text as a comment that it cannot get out of.

    Line comments are used where the language has them, since no text ends one but a line end.
    """
    lines = re.split(r"\r\n?|[\n\v\f\x1c-\x1e\x85\u2028\u2029]", text)
    table = _table(pack)
    if table.line:
        return "\n".join(f"{table.line} {line.rstrip()}".rstrip() for line in lines)
    before, after = table.block
    inside = "\n".join(lines).replace(after, " ".join(after))
    return f"{before} {inside} {after}"


def convert_comment(comment: str, source: LanguagePack, target: LanguagePack) -> str:
    """Return comments of one language as comments of another; docs stay docs where there are any.

    Args:
        comment: One or more comments, as written.
        source: Their language.
        target: The other one.
    """
    old, new = _table(source), _table(target)
    if (old.line, old.block) == (new.line, new.block) and old.line:
        return comment
    written = []
    for span in scan(comment, source):
        if span.kind == "comment":
            written.append(as_comment(_plain(span.text), target))
    return "\n".join(written) or as_comment(_plain(comment), target)


def _plain(comment: str) -> str:
    lines = [_EDGE.sub("", line).rstrip() for line in flush_left(comment).split("\n")]
    while lines and not lines[0]:
        del lines[0]
    while lines and not lines[-1]:
        del lines[-1]
    return "\n".join(lines)


def _table(pack: LanguagePack) -> CommentsTable:
    rules = write_rules(pack.folder)
    if rules is not None and (rules.comments.line or rules.comments.block):
        return rules.comments
    # Without rules, the pack's own pattern tells which of the usual marks begins a comment.
    for mark in ("//", "#", "--"):
        found = pack.lexer.match(f"{mark} x")
        if found and found.lastgroup == "comment" and found.end() == len(mark) + 2:
            return CommentsTable(line=mark)
    return CommentsTable(line="*>") if pack.rules is not None else CommentsTable(block=("/*", "*/"))
