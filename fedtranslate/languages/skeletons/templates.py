"""Fill in the texts of a write.toml: ``{key}`` stands for a value, ``[[...]]`` for an option."""

import re
from collections.abc import Mapping

from fedtranslate.languages.naming import CONVENTIONS, styled

_OPTION = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
_KEY = re.compile(r"\{(\w+)\}")
_STYLE = re.compile(r"\{([\w-]+)\}")


def filled(template: str, values: Mapping[str, str]) -> str:
    """Return ``template`` with its values; a key that ``values`` lacks stays as it is.

    What is between ``[[`` and ``]]`` goes where one of the values in it is empty.
    """
    if "[[" in template:
        template = _OPTION.sub(lambda found: _option(found[1], values), template)
    return _KEY.sub(lambda found: values.get(found[1], found[0]), template)


def named(template: str, name: str) -> str:
    """Return ``name`` as ``template`` wants it: ``_{camelCase}``, or ``{name}`` as it is."""
    return _STYLE.sub(lambda found: _styled(name, found[1]), template or "{name}")


def is_name_template(template: str) -> bool:
    """Tell whether a template of a name holds exactly one thing to fill in, which is known."""
    styles = _STYLE.findall(template)
    return len(styles) == 1 and (styles[0] == "name" or styles[0] in CONVENTIONS)


def _option(text: str, values: Mapping[str, str]) -> str:
    return text if all(values.get(key, "") for key in _KEY.findall(text)) else ""


def _styled(name: str, style: str) -> str:
    return name if style == "name" else styled(name, style)
