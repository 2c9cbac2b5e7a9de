"""Federations that are measured and not disturbed."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.reliability.deployment import Deployment
from fedtranslate.federation.coordinator.journal import round_folder
from fedtranslate.federation.flower import compat

PRODUCT_PACE: Mapping[str, str | None] = {compat.POLL_VARIABLE: None}
"""Environment in which programs look for work as often as they do where nobody says otherwise."""
SHORT_PACE: Mapping[str, str | None] = {compat.POLL_VARIABLE: "0.3"}


@contextmanager
def deployed(
    sites: Sequence[str],
    pairs: Callable[[int], str],
    environment: Mapping[str, str | None] | None = None,
) -> Iterator[Deployment]:
    """Yield a federation that is up, below a folder that is gone afterwards.

    Args:
        sites: Names of the sites.
        pairs: What the trade is told at each site.
        environment: Of all programs, besides that of this process; None takes a variable away.
    """
    with tempfile.TemporaryDirectory(prefix="federation-") as scratch:
        federation = Deployment(Path(scratch), sites, pairs, environment)
        try:
            federation.make()
            yield federation
        finally:
            federation.down()


def completed(federation: Deployment, name: str, seconds: float) -> Path:
    """Wait until a run is completed, and return its folder.

    Raises:
        RuntimeError: It ends otherwise, or not in time.
    """
    found = federation.wait_for(name, seconds)
    if found.state != "completed":
        raise RuntimeError(f"The run {name} is {found.state}: {found.reason}")
    return federation.hub.run(name)


def round_ends(run: Path, rounds: int) -> list[float]:
    """Return when each round was finished, from the 0th on, in seconds since 1970.

    Args:
        run: Folder of a run that is completed.
        rounds: How many it had.
    """
    files = (round_folder(run, number) / "round.json" for number in range(rounds + 1))
    return [file.stat().st_mtime for file in files]
