"""One check as a value, and running many so that none stops the others."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from fedtranslate.errors import FedTranslateError


class CheckState(StrEnum):
    """How serious it is."""

    OK = "ok"
    WARN = "warn"
    """A run can go on, but not as well as it might."""
    FAIL = "fail"
    """The site cannot take part like that."""


@dataclass(frozen=True, slots=True)
class Check:
    """What one check came to."""

    name: str
    state: CheckState
    found: str
    fix: str = ""
    """What to do about it; empty when all is well."""


Examination: TypeAlias = Callable[[], Iterable[Check]]
"""Looks at something, and yields what it came to; may raise anything."""


def good(name: str, found: str) -> Check:
    """Return a check of something that is as it should be."""
    return Check(name, CheckState.OK, found)


def weak(name: str, found: str, fix: str) -> Check:
    """Return a check of something that could be better."""
    return Check(name, CheckState.WARN, found, fix)


def bad(name: str, found: str, fix: str) -> Check:
    """Return a check of something that keeps the site from taking part."""
    return Check(name, CheckState.FAIL, found, fix)


def examined(examinations: Iterable[tuple[str, Examination]]) -> Iterator[Check]:
    """Yield all checks, one after the other; what an examination raises is a check that failed."""
    for name, examination in examinations:
        try:
            yield from examination()
        except FedTranslateError as error:
            yield bad(name, str(error), "Put that right, and ask the doctor again.")
        except Exception as error:
            detail = " ".join(str(error).split())[:300]
            yield bad(name, f"{type(error).__name__}: {detail}", "This check could not be made.")
