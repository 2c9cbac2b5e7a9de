"""Names and the conventions they follow: ``getTotal``, ``GetTotal``, ``get_total``, ``GET-TOTAL``.

A name is a list of words; a convention says how they are written together.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

_RUN = re.compile(r"[^\W_]+")


def _camel(words: Sequence[str]) -> str:
    return words[0] + "".join(word.capitalize() for word in words[1:])


def _pascal(words: Sequence[str]) -> str:
    return "".join(word.capitalize() for word in words)


CONVENTIONS: Mapping[str, Callable[[Sequence[str]], str]] = MappingProxyType(
    {
        "camelCase": _camel,
        "PascalCase": _pascal,
        "snake_case": "_".join,
        "UPPER_SNAKE_CASE": lambda words: "_".join(words).upper(),
        "kebab-case": "-".join,
        "UPPER-KEBAB-CASE": lambda words: "-".join(words).upper(),
        "lowercase": "".join,
    }
)
"""How each convention joins words that are in lower case; there is at least one word."""


@lru_cache(maxsize=200_000)
def words(name: str) -> tuple[str, ...]:
    """Return the words of an identifier in lower case: ``getHTTPCode`` is get, http, code."""
    return tuple(word.lower() for run in _RUN.findall(name) for word in _cut(run))


def styled(name: str, convention: str) -> str:
    """Return ``name`` as ``convention`` writes it.

    A name without letters or digits, and any name where ``convention`` is empty, stays as it is.
    An acronym loses its capitals: ``HTTPCode`` becomes ``HttpCode``.
    """
    parts = words(name)
    return CONVENTIONS[convention](parts) if convention and parts else name


def _cut(run: str) -> list[str]:
    """Cut before a capital that follows a small letter or begins a word, as in HTTP|Code."""
    starts = [0]
    for place in range(1, len(run)):
        before, sign, after = run[place - 1], run[place], run[place + 1 : place + 2]
        if sign.isdigit() != before.isdigit() or (
            sign.isupper() and (not before.isupper() or after.islower())
        ):
            starts.append(place)
    return [run[start:end] for start, end in zip(starts, [*starts[1:], len(run)], strict=True)]
