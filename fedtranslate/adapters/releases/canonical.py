"""Values in their one canonical form, so that equal values are equal bytes, and signed ones.

Canonical is: JSON in ASCII, keys sorted, no blanks, numbers as Python writes them, one line end.
Bytes in any other form are refused, which leaves no room for doubled keys or for two readings.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from fedtranslate.config.reading import mistakes_in
from fedtranslate.errors import AdapterError

_SHOWN = 5
_SHOWN_CHARACTERS = 200


class Strict(BaseModel):
    """Base of what strangers may have written: no value of another type is taken for its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


V = TypeVar("V", bound=Strict)


def _printable(text: str) -> str:
    # It will be shown on terminals, where control characters are commands.
    if not text.isprintable():
        raise ValueError("holds characters that cannot be printed")
    return text


Text = Annotated[str, Field(max_length=512), AfterValidator(_printable)]
_DIGITS = "[0-9]{2}"
_TIME = (
    f"^2[0-9]{{3}}-{_DIGITS}-{_DIGITS}T{_DIGITS}:{_DIGITS}:{_DIGITS}(\\.[0-9]{{1,6}})?(Z|\\+00:00)$"
)
Time = Annotated[str, Field(pattern=_TIME)]
"""UTC, ISO 8601."""
ReleaseId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def canonical(values: Mapping[str, Any]) -> bytes:
    """Return JSON values in canonical form."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return f"{text}\n".encode("ascii")


def canonical_bytes(value: Strict) -> bytes:
    """Return ``value`` in canonical form."""
    return canonical(value.model_dump(mode="json"))


def read_canonical(kind: type[V], content: bytes, where: str) -> V:
    """Return the value that ``canonical_bytes`` wrote.

    Args:
        kind: What it shall be.
        content: From anyone, of bounded size.
        where: The file or the entry, for the message.

    Raises:
        AdapterError: It is not JSON, has unknown, missing or wrong entries, or another form.
    """
    try:
        value = kind.model_validate_json(content)
    except ValidationError as error:
        raise AdapterError(f"{where} {_mistakes(error)}") from None
    if canonical_bytes(value) != content:
        raise AdapterError(f"{where} is not in canonical form.")
    return value


def _mistakes(error: ValidationError) -> str:
    if any(mistake["type"] == "json_invalid" for mistake in error.errors()):
        return "is not JSON."
    lines = [line.strip()[:_SHOWN_CHARACTERS] for line in mistakes_in(error, "entry")]
    more = f"; and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    return f"has wrong entries: {'; '.join(lines[:_SHOWN])}{more}."
