"""The kinds of values that a pack.toml holds: patterns, extensions, lists of names."""

import re
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field

CLOSED = ConfigDict(frozen=True, extra="forbid")
"""Of every table of a pack.toml: a key that it does not know is a mistake."""


def _is_pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return text


def _is_constructor_pattern(text: str) -> str:
    if text and re.compile(_is_pattern(text)).groups != 1:
        raise ValueError("must have one group, around the name of the constructor")
    return text


def _is_complaint_pattern(text: str) -> str:
    groups = re.compile(_is_pattern(text)).groupindex if text else {"line": 1, "message": 2}
    if missing := {"line", "message"} - set(groups):
        raise ValueError(f"must have the named group {min(missing)}")
    return text


def _is_naming_pattern(text: str) -> str:
    if text and "name" not in re.compile(_is_pattern(text)).groupindex:
        raise ValueError("must have the named group name")
    return text


def _is_inside(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        raise ValueError(f"{name!r} leads out of the folder that it must lie in")
    return name


Pattern = Annotated[str, AfterValidator(_is_pattern)]
Complaint = Annotated[str, AfterValidator(_is_complaint_pattern)]
Constructor = Annotated[str, AfterValidator(_is_constructor_pattern)]
Naming = Annotated[str, AfterValidator(_is_naming_pattern)]
Extension = Annotated[str, Field(pattern=r"^\.[a-z0-9]+$")]
Module = Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")]
Inside = Annotated[str, AfterValidator(_is_inside)]
"""The name of a file in a folder that is made for one program."""
Names = tuple[str, ...]
