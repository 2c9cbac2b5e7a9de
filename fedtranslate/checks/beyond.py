"""Tell what a compiler cannot read from what is wrong.

A compiler may be older than the language that is written today, or read only a part of it: mcs
knows C# 7, node knows no JSX.  What a pack's queries/beyond.scm finds is right code all the same.
Where a compiler calls the syntax of a text wrong, our own parser does not, and such code is in it,
nobody knows whether the rest is right: it counts as not checked.
"""

from fedtranslate.checks.program import not_checked
from fedtranslate.errors import ParseLimitError
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.parsing import matches, parses, syntax_tree
from fedtranslate.records import CompileState, Verdict

_SHOWN = 40
_NAME = "beyond"


def weighed(text: str, said: Verdict, pack: LanguagePack) -> Verdict:
    """Return what a compiler said of ``text``; that nothing was checked if it could not read it."""
    if said.compile_state is not CompileState.SYNTAX_ERROR:
        return said
    why = unreadable(text, pack)
    if not why:
        return said
    for problem in said.problems[:1]:
        why += f"; it says of line {problem.line}: {problem.message}"
    return not_checked(why)


def unreadable(text: str, pack: LanguagePack) -> str:
    """Return why a compiler may have taken right code for broken syntax; "" if it has not."""
    if (
        _NAME not in pack.queries
        or not parses(text, pack)
        or not (code := _first_beyond(text, pack))
    ):
        return ""
    return f"the compiler may be too old for `{code}`, which is {pack.title} all the same"


def _first_beyond(text: str, pack: LanguagePack) -> str:
    """Return the first line of the first code that a compiler may not know; "" for none."""
    try:
        parsed = syntax_tree(text, pack)
    except ParseLimitError:
        return ""
    found = (
        node
        for captures in matches(pack.queries[_NAME], parsed.tree.root_node)
        for node in captures.get(_NAME, ())
        if parsed.offset <= node.start_byte < parsed.offset + parsed.size
    )
    first = min(found, key=lambda node: node.start_byte, default=None)
    if first is None:
        return ""
    code = parsed.code[first.start_byte : first.end_byte].decode("utf-8", "replace")
    line = " ".join(code.strip().partition("\n")[0].split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}..."
