"""What JSON of a journal looks like, so that damage is told where it is read and not later.

A shape is a set of types that a value may have, a frozen set of texts that it may be, a list with
the shape of what is in it, a tuple with the shape of what any keys lead to, or a mapping from keys
to shapes, of which those that end in ``?`` may be missing.  More keys are no damage: other versions
note more.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from fedtranslate.records import CompileState

TEXT, NUMBER, TEXT_OR_NULL = {str}, {int, float, type(None)}, {str, type(None)}
TEXTS: Any = [TEXT]
_STATE = frozenset(CompileState)
_MODE = frozenset({"whole", "files", "alone", "not"})
_LINES: Any = [{"path": TEXT, "line": {int}, "message": TEXT, "stub?": TEXT}]
_BUILD: Any = {
    "state": _STATE,
    "mode?": _MODE,
    "build?": TEXT,
    "reason?": TEXT,
    "elsewhere?": _LINES,
    "complaints?": _LINES,
    "complaints_in_all?": {int},
    "complaints_in_stubs?": {int},
}
FACTS: Mapping[str, Any] = {
    "settings": {"source": TEXT, "target": TEXT, "repository": TEXT},
    "engine": TEXT,
    "seconds": NUMBER,
    "tokens_written": NUMBER,
    "tokens_per_second": NUMBER,
    "baseline": {**_BUILD, "mode": _MODE, "frames?": TEXT},
    "whole": {
        "build": _BUILD,
        "tests": {"state": _STATE, "runner?": TEXT, "reason?": TEXT, "failures?": _LINES},
        "tree?": TEXT,
    },
    "cut_by": TEXT_OR_NULL,
    "key_of_all": TEXT_OR_NULL,
    "under_way": {bool},
    "delivered": (TEXTS,),
}
"""Of the facts of a migration."""
DECLARATION: Any = {
    "kind": TEXT,
    "name": TEXT,
    "bases": TEXTS,
    "interfaces": TEXTS,
    "parameters": [{dict}],
    "members": [{dict}],
}


class UnreadableError(Exception):
    """A journal holds what no version of it writes."""


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Tell of ``what`` that it is damaged, where reading it in a ``with`` block fails.

    Raises:
        UnreadableError: It failed.
    """
    try:
        yield
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise UnreadableError(f"{what}: {error}") from None
    except RecursionError:
        raise UnreadableError(f"{what}: it is nested too deep") from None


def shaped(text: str, shape: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return the value of a JSON text.

    Raises:
        ValueError: It is no JSON, or of another shape.
    """
    value = json.loads(text)
    if not is_shaped(value, shape):
        raise ValueError("it has another form")
    return value


def is_shaped(value: Any, shape: Any) -> bool:  # noqa: ANN401 - any JSON
    """Tell whether a value from JSON has a shape."""
    if isinstance(shape, frozenset):
        return isinstance(value, str) and value in shape
    if isinstance(shape, set):
        return type(value) in shape  # true is no number here
    if isinstance(shape, tuple):
        return isinstance(value, dict) and all(is_shaped(one, shape[0]) for one in value.values())
    if isinstance(shape, list):
        return isinstance(value, list) and all(is_shaped(one, shape[0]) for one in value)
    return isinstance(value, dict) and all(
        is_shaped(value[key.rstrip("?")], inner) if key.rstrip("?") in value else key.endswith("?")
        for key, inner in shape.items()
    )
