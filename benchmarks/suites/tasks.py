"""One task of a published data set: a right answer, and the test that it must pass."""

import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from fedtranslate.checks.behave.tables import FILE, RunTable, read_behaviour
from fedtranslate.checks.behave.testing import TestProgram
from fedtranslate.errors import CorpusError
from fedtranslate.resources import shipped


class Fault(StrEnum):
    """Whose fault it is that a right answer does not pass."""

    LIBRARY = "missing library"
    """It needs a library that is not installed."""
    UPSTREAM = "upstream fault"
    """The data set itself is wrong there: shown by what its program says."""
    HARNESS = "harness"
    """Ours, until something else is shown."""


@dataclass(frozen=True, slots=True)
class Task:
    """One task in one language."""

    suite: str
    language: str
    """Name of the language pack."""
    id: str
    gold: str
    """The right answer, as it stands in the place of a candidate."""
    test: TestProgram


@dataclass(frozen=True, slots=True)
class Suite:
    """A data set: how it is read, and how its failures are explained."""

    name: str
    languages: tuple[str, ...]
    read: Callable[[Path, str], list[Task]]
    """From the folder of the data and the name of a language."""
    explain: Callable[[str, str, str], tuple[Fault, str]]
    """From language, id and reason of a failure to its class and a remark."""


def rows(file: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a gzipped file of JSON lines.

    Raises:
        CorpusError: The file cannot be read.
    """
    try:
        with gzip.open(file, "rt", encoding="utf-8") as stream:
            yield from (json.loads(line) for line in stream)
    except (OSError, ValueError) as error:
        raise CorpusError(f"{file} cannot be read: {error}.") from None


def run_table(language: str) -> RunTable:
    """Return how programs of ``language`` are run."""
    return read_behaviour(shipped("parsers") / language / FILE).run
