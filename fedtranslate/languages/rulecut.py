"""Cut a file by the rules of its pack, where the language has no grammar.

A unit reaches from what its rule calls its beginning to the beginning of the next unit, of
whatever kind; only types reach over the units inside them.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from fedtranslate.languages.columns import blanked, is_in_columns
from fedtranslate.languages.comments import start_with_comments
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.rules import Rules, UnitPattern
from fedtranslate.languages.scanning import bare

_CODE = re.compile(r"\S")
_MAX_DEPTH = 100
"""Of types in types; deeper ones end the one around them."""


class Piece(NamedTuple):
    """A unit that the rules found, in characters of the file."""

    kind: str
    name: str
    containers: tuple[str, ...]
    start: int
    end: int


class _Event(NamedTuple):
    """A place where a unit begins, or where one of its kind ends."""

    place: int
    rule: UnitPattern
    body: int
    """Where what follows the beginning starts; or where the unit ends."""
    name: str | None
    """None where a unit ends."""


@dataclass(slots=True)
class _Begun:
    """A unit, and where it ends as soon as that is known."""

    event: _Event
    containers: tuple[str, ...]
    end: int | None = None

    def stop(self, place: int) -> None:
        """End it at ``place``, unless it has ended."""
        if self.end is None:
            self.end = place


def rule_pieces(text: str, pack: LanguagePack, rules: Rules) -> list[Piece]:
    """Return the units of a whole file, from top to bottom."""
    shown = bare(text, pack)
    laid_out = blanked(text, pack.columns)
    whole_lines = pack.columns is not None and is_in_columns(text, pack.columns)
    comments = _comments(laid_out, pack)
    code_ends: dict[int, int] = {}
    pieces = []
    for unit in _nested(_events(shown, pack, rules)):
        event, stop = unit.event, len(text) if unit.end is None else unit.end
        end = code_ends.setdefault(stop, _code_end(shown, stop))
        if end <= event.body and event.rule.kind != "type":
            continue  # nothing but its heading
        start = event.place
        if whole_lines:
            start = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
        start = start_with_comments(start, laid_out, comments)
        pieces.append(Piece(event.rule.kind, event.name or "", unit.containers, start, end))
    return sorted(pieces, key=lambda piece: (piece.start, -piece.end))


def _events(shown: str, pack: LanguagePack, rules: Rules) -> Iterator[_Event]:
    """Yield what happens in order; of two beginnings at one place that of the earlier rule."""
    events = [event for rule in rules.units for event in _of_rule(rule, shown, pack)]
    events.sort(key=lambda event: (event.place, event.name is not None))
    done = 0
    for event in _at_sentences(events, shown, rules):
        if event.name is None:
            yield event
        elif event.place >= done:
            done = event.body
            yield event


def _of_rule(rule: UnitPattern, shown: str, pack: LanguagePack) -> Iterator[_Event]:
    for found in rule.begin.finditer(shown):
        name = found["name"] or ""
        if (name.lower() if pack.ignore_case else name) not in pack.keywords:
            yield _Event(_code_start(shown, found.start()), rule, found.end(), name)
    for found in rule.end.finditer(shown) if rule.end else ():
        yield _Event(found.start(), rule, found.end(), None)


def _at_sentences(events: Iterable[_Event], shown: str, rules: Rules) -> Iterator[_Event]:
    """Yield the ends, and those beginnings that are where a sentence begins."""
    if rules.sentence_end is None:
        yield from events
        return
    ends = rules.sentence_end.finditer(shown)
    start, following = _code_start(shown, 0), next(ends, None)
    for event in events:
        while following is not None and following.end() <= event.place:
            start, following = _code_start(shown, following.end()), next(ends, None)
        if event.name is None or event.place == start:
            yield event


def _nested(events: Iterable[_Event]) -> list[_Begun]:
    """Return the units that events amount to."""
    known = list(events)
    levels = {event.rule.level for event in known if event.name is not None}
    around: list[_Begun] = []
    begun: list[_Begun] = []
    for event in known:
        if event.name is None:
            _end(event, around)
            continue
        outer = around[-1] if around else None
        if outer is not None and outer.event.rule.kind != "type":
            outer.stop(event.place)
        while around and not _holds(around, event.rule):
            around.pop().stop(event.place)
        within = event.rule.within
        if within in levels and all(one.event.rule.level != within for one in around):
            continue
        names = (one.event.name or "" for one in around if one.event.rule.is_group)
        begun.append(_Begun(event, tuple(names)))
        around.append(begun[-1])
    return begun


def _holds(around: list[_Begun], rule: UnitPattern) -> bool:
    """Tell whether a unit may begin inside the last of ``around``."""
    outer = around[-1].event.rule
    if outer.level != rule.level:
        return outer.level < rule.level
    return (
        outer is rule and rule.kind == "type" and rule.end is not None and len(around) < _MAX_DEPTH
    )


def _end(event: _Event, around: list[_Begun]) -> None:
    """End the last unit of the event's rule, and with it all that are inside."""
    if all(one.event.rule is not event.rule for one in around):
        return
    while around[-1].event.rule is not event.rule:
        around.pop().stop(event.place)
    around.pop().stop(event.body)


def _comments(laid_out: str, pack: LanguagePack) -> dict[int, int]:
    """Return the start of every comment by its end."""
    return {
        found.start() + len(found[0].rstrip()): found.start()
        for found in pack.lexer.finditer(laid_out)
        if found.lastgroup == "comment"
    }


def _code_start(shown: str, place: int) -> int:
    found = _CODE.search(shown, place)
    return found.start() if found else len(shown)


def _code_end(shown: str, place: int) -> int:
    while place > 0 and shown[place - 1].isspace():
        place -= 1
    return place
