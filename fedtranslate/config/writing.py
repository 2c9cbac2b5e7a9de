"""Write settings as TOML, as ``reading`` reads them."""

import json
from collections.abc import Mapping
from typing import Any


def toml_lines(values: Mapping[str, Any]) -> str:
    """Return ``key = value`` lines; a table becomes an inline one.

    Args:
        values: Strings, finite numbers, booleans, lists and tables with plain names.
    """
    return "".join(f"{key} = {_toml(value)}\n" for key, value in values.items())


def _toml(value: Any) -> str:  # noqa: ANN401
    """Write a table, or a string, number, boolean or list of them: as JSON, but for DEL."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
