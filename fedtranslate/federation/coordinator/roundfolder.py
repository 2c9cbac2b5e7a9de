"""The folder of a round: its joint adapter and its record, which appear together or not at all.

If the newest is damaged, the one before it counts, and the damaged one is made again.
"""

import hashlib
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.store import Manifest, load_adapter, save_adapter
from fedtranslate.adapters.tensors import read_tensors, tensor_pieces
from fedtranslate.config.files import sync_folder, write_durably
from fedtranslate.errors import AdapterError, FederationError
from fedtranslate.federation.coordinator.journal import (
    FORMAT,
    read_round,
    round_folder,
    write_json,
)

LEFT_OVER_FILE = "left-over.safetensors"


def newest_round(run: Path, at_most: int) -> tuple[int, dict[str, Factors]] | None:
    """Return number and joint adapter of the last round that is whole; None if none is.

    A round before it that is missing makes it count for nothing: no outcome could be told.

    Args:
        run: Folder of the run.
        at_most: Later rounds do not count.
    """
    for number in reversed(range(_recorded(run, at_most))):
        try:
            adapter, manifest = load_adapter(round_folder(run, number))
        except AdapterError:
            continue
        record = read_round(run, number)
        if record["checksum"] == manifest.checksum and _has_left_over(run, number, record):
            return number, adapter
    return None


def read_left_over(run: Path, number: int) -> dict[str, Tensor]:
    """Return what was left over of a round's joint adapter by the way that it travels.

    Raises:
        AdapterError: It is damaged.
    """
    path = round_folder(run, number) / LEFT_OVER_FILE
    return read_tensors(path) if path.exists() else {}


def save_round(
    run: Path,
    number: int,
    joint: Adapter,
    manifest: Manifest,
    record: Mapping[str, Any],
    left_over: Mapping[str, Tensor] | None = None,
) -> str:
    """Keep the outcome of a round, and return the checksum of the joint adapter.

    Args:
        run: Folder of the run.
        number: Of the round.
        joint: Its joint adapter.
        manifest: Of the adapter.
        record: Of how it came about.
        left_over: Of the adapter, by the way that it travels (``traffic``).
    """
    made = run / f".round-{number:05d}.{secrets.token_hex(4)}"
    written = save_adapter(made, joint, manifest)
    whole = {"format": FORMAT, "round": number, "checksum": written.checksum, **record}
    if left_over:
        write_durably(made / LEFT_OVER_FILE, tensor_pieces(left_over))
        whole["left_over"] = _digest(left_over)
    write_json(made / "round.json", whole)
    place = round_folder(run, number)
    _clear(place)
    made.replace(place)
    sync_folder(run)
    return written.checksum


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


def _has_left_over(run: Path, number: int, record: Mapping[str, Any]) -> bool:
    """Tell whether what was left over of a round is what its record says."""
    try:
        left = read_left_over(run, number)
    except AdapterError:
        return False
    told: object = record.get("left_over", "")
    return told == (_digest(left) if left else "")


def _digest(left_over: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for piece in tensor_pieces(left_over):
        digest.update(piece)
    return digest.hexdigest()
