"""A migration as its journal has it, with everything that a page must be able to show."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from fedtranslate.languages.registry import load_pack
from fedtranslate.languages.skeletons.skeleton import Skeleton, Slot
from fedtranslate.migration.frames import frame_text
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.settings import MigrationSettings
from fedtranslate.migration.states import (
    Attempt,
    FileState,
    PlannedFile,
    PlannedUnit,
    UnitState,
)
from fedtranslate.records import CompileState, Problem

HOSTILE = "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>"
HIDDEN = "nul \x00 half \ud800 turned \u202e"
STUB = "public int {name}() {{ throw new System.NotImplementedException(); }}"


def slot(start: int, name: str, *, sure: bool = False) -> Slot:
    """A place for a method of the type Account."""
    stub = STUB.format(name=name.title())
    signature = stub.partition(" {")[0]
    return Slot(
        start, start + 10, "method", name, "Account", "    ", name.title(), signature, stub, sure
    )


def frame(slots: Sequence[Slot]) -> Skeleton:
    """A type with some methods."""
    pieces: list[str | Slot] = ["class Account\n{\n"]
    for one in slots:
        pieces += ["    ", one, "\n"]
    return Skeleton((*pieces, "}\n"), (), load_pack("csharp"))


def unit(name: str, start: int, path: str = "src/Account.java", **values: object) -> PlannedUnit:
    """A method that is done."""
    planned = PlannedUnit(
        id=f"{path}#Account.{name}",
        path=path,
        start=start,
        end=start + 10,
        first_line=start + 1,
        kind="method",
        name=name,
        container="Account",
        text=f"/** Tells {name}. */\npublic int {name}() {{\n    return {start};\n}}",
        key=f"key-{path}-{name}",
        wave=0,
        state=UnitState.DONE,
        compile_state=CompileState.COMPILED,
        confidence=0.9,
        place=(start + 3, start + 6),
    )
    return replace(planned, **values)  # type: ignore[arg-type]


def attempt(of: PlannedUnit, number: int = 0, **values: object) -> Attempt:
    """A translation of a unit that is right."""
    text = f"public int {of.name.title()}()\n{{\n    return {of.start};\n}}"
    return replace(Attempt(of.id, number, 0, text, finished=True, score=-0.1), **values)  # type: ignore[arg-type]


BALANCE = unit("balance", 0, lost=("comment: cents only",), confidence=0.8)
DEPOSIT = unit(
    "deposit",
    20,
    state=UnitState.FAILED,
    compile_state=CompileState.NOT_CHECKED,
    reason="line 2: CS0103 no such name",
    confidence=None,
    attempt=1,
)
CLOSE = unit("close", 40, compile_state=CompileState.NOT_CHECKED, reason="no compiler is here")
OWNER = unit("owner", 60, state=UnitState.RULE, wave=-1, confidence=None)
WRONG = Problem(2, 5, "no such name", "CS0103")
UNITS = (BALANCE, DEPOSIT, CLOSE, OWNER)
ATTEMPTS = (
    attempt(BALANCE),
    attempt(DEPOSIT, 0, rejected=True, text="", finished=False),
    attempt(DEPOSIT, 1, rejected=True, problems=(WRONG,)),
    attempt(CLOSE),
)


def file(path: str, slots: Sequence[Slot], **values: object) -> PlannedFile:
    """A file that was written."""
    target = path.replace(".java", ".cs")
    planned = PlannedFile(
        path, target, "0" * 64, "code", FileState.WRITTEN, frame=frame_text(frame(slots))
    )
    return replace(planned, **values)  # type: ignore[arg-type]


ACCOUNT = file(
    "src/Account.java",
    [slot(0, "balance"), slot(20, "deposit"), slot(40, "close"), slot(60, "owner", sure=True)],
    losses=("line 3: the annotation @Entity has no counterpart",),
    written="1" * 64,
)
KEPT = file("src/Kept.java", [], state=FileState.KEPT, reason="changed by hand", written="2" * 64)


def settings(out: Path, **values: object) -> MigrationSettings:
    """What was asked for."""
    standard = {
        "repository": out.parent / "shop",
        "out": out,
        "source": "java",
        "target": "csharp",
    }
    return MigrationSettings.model_validate(standard | values)


@contextmanager
def migration(
    out: Path,
    files: Sequence[PlannedFile] = (ACCOUNT, KEPT),
    units: Sequence[PlannedUnit] = UNITS,
    attempts: Sequence[Attempt] = ATTEMPTS,
    **values: object,
) -> Iterator[Journal]:
    """Make a journal in ``out``, and open it."""
    with Journal(out) as journal:
        with journal.together():
            journal.put_files(files)
            journal.put_units(units)
            journal.put_attempts(attempts)
        journal.put_left_out([("vendor/x.jar", "excluded"), ("vendor/y.jar", "excluded")])
        built = {"mode": "whole", "state": "type_error", "build": "dotnet", "reason": ""}
        elsewhere = [{"path": "src/Kept.cs", "line": 7, "message": "odd"}]
        journal.note(
            {
                "settings": settings(out, **values).model_dump(mode="json"),
                "engine": "tiny",
                "whole": {
                    "build": built | {"elsewhere": elsewhere},
                    "tests": {"state": "type_error", "runner": "xunit", "failures": elsewhere},
                },
                "baseline": built | {"state": "compiled"},
            }
        )
        yield journal
