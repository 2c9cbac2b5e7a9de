"""The HTML page of a migration, in pieces: one file that loads nothing.

The script on it is our own and known by its hash, so that no other can run; every text from models
and repositories reaches the page escaped, with hidden characters spelled out, and the script only
ever makes text of it.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from fedtranslate import __version__
from fedtranslate.languages.registry import load_pack
from fedtranslate.report.codetext import spelled
from fedtranslate.report.migration.attention import NEED_TITLES
from fedtranslate.report.migration.content import Overview
from fedtranslate.report.migration.words import (
    build_remarks,
    complaints_in_stubs,
    duration,
    figures,
    left_out_by_reason,
    settings_told,
    shares,
)

_UNSAFE = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def page(
    found: Overview, index: Iterable[dict[str, Any]], details: Iterable[dict[str, Any]], out: str
) -> Iterator[str]:
    """Yield the page in pieces.

    Args:
        found: All but the units.
        index: Of every unit what the table shows, in the order of review.
        details: All that is known of every unit, each with its ``number`` in that order; they are
            taken one at a time.
        out: The output folder, as commands on the page name it.
    """
    style = _source("style.css") + _source("migration.css")
    script = _source("migration.js")
    policy = (
        f"default-src 'none'; script-src 'sha256-{_hash(script)}';"
        f" style-src 'sha256-{_hash(style)}'; img-src data:; base-uri 'none'; form-action 'none';"
        " require-trusted-types-for 'script'; trusted-types 'none'"
    )
    files = [file for file in found.files if file.role != "resource"]
    return (
        _templates()
        .get_template("migration.html.j2")
        .generate(
            found=found,
            languages=[load_pack(found.settings[side]).title for side in ("source", "target")],
            version=__version__,
            out=out,
            policy=policy,
            style=Markup(style),  # noqa: S704 - ours
            script=Markup(script),  # noqa: S704 - ours
            is_edit=found.settings["source"] == found.settings["target"],
            in_stubs=complaints_in_stubs(found),
            figures=figures(found),
            remarks=build_remarks(found),
            shares=shares(found.characters),
            files=files,
            broken=[file for file in files if file.state in ("failed", "kept")],
            lossy=[file for file in files if file.losses],
            left_out=left_out_by_reason(found.left_out),
            settings=settings_told(found.settings),
            seconds=duration(found.seconds),
            index=(embedded(row) for row in index),
            needs=embedded([NEED_TITLES[need] for need in NEED_TITLES]),
            details=((detail["number"], embedded(detail)) for detail in details),
        )
    )


def embedded(value: object) -> Markup:
    """Return JSON that can stand inside of a script element, whatever texts are in it."""
    text = json.dumps(_spelled(value), allow_nan=False, separators=(",", ":"))
    return Markup(text.translate(_UNSAFE))  # noqa: S704 - it is ASCII without <, > and &


def _spelled(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        return spelled(value)
    if isinstance(value, dict):
        return {name: _spelled(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_spelled(one) for one in value]
    return value


def _finalized(value: object) -> object:
    return spelled(value) if type(value) is str else value


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _source(name: str) -> str:
    environment = _templates()
    assert environment.loader is not None  # noqa: S101 - set below
    return environment.loader.get_source(environment, name)[0]


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("fedtranslate.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
    )
