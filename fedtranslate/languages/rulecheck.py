"""Say what is wrong with a text by the rules of its pack, where the language has no grammar."""

from collections.abc import Iterator, Sequence

from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.rules import Role, Rules
from fedtranslate.languages.scanning import Span, bare, scan

Fault = tuple[int, str]
"""A place in characters from 0, and what is wrong there."""
_QUOTES = frozenset("\"'")


def rule_faults(text: str, pack: LanguagePack, rules: Rules) -> Iterator[Fault]:
    """Yield where a rule is broken, sentence by sentence; within one, in no order."""
    shown = bare(text, pack)
    remark_end = 0
    for sentence in _sentences(text, shown, pack, rules):
        first = sentence[0]
        if first.start < remark_end:
            continue
        if rules.sentence is not None:
            found = rules.sentence.match(shown, first.start)
            if found is None:
                yield first.start, f"no sentence begins with {_quoted(first)}"
            elif found.lastgroup == "remark":
                remark_end = found.end()
                continue
        yield from _imbalance(sentence, pack, rules)
        last = sentence[-1]
        if rules.sentence_end is not None and not rules.sentence_end.match(shown, last.start):
            yield last.start + len(last.text), "this sentence has no end"


def _sentences(text: str, shown: str, pack: LanguagePack, rules: Rules) -> Iterator[list[Span]]:
    """Yield the tokens of each sentence, comments left out; there is at least one."""
    tokens: list[Span] = []
    for span in scan(text, pack):
        if span.kind == "comment":
            continue
        tokens.append(span)
        if rules.sentence_end is not None and rules.sentence_end.match(shown, span.start):
            yield tokens
            tokens = []
    if tokens:
        yield tokens


def _imbalance(sentence: Sequence[Span], pack: LanguagePack, rules: Rules) -> Iterator[Fault]:
    """Yield what is begun or ended alone, and strings that do not end."""
    opened: list[tuple[Span, Role]] = []
    counts: dict[int, int] = {}
    for span in sentence:
        role = rules.roles.get(span.text.lower() if pack.ignore_case else span.text)
        if span.text in _QUOTES:
            yield span.start, f"{_quoted(span)} begins a string that does not end"
        elif role is None or span.kind == "string":
            continue
        elif role.begins:
            opened.append((span, role))
            counts[role.pair] = counts.get(role.pair, 0) + 1
        elif counts.get(role.pair):
            yield from _closed(opened, counts, role.pair)
        else:
            yield span.start, f"{_quoted(span)} ends what was not begun"
    for span, role in opened:
        if not role.open_ended:
            yield span.start, f"{_quoted(span)} is never ended"


def _closed(opened: list[tuple[Span, Role]], counts: dict[int, int], pair: int) -> Iterator[Fault]:
    """Take the last of ``pair`` off what is open, and all that was begun in it."""
    while True:
        span, role = opened.pop()
        counts[role.pair] -= 1
        if role.pair == pair:
            return
        if not role.open_ended:
            yield span.start, f"{_quoted(span)} is never ended"


def _quoted(span: Span) -> str:
    shown = "".join(sign if sign.isprintable() else "\ufffd" for sign in span.text[:40])
    return f"`{shown}`"
