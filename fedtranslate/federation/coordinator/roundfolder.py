"""The folder of a round: its joint adapter and its record, which appear together or not at all.

If the newest is damaged, the one before it counts, and the damaged one is made again.
"""

import hashlib
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from fedtranslate.adapters.factors import Adapter
from fedtranslate.adapters.methods.method import Joint
from fedtranslate.adapters.store import (
    Manifest,
    as_tensors,
    from_tensors,
    load_adapter,
    save_adapter,
)
from fedtranslate.adapters.tensors import read_tensors, tensor_pieces
from fedtranslate.config.federation import RunSettings
from fedtranslate.config.files import sync_folder, write_durably
from fedtranslate.errors import AdapterError, FederationError
from fedtranslate.federation.coordinator.journal import (
    FORMAT,
    read_round,
    round_folder,
    settings_key,
    write_json,
)
from fedtranslate.federation.coordinator.worth import CONTRIBUTION_FILE, Contribution, as_values

STATE_FILE = "state.safetensors"
"""What a round hands on besides its joint adapter, where there is something."""
_MARK = "."
"""Between the kind of a tensor in it and its name."""


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What a round handed on."""

    number: int
    joint: Joint
    left_over: Mapping[str, Tensor]
    """Of the joint adapter, by the way that it travels (``traffic``)."""


def newest_round(run: Path, at_most: int) -> Kept | None:
    """Return what the last round that is whole handed on; None if none is.

    A round before it that is missing makes it count for nothing: no outcome could be told.

    Args:
        run: Folder of the run.
        at_most: Later rounds do not count.
    """
    for number in reversed(range(_recorded(run, at_most))):
        if (kept := kept_round(run, number)) is not None:
            return kept
    return None


def kept_round(run: Path, number: int) -> Kept | None:
    """Return what a round handed on; None if it is missing or damaged."""
    try:
        adapter, manifest = load_adapter(round_folder(run, number))
        state = _state(run, number)
        record = read_round(run, number)
        if record["checksum"] == manifest.checksum and record.get("state", "") == _digest(state):
            return _kept(number, adapter, state, float(record.get("scaling", 1.0)))
    except (AdapterError, FederationError, TypeError, ValueError):
        pass
    return None


def manifest_of(settings: RunSettings, number: int, whole: Adapter, base: str) -> Manifest:
    """Return the manifest of the joint adapter of a round, but for what its file adds.

    Args:
        settings: Of the run.
        number: Of the round.
        whole: The one adapter that stands for the joint one.
        base: Fingerprint of the base model.
    """
    ranks = {factors.rank for factors in whole.values()}
    scaling = next(iter(whole.values())).scaling
    lora, rank = settings.lora, max(ranks)
    as_configured = (rank, scaling) == (lora.rank, lora.scaling)
    return Manifest(
        base=settings.base,
        base_fingerprint=base,
        source_language=settings.source,
        target_language=settings.target,
        rank=rank,
        alpha=lora.alpha if as_configured else scaling * rank,
        rslora=lora.rslora and as_configured,
        run=settings.name,
        round=number,
        settings=settings_key(settings),
    )


def save_round(
    run: Path,
    number: int,
    joint: Joint,
    manifest: Manifest,
    record: Mapping[str, Any],
    left_over: Mapping[str, Tensor] | None = None,
    contribution: Contribution | None = None,
) -> str:
    """Keep the outcome of a round, and return the checksum of its adapter.

    Args:
        run: Folder of the run.
        number: Of the round.
        joint: What came of it.
        manifest: Of the one adapter that stands for ``joint``.
        record: Of how it came about.
        left_over: Of the adapter, by the way that it travels (``traffic``).
        contribution: What the replies were worth, if it was to be found out.
    """
    made = run / f".round-{number:05d}.{secrets.token_hex(4)}"
    written = save_adapter(made, joint.whole(), manifest)
    whole = {"format": FORMAT, "round": number, "checksum": written.checksum, **record}
    state = _named("left_over", left_over or {}) | _named("memory", joint.memory)
    if joint.folded:
        state |= _named("packed", as_tensors(joint.packed()))
        whole["scaling"] = next(iter(joint.adapter.values())).scaling
    if state:
        write_durably(made / STATE_FILE, tensor_pieces(state))
        whole["state"] = _digest(state)
    if contribution is not None:
        write_json(made / CONTRIBUTION_FILE, as_values(contribution))
    write_json(made / "round.json", whole)
    place = round_folder(run, number)
    _clear(place)
    made.replace(place)
    sync_folder(run)
    return written.checksum


def _kept(number: int, adapter: Adapter, state: Mapping[str, Tensor], scaling: float) -> Kept:
    kinds: dict[str, dict[str, Tensor]] = {"left_over": {}, "memory": {}, "packed": {}}
    for name, tensor in state.items():
        kind, _, rest = name.partition(_MARK)
        kinds[kind][rest] = tensor
    if kinds["packed"]:
        adapter = from_tensors(kinds["packed"], scaling, STATE_FILE)
    return Kept(number, Joint.of(adapter, kinds["memory"]), kinds["left_over"])


def _named(kind: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {f"{kind}{_MARK}{name}": tensor.contiguous() for name, tensor in tensors.items()}


def _state(run: Path, number: int) -> dict[str, Tensor]:
    path = round_folder(run, number) / STATE_FILE
    return read_tensors(path) if path.exists() else {}


def _recorded(run: Path, at_most: int) -> int:
    """Return how many rounds, from 0, have their records; one that is missing is made again."""
    for number in range(at_most + 1):
        try:
            read_round(run, number)
        except FederationError:
            return number
    return at_most + 1


def _clear(place: Path) -> None:
    """Remove whatever is where a round shall be."""
    if place.is_symlink() or place.is_file():
        place.unlink()
    elif place.exists():
        shutil.rmtree(place)


def _digest(state: Mapping[str, Tensor]) -> str:
    """Return the SHA-256 of tensors; nothing where there is none."""
    digest = hashlib.sha256()
    for piece in tensor_pieces(dict(sorted(state.items()))) if state else ():
        digest.update(piece)
    return digest.hexdigest() if state else ""
