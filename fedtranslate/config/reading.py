"""Read a settings file, and report all of its mistakes at once."""

import hashlib
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator

from fedtranslate.config.files import read_plain
from fedtranslate.errors import ConfigError

S = TypeVar("S", bound="Settings")
_LONGEST = 80
"""Characters of a wrong value that are shown."""


class Settings(BaseModel):
    """Base of all settings: frozen, and an unknown key is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_for_a_number(cls, value: object, info: ValidationInfo) -> object:
        # pydantic takes true for 1, and so would Python.
        kind = cls.model_fields[str(info.field_name)].annotation
        if isinstance(value, bool) and kind in (int, float):
            raise ValueError("should be a number, not true or false")
        return value

    def fingerprint(self) -> str:
        """Return 16 hex digits that change when any value changes."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]


def read_toml(path: Path) -> dict[str, Any]:
    """Return the TOML document at ``path``.

    Raises:
        ConfigError: The file is missing, not UTF-8 or not TOML; the message names line and column.
    """
    try:
        return tomllib.loads(read_plain(path).decode("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"There is no file {path}.") from None
    except IsADirectoryError:
        raise ConfigError(f"{path} is a folder; the TOML file in it was meant?") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from None
    except RecursionError:
        raise ConfigError(f"{path} is nested too deep.") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text (byte {error.start}).") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.") from None
    except ValueError as error:
        raise ConfigError(f"{str(path)!r} cannot be read: {error}.") from None


def validate(kind: type[S], values: Mapping[str, Any], where: str) -> S:
    """Return ``values`` as settings of ``kind``.

    Args:
        kind: The settings class.
        values: As read from a file or from options.
        where: The file or the command, for the message.

    Raises:
        ConfigError: A setting is unknown, missing or out of range; the message lists every one.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise ConfigError(_all_mistakes(error, where, kind)) from None


def _all_mistakes(error: ValidationError, where: str, kind: type[BaseModel]) -> str:
    lines = mistakes_in(error, "setting", kind)
    return "\n".join((f"{where} has {len(lines)} wrong setting(s):", *lines))


def mistakes_in(
    error: ValidationError, what: str, kind: type[BaseModel] | None = None
) -> list[str]:
    """Return a line for each mistake: its place, what is wrong, and what was given.

    Args:
        error: What pydantic says.
        what: What an unknown one is called, such as a key.
        kind: What was to be made; its names are suggested for unknown ones.
    """
    lines = []
    for mistake in error.errors():
        place = ".".join(_short(part, quote=False) for part in mistake["loc"]) or "(file)"
        message = mistake["msg"].removeprefix("Value error, ")
        if mistake["type"] == "extra_forbidden":
            message = f"unknown {what}{_suggested(kind, mistake['loc'])}"
        elif mistake["type"] == "tuple_type":
            message = 'should be a list, such as ["one", "two"]'
        elif mistake["type"] == "too_short" and _has_mistakes_inside(mistake["loc"], error):
            continue  # it is not empty: pydantic counts what is right in it
        given = mistake.get("input")
        shown = f" (given: {_short(given)})" if isinstance(given, str | int | float | bool) else ""
        lines.append(f"  {place}: {message}{shown}")
    return lines


def _suggested(kind: type[BaseModel] | None, place: tuple[int | str, ...]) -> str:
    """Return the question whether a known name was meant; nothing if none is near."""
    for part in place[:-1]:
        field = kind.model_fields.get(str(part)) if kind else None
        inner = field.annotation if field else None
        kind = inner if isinstance(inner, type) and issubclass(inner, BaseModel) else None
    if kind is None:
        return ""
    name = str(place[-1])
    tables = {key: one.annotation for key, one in kind.model_fields.items()}
    deeper = [
        f"{key}.{name}"
        for key, one in tables.items()
        if isinstance(one, type) and issubclass(one, BaseModel) and name in one.model_fields
    ]
    near = [*deeper, *get_close_matches(name, kind.model_fields, n=1)]
    return f"; did you mean {near[0]}?" if near else ""


def _short(value: object, *, quote: bool = True) -> str:
    """Return ``value`` as far as it helps to know it again; keys are quoted if they are odd."""
    try:
        text = str(value)
        text = repr(value) if quote or not text or not text.isprintable() else text
    except ValueError:
        return "a number of thousands of digits"  # such as Python does not write out
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"


def _has_mistakes_inside(place: tuple[int | str, ...], error: ValidationError) -> bool:
    depth = len(place)
    return any(len(one["loc"]) > depth and one["loc"][:depth] == place for one in error.errors())
