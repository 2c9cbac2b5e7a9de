"""A language pack: what fedtranslate knows about one language, as one value.

A pack names the Python module of its grammar and is therefore to be trusted like code.  Which
packs there are is told by ``fedtranslate.languages.registry``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tree_sitter import Language, Query, QueryError

from fedtranslate.errors import PackError
from fedtranslate.languages.columns import Columns
from fedtranslate.languages.grammar import Source, grammar_of
from fedtranslate.languages.layouttable import LayoutTable
from fedtranslate.languages.packfile import BuildTable, CompileTable, PackFile, read_pack_file
from fedtranslate.languages.packtext import pack_text
from fedtranslate.languages.rules import Rules, compiled_rules

KINDS = frozenset({"method", "constructor", "function", "property", "type"})
_MAX_BRACKETS = 5_000
"""In a query; tree-sitter follows them by recursion, and crashes on some ten thousand."""
_UNIT_CAPTURES = KINDS | {"name", "parameters", "container"}


@dataclass(frozen=True, slots=True, eq=False)
class LanguagePack:
    """All that fedtranslate knows about one language."""

    name: str
    title: str
    """As people write it, such as ``C#``."""
    aliases: tuple[str, ...]
    extensions: tuple[str, ...]
    """With the dot, lower case; the first is the usual one."""
    grammar: Language | None
    """None where the language has none; then there are ``rules``."""
    grammar_source: Source | None
    """Where the grammar comes from, for other processes."""
    read_as: tuple[tuple[re.Pattern[bytes], bytes], ...]
    """Words that the grammar lacks, and words of the same length that it takes in their place."""
    queries: Mapping[str, Query]
    """Every file in queries/, by its name without ``.scm``; where there is a grammar, ``units``
    is always there."""
    marks: Query | None
    """Finds every ``@comment``, what stands ``@above`` a unit and belongs to it, and every
    ``@shell`` with what is ``@inside`` it."""
    rules: Rules | None
    columns: Columns | None
    """None where every column of a line may hold code."""
    keywords: frozenset[str]
    """In lower case where the case does not matter."""
    ignore_case: bool
    """Whether upper and lower case are the same, outside strings."""
    wrap: tuple[str, str]
    """Text before and after a lone unit; ``{name}`` stands for the name of the class."""
    wrap_forms: tuple[tuple[re.Pattern[str], str, str], ...]
    """Other such texts, for units whose code begins as the pattern says; the first counts."""
    wrap_start: str
    """Text before one that begins neither as a file does nor as what needs a class."""
    wrap_name: str
    """The name of that class where the unit does not ask for one."""
    opening: "Opening"
    """How a text begins: tells whole files and constructors from other units."""
    nodes: "NodeTypes"
    lexer: re.Pattern[str]
    """One token per match, in a named group ``comment``, ``string``, ``number``, ``word`` or
    ``operator``; used where the parser cannot help."""
    semicolons: frozenset[str]
    """Brackets, and words before brackets, in which a semicolon may stand."""
    indented: bool
    """Whether indentation and line ends mean something."""
    naming: Mapping[str, str | tuple[str, ...]]
    """Conventions, such as ``{"method": "camelCase", "getter": ("get", "is")}``."""
    layout: LayoutTable
    """Where its files lie, and what they are called."""
    package: re.Pattern[str] | None
    """Finds the package that a file declares, as group ``name``."""
    compile: CompileTable
    """How it is compiled, and what a user does who has no compiler."""
    builds: tuple[BuildTable, ...]
    """How the files of a folder are built together; the first that fits is taken."""
    tests: tuple[BuildTable, ...]
    """How the tests in a folder are run, likewise."""
    folder: Path

    @property
    def units(self) -> Query:
        """The query that finds units; captures are kinds, ``@name`` and ``@parameters``."""
        return self.queries["units"]


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """Patterns that are matched where a text begins, one after the other."""

    skip: re.Pattern[str]
    """White space, comments, annotations and modifiers before what matters."""
    whole: re.Pattern[str] | None
    """Follows in a text that needs no class around it."""
    lone: re.Pattern[str] | None
    """Follows in a text that needs one, where most texts do not."""
    constructor: re.Pattern[str] | None
    """Follows in a constructor; group 1 is its name."""


@dataclass(frozen=True, slots=True, eq=False)
class NodeTypes:
    """Names of the grammar's nodes by what they mean to us."""

    comment: frozenset[str]
    string: frozenset[str]
    identifier: frozenset[str]
    type: frozenset[str]
    skip: frozenset[str]
    """Leaves that are no token, such as a line continuation."""
    shell: frozenset[str]
    """Nodes around a unit that belong to it, such as its decorators."""
    above: frozenset[str]
    """Nodes before a unit, beside it in the tree, that belong to it, such as attributes."""
    tail: frozenset[str]
    """Leaves right behind a unit that belong to it, such as the semicolon of a class."""


def read_pack(folder: Path) -> LanguagePack:
    """Read the pack in ``folder``.

    Raises:
        PackError: The pack is malformed; the message names file and key.
    """
    file = folder / "pack.toml"
    raw = read_pack_file(file)
    grammar = _grammar(raw, file)
    nodes = _nodes(raw, grammar, file)
    return LanguagePack(
        name=folder.name,
        title=raw.title,
        aliases=raw.aliases,
        extensions=raw.extensions,
        grammar=grammar,
        grammar_source=_source(raw),
        read_as=tuple(
            (re.compile(rb"\b" + word.encode() + rb"\b"), known.encode())
            for word, known in raw.grammar_words
        ),
        queries=_queries(folder, grammar) if grammar else {},
        marks=_marks(raw, grammar) if grammar else None,
        rules=compiled_rules(raw.rules, ignore_case=raw.ignore_case) if raw.rules else None,
        columns=_columns(raw),
        keywords=_keywords(folder / "keywords.txt", ignore_case=raw.ignore_case),
        ignore_case=raw.ignore_case,
        wrap=(raw.wrap.before, raw.wrap.after),
        wrap_forms=tuple(
            (re.compile(form.when), form.before, form.after) for form in raw.wrap.forms
        ),
        wrap_start=raw.wrap.start,
        wrap_name=raw.wrap.name,
        opening=_opening(raw),
        nodes=nodes,
        lexer=_lexer(raw),
        semicolons=frozenset(raw.lexer.semicolons),
        indented=raw.indented,
        naming=raw.naming,
        layout=raw.layout,
        package=re.compile(raw.layout.package, re.MULTILINE) if raw.layout.package else None,
        compile=raw.compile,
        builds=raw.build,
        tests=raw.test,
        folder=folder,
    )


def _source(raw: PackFile) -> Source | None:
    return (raw.grammar, raw.grammar_function) if raw.grammar else None


def _grammar(raw: PackFile, file: Path) -> Language | None:
    source = _source(raw)
    if source is None or raw.grammar is None:
        return None
    try:
        return grammar_of(source)
    except ImportError:
        raise PackError(
            f"{file}: grammar: there is no Python module {raw.grammar!r}.",
            hint=f"Install it: pip install {raw.grammar.replace('_', '-')}.",
        ) from None
    except (AttributeError, TypeError, ValueError) as error:
        raise PackError(
            f"{file}: grammar: {raw.grammar}.{raw.grammar_function}() gives no grammar that this "
            f"tree-sitter can use ({error}).",
            hint="Install versions of tree-sitter and of the grammar that fit each other.",
        ) from None


def _queries(folder: Path, grammar: Language) -> dict[str, Query]:
    queries = {}
    for file in sorted((folder / "queries").glob("*.scm")):
        text = pack_text(file)
        if len(re.findall(r"[(\[]", text)) > _MAX_BRACKETS:
            raise PackError(f"{file} has more than {_MAX_BRACKETS:,} brackets: it is no query.")
        try:
            queries[file.stem] = Query(grammar, text)
        except QueryError as error:
            raise PackError(f"{file} is no query for this grammar: {error}.") from None
    if "units" not in queries:
        raise PackError(f"{folder / 'queries' / 'units.scm'} is missing; every pack needs it.")
    units = queries["units"]
    names = {units.capture_name(index) for index in range(units.capture_count)}
    if unknown := {name for name in names if name[0] != "_"} - _UNIT_CAPTURES:
        raise PackError(
            f"{folder / 'queries' / 'units.scm'}: the capture @{min(unknown)} is unknown.",
            hint=f"Known: {', '.join('@' + name for name in sorted(_UNIT_CAPTURES))}.",
        )
    return queries


def _marks(raw: PackFile, grammar: Language) -> Query:
    comments = (f"({name}) @comment" for name in raw.nodes.comment)
    above = (f"({name}) @above" for name in raw.nodes.above)
    shells = (f"({name} (_) @inside) @shell" for name in raw.nodes.shell)
    return Query(grammar, "\n".join((*comments, *above, *shells)))


def _keywords(file: Path, *, ignore_case: bool) -> frozenset[str]:
    text = pack_text(file)
    words = (text.lower() if ignore_case else text).split("\n")
    return frozenset(word.strip() for word in words if word.strip())


def _nodes(raw: PackFile, grammar: Language | None, file: Path) -> NodeTypes:
    named = [(key, name) for key, names in raw.nodes.model_dump().items() for name in names]
    for key, name in named:
        if grammar is not None and grammar.id_for_node_kind(name, key != "tail") is None:
            raise PackError(f"{file}: nodes.{key}: the grammar {raw.grammar} has no node {name!r}.")
    return NodeTypes(**{key: frozenset(names) for key, names in raw.nodes.model_dump().items()})


def _columns(raw: PackFile) -> Columns | None:
    if raw.columns is None:
        return None
    return Columns(re.compile(raw.columns.line), raw.columns.first, raw.columns.last)


def _opening(raw: PackFile) -> Opening:
    comment, modifiers = raw.lexer.comment, raw.wrap.modifiers
    space = r"\s++" if raw.columns is None else r"\s"  # a comment may begin with blank columns
    skipped = "|".join(f"(?:{part})" for part in (comment, space, modifiers) if part)
    return Opening(
        skip=re.compile(f"(?:{skipped})*+"),
        whole=_compiled(raw.wrap.whole),
        lone=_compiled(raw.wrap.lone),
        constructor=_compiled(raw.wrap.constructor),
    )


def _compiled(pattern: str) -> re.Pattern[str] | None:
    return re.compile(pattern) if pattern else None


def _lexer(raw: PackFile) -> re.Pattern[str]:
    operators = "|".join((*map(re.escape, raw.lexer.operators), r"\S"))
    # Behind a backslash no string begins: else a text of them costs the square of its length.
    return re.compile(
        rf"(?P<comment>{raw.lexer.comment})|(?P<string>(?<!\\)(?:{raw.lexer.string}))"
        rf"|(?P<number>{raw.lexer.number})|"
        rf"(?P<word>{raw.lexer.word})|(?P<operator>{operators})"
    )
