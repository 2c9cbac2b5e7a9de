"""What a run begins with where it is the joint adapter of another run, as groups of sites do.

The other run is the one of that name beside it: at the same coordinator, or in the same folder of
runs on one machine.  It may still be at work; what counts is its best round so far, unless the
setting names a round.  Which it was, the record of round 0 tells, and a run that goes on later
goes on from that record, however far the other one came meanwhile.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fedtranslate.adapters.methods.method import Joint
from fedtranslate.adapters.methods.registry import find_method
from fedtranslate.adapters.store import read_manifest
from fedtranslate.config.federation import RunSettings
from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.journal import (
    RUN_FILE,
    read_evaluation,
    read_round,
    round_folder,
)
from fedtranslate.federation.coordinator.result import read_result
from fedtranslate.federation.coordinator.roundfolder import kept_round


@dataclass(frozen=True, slots=True, eq=False)
class Beginning:
    """The joint adapter of a round of another run."""

    joint: Joint
    """Without the memory of a server optimiser, which is of the other run's rounds."""
    run: str
    round: int
    checksum: str
    base: str
    base_fingerprint: str

    def told(self) -> dict[str, Any]:
        """Return what the record of round 0 says of it."""
        return {"run": self.run, "round": self.round, "checksum": self.checksum}

    def check(self, base_fingerprint: str, shapes: Mapping[str, tuple[int, int]]) -> None:
        """Refuse it for sites of another base model, or that adapt other modules.

        Args:
            base_fingerprint: Of the model that the sites have.
            shapes: (out, in) of the modules that they adapt.

        Raises:
            FederationError: It does not fit them.
        """
        if self.base_fingerprint != base_fingerprint:
            raise FederationError(
                f"The run {self.run} has the base model {self.base!r} (fingerprint"
                f" {self.base_fingerprint}), but the sites have that of {base_fingerprint}.",
                hint="Begin with a run of the same base model, or with none.",
            )
        adapted = {name: factors.shape for name, factors in self.joint.adapter.items()}
        wanted = {name: tuple(shape) for name, shape in shapes.items()}
        if adapted != wanted:
            odd = sorted(
                n for n in adapted.keys() | wanted.keys() if adapted.get(n) != wanted.get(n)
            )
            raise FederationError(
                f"The run {self.run} adapts other modules than this one: {', '.join(odd[:3])}.",
                hint="Give both runs the same lora.modules.",
            )


def find_beginning(settings: RunSettings, runs: Path) -> Beginning:
    """Return what a run shall begin with, as ``settings.begins_with`` says.

    Args:
        settings: Of the run.
        runs: Folder of the folders of runs.

    Raises:
        FederationError: There is no such run, it has not come so far, or its adapter is damaged,
            not the one that was meant, or of no use for these settings.
    """
    name, _, asked = settings.begins_with.partition("@")
    folder = runs / name
    if name == settings.name or not (folder / RUN_FILE).exists():
        raise FederationError(
            f"{settings.name} cannot begin with the run {name}: there is no other run of that name"
            f" in {runs}.",
            hint="begins_with names the folder of a run there.",
        )
    number = int(asked) if asked else best_round(folder)
    kept = kept_round(folder, number)
    if kept is None:
        raise FederationError(
            f"The run {name} has no round {number}, or it is damaged.",
            hint="Name an earlier round, or start that run again: it goes on by itself.",
        )
    checksum = str(read_round(folder, number)["checksum"])
    if settings.begins_checksum not in ("", checksum):
        raise FederationError(
            f"The adapter of round {number} of the run {name} has the checksum {checksum[:12]}...,"
            f" but {settings.begins_checksum[:12]}... is to begin with.",
            hint="That run was made anew: write the groups again, or leave begins_checksum out.",
        )
    _check_use(kept.joint, settings, name)
    manifest = read_manifest(round_folder(folder, number))
    joint = Joint(kept.joint.adapter, kept.joint.folded)
    return Beginning(joint, name, number, checksum, manifest.base, manifest.base_fingerprint)


def last_evaluated(folder: Path) -> int:
    """Return the last round of a run that its sites have evaluated; -1 if there is none."""
    number = 0
    while read_evaluation(folder, number) is not None:
        number += 1
    return number - 1


def best_round(folder: Path) -> int:
    """Return the best round so far of the run in ``folder``.

    Raises:
        FederationError: There is none yet.
    """
    rounds = last_evaluated(folder)
    if rounds < 1:
        raise FederationError(
            f"The run {folder.name} has no round yet that its sites have evaluated.",
            hint="Wait for its second round, or name another run in begins_with.",
        )
    return read_result(folder, rounds).best_round


def _check_use(joint: Joint, settings: RunSettings, name: str) -> None:
    lora = settings.lora
    ranks = sorted({factors.rank for factors in joint.adapter.values()})
    scalings = {factors.scaling for factors in joint.adapter.values()}
    if ranks != [lora.rank] or any(abs(s - lora.scaling) > 1e-9 * lora.scaling for s in scalings):
        raise FederationError(
            f"The adapter of the run {name} has rank {', '.join(map(str, ranks))} and scaling"
            f" {min(scalings):g}, but {settings.name} has rank {lora.rank} and scaling"
            f" {lora.scaling:g}.",
            hint="Give both runs the same [federation.lora].",
        )
    if joint.folded and not find_method(settings.method).folds:
        raise FederationError(
            f"A part of the adapter of the run {name} is folded into the base model, which the"
            f" method {settings.method} does not do.",
            hint="Take the method of that run, or another that folds.",
        )
