"""Put the body of a translation below the signature that the skeleton has for it.

All callers and all types around a unit were made by the same rules as its signature, so a body
below that signature agrees with them, where a model has written another access, another type of
the same name, or a modifier that the type does not allow.
"""

import re

from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.scanning import scan
from fedtranslate.migration.carry import body_start, parted

_NAME = re.compile(r"[^\W\d]\w*")


def fitted(text: str, signature: str, pack: LanguagePack) -> str:
    """Return ``text`` with ``signature`` in place of its own; "" where that would not be the same.

    It is the same when both have the same name and parameters of the same names, and the text
    itself calls no other constructor of its type.
    """
    parts = parted(text, pack)
    start = body_start(parts.code, pack)
    if not signature or start is None:
        return ""
    own = " ".join(parts.code[:start].split())
    if own == signature or _delegates(own) or _shape(own, pack) != _shape(signature, pack):
        return ""
    gap = re.search(r"\s*$", parts.code[:start])
    body = (gap[0] if gap else " ") + parts.code[start:]
    above = f"{parts.above}\n" if parts.above else ""
    return f"{above}{signature}{body}"


def _delegates(head: str) -> bool:
    return re.search(r"\)\s*:\s*\w+\s*\(", head) is not None


def _shape(head: str, pack: LanguagePack) -> tuple[str, ...] | None:
    """Return the name of a callable and those of its parameters; None where it has no list."""
    spans = [span for span in scan(head, pack) if span.kind != "comment"]
    opening = next((i for i, span in enumerate(spans) if span.text == "("), None)
    if opening is None or opening == 0:
        return None
    before = [span.text for span in spans[:opening]]
    if before[-1] == ">":  # type parameters stand between the name and the list
        depth, place = 0, len(before)
        while place:
            place -= 1
            depth += (before[place] == ">") - (before[place] == "<")
            if depth == 0:
                break
        before = before[:place]
    names = [before[-1]] if before else []
    depth, last, is_default = 1, "", False
    for span in spans[opening + 1 :]:
        depth += (span.text in "([{<") - (span.text in ")]}>")
        if depth == 0 or (depth == 1 and span.text == ","):
            names += [last] if last else []
            last, is_default = "", False
            if depth == 0:
                break
        elif span.text == "=" and depth == 1:
            is_default = True
        elif not is_default and depth == 1 and _NAME.fullmatch(span.text.lstrip("@")):
            last = span.text.lstrip("@")
    return tuple(names)
