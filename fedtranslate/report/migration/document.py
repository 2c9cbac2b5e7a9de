"""The JSON document of a migration, written piece by piece.

``form`` is the version of its form: it changes when a field goes or gets another meaning, and not
when one is added.  Texts are exact; what is no UTF-8, such as half of a surrogate pair, is written
as an escape.

- ``summary``: languages, engine, settings, seconds, units by ``states`` and ``compile_states``,
  ``characters`` by who wrote them, ``baseline``, ``build`` and ``tests``.  Of a build,
  ``elsewhere`` has what it says of no unit, and ``complaints`` the first of all, each with the
  unit in whose stub it is.
- ``files``: each with path, target, role, state, reason, units by state, characters, losses and
  problems.
- ``left_out``: path and reason of what is not in the target.
- ``units``: as ``units.UnitReader`` gives them, those that need a human first.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from fedtranslate import __version__
from fedtranslate.report.migration.content import Built, Line, Overview

FORM = 1


def document(found: Overview, units: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield the document in pieces; ``units`` are taken one at a time."""
    yield f'{{"form": {FORM},\n"fedtranslate": {_json(__version__)},\n"summary": '
    yield _json(summary(found))
    yield ',\n"files": '
    yield from _listed(asdict(file) for file in found.files)
    yield ',\n"left_out": '
    yield from _listed({"path": path, "reason": reason} for path, reason in found.left_out)
    yield ',\n"units": '
    yield from _listed(units)
    yield "}\n"


def summary(found: Overview) -> dict[str, Any]:
    """Return what is told of the migration as a whole."""
    return {
        "from": found.settings["source"],
        "to": found.settings["target"],
        "repository": found.settings["repository"],
        "engine": found.engine,
        "settings": found.settings,
        "seconds": found.seconds,
        "states": found.states,
        "compile_states": found.compiled,
        "characters": found.characters,
        "baseline": _built(found.baseline),
        "build": _built(found.build),
        "tests": _built(found.tests),
    }


def _built(one: Built) -> dict[str, Any]:
    return {
        "state": one.state,
        "mode": one.mode,
        "name": one.name,
        "reason": one.reason,
        "elsewhere": [_line(said) for said in one.elsewhere],
        "complaints": [_line(said) for said in one.complaints],
        "complaints_in_all": one.complaints_in_all,
        "complaints_in_stubs": one.complaints_in_stubs,
    }


def _line(said: Line) -> dict[str, Any]:
    return {name: value for name, value in asdict(said).items() if name != "stub" or value}


def _listed(values: Iterable[dict[str, Any]]) -> Iterator[str]:
    mark = "[\n"
    for value in values:
        yield f"{mark}{_json(value)}"
        mark = ",\n"
    yield "[]" if mark == "[\n" else "\n]"


def _json(value: object) -> str:
    return json.dumps(value, allow_nan=False)
