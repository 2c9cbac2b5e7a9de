"""The code in an answer of a model that likes to talk about it."""

import re
from dataclasses import dataclass

from fedtranslate.languages.pack import LanguagePack

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*+([^`\n]*)")
_CLOSED = re.compile(r"(.*[};)])[ \t]*(`{3,}|~{3,})")
"""Code with the closing fence behind it; lines of comments and strings do not end so."""
_THOUGHTS = re.compile(r"\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Block:
    language: str
    """As the fence says it, in lower case; may be empty."""
    code: str


def code_in(answer: str, pack: LanguagePack) -> str:
    """Return the code of ``answer``: what stands between Markdown fences, or else all of it.

    Of several blocks it is the longest that says it is of the language of ``pack``, or else the
    longest that says nothing, or else the longest.  Thoughts before the answer do not count, and a
    fence that is not closed reaches to the end.
    """
    thoughts = _THOUGHTS.match(answer)
    said = answer[thoughts.end() :] if thoughts else answer
    blocks = _blocks(said)
    if not blocks:
        return said.lstrip() if thoughts else said
    ends = (end.lstrip(".") for end in pack.extensions)
    titles = {pack.name, pack.title.lower(), *pack.aliases, *ends}
    for languages in (titles, {""}):
        fitting = [block for block in blocks if block.language in languages]
        if fitting:
            blocks = fitting
            break
    return max(blocks, key=lambda block: len(block.code)).code


def _blocks(text: str) -> list[_Block]:
    blocks: list[_Block] = []
    fence, language, lines = "", "", list[str]()
    for line in text.split("\n"):
        mark = _FENCE.fullmatch(line.rstrip())
        if not fence and mark:
            fence, language, lines = mark[1], mark[2].split()[0].lower() if mark[2] else "", []
        elif fence and mark and mark[1].startswith(fence) and not mark[2]:
            blocks.append(_Block(language, "\n".join(lines)))
            fence = ""
        elif fence and (closed := _CLOSED.fullmatch(line.rstrip())) and closed[2] == fence:
            blocks.append(_Block(language, "\n".join([*lines, closed[1]])))
            fence = ""
        elif fence:
            lines.append(line)
    if fence:
        blocks.append(_Block(language, "\n".join(lines)))
    return blocks
