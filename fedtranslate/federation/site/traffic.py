"""What a site keeps of a run so that less travels: the joint adapter, and what was left over.

    SITE/traffic/RUN/joint.safetensors            the joint adapter that came last, joint.json
                                                  tells which it is
    SITE/traffic/RUN/left-over-00003.safetensors  of the update of round 3, for the next one

A round that is asked for again begins with what was left over before it, so a site that was killed
answers as if it had not been.  All of this can be deleted: the next joint adapter then comes whole,
and what was left over is lost.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from fedtranslate.adapters.factors import Adapter, checksum
from fedtranslate.adapters.methods.cores import cores
from fedtranslate.adapters.methods.method import BOTH, Joint, Part
from fedtranslate.adapters.methods.registry import find_method
from fedtranslate.adapters.store import as_tensors, from_tensors
from fedtranslate.adapters.tensors import read_tensors, tensor_pieces
from fedtranslate.adapters.wire.coding import Base, Coded, as_received, coded_with_feedback
from fedtranslate.adapters.wire.formats import Format, find_format
from fedtranslate.config.federation import RunSettings
from fedtranslate.config.files import read_plain, write_durably
from fedtranslate.config.traffic import TrafficSettings
from fedtranslate.errors import AdapterError, FederationError
from fedtranslate.federation.exchange import Task, seed_of

FOLDER = "traffic"
"""Below the folder of a site."""
_ROUNDS = 4
"""So many rounds back a question may be asked again, and has the same answer."""


def format_up(traffic: TrafficSettings) -> Format:
    """Return how a site's numbers are written."""
    return find_format(traffic.up, traffic.top_k)


def is_kept(traffic: TrafficSettings, task: Task) -> bool:
    """Tell whether a site keeps the joint adapter that came with ``task``.

    Only where less of the next one will travel for it: where differences do, or where a factor
    is not trained.  The next one is no successor of a trial.
    """
    return not task.trial and (traffic.down != "float32" or task.trains != BOTH)


class TrafficBook:
    """What one site keeps of one run.

    Args:
        site_folder: Of the site.
        run: Name of the run.
    """

    def __init__(self, site_folder: Path, run: str) -> None:
        self._folder = site_folder / FOLDER / run

    def kept(self) -> str:
        """Return the SHA-256 of the joint adapter that is here; empty if none is."""
        about = self._about()
        return about[0] if about and self._joint.exists() else ""

    def joint(self, wanted: str) -> Adapter | None:
        """Return the joint adapter of this SHA-256; None if it is not here, or damaged."""
        about = self._about()
        if about is None or about[0] != wanted:
            return None
        try:
            adapter = from_tensors(read_tensors(self._joint), about[1], self._joint)
        except AdapterError:
            return None
        return adapter if checksum(adapter) == wanted else None

    def keep(self, joint: Adapter) -> str:
        """Keep a joint adapter in the place of the last one, and return its SHA-256."""
        digest = checksum(joint)
        if self.kept() != digest:
            self._folder.mkdir(parents=True, exist_ok=True)
            scaling = next(iter(joint.values())).scaling
            write_durably(self._joint, tensor_pieces(as_tensors(joint)))
            told = json.dumps({"checksum": digest, "scaling": scaling})
            write_durably(self._told, told.encode())
        return digest

    def left_over(self, number: int) -> dict[str, Tensor]:
        """Return what was left over of the last update before round ``number``.

        Raises:
            FederationError: The file is damaged.
        """
        before = [found for found in self._rounds() if found < number]
        if not before:
            return {}
        path = self._left(max(before))
        try:
            return read_tensors(path)
        except AdapterError as error:
            hint = f"Delete {path}: what it held is lost then, and the site goes on."
            raise FederationError(str(error), hint=hint) from None

    def keep_left_over(self, number: int, left: Mapping[str, Tensor]) -> None:
        """Keep what was left over of the update of round ``number``; what is old is deleted.

        So is what is of later rounds: the run was set back, or an older one had its name.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        write_durably(self._left(number), tensor_pieces(left))
        for found in self._rounds():
            if not number - _ROUNDS < found <= number:
                self._left(found).unlink(missing_ok=True)

    @property
    def _joint(self) -> Path:
        return self._folder / "joint.safetensors"

    @property
    def _told(self) -> Path:
        return self._folder / "joint.json"

    def _left(self, number: int) -> Path:
        return self._folder / f"left-over-{number:05d}.safetensors"

    def _rounds(self) -> list[int]:
        names = (path.stem.rpartition("-")[2] for path in self._folder.glob("left-over-*"))
        return [int(name) for name in names if name.isdecimal()]

    def _about(self) -> tuple[str, float] | None:
        try:
            values = json.loads(read_plain(self._told))
            return str(values["checksum"]), float(values["scaling"])
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None


def update_for_the_wire(
    book: TrafficBook, settings: RunSettings, site: str, task: Task, joint: Adapter, made: Adapter
) -> tuple[Coded, str]:
    """Return a site's new adapter as it travels, and the SHA-256 of what the coordinator gets.

    What is left over is kept first, unless the method draws new factors for the next round.

    Args:
        book: Of the run at the site.
        settings: Of the run.
        site: Name of the site.
        task: What was asked for.
        joint: What came with it.
        made: What came of it.

    Raises:
        AggregationError: The adapter is not finite.
        FederationError: What was left over before is damaged.
    """
    wire, seed = format_up(settings.traffic), seed_of(settings.seed, task.round, site)
    base = Base(checksum(joint), joint)
    if Part.CORE in task.trains:
        adapter = Joint.of(joint).adapter
        made, base = cores(made, adapter), Base(base.checksum, cores(adapter, adapter))
    follows = not wire.is_exact and not find_method(settings.method).begins_anew
    before = book.left_over(task.round) if follows else {}
    sent, left = coded_with_feedback(made, wire, base, before, seed)
    if left and follows:
        book.keep_left_over(task.round, left)
    if wire.is_exact:
        return sent, checksum(made)
    scaling = next(iter(made.values())).scaling
    return sent, checksum(as_received(sent, wire, base, scaling))
