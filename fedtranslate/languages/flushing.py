"""Indentation of pieces of code: take it off, and put it on where it is no part of a text."""

import re
from collections.abc import Sequence
from os.path import commonprefix

from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.scanning import scan

_BLOCK = re.compile(r":[ \t]*(?:#.*)?$")


def flush_left(text: str) -> str:
    """Take off the indentation that all lines but the first share.

    A unit is cut from where its first word stands, so its first line has lost its indentation
    and the others have kept theirs.  Where the first line opens a block that only indentation
    closes, the others keep one step of it.  Lines that hold blanks only do not count.
    """
    first, *rest = text.split("\n")
    indents = [line[: len(line) - len(line.lstrip(" \t"))] for line in rest if line.strip()]
    # Character by character is meant: indentation is no path.
    shared = commonprefix(indents) if indents else ""  # noqa: RUF071
    if shared and _opens_block(first, rest):
        shared = shared[: len(shared) - _step(shared, indents)]
    return "\n".join([first, *(line.removeprefix(shared) for line in rest)])


def _opens_block(first: str, rest: Sequence[str]) -> bool:
    last = next((line.strip() for line in reversed(rest) if line.strip()), "")
    return _BLOCK.search(first) is not None and not last.startswith("}")


def _step(shared: str, indents: Sequence[str]) -> int:
    """Return by how much the lines of the outermost block stand in: as those inside of them do."""
    deeper = {len(indent) - len(shared) for indent in indents} - {0}
    usual = 1 if shared.endswith("\t") else 4
    return min(len(shared), *deeper, *([] if deeper else [usual]))


def flush_comment(comment: str) -> str:
    """Return a comment flush left; the stars below the first line stay one column further in."""
    flush = flush_left(comment)
    return re.sub(r"\n\*", "\n *", flush) if flush.startswith("/*") else flush


def set_left(text: str, pack: LanguagePack) -> str:
    """Return what somebody wrote as a declaration flush left, however deep it stood before.

    Its first line may have lost its indentation.  How deep it stood is told by the bracket that
    closes it; where indentation means something, by what follows decorators and comments.  Lines
    that begin inside of a string stay as they are.
    """
    text = text.strip("\r\n")
    first, *rest = text.lstrip().split("\n")
    if not rest:
        return first.rstrip()
    if pack.indented:
        lead = text[: len(text) - len(text.lstrip())]
        base = lead or _below_decorators(first, rest)
    else:
        last = next((line for line in reversed(rest) if line.strip()), "")
        base = _indent_of(last) if last.lstrip()[:1] in ("}", ")", "]") else ""
    inside = _lines_in_strings(text.lstrip(), pack) if base else set()
    lines = (
        line if number in inside else line[len(commonprefix([line, base])) :]  # noqa: RUF071
        for number, line in enumerate(rest, 1)
    )
    return "\n".join([first, *lines]).rstrip()


def _below_decorators(first: str, rest: list[str]) -> str:
    if not first.startswith(("@", "#")):
        return ""
    below = (line for line in rest if line.strip() and not line.lstrip().startswith(")"))
    return _indent_of(next(below, ""))


def _indent_of(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def indented(text: str, indent: str, pack: LanguagePack) -> str:
    """Return ``text`` with ``indent`` before every line but the first.

    Lines that hold nothing stay empty, and those that begin inside of a string stay as they are:
    there, white space is part of the program.
    """
    if "\n" not in text or not indent:
        return text
    inside = _lines_in_strings(text, pack)
    return "\n".join(
        line if number == 0 or number in inside or not line.strip() else indent + line
        for number, line in enumerate(text.split("\n"))
    )


def _lines_in_strings(text: str, pack: LanguagePack) -> set[int]:
    """Return the numbers of the lines that begin inside of a string."""
    inside: set[int] = set()
    line = done = 0
    for token in scan(text, pack):
        if token.kind == "string" and "\n" in token.text:
            line += text.count("\n", done, token.start)
            done = token.start
            inside.update(range(line + 1, line + 1 + token.text.count("\n")))
    return inside
