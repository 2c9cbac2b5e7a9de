"""What was measured, cell by cell, as plain values that JSON can hold."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fedtranslate.errors import FederationError
from fedtranslate.evaluation.evaluate import Evaluation

ROWS = ("copy", "nearest", "base", "local", "federated", "personalised", "central")
METRICS = ("token_exact", "exact", "bleu", "codebleu", "codebleu_mean", "parse_rate")


@dataclass(frozen=True, slots=True)
class Cell:
    """One model on one site's held-out code."""

    row: str
    model_of: str
    """Site that the model belongs to; empty for a model of all."""
    code_of: str
    """Site whose held-out code was translated."""
    direction: str
    """Such as ``java-csharp``."""
    seed: int
    units: int
    scores: dict[str, float]
    """By the names in ``METRICS``, 0 to 100."""
    compile: dict[str, int] | None
    token_exact: tuple[int, ...]
    """1 or 0 for each unit, in the order of the held-out pairs."""
    codebleu: tuple[float, ...]
    """0 to 100 for each unit."""


def cell_of(
    evaluation: Evaluation, *, row: str, model_of: str, code_of: str, direction: str, seed: int
) -> Cell:
    """Reduce an evaluation to a cell; no code is in it."""
    scores = evaluation.scores
    return Cell(
        row=row,
        model_of=model_of,
        code_of=code_of,
        direction=direction,
        seed=seed,
        units=scores.units,
        scores={name: round(float(getattr(scores, name)), 4) for name in METRICS},
        compile=scores.compile,
        token_exact=tuple(int(unit.token_exact) for unit in scores.per_unit),
        codebleu=tuple(round(100 * unit.codebleu, 2) for unit in scores.per_unit),
    )


def write_cells(path: Path, cells: Iterable[Cell], about: dict[str, Any]) -> None:
    """Write ``cells`` and what is to be known ``about`` them as one JSON document."""
    document = {"about": about, "cells": [asdict(cell) for cell in cells]}
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".tmp")
    draft.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    draft.replace(path)


def read_cells(paths: Sequence[Path]) -> list[Cell]:
    """Read the cells of several documents.

    Raises:
        FederationError: A file is missing or damaged.
    """
    cells = []
    for path in paths:
        try:
            rows = json.loads(path.read_text("utf-8"))["cells"]
            for row in rows:
                row["token_exact"] = tuple(row["token_exact"])
                row["codebleu"] = tuple(row["codebleu"])
                cells.append(Cell(**row))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise FederationError(f"The results in {path} cannot be read: {error}") from None
    return cells
