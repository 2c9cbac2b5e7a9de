"""Put the body of a translation below the signature that the skeleton has for it.

All callers and all types around a unit were made by the same rules as its signature, so a body
below that signature agrees with them, where a model has written another access, another type of
the same name, or a modifier that the type does not allow.
"""

import re
from collections.abc import Sequence

from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.scanning import Span, scan
from fedtranslate.migration.carry import body_start, parted

_NAME = re.compile(r"@?[^\W\d]\w*")
_OPENING, _CLOSING = frozenset("([{<"), frozenset(")]}>")


def fitted(text: str, signature: str, pack: LanguagePack) -> str:
    """Return ``text`` with ``signature`` in place of its own; "" where that would not be the same.

    It is the same when both have one name and as many parameters, and the text itself calls no
    other constructor of its type.  Parameters keep the names that the text has for them.
    """
    parts = parted(text, pack)
    start = body_start(parts.code, pack)
    if not signature or start is None:
        return ""
    own = " ".join(parts.code[:start].split())
    names, wanted = _callable(own, pack), _callable(signature, pack)
    if own == signature or _delegates(own) or not names or not wanted:
        return ""
    if names[0].text != wanted[0].text or len(names) != len(wanted):
        return ""
    below = _renamed(signature, wanted[1:], [name.text for name in names[1:]])
    gap = re.search(r"\s*$", parts.code[:start])
    body = (gap[0] if gap else " ") + parts.code[start:]
    above = f"{parts.above}\n" if parts.above else ""
    return f"{above}{below}{body}"


def _delegates(head: str) -> bool:
    return re.search(r"\)\s*:\s*\w+\s*\(", head) is not None


def _renamed(signature: str, places: Sequence[Span], names: Sequence[str]) -> str:
    for place, name in reversed(list(zip(places, names, strict=True))):
        signature = signature[: place.start] + name + signature[place.start + len(place.text) :]
    return signature


def _callable(head: str, pack: LanguagePack) -> list[Span]:
    """Return the name of a callable and those of its parameters; nothing where it has no list."""
    spans = [span for span in scan(head, pack) if span.kind != "comment"]
    opening = next((place for place, span in enumerate(spans) if span.text == "("), 0)
    before = _without_type_parameters(spans[:opening])
    if not before:
        return []
    names = [before[-1]]
    depth, last, is_named = 1, None, False
    for span in spans[opening + 1 :]:
        depth += (span.text in _OPENING) - (span.text in _CLOSING)
        if depth == 0 or (depth == 1 and span.text == ","):
            names += [last] if last else []
            last, is_named = None, False
            if depth == 0:
                break
        elif span.text in ("=", ":") and depth == 1:
            is_named = True
        elif not is_named and depth == 1 and _NAME.fullmatch(span.text):
            last = span
    return names


def _without_type_parameters(spans: Sequence[Span]) -> Sequence[Span]:
    """Return what stands before the type parameters of a callable, which may have none."""
    if not spans or spans[-1].text != ">":
        return spans
    depth = 0
    for place in range(len(spans) - 1, -1, -1):
        depth += (spans[place].text == ">") - (spans[place].text == "<")
        if depth == 0:
            return spans[:place]
    return ()
