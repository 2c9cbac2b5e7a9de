"""What a migration knows of files and units, as values; the journal keeps them."""

from dataclasses import dataclass, replace
from enum import StrEnum

from fedtranslate.records import CompileState, Problem


class UnitState(StrEnum):
    """How far one unit is."""

    PENDING = "pending"
    """Nothing has been written for it, or what was written is not judged yet."""
    RULE = "rule"
    """The rules of the skeleton have it; no model was asked."""
    DONE = "done"
    """A translation stands in its place, and the checks that could be made say nothing against
    it; ``compile_state`` says which those were."""
    FAILED = "failed"
    """No candidate passed: its place holds a stub, or in a migration within one language the
    code as it was."""


class FileState(StrEnum):
    """How far one file of the target is."""

    PENDING = "pending"
    WRITTEN = "written"
    KEPT = "kept"
    """People have changed it since it was written, and it was left as it is."""
    FAILED = "failed"
    """It could not be cut or written; ``reason`` says why."""


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file of the source, and where it goes."""

    path: str
    """In the source, relative, with forward slashes."""
    target: str
    """In the output, likewise."""
    hash: str
    """SHA-256 of its bytes."""
    role: str
    """``code`` is translated, ``resource`` is copied, ``project`` is made for the target."""
    state: FileState = FileState.PENDING
    reason: str = ""
    frame: str = ""
    """The text around the units, as ``frames`` writes it."""
    losses: tuple[str, ...] = ()
    """What the rules could not carry over, in words."""
    written: str = ""
    """SHA-256 of what was written last; empty before."""
    problems: tuple[Problem, ...] = ()
    """What the build says of lines that belong to no unit."""
    around: str = ""
    """SHA-256 of what the frame was told of the project around the file."""


@dataclass(frozen=True, slots=True)
class PlannedUnit:
    """A unit of a source file, and how far it is."""

    id: str
    """Such as ``src/Account.java#Account.deposit``; overloads are numbered with ``~2``."""
    path: str
    start: int
    """Where its text begins, in bytes of the file's text in UTF-8."""
    end: int
    first_line: int
    kind: str
    name: str
    container: str
    text: str
    key: str
    """Hash of all that its translation depends on: text, engine, options."""
    signature: str = ""
    """In the target, as the skeleton has it."""
    translated: str = ""
    """The signature of the translation that stands; empty before there is one."""
    uses: tuple[str, ...] = ()
    """Names that it refers to."""
    wave: int = -1
    """Units of a wave are written together, after those that they use; -1 for those of rules."""
    state: UnitState = UnitState.PENDING
    compile_state: CompileState = CompileState.NOT_CHECKED
    attempt: int = 0
    """The attempt that counts now."""
    candidate: int = 0
    """Of that attempt, likewise."""
    since: int = 0
    """The attempt with which the last asking began: ``retry`` begins anew, with other chances."""
    behaves: str = ""
    """What comparing it with its source on generated inputs said; empty where nothing was run."""
    reason: str = ""
    """Why it failed or was not checked, in words."""
    lost: tuple[str, ...] = ()
    """Comments and annotations of the source that the translation has no more."""
    confidence: float | None = None
    """The model's own: geometric mean of its tokens' probabilities; None when it does not say."""
    place: tuple[int, int] = (0, 0)
    """First and last line in the target file, from 1."""

    def fresh(self) -> "PlannedUnit":
        """Return the unit as it is before anything was written for it."""
        if self.state is UnitState.RULE:
            return self
        return replace(
            self,
            state=UnitState.PENDING,
            compile_state=CompileState.NOT_CHECKED,
            attempt=0,
            candidate=0,
            since=0,
            translated="",
            behaves="",
            reason="",
            lost=(),
            confidence=None,
        )


@dataclass(frozen=True, slots=True)
class Attempt:
    """One candidate that was written for a unit."""

    unit: str
    attempt: int
    """0 is the first time of asking; each repair is one more."""
    candidate: int
    text: str
    finished: bool
    score: float | None
    """Mean log probability of its tokens; None when not known."""
    rejected: bool = False
    problems: tuple[Problem, ...] = ()
    """What speaks against it; lines are its own."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Units that are put to the engine together, so that a second time gives the same."""

    number: int
    attempt: int
    units: tuple[str, ...]
