"""The imports of a skeleton: of the standard library by a table, of the project by its packages."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from fedtranslate.languages.declarations import Import, Outline
from fedtranslate.languages.layout import file_name, folder_of, package_in
from fedtranslate.languages.templates import filled
from fedtranslate.languages.writing import Writing


def import_lines(
    writing: Writing,
    outline: Outline,
    *,
    path: str,
    package: str,
    packages: Mapping[str, str],
) -> list[str]:
    """Return what a file imports in the target, each once.

    Args:
        writing: The skeleton, whose types tell what they need.
        outline: Of the source file.
        path: Of the source file, below the root of its sources.
        package: Its own package in the target.
        packages: Names of packages in the target, by those in the source.
    """
    importer = _Importer(writing, path, package, packages)
    lines = list(writing.rules.file.always)
    for one in outline.imports:
        lines += importer.lines(one)
    if writing.rules.file.neighbours:
        lines += importer.neighbours(outline)
    lines += [
        filled(writing.rules.file.import_line, {"name": name}) for name in writing.types.needs
    ]
    return sorted(dict.fromkeys(line for line in lines if line), key=_order)


def _order(line: str) -> tuple[bool, str]:
    return (not line.startswith(("using System", "from __future__")), line.rstrip(";"))


class _Importer:
    def __init__(
        self, writing: Writing, path: str, package: str, packages: Mapping[str, str]
    ) -> None:
        self._writing = writing
        self._path = path
        self._package = package
        self._packages = packages

    def lines(self, one: Import) -> Iterator[str]:
        """Yield what stands for one import."""
        table = self._writing.given.imports
        known = next((name for name in _prefixes(one.name) if name in table), None)
        if known is not None:
            for name in table[known]:
                yield filled(self._writing.rules.file.import_line, {"name": name})
            return
        if any(one.name.startswith(start) for start in self._writing.reading.standard):
            return  # of the standard library, and what it gives is told by the types that need it
        home, names = self._home(one)
        if home is None:
            self._writing.lose(f"import {one.name}")
            return
        yield from self._of_project(home, names)

    def _home(self, one: Import) -> tuple[str | None, tuple[str, ...]]:
        """Return the package that an import is from, None where it is not the project's."""
        around = self._writing.surroundings
        separator = self._writing.source.layout.package_separator
        package, _, name = one.name.rpartition(separator)
        if one.members or one.is_wildcard:
            package, names = one.name, one.members
        elif one.is_static:
            package, _, name = package.rpartition(separator)
            names = (name,)
        elif self._writing.source.package is None:
            package, names = one.name, ()
        else:
            names = (name,)
        is_known = around.packages is None or package in around.packages
        if is_known or any(name in self._packages for name in _prefixes(package)):
            return package, names
        return None, names

    def _of_project(self, home: str, names: tuple[str, ...]) -> Iterator[str]:
        template = self._writing.rules.file.project_import
        if "{member}" not in template:
            other = self._named(home)
            if template and other and other != self._package:
                yield filled(template, {"package": other})
            return
        for name in names:
            yield filled(template, self._values(home, name))

    def neighbours(self, outline: Outline) -> Iterator[str]:
        """Yield imports of what lies in the same package, where the target wants them told."""
        own = {one.name for one in outline.declarations}
        around = self._writing.surroundings
        for name in sorted(outline.uses - own):
            if around.homes.get(name) == outline.package and name in around.declarations:
                yield from self._of_project(outline.package, (name,))

    def _named(self, package: str) -> str:
        longest = max(
            (name for name in _prefixes(package) if name in self._packages), key=len, default=""
        )
        source, target = self._writing.source, self._writing.target
        rest = package[len(longest) :].removeprefix(source.layout.package_separator)
        below = package_in(rest, source, target) if rest else ""
        parts = (self._packages.get(longest, ""), below)
        return target.layout.package_separator.join(part for part in parts if part)

    def _values(self, home: str, name: str) -> dict[str, str]:
        """Return what a template of an import of one name may hold."""
        source, target = self._writing.source, self._writing.target
        around = self._writing.surroundings
        is_type = name in around.declarations or name[:1].isupper()
        kind = "type" if is_type else "function"
        member = around.types.get(name) or self._writing.name(kind, name)
        if source.package is None:  # the import names a file
            parts = home.split(source.layout.package_separator)
            folder = folder_of(source.layout.package_separator.join(parts[:-1]), source)
            stem = parts[-1]
        else:
            folder = folder_of(self._named(home), target)
            stem = name
        file = folder / file_name(stem, target)
        here = PurePosixPath(self._path).parent
        relative = _relative(file, folder_of(self._package, target) if source.package else here)
        module = target.layout.package_separator.join(file.with_suffix("").parts)
        return {
            "member": member,
            "relative": relative,
            "module": module,
            "package": self._named(home),
        }


def _relative(file: PurePosixPath, folder: PurePosixPath) -> str:
    """Return the way from ``folder`` to ``file``, as modules name it."""
    shared = 0
    for one, other in zip(file.parts[:-1], folder.parts, strict=False):
        if one != other:
            break
        shared += 1
    up = len(folder.parts) - shared
    return "/".join([*([".."] * up or ["."]), *file.parts[shared:]])


def _prefixes(name: str) -> Iterator[str]:
    parts = name.split(".")
    return (".".join(parts[:size]) for size in range(len(parts), 0, -1))
