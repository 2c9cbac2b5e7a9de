"""Comments and annotations: what is carried over as it is, and what a translation has lost.

What stands above a unit (its docs, notes of its authors) is for people: no model has to write it
again.  It is taken off before the model is asked, and put above the translation, in the form that
comments of the target have.  What stands inside is the model's to keep, and is counted.
"""

import re
from collections import Counter
from dataclasses import dataclass

from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.scanning import scan
from fedtranslate.languages.skeletons.comments import comments_in, convert_comment

_ANNOTATION = re.compile(r"@(?!interface\b)[A-Za-z_][\w.]*")
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_ALIKE = 0.6
"""Share of the words of a comment that one must have to count as the same."""
_SAID_OTHERWISE = frozenset({"@Override", "@FunctionalInterface", "@SafeVarargs"})
"""Annotations that tell the compiler what other languages write without one."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A unit, in two."""

    above: str
    """Its comments; may be empty."""
    code: str


def parted(text: str, pack: LanguagePack) -> Parts:
    """Return the comments above a unit, and the rest."""
    for span in scan(text, pack):
        if span.kind != "comment":
            return Parts(text[: span.start].rstrip(), text[span.start :])
    return Parts("", text)


def carried(translation: str, above: str, packs: tuple[LanguagePack, LanguagePack]) -> str:
    """Return ``translation`` below the comments ``above``; its own comments there give way."""
    if not above:
        return translation
    comment = convert_comment(above, *packs)
    return f"{comment}\n{parted(translation, packs[1]).code.lstrip()}"


def head_of_unit(text: str, pack: LanguagePack) -> str:
    """Return a unit up to where its body begins, on one line: its signature."""
    code = parted(text, pack).code
    start = body_start(code, pack)
    head = code.split("\n", 1)[0] if start is None else code[:start]
    return " ".join(head.split())


def body_start(code: str, pack: LanguagePack) -> int | None:
    """Return where the body of a unit begins, with its bracket or colon; None where it has none."""
    depth = 0
    for span in scan(code, pack):
        depth += (span.text in _OPENING) - (span.text in _CLOSING)
        is_end = span.text in ("=>", ";") or (pack.indented and span.text == ":")
        if (is_end and depth <= 0) or (span.text == "{" and depth <= 1):
            return span.start
    return None


def lost(source: str, translation: str, packs: tuple[LanguagePack, LanguagePack]) -> list[str]:
    """Return the comments and annotations of ``source`` that ``translation`` has no more.

    One that stands there more often than in the source is told, too.
    """
    before, after = comments_in(source, packs[0]), list(comments_in(translation, packs[1]))
    missing = []
    for comment in before:
        place = next((i for i, other in enumerate(after) if _alike(comment, other)), None)
        if place is None:
            missing.append(f"comment: {comment}")
        else:
            del after[place]
    doubled = [other for other in after if any(_alike(comment, other) for comment in before)]
    missing += [f"comment written twice: {other}" for other in doubled]
    if packs[0].name == packs[1].name:
        return missing
    kept = Counter(re.findall(r"\w+", translation.lower()))
    for annotation in dict.fromkeys(_annotations(source, packs[0])):
        name = annotation.lstrip("@").rpartition(".")[2].lower()
        if annotation not in _SAID_OTHERWISE and name not in kept:
            missing.append(f"annotation: {annotation}")
    return missing


def _annotations(text: str, pack: LanguagePack) -> list[str]:
    head = parted(text, pack).code.partition("{")[0]
    return _ANNOTATION.findall(head) if pack.nodes.comment else []


def _alike(one: str, other: str) -> bool:
    words, others = Counter(one.lower().split()), Counter(other.lower().split())
    if not words or not others:
        return words == others
    shared = (words & others).total()
    return shared / max(words.total(), others.total()) >= _ALIKE
