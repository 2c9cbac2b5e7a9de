"""What came out of a run, read from its journal."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fedtranslate.adapters.factors import Factors
from fedtranslate.adapters.store import Manifest, load_adapter
from fedtranslate.errors import AdapterError, FederationError
from fedtranslate.federation.coordinator.bestround import chosen_round, liars_in
from fedtranslate.federation.coordinator.journal import (
    STATUS_FILE,
    mean_losses,
    read_evaluation,
    read_json,
    read_round,
    round_folder,
)


@dataclass(frozen=True, slots=True)
class RunResult:
    """The outcome of a run."""

    folder: Path
    rounds: int
    checksum: str
    """Of the joint adapter after the last round."""
    best_round: int
    """The round, from 1, whose joint adapter is the best by the sites' validation losses."""
    validation: tuple[float, ...]
    """Loss per token over all sites, of the joint adapters of rounds 0, 1, ..., ``rounds``."""
    left_out: tuple[tuple[int, str, str], ...] = ()
    """Round, site and reason of every reply that did not count."""

    def adapter_folder(self, number: int | None = None) -> Path:
        """Return where a round's joint adapter is; the best round's if none is named."""
        return round_folder(self.folder, self.best_round if number is None else number)

    def joint(
        self, number: int | None = None, *, base_fingerprint: str, base_name: str
    ) -> tuple[dict[str, Factors], Manifest]:
        """Return a round's joint adapter with its manifest; the best round's if none is named.

        Raises:
            FederationError: It is damaged, or of another base model.
        """
        folder = self.adapter_folder(number)
        try:
            return load_adapter(folder, base_fingerprint=base_fingerprint, base_name=base_name)
        except AdapterError as error:
            raise FederationError(str(error), hint=_begin_again_at(folder)) from error


def read_result(folder: Path, rounds: int) -> RunResult:
    """Return the outcome of the first ``rounds`` rounds of the run in ``folder``.

    Raises:
        FederationError: The run has not come so far, or its journal is damaged.
    """
    if read_evaluation(folder, rounds) is None:
        status = read_json(folder / STATUS_FILE)
        raise FederationError(
            f"The run in {folder} is {status.get('state')} and has not come to the end of round "
            f"{rounds}. {status.get('reason', '')}".rstrip(),
            hint="Start it again; it goes on by itself.",
        )
    records = [_record(folder, number) for number in range(rounds + 1)]
    scores = [read_evaluation(folder, number) or {} for number in range(rounds + 1)]
    return RunResult(
        folder=folder,
        rounds=rounds,
        checksum=str(records[-1]["checksum"]),
        best_round=chosen_round(dict(enumerate(scores[1:], 1)), liars_in(folder)),
        validation=tuple(mean_losses(scores)),
        left_out=tuple(
            (number, site, reason)
            for number, record in enumerate(records)
            for site, reason in record.get("left_out", {}).items()
        ),
    )


def _record(folder: Path, number: int) -> dict[str, Any]:
    try:
        return read_round(folder, number)
    except FederationError as error:
        hint = _begin_again_at(round_folder(folder, number))
        raise FederationError(str(error), hint=hint) from error


def _begin_again_at(folder: Path) -> str:
    """Say how to get the round in ``folder`` back: a run goes on after its last whole round."""
    return (
        f"Delete {folder} and the folders of all later rounds, and start the run again: it makes"
        " these rounds anew."
    )
