"""Read a pack's behave.toml: how programs of a language are run, and functions called.

A language without that file has no behaviour checks.  The tables:

    [run]      how a program of one file is built and run
    [types]    which written types mean which of ours, see ``fedtranslate.checks.behave.types``
    [harness]  the program that calls a function with arguments from JSON, see
               ``fedtranslate.checks.behave.harness``

In commands ``{file}`` is the name of the program's file, ``{folder}`` the folder in which it lies
and all commands run, and ``{entry}`` the name that ``run.entry`` finds in the program.
"""

import os
import re
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from fedtranslate.config.reading import mistakes_in
from fedtranslate.errors import CheckError, PackError
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.packtext import pack_table
from fedtranslate.languages.patterns import Inside


def _is_pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return text


def _has_element(text: str) -> str:
    if "element" not in re.compile(_is_pattern(text)).groupindex:
        raise ValueError("must have the named group element")
    return text


def _has_key_and_value(text: str) -> str:
    if not {"key", "value"} <= set(re.compile(_is_pattern(text)).groupindex):
        raise ValueError("must have the named groups key and value")
    return text


def _has_one_group(text: str) -> str:
    if text and re.compile(_is_pattern(text)).groups != 1:
        raise ValueError("must have one group")
    return text


Pattern = Annotated[str, AfterValidator(_is_pattern)]
ListPattern = Annotated[str, AfterValidator(_has_element)]
MapPattern = Annotated[str, AfterValidator(_has_key_and_value)]
NamePattern = Annotated[str, AfterValidator(_has_one_group)]
Words = tuple[str, ...]
FILE = "behave.toml"


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RunTable(_Table):
    """How a program of one file is built and run."""

    file: Inside
    """Its name."""
    entry: NamePattern = ""
    """Finds the name of what is started, such as the public class; its one group is the name."""
    default_entry: str = "Main"
    build: Words = ()
    """Empty where nothing is built; else a program whose build fails is not run."""
    command: Words
    files: dict[Inside, str] = {}
    """Other files that must lie beside it, and their texts."""
    environment: dict[str, str] = {}
    seconds: float = Field(default=10.0, gt=0)
    """For a run."""
    build_seconds: float = Field(default=60.0, gt=0)
    limit_memory: bool = True
    """False for what reserves far more address space than it uses; then its own options count."""
    marker: Pattern = ""
    """Marks in a test program the place of the candidate, besides ``{candidate}``."""
    impure: Pattern = ""
    """What a function uses whose result depends on more than its arguments."""
    exceptions: dict[str, Pattern] = {}
    """Kinds of exceptions, and what is found in ``Class: message`` of each."""
    general: Pattern = ""
    """Exceptions that tell no more than that something went wrong; they equal any other."""


class TypesTable(_Table):
    """Patterns of written types, by what they mean to us."""

    noise: Pattern = ""
    """Taken out of a type before it is looked at, such as ``final``."""
    int8: tuple[Pattern, ...] = ()
    int16: tuple[Pattern, ...] = ()
    int32: tuple[Pattern, ...] = ()
    int64: tuple[Pattern, ...] = ()
    integer: tuple[Pattern, ...] = ()
    """Integers without bounds."""
    number: tuple[Pattern, ...] = ()
    """Integers and floats in one."""
    float32: tuple[Pattern, ...] = ()
    float64: tuple[Pattern, ...] = ()
    bool: tuple[Pattern, ...] = ()
    char: tuple[Pattern, ...] = ()
    string: tuple[Pattern, ...] = ()
    list: tuple[ListPattern, ...] = ()
    map: tuple[MapPattern, ...] = ()


class ArgumentRule(_Table):
    """How an argument is read and passed, for languages in which that depends on its type.

    In the texts, ``{name}`` is a variable, ``{index}`` the place of the argument, ``{1}`` what
    the first group of the pattern found.
    """

    type: Pattern
    declare: str
    passed: str
    shown: str


class HarnessTable(_Table):
    """The program that calls a function with arguments from JSON."""

    file: str
    """Below the folder of the pack, or beside it where two languages share one."""
    candidate: str = ""
    """The file that the candidate gets; empty where the harness takes it in at ``{candidate}``."""
    build: Words = ()
    command: Words = ()
    """Build and command are those of [run] where they are not said."""
    function: str = "{name}"
    """How the harness names a function that belongs to no type."""
    method: str = "{container}.{name}"
    separator: str = "."
    """Between the names of nested types."""
    package: NamePattern = ""
    """Finds the package that the candidate is in; its one group is the name."""
    entry: NamePattern = ""
    """Finds the name for ``{entry}`` in the candidate."""
    replace: tuple[tuple[Pattern, str], ...] = ()
    """Patterns of what the candidate is freed from, such as a main function of its own."""
    before: str = ""
    """Stands before the candidate."""
    arguments: tuple[ArgumentRule, ...] = ()


class Behaviour(_Table):
    """A whole behave.toml."""

    run: RunTable
    types: TypesTable = TypesTable()
    harness: HarnessTable | None = None


@cache
def behaviour_of(pack: LanguagePack) -> Behaviour | None:
    """Return what the pack says of running; None where it says nothing.

    Raises:
        PackError: Its behave.toml cannot be read, is not TOML, or has wrong keys.
    """
    file = pack.folder / FILE
    return read_behaviour(file) if os.path.lexists(file) else None


def required_behaviour(pack: LanguagePack) -> Behaviour:
    """Return what the pack says of running.

    Raises:
        CheckError: It says nothing.
        PackError: Its behave.toml is malformed.
    """
    found = behaviour_of(pack)
    if found is None:
        raise CheckError(
            f"{pack.title} programs cannot be run: its pack has no {FILE}.",
            hint="Use a language whose pack has one; parsers/README.md explains it.",
        )
    return found


def read_behaviour(file: Path) -> Behaviour:
    """Read ``file``.

    Raises:
        PackError: It cannot be read, is not TOML, or has wrong keys; all of them are named.
    """
    try:
        found = Behaviour.model_validate(pack_table(file))
    except ValidationError as error:
        raise PackError(
            "\n".join((f"{file} has wrong keys:", *mistakes_in(error, "key")))
        ) from None
    if found.harness and not (file.parent / found.harness.file).is_file():
        raise PackError(f"{file}: harness.file: there is no {found.harness.file}.")
    return found
