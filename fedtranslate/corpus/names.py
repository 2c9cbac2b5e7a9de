"""Compare the names of two units across the conventions of two languages.

``getTotal``, ``GetTotal``, ``get_total`` and the property ``Total`` are one name.
"""

from dataclasses import dataclass

from fedtranslate.languages.naming import words
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.records import Unit

CONSTRUCTOR = "(constructor)"
GETTER_LIKENESS = 0.95
SETTER_LIKENESS = 0.85

_SAME_MEANING = (
    ("tostring", "str", "repr"),
    ("equals", "eq"),
    ("hashcode", "gethashcode", "hash"),
    ("compareto", "compare", "lt"),
    ("size", "length", "count", "len"),
    ("iterator", "getenumerator", "iter"),
    ("close", "dispose", "exit"),
    ("clone", "copy"),
    ("add", "append"),
    ("get", "this", "getitem"),
    ("put", "setitem"),
    ("contains", "containskey"),
    ("run", "invoke", "call"),
    ("valueof", "parse"),
    ("finalize", "del"),
)
"""Names that differ between Java, C# and Python although they mean the same."""
_MEANING = {name: group[0] for group in _SAME_MEANING for name in group}
_OPPOSITES = """
    get set, add remove, open close, start stop, read write, reader writer, enable disable,
    push pop,
    first last, min max, increment decrement, encode decode, encoder decoder, from to, begin end,
    load save, show hide, next previous, insert delete, lock unlock, encrypt decrypt, up down,
    left right, before after, create delete, create destroy, credit debit, buy sell, input output,
    deposit withdraw, import export, attach detach, register unregister, increase decrease,
    lower upper, has set, is set, and or, serialize deserialize, subscribe unsubscribe,
    source target, start end, width height, x y, request response, client server
"""
_OPPOSITE = frozenset(frozenset(two.split()) for two in _OPPOSITES.split(","))


def plain(name: str) -> str:
    """Return ``name`` without case and underscores, the form in which conventions agree."""
    return "".join(words(name)) or name.lower()


@dataclass(frozen=True, slots=True)
class UnitName:
    """A unit's name, prepared for comparison."""

    plain: str
    words: frozenset[str]
    getter_of: str = ""
    """Plain name of the property that this method reads; empty for other units."""
    setter_of: str = ""
    is_property: bool = False
    parameters: int = 0

    @property
    def member(self) -> str:
        """The name by which types are compared: accessors count as their property."""
        name = self.getter_of or self.setter_of or _MEANING.get(self.plain, self.plain)
        return name[2:] if self.is_property and name.startswith("is") else name


def unit_name(unit: Unit, pack: LanguagePack) -> UnitName:
    """Return the name of ``unit``; a constructor is called like every other constructor."""
    count = len(unit.parameters)
    if unit.kind == "constructor" or (unit.name == "__init__" and unit.container):
        return UnitName(CONSTRUCTOR, frozenset((CONSTRUCTOR,)), parameters=count)
    parts = words(unit.name)
    rest = "".join(parts[1:])
    getters = pack.naming.get("getter", ())
    setters = pack.naming.get("setter", ())
    return UnitName(
        plain=plain(unit.name),
        words=frozenset(parts),
        getter_of=rest if rest and parts[0] in getters and count == 0 else "",
        setter_of=rest if rest and parts[0] in setters and count == 1 else "",
        is_property=unit.kind == "property",
        parameters=count,
    )


def name_likeness(first: UnitName, second: UnitName) -> float:
    """Return 0..1 how sure the names mean the same; at least 0.85 only for known conventions."""
    if first.plain == second.plain:
        return 1.0
    if CONSTRUCTOR in (first.plain, second.plain):
        return 0.0
    if accessor := max(_accessor_likeness(first, second), _accessor_likeness(second, first)):
        return accessor
    if _MEANING.get(first.plain, first.plain) == _MEANING.get(second.plain, second.plain):
        return 0.9
    if first.plain.removesuffix("async") == second.plain.removesuffix("async"):
        return 0.95
    return 0.8 * word_likeness(first.words, second.words)


def word_likeness(first: frozenset[str], second: frozenset[str]) -> float:
    """Return the Dice overlap of two sets of words; opposites such as add and remove give 0."""
    if not first or not second:
        return 0.0
    if first != second and _has_opposites(first - second, second - first):
        return 0.0
    return 2 * len(first & second) / (len(first) + len(second))


def _has_opposites(first: frozenset[str], second: frozenset[str]) -> bool:
    return any(frozenset((a, b)) in _OPPOSITE for a in first for b in second)


def _accessor_likeness(method: UnitName, other: UnitName) -> float:
    if method.getter_of and method.getter_of == other.plain and other.parameters == 0:
        return GETTER_LIKENESS
    fits = other.is_property or other.parameters == 1
    if method.setter_of and method.setter_of == other.plain and fits:
        return SETTER_LIKENESS
    return 0.0
