"""How far a training is: what changes from step to step, kept on disk and taken up again."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import nn

from fedtranslate.adapters.factors import Factors
from fedtranslate.config.training import TrainingSettings
from fedtranslate.errors import TrainingError
from fedtranslate.models.lora import read_adapter, write_adapter
from fedtranslate.training.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from fedtranslate.training.examples import Example


@dataclass(slots=True)
class Progress:
    """What changes from step to step."""

    losses: list[float] = field(default_factory=list)
    validations: list[tuple[int, float]] = field(default_factory=list)
    best: tuple[float, int, dict[str, Factors]] | None = None
    """(loss, step, factors) of the best validation."""
    tokens: int = 0
    positions: int = 0


def training_key(
    examples: Sequence[Example],
    validation: Sequence[Example],
    settings: TrainingSettings,
    steps: int,
) -> str:
    """Return 16 hex digits that change when a resumed training would be another one."""
    digest = hashlib.sha256(f"{settings.fingerprint()} {steps}".encode())
    for part in (examples, validation):
        digest.update(repr([(each.prompt, each.answer) for each in part]).encode())
    return digest.hexdigest()[:16]


def resume(
    path: Path | None, model: nn.Module, optimiser: torch.optim.Optimizer, seed: int, key: str
) -> tuple[Progress, int]:
    """Return progress and step at ``path``, with factors and moments put back; else new ones.

    Raises:
        TrainingError: The checkpoint is damaged, or of another training.
    """
    saved = read_checkpoint(path) if path is not None and path.exists() else None
    if saved is None:
        return Progress(), 0
    if saved.seed != seed:
        raise TrainingError(
            f"The checkpoint {path} was made with seed {saved.seed}, not {seed}.",
            hint="Use the same seed, or another output folder.",
        )
    if saved.key != key:
        raise TrainingError(
            f"The checkpoint {path} was made with other pairs, settings or steps.",
            hint="Give those that it began with, or delete it to start this training again.",
        )
    write_adapter(model, saved.adapter)
    optimiser.load_state_dict({**optimiser.state_dict(), "state": saved.moments})
    progress = Progress(
        list(saved.losses), list(saved.validations), saved.best, saved.tokens, saved.positions
    )
    return progress, saved.step


def keep(
    path: Path,
    progress: Progress,
    model: nn.Module,
    optimiser: torch.optim.Optimizer,
    *,
    step: int,
    seed: int,
    key: str,
) -> None:
    """Write all that ``resume`` needs to ``path``."""
    state = Checkpoint(
        step=step,
        seed=seed,
        key=key,
        adapter=read_adapter(model),
        moments=optimiser.state_dict()["state"],
        losses=tuple(progress.losses),
        validations=tuple(progress.validations),
        best=progress.best,
        tokens=progress.tokens,
        positions=progress.positions,
    )
    write_checkpoint(path, state)
