"""A file in the target language in which only bodies are missing, made by rules alone.

The rules are data: ``write.toml`` of the target says how declarations are written, and what stands
for the names of a source language; that of the source says what its words mean.
"""

from collections.abc import Mapping
from dataclasses import replace

from fedtranslate.languages.commenting import convert_comment
from fedtranslate.languages.declarations import Outline
from fedtranslate.languages.flushing import flush_left, indented
from fedtranslate.languages.importing import import_lines
from fedtranslate.languages.members import Members
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.slots import Skeleton as Skeleton
from fedtranslate.languages.slots import Slot as Slot
from fedtranslate.languages.surroundings import Surroundings, types_inside
from fedtranslate.languages.templates import filled
from fedtranslate.languages.typewriting import TypeWriter
from fedtranslate.languages.writefile import FromTable, WriteFile, write_rules
from fedtranslate.languages.writing import Writing, exposures


def skeleton_of(
    outline: Outline,
    source: LanguagePack,
    target: LanguagePack,
    *,
    path: str = "",
    package: str = "",
    packages: Mapping[str, str] | None = None,
    types: Mapping[str, str] | None = None,
    surroundings: Surroundings | None = None,
) -> Skeleton | None:
    """Return the skeleton of a file; None where the packs have no rules for the two languages.

    Args:
        outline: Of the source file.
        source: Its language.
        target: The language to write.
        path: Of the source file, below the root of the sources.
        package: What its package is called in the target.
        packages: Names of other packages in the target, by those in the source.
        types: Names of types in the target, where they are others than in the source.
        surroundings: The project around the file, as far as it is known.
    """
    rules, reading = write_rules(target.folder), write_rules(source.folder)
    if rules is None or reading is None or not rules.is_target:
        return None
    around = surroundings or Surroundings()
    around = replace(around, types={**around.types, **(types or {})})
    writing = _writing(outline, source, target, rules, reading, around)
    members = Members(writing)
    is_indented = bool(package) and rules.file.indented
    for declaration in outline.declarations:
        members.top(declaration, rules.indent if is_indented else "")
    body = members.pieces
    imports = import_lines(writing, outline, path=path, package=package, packages=packages or {})
    pieces = _file(outline, rules, package, imports, body, (source, target))
    return Skeleton(tuple(_joined(pieces)), tuple(writing.losses))


def assemble(
    skeleton: Skeleton, texts: Mapping[int, str], target: LanguagePack
) -> tuple[str, dict[int, tuple[int, int]]]:
    """Put texts into the slots of a skeleton.

    Args:
        skeleton: Of a file.
        texts: Flush left or as cut from a file, by ``Slot.start_byte``; a slot without one has its
            stub.
        target: The language of the texts.

    Returns:
        The file, and where the text of each slot is in it, in characters.
    """
    parts: list[str] = []
    ranges: dict[int, tuple[int, int]] = {}
    length = 0
    for piece in skeleton.pieces:
        text = piece
        if not isinstance(piece, str):
            text = indented(
                flush_left(texts.get(piece.start_byte, piece.stub)), piece.indent, target
            )
            ranges[piece.start_byte] = (length, length + len(text))
        parts.append(str(text))
        length += len(parts[-1])
    return "".join(parts), ranges


def project_files(pack: LanguagePack, name: str) -> Mapping[str, str]:
    """Return the files that a project called ``name`` needs, by their names."""
    rules = write_rules(pack.folder)
    fit = "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in name).strip("-.")
    values = {"name": fit or "project"}
    return (
        {filled(table.file, values): filled(table.text, values) for table in rules.project}
        if rules
        else {}
    )


def _writing(
    outline: Outline,
    source: LanguagePack,
    target: LanguagePack,
    rules: WriteFile,
    reading: WriteFile,
    around: Surroundings,
) -> Writing:
    given = rules.given.get(source.name, FromTable())
    losses: list[str] = []
    own = {one.name: one for one in types_inside(outline.declarations)}
    types = TypeWriter(
        rules=rules,
        source=reading.source,
        given=given,
        types=around.types,
        own={*own, *around.declarations},
        unknown=_unknown(outline, source, reading, given, around),
        lose=losses.append,
    )
    return Writing(
        rules=rules,
        reading=reading.source,
        given=given,
        source=source,
        target=target,
        surroundings=around,
        types=types,
        known={**around.declarations, **own},
        exposed=exposures(outline.declarations, reading.source),
        losses=losses,
    )


def _unknown(
    outline: Outline,
    source: LanguagePack,
    reading: WriteFile,
    given: FromTable,
    around: Surroundings,
) -> frozenset[str]:
    """Return the names that are imported from where neither a table nor the project knows them."""
    separator = source.layout.package_separator
    names = set()
    for one in outline.imports:
        package, _, name = one.name.rpartition(separator)
        if any(one.name.startswith(start) for start in reading.source.standard):
            is_known = name in given.types
        else:
            is_known = around.packages is None or package in around.packages
        if not is_known and name not in around.types:
            names.add(name)
    return frozenset(names)


def _file(
    outline: Outline,
    rules: WriteFile,
    package: str,
    imports: list[str],
    body: list[str | Slot],
    packs: tuple[LanguagePack, LanguagePack],
) -> list[str | Slot]:
    """Return the pieces of the whole file."""
    table = rules.file
    pieces: list[str | Slot] = []
    if outline.header:
        pieces.append(convert_comment(outline.header, *packs) + "\n\n")
    if table.start:
        pieces.append(table.start)
    head = "".join(f"{line}\n" for line in imports)
    values = {"name": package}
    before = filled(table.package_before, values) if package else ""
    parts = [head, before] if table.imports_first else [before, head]
    pieces += [f"{part.rstrip()}\n\n" for part in parts if part.strip()]
    if package and table.indented and table.imports_first:
        pieces[-1] = f"{before.rstrip()}\n"
    pieces += body
    if package and table.package_after:
        pieces.append(filled(table.package_after, values))
    return pieces


def _joined(pieces: list[str | Slot]) -> list[str | Slot]:
    """Return the pieces with neighbouring texts as one."""
    joined: list[str | Slot] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        elif piece:
            joined.append(piece)
    return joined
