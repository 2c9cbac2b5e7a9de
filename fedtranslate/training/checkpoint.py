"""The state of an unfinished training, as one safetensors file that is replaced at once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, as_tensor

from fedtranslate.adapters.factors import Factors
from fedtranslate.errors import TrainingError


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """All that a resumed training needs."""

    step: int
    seed: int
    key: str
    """Of everything else that decides how the training goes on."""
    adapter: dict[str, Factors]
    moments: Mapping[int, Mapping[str, Tensor]]
    """State of the optimiser, by the position of the parameter."""
    losses: tuple[float, ...]
    validations: tuple[tuple[int, float], ...]
    best: tuple[float, int, dict[str, Factors]] | None
    """(loss, step, factors) of the best validation."""
    tokens: int
    positions: int


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write ``checkpoint`` to ``path``; a crash leaves the old file or the new one."""
    tensors = _flat("now", checkpoint.adapter)
    if checkpoint.best is not None:
        tensors |= _flat("best", checkpoint.best[2])
    for index, state in checkpoint.moments.items():
        tensors |= {f"moments/{index}/{name}": as_tensor(v) for name, v in state.items()}
    notes = {
        "step": checkpoint.step,
        "seed": checkpoint.seed,
        "key": checkpoint.key,
        "losses": checkpoint.losses,
        "validations": checkpoint.validations,
        "best": checkpoint.best[:2] if checkpoint.best else None,
        "scalings": {name: f.scaling for name, f in checkpoint.adapter.items()},
        "tokens": checkpoint.tokens,
        "positions": checkpoint.positions,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".tmp")
    whole = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    try:
        save_file(whole, draft, {"notes": json.dumps(notes)})
    except SafetensorError as error:
        raise TrainingError(
            f"{path} cannot be written: {error}.", hint="Choose another place, or make room."
        ) from None
    draft.replace(path)


def read_checkpoint(path: Path) -> Checkpoint:
    """Read what ``write_checkpoint`` wrote.

    Raises:
        TrainingError: The file is damaged.
    """
    try:
        with safe_open(path, "pt") as file:
            notes = json.loads((file.metadata() or {})["notes"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        moments: dict[int, dict[str, Tensor]] = {}
        for name, tensor in tensors.items():
            if name.startswith("moments/"):
                _, index, item = name.split("/")
                moments.setdefault(int(index), {})[item] = tensor
        best = notes["best"]
        return Checkpoint(
            step=int(notes["step"]),
            seed=int(notes["seed"]),
            key=str(notes["key"]),
            adapter=_nested("now", tensors, notes["scalings"]),
            moments=moments,
            losses=tuple(notes["losses"]),
            validations=tuple((int(step), float(loss)) for step, loss in notes["validations"]),
            best=(*best, _nested("best", tensors, notes["scalings"])) if best else None,
            tokens=int(notes["tokens"]),
            positions=int(notes["positions"]),
        )
    except (SafetensorError, KeyError, ValueError, TypeError, OSError) as error:
        raise TrainingError(
            f"The checkpoint {path} is damaged: {error}",
            hint="Delete it to start this training again.",
        ) from error


def _flat(kind: str, adapter: Mapping[str, Factors]) -> dict[str, Tensor]:
    flat = {}
    for name, factors in adapter.items():
        flat[f"{kind}/{name}/a"] = factors.a
        flat[f"{kind}/{name}/b"] = factors.b
    return flat


def _nested(
    kind: str, tensors: Mapping[str, Tensor], scalings: Mapping[str, float]
) -> dict[str, Factors]:
    return {
        name: Factors(tensors[f"{kind}/{name}/a"], tensors[f"{kind}/{name}/b"], scaling)
        for name, scaling in scalings.items()
    }
