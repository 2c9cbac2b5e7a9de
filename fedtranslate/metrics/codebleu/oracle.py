"""Ask the package codebleu 0.7.0 what it says of the same pairs, and compare part by part.

The package cannot be installed beside ours (it wants tree-sitter < 0.23), so it gets a virtual
environment of its own, with the very versions of tree-sitter and of the grammars that we use.  It
orders variables by Python's string hash.  Whether a score depends on that is seen by running it
under several hash seeds; what it would say without that fault, by running it with its sets in order
of insertion.

The package runs as a process of its own, with the rights of the user: it is not sandboxed.  It only
parses the texts, and runs none of them.
"""

import json
import subprocess
import venv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Literal, TypeAlias

from fedtranslate.errors import CheckError, UnknownNameError
from fedtranslate.metrics.codebleu.parts import Parts

PACKAGE = "codebleu==0.7.0"
NAMES = {
    "java": "java",
    "csharp": "c_sharp",
    "python": "python",
    "javascript": "javascript",
    "go": "go",
    "c": "c",
    "cpp": "cpp",
    "rust": "rust",
    "php": "php",
    "ruby": "ruby",
}
"""What the package calls our languages; it knows no others."""
PARTS = ("ngram", "weighted_ngram", "syntax", "dataflow")
SEEDS = ("0", "1", "2", "3")
_MORE_SEEDS = tuple(map(str, range(4, 24)))
"""Tried where the first seeds agree with each other, and not with ours."""
_TOOLS = ("setuptools<81",)  # it imports pkg_resources
_TIME_LIMIT_SECONDS = 3_600.0
_CHILD = r"""
import json, logging, sys
import codebleu.dataflow_match as match, codebleu.parser.DFG as flow
from codebleu import calc_codebleu

class Ordered(dict):
    def __init__(self, items=()):
        super().__init__((item, None) for item in items)
    def add(self, item):
        self[item] = None

logging.disable(logging.WARNING)
if sys.argv[1] == "ordered":
    match.set = flow.set = Ordered
language, predictions, references = json.load(sys.stdin)
KEYS = ("ngram_match_score", "weighted_ngram_match_score", "syntax_match_score",
        "dataflow_match_score", "codebleu")
def ask(references, predictions):
    try:
        found = calc_codebleu(references, predictions, language)
    except Exception:
        return None
    return [found[key] for key in KEYS]
json.dump([ask(references, predictions),
           [ask([r], [p]) for p, r in zip(predictions, references)]], sys.stdout)
"""

Mode: TypeAlias = Literal["seeded", "ordered"]
Scored: TypeAlias = tuple[float, ...]
"""The four parts and the total, as in ``PARTS`` and behind it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the package says; None where it breaks off."""

    corpus: Scored | None
    units: tuple[Scored | None, ...]


@dataclass(frozen=True, slots=True)
class UnitParity:
    """How our numbers for one unit compare with the package's."""

    ours: Scored
    seeded: tuple[Scored | None, ...]
    """Under each of the hash seeds."""
    ordered: Scored | None
    """With its sets in order of insertion."""

    @property
    def is_deterministic(self) -> bool:
        """Tell whether the package says the same under every seed."""
        return len(set(self.seeded)) == 1

    def agrees(self, part: int, tolerance: float = 1e-9) -> bool:
        """Tell whether a part agrees with what the package says under the first seed."""
        theirs = self.seeded[0]
        return theirs is not None and abs(self.ours[part] - theirs[part]) <= tolerance

    @property
    def verdict(self) -> str:
        """Return ``equal``, or why not; ``unexplained`` if there is no reason."""
        theirs = self.seeded[0]
        if theirs is None:
            return "the package breaks off"
        if all(self.agrees(part) for part in range(len(theirs))):
            return "equal"
        follows = self.ordered is not None and all(
            abs(mine - other) <= 1e-9 for mine, other in zip(self.ours, self.ordered, strict=True)
        )
        if not self.is_deterministic and follows:
            return "hash seed"
        return "unexplained"


def requirements(language_packages: Sequence[str]) -> list[str]:
    """Return what the environment holds: the package, and our own versions of all else.

    Args:
        language_packages: Distributions of the grammars, such as ``tree-sitter-java``.
    """
    ours = [f"{name}=={version(name)}" for name in ("tree-sitter", *language_packages)]
    return [PACKAGE, *_TOOLS, *ours]


def grammar_packages() -> list[str]:
    """Return the distributions of all grammars that the package can use."""
    return [f"tree-sitter-{name.replace('_', '-')}" for name in NAMES.values()]


def has_environment(folder: Path) -> bool:
    """Tell whether ``folder`` holds an environment with the versions that we use now."""
    noted = folder / "complete"
    wanted = "\n".join(requirements(grammar_packages()))
    return noted.is_file() and noted.read_text("utf-8") == wanted


def make_environment(folder: Path) -> None:
    """Make the environment in ``folder``; needs a package index, and some seconds.

    Raises:
        CheckError: It cannot be installed.
    """
    wanted = requirements(grammar_packages())
    try:
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run(
            [python_of(folder), "-m", "pip", "install", "--quiet", "--no-deps", *wanted],
            check=True,
            capture_output=True,
            text=True,
            timeout=_TIME_LIMIT_SECONDS,
        )
    except subprocess.CalledProcessError as error:
        lines = (str(error.stderr or "")).strip().splitlines() or [str(error)]
        raise CheckError(
            f"{PACKAGE} cannot be installed into {folder}: {lines[-1]}",
            hint="It needs a package index once; see pip's settings for proxies and mirrors.",
        ) from None
    (folder / "complete").write_text("\n".join(wanted), "utf-8")


def python_of(folder: Path) -> Path:
    """Return the Python of the environment in ``folder``."""
    return folder / "bin" / "python"


def ask(
    folder: Path,
    language: str,
    predictions: Sequence[str],
    references: Sequence[str],
    *,
    seed: str = SEEDS[0],
    mode: Mode = "seeded",
) -> Answer:
    """Let the package score pairs, as a corpus and one by one.

    Args:
        folder: The environment.
        language: One of ``NAMES``.
        predictions: One per unit.
        references: In the same order.
        seed: Hash seed of its process.
        mode: ``ordered`` lets its sets keep the order of insertion.

    Raises:
        UnknownNameError: The package does not know the language.
        CheckError: The package does not answer.
    """
    if language not in NAMES:
        raise UnknownNameError("language of the package codebleu", language, NAMES)
    question = json.dumps([NAMES[language], list(predictions), list(references)])
    try:
        done = subprocess.run(
            [python_of(folder), "-c", _CHILD, mode],
            input=question,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
            timeout=_TIME_LIMIT_SECONDS,
        )
        corpus, units = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        told = str(getattr(error, "stderr", "") or error).strip().splitlines()
        raise CheckError(
            f"The package codebleu in {folder} does not answer: {told[-1] if told else error}.",
            hint=f"Delete {folder} to have it made anew.",
        ) from None
    return Answer(
        corpus=tuple(corpus) if corpus else None,
        units=tuple(tuple(unit) if unit else None for unit in units),
    )


def compare(
    folder: Path,
    language: str,
    predictions: Sequence[str],
    references: Sequence[str],
    ours: Sequence[tuple[Parts, float]],
) -> list[UnitParity]:
    """Compare our parts and totals with the package's, under several seeds and ordered.

    Raises:
        CheckError: The package does not answer.
    """
    ordered = ask(folder, language, predictions, references, mode="ordered").units
    seeded = [[one] for one in ask(folder, language, predictions, references).units]
    found = [
        UnitParity(
            ours=(*(getattr(parts, name) or 0.0 for name in PARTS), total),
            seeded=(),
            ordered=ordered[unit],
        )
        for unit, (parts, total) in enumerate(ours)
    ]

    def judged(unit: int) -> UnitParity:
        return replace(found[unit], seeded=tuple(seeded[unit]))

    asked = list(range(len(found)))
    for number, seed in enumerate((*SEEDS[1:], *_MORE_SEEDS), 1):
        if number >= len(SEEDS):
            asked = [unit for unit in asked if judged(unit).verdict == "unexplained"]
        if not asked:
            break
        some = ([texts[unit] for unit in asked] for texts in (predictions, references))
        answers = ask(folder, language, *some, seed=seed).units
        for unit, answer in zip(asked, answers, strict=True):
            seeded[unit].append(answer)
    return [judged(unit) for unit in range(len(found))]
