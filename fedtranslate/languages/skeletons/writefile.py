"""The form of a write.toml: how files of a language are written, and how its outlines are read.

What the keys mean is told in parsers/README.md.  A pack without the file is no target of
``fedtranslate.languages.skeletons.skeleton``.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, ValidationError

from fedtranslate.errors import PackError
from fedtranslate.languages.patterns import CLOSED, Names, Pattern
from fedtranslate.languages.skeletons.templates import is_name_template

FILE = "write.toml"


def _names_one(text: str) -> str:
    if not is_name_template(text):
        raise ValueError("must hold one convention in braces, or {name}")
    return text


def _two_or_none(value: Names) -> Names:
    if len(value) not in (0, 2):
        raise ValueError("must be a beginning and an end")
    return value


NameTemplate = Annotated[str, AfterValidator(_names_one)]
Ends = Annotated[Names, AfterValidator(_two_or_none)]


class _Table(BaseModel):
    model_config = CLOSED


class CommentsTable(_Table):
    """How comments are written."""

    line: str = ""
    block: Ends = ()
    doc: Ends = ()
    doc_line: str = ""


class FileTable(_Table):
    """What stands around the declarations of a file."""

    start: str = ""
    package_before: str = ""
    package_after: str = ""
    indented: bool = False
    imports_first: bool = False
    always: Names = ()
    import_line: str = ""
    project_import: str = ""
    module_import: str = ""
    static_import: str = ""
    neighbours: bool = False
    between: str = "\n\n"


class FormTable(_Table):
    """How types of one form are written."""

    head: str
    open: str = ""
    close: str = ""
    empty: str = ""
    item: str = ""
    item_plain: str = ""
    separator: str = ""
    name: NameTemplate = "{name}"


class CallableTable(_Table):
    """How a method, constructor or function is written."""

    head: str
    block: str
    stub: str
    abstract: str = ""
    parameter: str = "{name}"
    variadic: str = "{name}"
    receiver: str = ""
    extension: str = ""
    extension_inside: str = ""
    super_call: str = ""
    this_call: str = ""
    returning: str = ""
    assigning: str = ""


class FieldTable(_Table):
    """How a field is written."""

    plain: str
    valued: str
    constant: str = ""
    constant_types: Pattern = ""
    loose: str = ""
    member: str = ""


class TypesTable(_Table):
    """How types are written."""

    any: str = ""
    generic: str = "{name}<{arguments}>"
    base_generic: str = ""
    array: str = "{0}[]"
    nullable: str = "{0}"
    parameters: str = "<{names}>"
    bound: str = ""
    bound_separator: str = ", "
    default: str = ""
    inline_bound: str = ""
    needs: dict[str, str] = {}


class Literal(_Table):
    """Initial values that are translated by rule."""

    types: Pattern = ""
    value: Pattern
    result: str
    anywhere: bool = True


class FromTable(_Table):
    """What stands for the names of one source language."""

    types: dict[str, str] = {}
    arguments: dict[str, str] = {}
    bases: dict[str, str] = {}
    extra: dict[str, str] = {}
    members: dict[str, str] = {}
    overrides: Names = ()
    annotations: dict[str, str] = {}
    imports: dict[str, Names] = {}
    literals: tuple[Literal, ...] = ()
    zeros: tuple[tuple[Pattern, str], ...] = ()
    guesses: tuple[tuple[Pattern, str], ...] = ()


class SourceTable(_Table):
    """What the words of an outline mean."""

    forms: dict[str, str] = {}
    words: dict[str, str] = {}
    default_access: str = "public"
    member_access: str = ""
    private: Pattern = ""
    annotations: dict[str, str] = {}
    silent: Names = ()
    static_fields: bool = False
    inner: bool = False
    generic: str = "<>"
    bound: Pattern = ""
    bound_separator: str = "&"
    noise: Pattern = ""
    standard: Names = ()
    delegate: Pattern = ""
    delegate_super: str = "super"
    exact_modules: bool = False


class ProjectTable(_Table):
    """One file that a project of the language needs."""

    file: str = Field(min_length=1)
    text: str


class WriteFile(_Table):
    """A whole write.toml."""

    indent: str = "    "
    keyword: str = "{name}_"
    reserved: Names = ()
    conflict: str = ""
    no_value: str = ""
    reserved_members: Names = ()
    keeps_underscores: bool = False
    untyped: bool = False
    bodies_first: bool = False
    empty_body: str = ""
    strict: bool = False
    overloads: bool = True
    comments: CommentsTable = CommentsTable()
    names: dict[str, NameTemplate] = {}
    file: FileTable = FileTable()
    types: TypesTable = TypesTable()
    modifiers: dict[str, dict[str, str]] = {}
    forms: dict[str, FormTable] = {}
    method: CallableTable | None = None
    constructor: CallableTable | None = None
    function: CallableTable | None = None
    field: FieldTable | None = None
    initializer: str = ""
    initializer_once: bool = False
    source: SourceTable = SourceTable()
    given: dict[str, FromTable] = Field(default={}, alias="from")
    project: tuple[ProjectTable, ...] = ()

    @property
    def is_target(self) -> bool:
        """Whether files can be written in this language, and not only read."""
        return "class" in self.forms and None not in (self.method, self.constructor, self.field)


@cache
def write_rules(folder: Path) -> WriteFile | None:
    """Return the write.toml in the folder of a pack; None where it has none.

    Raises:
        PackError: It cannot be read, is not TOML, or has wrong keys; all of them are named.
    """
    file = folder / FILE
    if not file.is_file():
        return None
    try:
        return WriteFile.model_validate(tomllib.loads(file.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PackError(f"{file} cannot be read: {error}.") from None
    except ValidationError as error:
        mistakes = (
            f"  {'.'.join(map(str, mistake['loc']))}: {mistake['msg']}"
            for mistake in error.errors()
        )
        raise PackError(f"{file} has wrong keys:\n" + "\n".join(mistakes)) from None
