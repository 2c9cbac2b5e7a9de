"""The folder of a round: its joint adapter and its record, which appear together or not at all.

If the newest is damaged, the one before it counts, and the damaged one is made again.
"""

import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.store import Manifest, load_adapter, save_adapter
from fedtranslate.config.files import sync_folder
from fedtranslate.errors import AdapterError, FederationError
from fedtranslate.federation.coordinator.journal import (
    FORMAT,
    read_round,
    round_folder,
    write_json,
)


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
        if read_round(run, number)["checksum"] == manifest.checksum:
            return number, adapter
    return None


def save_round(
    run: Path, number: int, joint: Adapter, manifest: Manifest, record: Mapping[str, Any]
) -> str:
    """Keep the outcome of a round, and return the checksum of the joint adapter."""
    made = run / f".round-{number:05d}.{secrets.token_hex(4)}"
    written = save_adapter(made, joint, manifest)
    whole = {"format": FORMAT, "round": number, "checksum": written.checksum, **record}
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
