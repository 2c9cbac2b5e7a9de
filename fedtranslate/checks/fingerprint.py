"""What a verdict depends on, as one hash: two programs with the same one get the same verdict."""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from fedtranslate.checks.compilers import compiler_found
from fedtranslate.checks.program import CompileContext
from fedtranslate.languages.pack import LanguagePack

_MAX_FILES = 50_000


def surroundings(pack: LanguagePack, context: CompileContext) -> str | None:
    """Return the hash of all but the text: checker, pack, compiler, class path and imports.

    The class path counts by names, sizes and times of its files.  None where the compiler does
    not tell its version, or the class path has more files than are looked at: then nothing that
    was said before may be trusted.
    """
    compiler = compiler_found(pack)
    if not compiler.version:
        return None
    files = _files(context.class_path)
    if files is None:
        return None
    parts = (
        _checker(),
        _pack(pack.folder),
        compiler.version,
        str(compiler.path),
        files,
        context.usings,
        context.container,
    )
    return _hash(json.dumps(parts).encode())


def fingerprint(text: str, surroundings: str) -> str:
    """Return the hash of a program and what ``surroundings`` says of the rest."""
    return _hash(surroundings.encode() + text.encode("utf-8", "surrogatepass"))


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@cache
def _checker() -> str:
    """Return the hash of the modules that judge; nobody has to remember to raise a number."""
    modules = sorted(Path(__file__).parent.glob("*.py"))
    return _hash(b"\0".join(module.read_bytes() for module in modules))


@cache
def _pack(folder: Path) -> str:
    """Return the hash of what a pack says about compiling, and of the programs it brings."""
    beyond = folder.glob("queries/beyond.scm")
    files = [folder / "pack.toml", *sorted(folder.glob("*.java")), *beyond]
    return _hash(b"\0".join(file.read_bytes() for file in files))


def _files(class_path: Sequence[Path]) -> list[tuple[str, int, int, int]] | None:
    found = []
    for entry in class_path:
        for file in _below(entry.resolve()):
            try:
                about = file.stat()
            except OSError:
                continue
            found.append((str(file), about.st_size, about.st_mtime_ns, about.st_ctime_ns))
            if len(found) > _MAX_FILES:
                return None
    return found


def _below(entry: Path) -> Iterator[Path]:
    """Yield a file, or all files below a folder, sorted; links to folders are not followed."""
    if not entry.is_dir():
        yield entry
        return
    for folder, names, files in os.walk(entry):
        names.sort()
        yield from (Path(folder, file) for file in sorted(files))
