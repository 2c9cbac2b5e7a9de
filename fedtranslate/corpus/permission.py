"""Which files and pairs of a site its policy lets anybody learn from.

A file's licence is what an ``SPDX-License-Identifier`` at its top states; a file that states none
is the site's own.  Licences that are only in other files, or in prose, are not seen.
"""

import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from pathspec import GitIgnoreSpec

from fedtranslate.config.policy import Policy

REPOSITORY, LICENCE = "repository not allowed", "licence not allowed"
"""Reasons, as they are counted."""
_HUB = "hub:"
_TOP_CHARACTERS = 8_192
_TAG = re.compile(r"SPDX-License-Identifier:[ \t]*([^\r\n]{0,300})")
_END_OF_COMMENT = re.compile(r"\s*(?:\*+/|-->|#\}|\*+\)|\"\"\"|''').*$|\s*[*#;]+\s*$")
_TOKEN = re.compile(r"[()]|[^()\s]+")


@dataclass(frozen=True, slots=True)
class Permission:
    """What the policy of a site says about its code; made once, asked for every file."""

    repositories: GitIgnoreSpec | None
    """Matches paths that are allowed, without their first slash; None allows all."""
    hubs: tuple[str, ...]
    licences: frozenset[str]
    """In lower case; empty allows all."""

    def allows(self, location: Path | str) -> bool:
        """Tell whether pairs may come from a file, folder or data source."""
        text = str(location)
        if self.repositories is None:
            return True
        if text.startswith(_HUB):
            return any(fnmatchcase(text, glob) for glob in self.hubs)
        return self.repositories.match_file(os.path.normpath(text).lstrip("/"))

    def complaint(self, path: Path, text: str) -> str:
        """Return why the file at ``path`` may not be used; empty if it may."""
        if not self.allows(path):
            return REPOSITORY
        return LICENCE if self.wrong_licence(text) else ""

    def wrong_licence(self, text: str) -> str:
        """Return the licence that ``text`` states and the policy does not allow, if any."""
        if not self.licences:
            return ""
        stated = licences_in(text)
        return next((found for found in stated if not is_allowed(found, self.licences)), "")


def permission_of(policy: Policy) -> Permission:
    """Return what ``policy`` allows; its globs are absolute, as a site's file is read."""
    hubs = tuple(glob for glob in policy.repositories if glob.startswith(_HUB))
    files = [glob for glob in policy.repositories if not glob.startswith(_HUB)]
    return Permission(
        repositories=GitIgnoreSpec.from_lines(files) if policy.repositories else None,
        hubs=hubs,
        licences=frozenset(name.strip().lower() for name in policy.licences),
    )


def licences_in(text: str) -> tuple[str, ...]:
    """Return the SPDX expressions that the top of ``text`` states."""
    found = _TAG.findall(text[:_TOP_CHARACTERS])
    return tuple(_END_OF_COMMENT.sub("", expression).strip() for expression in found)


def is_allowed(expression: str, licences: Collection[str]) -> bool:
    """Tell whether an SPDX expression can be satisfied with ``licences``, in lower case.

    An exception allows more than the licence it stands with, so the licence alone is enough.  What
    is no expression is allowed only if it stands in ``licences`` as it is.
    """
    text = " ".join(expression.lower().split())
    if text in licences:
        return True
    tokens = _TOKEN.findall(text)
    try:
        value = _either(tokens, licences)
    except (IndexError, RecursionError):
        return False
    return value and not tokens


def _either(tokens: list[str], licences: Collection[str]) -> bool:
    value = _both(tokens, licences)
    while tokens and tokens[0] == "or":
        tokens.pop(0)
        value |= _both(tokens, licences)
    return value


def _both(tokens: list[str], licences: Collection[str]) -> bool:
    value = _one(tokens, licences)
    while tokens and tokens[0] == "and":
        tokens.pop(0)
        value &= _one(tokens, licences)
    return value


def _one(tokens: list[str], licences: Collection[str]) -> bool:
    first = tokens.pop(0)
    if first == "(":
        value = _either(tokens, licences)
        if tokens.pop(0) != ")":
            raise IndexError
        return value
    if tokens and tokens[0] == "with":
        exception = f"{first} {tokens.pop(0)} {tokens.pop(0)}"
        return first in licences or exception in licences
    return first in licences
