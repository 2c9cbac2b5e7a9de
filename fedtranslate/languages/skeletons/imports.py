"""Write imports: what the standard library offers by a table, the project's own by its packages."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from posixpath import relpath

from fedtranslate.languages.layout import file_name, folder_of, package_in
from fedtranslate.languages.outlines.declarations import Outline
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.skeletons.surroundings import Surroundings, home_of
from fedtranslate.languages.skeletons.templates import filled
from fedtranslate.languages.skeletons.writefile import FromTable, SourceTable, WriteFile


@dataclass(frozen=True, slots=True)
class Imported:
    """One name that a file takes from elsewhere; every name of a package where it is empty."""

    package: str
    name: str
    text: str
    is_static: bool = False


@dataclass(frozen=True, slots=True)
class Imports:
    """What a file takes from elsewhere, sorted by where that is."""

    own: tuple[Imported, ...]
    """From the project."""
    standard: tuple[str, ...]
    """What the target's library is asked for in place of the source's, as lines or names."""
    unknown: tuple[Imported, ...]
    strange: frozenset[str]
    """Names of the source's library that no table speaks of."""

    @property
    def unknown_names(self) -> frozenset[str]:
        """Names of which the target knows nothing."""
        return self.strange | {one.name for one in self.unknown if one.name}


@dataclass(frozen=True, slots=True)
class Roads:
    """From where to where imports lead."""

    rules: WriteFile
    reading: SourceTable
    given: FromTable
    source: LanguagePack
    target: LanguagePack
    surroundings: Surroundings
    path: str
    package: str
    """What the package of the file is called in the target."""

    def sorted_imports(self, outline: Outline) -> Imports:
        """Return what the file imports, sorted."""
        own: list[Imported] = []
        standard: dict[str, None] = {}
        unknown: list[Imported] = []
        strange: set[str] = set()
        for one in self._imported(outline):
            known = self._standard(one)
            if known is not None:
                standard.update(dict.fromkeys(known))
                if not one.is_static and one.name not in (*self.given.types, *self.given.bases):
                    strange.add(one.name)
            elif self._is_own(one):
                own.append(one)
            else:
                unknown.append(one)
        return Imports(tuple(own), tuple(standard), tuple(unknown), frozenset(strange - {""}))

    def lines(self, outline: Outline, imports: Imports, declared: frozenset[str]) -> list[str]:
        """Return the lines that import what is the project's own."""
        wanted = list(imports.own)
        if self.rules.file.neighbours:
            wanted += self._neighbours(outline, wanted, declared)
        return list(dict.fromkeys(line for one in wanted for line in self._lines(one)))

    def _imported(self, outline: Outline) -> Iterator[Imported]:
        for one in outline.imports:
            if one.members or self.reading.exact_modules:
                module = self._absolute(one.name, outline)
                members = [member.split(" as ")[0].strip() for member in one.members]
                for member in members or [""]:
                    yield Imported(module, member, one.text)
                continue
            package, _, name = one.name.rpartition(".")
            if one.is_wildcard:
                package, name = one.name, ""
            yield Imported(package, name, one.text, one.is_static)

    def _absolute(self, module: str, outline: Outline) -> str:
        """Return a module that may be named as seen from the file."""
        name = module.lstrip(".")
        dots = len(module) - len(name)
        if not dots:
            return module
        around = home_of(self.path, outline, self.source).split(".")
        is_package = PurePosixPath(self.path).stem == "__init__"
        kept = around[: max(0, len(around) - dots + is_package)]
        return ".".join(part for part in (*kept, name) if part)

    def _standard(self, one: Imported) -> tuple[str, ...] | None:
        """Return what stands for an import in the target; None where no table speaks of it."""
        name = f"{one.package}.{one.name}" if one.name else one.package
        parts = name.split(".")
        for size in range(len(parts), 0, -1):
            known = self.given.imports.get(".".join(parts[:size]))
            if known is not None:
                return known
        if one.name and one.name in self.given.types and not self._is_own(one):
            return ()
        return None

    def _is_own(self, one: Imported) -> bool:
        first = one.package.partition(".")[0] + "."
        if any(
            (one.package + ".").startswith(known) or first == known
            for known in self.reading.standard
        ):
            return False
        packages = self.surroundings.packages
        named = self.surroundings.names
        if packages is None or any(f"{one.package}.".startswith(f"{name}.") for name in named):
            return True
        return (
            one.package in packages
            or one.package.rpartition(".")[2] in self.surroundings.declarations
            or f"{one.package}.{one.name}" in packages
        )

    def _neighbours(
        self, outline: Outline, wanted: list[Imported], declared: frozenset[str]
    ) -> Iterator[Imported]:
        """Yield what a file takes from its own package, where the source needs no import."""
        home = home_of(self.path, outline, self.source)
        imported = {one.name for one in wanted} | declared
        for name in sorted(outline.uses - imported):
            if self.surroundings.homes.get(name) == home and name in self.surroundings.declarations:
                yield Imported(home, name, "")

    def _lines(self, one: Imported) -> Iterator[str]:
        """Yield how the target imports a name of the project."""
        file = self.rules.file
        package, name, is_static = one.package, one.name, one.is_static
        homes = self.surroundings.homes
        if not one.name and file.neighbours and not self.reading.exact_modules:
            inside = (known for known, home in homes.items() if home == one.package)
            for known in sorted(inside):
                yield from self._lines(Imported(one.package, known, ""))
            return
        outer = package.rpartition(".")[2]
        packages = self.surroundings.packages
        if packages is not None and package not in packages and outer in homes:
            package, name, is_static = package.rpartition(".")[0], outer, True
        elif is_static:
            package, _, name = package.rpartition(".")
        types = self.surroundings.types
        written = types.get(name, name)
        there = self._named(package)
        values = {"package": there, "name": written, "last": there.rpartition(".")[2]}
        if is_static and file.static_import:
            yield filled(file.static_import, values)
            return
        if file.neighbours:
            values |= self._places(package, name, there)
        if there != self.package or file.neighbours:
            template = file.project_import if name else file.module_import
            yield filled(template, values)

    def _named(self, package: str) -> str:
        return package_in(package, self.source, self.target, self.surroundings.names)

    def _places(self, package: str, name: str, there: str) -> dict[str, str]:
        """Return the module and the relative path of the file in which something is declared."""
        target = self.target
        if self.reading.exact_modules:
            folder, _, stem = package.rpartition(".")
            packages = self.surroundings.packages or frozenset()
            if name and f"{package}.{name}" in packages:
                folder, stem = package, name
            there = self._named(folder)
            file = folder_of(there, target) / file_name(stem, target)
        else:
            stem = name
            file = folder_of(there, target) / file_name(name, target)
        here = folder_of(self.package, target)
        path = relpath(str(file), str(here))
        module = ".".join(file.with_suffix("").parts)
        return {"path": path if path.startswith(".") else f"./{path}", "module": module}
