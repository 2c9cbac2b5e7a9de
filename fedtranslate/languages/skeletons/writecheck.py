"""Say what is wrong with the write.toml of a pack, beyond the form of its keys."""

from collections.abc import Iterator
from pathlib import Path

from fedtranslate.errors import PackError
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.skeletons.traits import ACCESS, TRAITS
from fedtranslate.languages.skeletons.writefile import FILE, WriteFile, write_rules

_NAMES = frozenset(
    {
        "type",
        "method",
        "function",
        "field",
        "private_field",
        "variable",
        "constant",
        "enum_constant",
        "parameter",
    }
)
_FORMS = frozenset({"class", "interface", "enum", "enum_class", "record", "annotation"})
_OTHER_FORMS = frozenset({"constant_body", "companion", "loose"})
_MODIFIED = frozenset(
    {
        "type",
        "nested",
        "method",
        "interface_method",
        "constructor",
        "function",
        "field",
        "constant",
    }
)
_WORDS = TRAITS | frozenset(ACCESS) | {"virtual", "instance"}
Mistake = tuple[Path, str, str]


def write_mistakes(pack: LanguagePack) -> Iterator[Mistake]:
    """Yield what is wrong: the file, the problem, and what to do about it."""
    file = pack.folder / FILE
    try:
        rules = write_rules(pack.folder)
    except PackError as error:
        yield file, str(error), "parsers/README.md tells the keys"
        return
    if rules is None:
        return
    for problem, known in _mistakes(rules):
        yield file, problem, f"Known: {', '.join(sorted(known))}" if known else "add it"


def _mistakes(rules: WriteFile) -> Iterator[tuple[str, frozenset[str]]]:
    forms = _FORMS | _OTHER_FORMS | {f"nested_{form}" for form in _FORMS}
    for key, names, known in (
        ("names", rules.names, _NAMES),
        ("forms", rules.forms, forms),
        ("modifiers", rules.modifiers, _MODIFIED),
    ):
        for name in sorted(set(names) - known):
            yield f"{key}.{name} is unknown", known
    for kind, words in rules.modifiers.items():
        for word in sorted(set(words) - _WORDS):
            yield f"modifiers.{kind}.{word} is unknown", _WORDS
    means = {*rules.source.words.values(), *rules.source.annotations.values()} - {""}
    for meaning in sorted(means - TRAITS - set(ACCESS)):
        yield f"source: {meaning!r} is no meaning of a word", TRAITS | frozenset(ACCESS)
    if rules.forms and not rules.is_target:
        for key in ("class", "method", "constructor", "field"):
            if (key not in rules.forms) if key == "class" else getattr(rules, key) is None:
                yield f"the table of {key} is missing, so nothing can be written", frozenset()
