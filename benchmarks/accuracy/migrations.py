"""Migrate whole repositories whose right answers are known, and look at every file that comes.

    python -m benchmarks.accuracy.migrations WORK [SHAPE ...] [--files N]

Real ``fedtranslate migrate`` processes ask an endpoint without a model (`suites/answering`), so
that nothing but the machinery is judged; ``builtin`` is the shop with the model that ships.  What
came is checked anew here: by one compiler over all files, by node over each, or byte by byte.
Each shape is kept as soon as it is measured.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from benchmarks.record import record
from benchmarks.study import RESULTS
from benchmarks.suites import trees
from benchmarks.suites.answering import MODEL, answering
from benchmarks.suites.moving import came_to, command, ran, saved, written

NAME = "migrations"
_JUNIT = (
    *("--instruction", "Move this test from JUnit 3 to JUnit 4."),
    *(word for pattern in trees.JUNIT_SELECT for word in ("--select", pattern)),
)
Found = dict[str, Any]


def shop(work: Path, files: int) -> Found:
    """Java to C#, answered from a table."""
    return _csharp(work, files, with_model=False)


def builtin(work: Path, files: int) -> Found:
    """The same tree with the builtin model."""
    return _csharp(work, files, with_model=True)


def _csharp(work: Path, files: int, *, with_model: bool) -> Found:
    tree = trees.java_shop(files)
    found = _migrated(work, tree, ("java", "csharp"), with_model=with_model)
    texts = sorted(
        place for place in (work / "out").rglob("*.cs") if ".fedtranslate" not in str(place)
    )
    listed = work / "files.rsp"
    listed.write_text("\n".join(f'"{place}"' for place in texts))
    words = ["mcs", "-target:library", f"-out:{work / 'shop.dll'}", f"@{listed}"]
    said = subprocess.run(words, capture_output=True, text=True, check=False)
    return found | {
        "compiler": "mcs",
        "accepts": said.returncode == 0,
        "files_compiled": len(texts),
    }


def junit(work: Path, files: int) -> Found:
    """Tests for JUnit 3 edited to JUnit 4."""
    tree = trees.junit3_tests(files // 2)
    found = _migrated(work, tree, ("java", "java"), *_JUNIT)
    expected = {name: text.encode() for name, text in ({**tree.files, **tree.edited}).items()}
    came = written(work / "out")
    different = sorted(
        name for name in expected.keys() | came.keys() if expected.get(name) != came.get(name)
    )
    same = sum(tree.files[name].encode() == came.get(name) for name in tree.files)
    return found | {"untouched_files": same, "different_from_expected": different}


def javascript(work: Path, files: int) -> Found:
    """Python to JavaScript."""
    found = _migrated(work, trees.python_library(files), ("python", "javascript"))
    refused = []
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, data) in enumerate(written(work / "out").items()):
            if not name.endswith(".js"):
                continue
            module = Path(folder) / f"{number}.mjs"
            module.write_bytes(data)
            if subprocess.run(
                ["node", "--check", module], capture_output=True, check=False
            ).returncode:
                refused.append(name)
    return found | {"compiler": "node", "accepts": not refused, "refused": refused}


def _migrated(
    work: Path,
    tree: trees.Tree,
    languages: tuple[str, str],
    *more: str,
    with_model: bool = False,
) -> Found:
    """Migrate a tree in a process, twice; return what came, and the seconds of both runs."""
    shutil.rmtree(work, ignore_errors=True)
    repository, out = tree.write(work / "repository"), work / "out"
    with answering(tree.translate) as url:
        asked = () if with_model else ("--endpoint", url, "--endpoint-model", MODEL)
        words = command(repository, out, languages, *asked, *more)
        first = ran(words)
        if not out.is_dir():
            raise click.ClickException(first.said)
        before = written(out)
        second = ran(words)
    return {
        "files": len(tree.files),
        **came_to(out),
        "seconds": first.seconds,
        "code": first.code,
        "again_seconds": second.seconds,
        "again_cpu_seconds": second.cpu_seconds,
        "again_same": written(out) == before,
        "load": os.getloadavg()[0],
    }


SHAPES: dict[str, Callable[[Path, int], Found]] = {
    "junit": junit,
    "javascript": javascript,
    "shop": shop,
    "builtin": builtin,
}


@click.command()
@click.argument("work", type=click.Path(path_type=Path))
@click.argument("shapes", nargs=-1, type=click.Choice(list(SHAPES)))
@click.option("--files", type=click.IntRange(2), default=300, show_default=True)
def main(work: Path, shapes: tuple[str, ...], files: int) -> None:
    """Migrate each shape below WORK, and write what came."""
    for name in shapes or SHAPES:
        found = SHAPES[name](work / name, files)
        click.echo(f"{name}: {found}")
        record(NAME, saved(RESULTS / "checks" / f"{NAME}.json") | {name: found})


if __name__ == "__main__":
    main()
