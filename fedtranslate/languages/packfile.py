"""The form of a pack.toml: which keys there are, and what each may hold.

What the keys mean is told in parsers/README.md.
"""

import re
from pathlib import Path
from typing import Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from fedtranslate.config.reading import mistakes_in
from fedtranslate.errors import PackError
from fedtranslate.languages.layouttable import LayoutTable
from fedtranslate.languages.packtext import pack_table
from fedtranslate.languages.patterns import (
    CLOSED,
    Complaint,
    Constructor,
    Extension,
    Inside,
    Module,
    Names,
    Pattern,
)
from fedtranslate.languages.ruletables import ColumnsTable, RulesTable

_Form = TypeVar("_Form", bound=BaseModel)


class _Table(BaseModel):
    model_config = CLOSED


class WrapForm(_Table):
    """What stands around the lone units that begin as ``when`` says, in place of the usual."""

    when: Pattern = Field(min_length=1)
    before: str = ""
    after: str = ""


class WrapTable(_Table):
    """What stands around a lone unit so that a parser accepts it."""

    before: str = ""
    after: str = ""
    name: str = ""
    modifiers: Pattern = ""
    constructor: Constructor = ""
    whole: Pattern = ""
    lone: Pattern = ""
    forms: tuple[WrapForm, ...] = ()
    start: str = ""


class NodesTable(_Table):
    """Node types of the grammar, by what they mean."""

    comment: Names = ()
    string: Names = ()
    identifier: Names = ()
    type: Names = ()
    skip: Names = ()
    shell: Names = ()
    above: Names = ()
    tail: Names = ()


class LexerTable(_Table):
    """How to cut a text into tokens where the parser cannot help."""

    comment: Pattern
    string: Pattern
    number: Pattern = r"\.?\d(?:[eEpP][+-]|[\w.])*+"
    word: Pattern = r"[^\W\d]\w*+"
    operators: Names = ()
    semicolons: Names = ("for", "try")


class CompileTable(_Table):
    """How it is compiled, and what a user does who has no compiler.

    Of the keys, ``tool``, ``help``, ``import_line``, ``probe`` and ``version`` count for every
    driver; the others are read by the driver ``command``.
    """

    tool: str = ""
    help: str = ""
    import_line: str = ""
    probe: str = ""
    version: Names = ()
    command: Names = ()
    parse_command: Names = ()
    batch: int = Field(default=1, ge=1, le=1000)
    alone: Pattern = ""
    file: Inside = ""
    files: dict[Inside, str] = {}
    before: str = ""
    after: str = ""
    unless: Pattern = ""
    path_option: Names = ()
    environment: dict[str, str] = {}
    error: Complaint = ""
    syntax: Pattern = ""
    unresolved: Pattern = ""
    unresolved_if_lone: Pattern = ""
    unresolved_beside: Pattern = ""
    seconds: float = Field(default=60.0, gt=0)
    limit_memory: bool = True

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.tool == "command" and not (self.command and self.error):
            raise ValueError("the tool 'command' needs the keys command and error")
        if self.batch > 1:
            _check_batch(self)
        return self


def _check_batch(table: CompileTable) -> None:
    commands = [command for command in (table.command, table.parse_command) if command]
    if any("{file}" in word for command in commands for word in command):
        raise ValueError("a batch has many files: {file} can be in no command")
    if "file" not in re.compile(table.error).groupindex:
        raise ValueError("a batch needs the named group file in error")


class BuildTable(_Table):
    """One way in which the files of a folder are built together; told in parsers/README.md."""

    name: str = Field(min_length=1)
    markers: dict[str, Pattern] = {}
    sources: Names = ()
    tool: str = ""
    command: Names = Field(min_length=1)
    help: str = ""
    path_option: Names = ()
    environment: dict[str, str] = {}
    home: Names = ()
    error: Complaint
    syntax: Pattern = ""
    unresolved: Pattern = ""
    cannot_start: Pattern = ""
    seconds: float = Field(default=600.0, gt=0)
    limit_memory: bool = True

    @model_validator(mode="after")
    def _names_files(self) -> Self:
        if "file" not in re.compile(self.error).groupindex:
            raise ValueError("error needs the named group file")
        if not (self.markers or self.sources):
            raise ValueError("a build needs markers or sources to be known by")
        return self


class Claims(BaseModel):
    """What a pack.toml claims for its language; the other keys are passed over."""

    model_config = ConfigDict(frozen=True)

    aliases: Names = ()
    extensions: tuple[Extension, ...] = Field(min_length=1)


class PackFile(_Table):
    """A whole pack.toml."""

    title: str = Field(min_length=1)
    aliases: Names = ()
    extensions: tuple[Extension, ...] = Field(min_length=1)
    grammar: Module | None = None
    grammar_function: Module = "language"
    grammar_words: tuple[tuple[str, str], ...] = ()
    indented: bool = False
    ignore_case: bool = False
    wrap: WrapTable = WrapTable()
    nodes: NodesTable = NodesTable()
    lexer: LexerTable
    columns: ColumnsTable | None = None
    rules: RulesTable | None = None
    naming: dict[str, str | Names] = {}
    layout: LayoutTable = LayoutTable()
    compile: CompileTable = CompileTable()
    build: tuple[BuildTable, ...] = ()
    test: tuple[BuildTable, ...] = ()

    @model_validator(mode="after")
    def _keeps_places(self) -> Self:
        for word, known in self.grammar_words:
            if not (word.isidentifier() and len(word.encode()) == len(known.encode())):
                raise ValueError(f"grammar_words: {word!r} is no word as long as {known!r}")
        return self

    @model_validator(mode="after")
    def _can_be_parsed(self) -> Self:
        if (self.grammar is None) == (self.rules is None):
            raise ValueError("needs either the key grammar or the table [rules], and not both")
        if self.grammar is None:
            return self
        if self.columns is not None:
            raise ValueError("columns: only a pack with [rules] may have them")
        needed = ("comment", "string", "identifier")
        if missing := [name for name in needed if not getattr(self.nodes, name)]:
            raise ValueError(f"nodes.{missing[0]} is missing; a pack with a grammar needs it")
        return self


def read_pack_file(file: Path) -> PackFile:
    """Read ``file``.

    Raises:
        PackError: It cannot be read, is not TOML, or has wrong keys; all of them are named.
    """
    return _read(file, PackFile)


def read_claims(file: Path) -> Claims:
    """Read only what names the language; the patterns of a pack take long to compile.

    Raises:
        PackError: It cannot be read, is not TOML, or these keys are wrong.
    """
    return _read(file, Claims)


def _read(file: Path, form: type[_Form]) -> _Form:
    try:
        return form.model_validate(pack_table(file))
    except ValidationError as error:
        raise PackError(
            "\n".join((f"{file} has wrong keys:", *mistakes_in(error, "key")))
        ) from None
