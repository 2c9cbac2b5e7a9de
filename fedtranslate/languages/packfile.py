"""The form of a pack.toml: which keys there are, and what each may hold.

What the keys mean is told in parsers/README.md.
"""

import re
import tomllib
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from fedtranslate.errors import PackError


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


Pattern = Annotated[str, AfterValidator(_is_pattern)]
Complaint = Annotated[str, AfterValidator(_is_complaint_pattern)]
Constructor = Annotated[str, AfterValidator(_is_constructor_pattern)]
Extension = Annotated[str, Field(pattern=r"^\.[a-z0-9]+$")]
Module = Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")]
Names = tuple[str, ...]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WrapTable(_Table):
    """What stands around a lone unit so that a parser accepts it."""

    before: str = ""
    after: str = ""
    name: str = ""
    modifiers: Pattern = ""
    constructor: Constructor = ""
    whole: Pattern = ""
    lone: Pattern = ""
    start: str = ""


class NodesTable(_Table):
    """Node types of the grammar, by what they mean."""

    comment: Names
    string: Names
    identifier: Names
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


class CompileTable(_Table):
    """How it is compiled, and what a user does who has no compiler.

    Of the keys, ``tool`` and ``help`` count for every driver; the others are read by the driver
    ``command``, except ``import_line``, which every driver uses.
    """

    tool: str = ""
    help: str = ""
    import_line: str = ""
    command: Names = ()
    parse_command: Names = ()
    version: Names = ()
    file: str = ""
    files: dict[str, str] = {}
    before: str = ""
    after: str = ""
    path_option: Names = ()
    environment: dict[str, str] = {}
    error: Complaint = ""
    syntax: Pattern = ""
    unresolved: Pattern = ""
    unresolved_if_lone: Pattern = ""
    follows: Pattern = ""
    seconds: float = Field(default=60.0, gt=0)
    limit_memory: bool = True

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.tool == "command" and not (self.command and self.error):
            raise ValueError("the tool 'command' needs the keys command and error")
        return self


class PackFile(_Table):
    """A whole pack.toml."""

    title: str = Field(min_length=1)
    aliases: Names = ()
    extensions: tuple[Extension, ...] = Field(min_length=1)
    grammar: Module
    grammar_function: Module = "language"
    indented: bool = False
    wrap: WrapTable = WrapTable()
    nodes: NodesTable
    lexer: LexerTable
    naming: dict[str, str | Names] = {}
    compile: CompileTable = CompileTable()


def read_pack_file(file: Path) -> PackFile:
    """Read ``file``.

    Raises:
        PackError: It cannot be read, is not TOML, or has wrong keys; all of them are named.
    """
    try:
        return PackFile.model_validate(tomllib.loads(file.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PackError(f"{file} cannot be read: {error}.") from None
    except ValidationError as error:
        mistakes = (
            f"  {'.'.join(map(str, mistake['loc']))}: {mistake['msg']}"
            for mistake in error.errors()
        )
        raise PackError(f"{file} has wrong keys:\n" + "\n".join(mistakes)) from None
