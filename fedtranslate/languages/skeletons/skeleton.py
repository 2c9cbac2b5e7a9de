"""A file in the target language in which only bodies are missing, made by rules alone.

The rules are those of the target's write.toml.  What is made always parses; it compiles where the
rules know all that its types need, and says in ``losses`` what could not be carried over.
"""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from fedtranslate.languages.flushing import indented, set_left
from fedtranslate.languages.layout import package_in
from fedtranslate.languages.outlines.declarations import Declaration, Outline
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.skeletons.comments import convert_comment
from fedtranslate.languages.skeletons.exposure import exposures
from fedtranslate.languages.skeletons.imports import Imports, Roads
from fedtranslate.languages.skeletons.slots import Pieces, on_lines
from fedtranslate.languages.skeletons.slots import Skeleton as Skeleton
from fedtranslate.languages.skeletons.slots import Slot as Slot
from fedtranslate.languages.skeletons.surroundings import (
    Surroundings,
    hoisted_names,
    home_of,
    type_name,
    types_inside,
)
from fedtranslate.languages.skeletons.templates import filled
from fedtranslate.languages.skeletons.typebodies import loose_type, members_of_file
from fedtranslate.languages.skeletons.typewriting import TypeWriter
from fedtranslate.languages.skeletons.writefile import (
    FromTable,
    SourceTable,
    WriteFile,
    write_rules,
)
from fedtranslate.languages.skeletons.writing import Place, Writing

_LINE = re.compile(r"line (\d+):")
_LOOSE = frozenset({"function", "field", "method", "property"})


def skeleton_of(
    outline: Outline,
    source: LanguagePack,
    target: LanguagePack,
    *,
    path: str = "",
    package: str | None = None,
    types: Mapping[str, str] | None = None,
    surroundings: Surroundings | None = None,
) -> Skeleton | None:
    """Return the skeleton of a file in the target; None where the target has no rules for that.

    Args:
        outline: What the file declares.
        source: The language that it is in.
        target: The language that it goes into.
        path: Of the file, below the root of the sources.
        package: What its package is called in the target; made of the source's where not said.
        types: What types of the project are called in the target, over what the rules say.
        surroundings: The project around the file; without it, the file is all that is known.
    """
    rules = write_rules(target.folder)
    if rules is None or not rules.is_target:
        return None
    losses: dict[str, None] = {}
    around = surroundings or Surroundings()
    reading = _reading(source)
    given = rules.given.get(source.name, FromTable())
    if package is None:
        home = home_of(path, outline, source)
        if reading.exact_modules:
            home = home.rpartition(source.layout.package_separator)[0]
        package = package_in(home, source, target)
    roads = Roads(rules, reading, given, source, target, around, path, package)
    imports = roads.sorted_imports(outline)
    losses |= dict.fromkeys(one.text.rstrip("; ") for one in imports.unknown)
    names = _type_names(outline, source, rules, around, types or {})
    inner = {one.name: one for one in types_inside(outline.declarations)}
    known = {**around.declarations, **inner}
    writer = TypeWriter(
        rules,
        reading,
        given,
        types=names,
        own=frozenset((*names, *inner)),
        generics={name: one.type_parameters for name, one in known.items()},
        unknown=imports.unknown_names,
        lose=lambda loss: losses.update({loss: None}),
    )
    exposed = dict(around.exposed)
    exposed |= {} if exposed else exposures(outline.declarations, reading)
    writing = Writing(rules, reading, given, source, target, around, writer, known, exposed, losses)
    declared = frozenset(one.name for one in outline.declarations)
    elsewhere = [names.get(one.name, one.name) for one in imports.own]
    top = [names[one.name] for one in outline.declarations if one.kind == "type"]
    writing.done |= {f"  {name}" for name in (*elsewhere, *top)}
    body = _declarations(writing, outline, path, package)
    lines = roads.lines(outline, imports, declared)
    pieces = _file(writing, outline, package, imports, lines, body)
    return Skeleton(pieces, tuple(sorted(losses, key=line_of)), target)


def assemble(
    skeleton: Skeleton, texts: Mapping[int, str] | None = None
) -> tuple[str, dict[int, tuple[int, int]]]:
    """Return the text of the file, and where in it the text of each slot stands, in characters.

    A text is put flush left and then indented as its slot wants, but not inside of strings.

    Args:
        skeleton: What the texts are put into.
        texts: By the ``start_byte`` of their slots; a slot without one gets its stub.
    """
    parts: list[str] = []
    ranges: dict[int, tuple[int, int]] = {}
    size = 0
    for piece in skeleton.pieces:
        if isinstance(piece, str):
            parts.append(piece)
            size += len(piece)
            continue
        text = (texts or {}).get(piece.start_byte)
        text = piece.stub if text is None else set_left(text, skeleton.target)
        if not text:
            ranges[piece.start_byte] = (size, size)
            continue
        text = indented(text, piece.indent, skeleton.target)
        start = size + len(piece.indent)
        parts += piece.indent, text
        size = start + len(text)
        ranges[piece.start_byte] = (start, size)
    return "".join(parts), ranges


def line_of(loss: str) -> int:
    """Return the line of the source that a loss is at; 0 where it does not say."""
    found = _LINE.match(loss)
    return int(found[1]) if found else 0


def _reading(source: LanguagePack) -> SourceTable:
    rules = write_rules(source.folder)
    return rules.source if rules else SourceTable()


def _type_names(
    outline: Outline,
    source: LanguagePack,
    rules: WriteFile,
    around: Surroundings,
    wanted: Mapping[str, str],
) -> dict[str, str]:
    """Return what the types that the file can see are called in the target."""
    names = dict(around.types)
    for declaration in types_inside(outline.declarations):
        names[declaration.name] = type_name(declaration, source, rules)
    for declaration in outline.declarations:
        names |= hoisted_names(declaration, source, rules, names)
    return {**names, **wanted}


def _declarations(writing: Writing, outline: Outline, path: str, package: str) -> Pieces:
    """Return what the file declares, written in the target."""
    indent = writing.rules.indent if writing.rules.file.indented and package else ""
    place = Place(indent=indent)
    declarations = outline.declarations
    loose = tuple(one for one in declarations if one.kind in _LOOSE)
    pieces: Pieces = []
    if "loose" in writing.rules.forms:
        for one in declarations:
            if one.kind not in ("type", *_LOOSE):
                writing.lose(f"{one.kind} outside of a type", one)
        declarations = tuple(one for one in declarations if one.kind == "type")
        if loose:
            name = PurePosixPath(path).stem or "program"
            pieces = loose_type(writing, name, loose, place)
    types = members_of_file(writing, _in_order(writing, declarations), place)
    return [*pieces, "\n\n", *types] if pieces and types else pieces or types


def _in_order(writing: Writing, declarations: tuple[Declaration, ...]) -> tuple[Declaration, ...]:
    """Return declarations so that a base class of the same file stands above what extends it."""
    if not writing.rules.bodies_first:
        return declarations
    here = {one.name: one for one in declarations if one.kind == "type"}
    done: dict[int, Declaration] = {}

    def put(one: Declaration, depth: int) -> None:
        for base in (*one.bases, *one.interfaces) if depth < len(here) else ():
            above = here.get(writing.types.base_name(base))
            if above is not None and above is not one and id(above) not in done:
                put(above, depth + 1)
        done.setdefault(id(one), one)

    for one in declarations:
        put(one, 0) if len(here) < 200 else done.setdefault(id(one), one)
    return tuple(done.values())


def _file(
    writing: Writing,
    outline: Outline,
    package: str,
    imports: Imports,
    own: list[str],
    body: Pieces,
) -> tuple[str | Slot, ...]:
    """Put together header, imports, package and declarations."""
    file = writing.rules.file
    standard = dict.fromkeys((*file.always, *imports.standard, *writing.types.needs))
    lines = [filled(file.import_line, {"name": name}) for name in sorted(standard) if name]
    before: list[str] = []
    if outline.header:
        header = convert_comment(outline.header, writing.source, writing.target)
        before.append(header + "\n\n" if header else "")
    before.append(file.start)
    within = ""
    opening, closing = file.package_before, file.package_after
    if not package:
        opening = closing = ""
    values = {"name": package, "last": package.rpartition(".")[2]}
    opening, closing = filled(opening, values), filled(closing, values)
    if file.imports_first:
        before += [line + "\n" for line in lines]
        before.append("\n" if lines else "")
    else:
        own = [*lines, *own]
    if own:
        indent = writing.rules.indent if file.indented and package else ""
        within = on_lines("\n".join(own), indent) + "\n\n"
    pieces: Pieces = ["".join(before) + opening + within, *body]
    end = "\n" if body else ""
    pieces.append(end + closing)
    return tuple(piece for piece in pieces if piece)
