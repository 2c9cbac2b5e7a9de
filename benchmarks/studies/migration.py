"""What each step of a migration is worth on real code: samples, retrieval, repair.

    python -m benchmarks.studies.migration DATA_FOLDER WORK [--set codexglue|geeksforgeeks]

DATA_FOLDER holds ``codexglue-java-cs`` and ``transcoder-gfg``.  Each unit is put into a class of
its own, and the tree of those is migrated with the builtin model, once for each step.  Names of
these units cannot be known, so the product compiles each for itself.  What is counted is judged
anew, on the text that stands for the unit in the end, or the first answer where none stands.
Nothing was tuned here: the settings are those of the command.
"""

import re
import shutil
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from benchmarks.datafolder import CODEXGLUE, check_holds, of_another_kind
from benchmarks.record import record
from benchmarks.study import RESULTS
from benchmarks.suites import geeksforgeeks
from benchmarks.suites.moving import TableEngine, migrated, saved
from fedtranslate.checks.behave.testing import TestProgram, TestState, run_tests
from fedtranslate.checks.compile import CompileContext
from fedtranslate.checks.verdicts import check
from fedtranslate.corpus.retrieval import PairStore
from fedtranslate.migration.engines.base import Engine
from fedtranslate.migration.engines.local import LocalEngine
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.settings import MigrationSettings
from fedtranslate.migration.states import UnitState
from fedtranslate.models.load import load_base
from fedtranslate.records import CodePair

NAME = "migration_steps"
STEPS: Mapping[str, Mapping[str, Any]] = {
    "the right answers, as self-test": {"candidates": 1, "repairs": 0, "gold": True},
    "greedy": {"candidates": 1, "repairs": 0},
    "5 candidates": {"candidates": 5, "repairs": 0},
    "+ retrieval": {"candidates": 5, "repairs": 0, "retrieval": True},
    "+ repair": {"candidates": 5, "repairs": 2, "retrieval": True},
}


@dataclass(frozen=True, slots=True)
class Task:
    """A unit in a class of its own, and its test where there is one."""

    name: str
    text: str
    gold: str
    """Its translation."""
    test: TestProgram | None = None


@dataclass(frozen=True, slots=True)
class Data:
    """Units of one data set, and pairs to learn from that are none of them."""

    languages: tuple[str, str]
    tasks: Sequence[Task]
    pairs: Sequence[CodePair]


def codexglue(folder: Path, most: int) -> Data:
    """Return units of the test part, spread evenly over it, and the pairs of the train part."""
    place = folder / "codexglue-java-cs"
    lines = (place / "test.java-cs.txt.java").read_text("utf-8").splitlines()
    step = max(1, len(lines) // most)
    golds = (place / "test.java-cs.txt.cs").read_text("utf-8").splitlines()
    places = range(0, len(lines), step)
    tasks = [Task(f"Unit{n}", lines[n], golds[n]) for n in places][:most]
    sides = [
        (place / f"train.java-cs.txt.{side}").read_text("utf-8").splitlines()
        for side in ("java", "cs")
    ]
    pairs = [
        CodePair(java, csharp, "java", "csharp", f"train:{number}", f"train:{number}")
        for number, (java, csharp) in enumerate(zip(*sides, strict=True))
    ]
    return Data(("java", "csharp"), tasks, pairs)


def gfg(folder: Path, most: int) -> Data:
    """Return the first functions of the validation part that have tests; the others are pairs."""
    place = folder / "transcoder-gfg"
    java = {task.id: task for task in geeksforgeeks.read(place, "java")}
    python = {task.id: task for task in geeksforgeeks.read(place, "python")}
    lines = (place / "valid.java-python.java").read_text("utf-8").splitlines()
    known = {_bare(line) for line in lines}
    found = [
        (name, java[name].gold.replace("f_filled", "f_gold").strip(), python[name])
        for name in sorted(java.keys() & python.keys())
        if java[name].gold and _bare(java[name].gold) in known
    ]
    golds = {name: task.gold.replace("f_filled", "f_gold") for name, _, task in found}
    tasks = [Task(_camel(name), text, golds[name], one.test) for name, text, one in found[:most]]
    pairs = [
        CodePair(text, golds[name], "java", "python", name, name) for name, text, _ in found[most:]
    ]
    return Data(("java", "python"), tasks, pairs)


def _bare(function: str) -> str:
    """Return a function without white space and without its name."""
    return re.sub(r"\s+", "", re.sub(r"\w+(?=\s*\()", "f", function, count=1)).partition("f(")[2]


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def step(data: Data, work: Path, values: Mapping[str, Any], jobs: int) -> dict[str, Any]:
    """Migrate the units with one step's settings; return how many came how far."""
    shutil.rmtree(work, ignore_errors=True)
    for task in data.tasks:
        place = work / "repository" / f"{task.name}.java"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"class {task.name} {{\n{task.text}\n}}\n", "utf-8")
    settings = MigrationSettings(
        repository=(work / "repository").resolve(),
        out=(work / "out").resolve(),
        source=data.languages[0],
        target=data.languages[1],
        candidates=values["candidates"],
        repairs=values["repairs"],
        behave=False,
        tests=False,
        jobs=jobs,
    )
    engine: Engine
    if values.get("gold"):
        golds = {_bare(task.text): task.gold for task in data.tasks}
        engine = TableEngine(lambda text: golds.get(_bare(text), ""))
    else:
        engine = LocalEngine(load_base("builtin"), None, candidates=settings.candidates)
    store = PairStore(data.pairs) if values.get("retrieval") else None
    start = time.perf_counter()
    try:
        migrated(settings, engine, store=store)
    finally:
        engine.close()
    return _judged(data, settings) | {"seconds": time.perf_counter() - start}


def _judged(data: Data, settings: MigrationSettings) -> dict[str, Any]:
    texts, stubs = _texts(data, settings)
    language = data.languages[1]
    verdicts = check(list(texts.values()), language, context=CompileContext(), jobs=settings.jobs)
    said = dict(zip(texts, verdicts, strict=True))
    tests = [
        (task.test, _named(texts[task.name]), None) for task in data.tasks if task.test is not None
    ]
    passed = [result.state is TestState.PASSED for result in run_tests(tests, jobs=settings.jobs)]
    return {
        "units": len(data.tasks),
        "not_migrated": stubs,
        "parse": sum(one.parses for one in verdicts),
        "compile": dict(Counter(str(one.compile_state) for one in verdicts)),
        "tests": len(tests),
        "tests_passed": sum(passed),
        "each": {name: [one.parses, str(one.compile_state)] for name, one in said.items()},
    }


def _texts(data: Data, settings: MigrationSettings) -> tuple[dict[str, str], int]:
    """Return what stands for each unit, or its first answer; and how many have nothing standing."""
    found, stubs = {}, 0
    with Journal(settings.out, writable=False) as journal:
        for task in data.tasks:
            units = list(journal.units("path = ?", (f"{task.name}.java",)))
            answer = ""
            for unit in units[:1]:
                attempts = journal.attempts(unit.id)
                key = (unit.attempt, unit.candidate) if unit.state is UnitState.DONE else (0, 0)
                own = (one.text for one in attempts if (one.attempt, one.candidate) == key)
                answer = next(own, attempts[0].text if attempts else "")
                stubs += unit.state is not UnitState.DONE
            stubs += not units
            found[task.name] = answer
    return found, stubs


def _named(text: str) -> str:
    """Return a function of Python under the name that its test calls, and in no class."""
    text = re.sub(r"^\s*@staticmethod\s*\n", "", text)
    return re.sub(r"\bf_gold\b|\bfGold\b", "f_filled", text)


SETS = {"codexglue": (codexglue, 200), "geeksforgeeks": (gfg, 60)}
FILES = {
    "codexglue": tuple(f"codexglue-java-cs/{name}" for name in CODEXGLUE),
    "geeksforgeeks": ("transcoder-gfg/valid.java-python.java",),
}


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("work", type=click.Path(path_type=Path))
@click.option("--set", "names", multiple=True, type=click.Choice(list(SETS)))
@click.option("--units", type=click.IntRange(1), help="Of each set; else 200 and 60.")
@click.option("--jobs", type=click.IntRange(1), default=2, show_default=True)
def main(data: Path, work: Path, names: tuple[str, ...], units: int | None, jobs: int) -> None:
    """Migrate the units of each set with each step; what is measured already is left."""
    for name in names or SETS:
        check_holds(data, FILES[name])
    for name in names or SETS:
        read, most = SETS[name]
        with of_another_kind(data):
            some = read(data, units or most)
        for title, values in STEPS.items():
            known = saved(RESULTS / "checks" / f"{NAME}.json")
            own = known.get(name, {})
            if own.get(title, {}).get("units") == len(some.tasks):
                continue
            found = step(some, work / name, values, jobs)
            told = {key: value for key, value in found.items() if key != "each"}
            click.echo(f"{name}, {title}: {told}")
            known = saved(RESULTS / "checks" / f"{NAME}.json")
            record(NAME, known | {name: known.get(name, {}) | {title: found}})


if __name__ == "__main__":
    main()
