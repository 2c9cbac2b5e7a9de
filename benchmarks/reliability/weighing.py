"""Weigh programs while they work, ten times a second.

Resident memory (RSS) counts all that a program can touch without the disk, libraries that others
have loaded, too.  Proportional memory (PSS) divides what several have by their number, so it can be
added up.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

_EVERY_SECONDS = 0.1
_LOOK_SECONDS = 1.0
"""Between two looks at which programs there are."""
_MIB = 1024
"""Linux tells KiB."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What all programs weighed at one moment, in MiB by their parts."""

    time: float
    """Seconds since 1970."""
    rss: Mapping[str, float]
    pss: Mapping[str, float]


class Scales:
    """Weighs programs in a thread, for as long as this context is open.

    Args:
        programs: Returns the process of every part.
    """

    def __init__(self, programs: Callable[[], Mapping[str, int]]) -> None:
        self.samples: list[Sample] = []
        self._programs = programs
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._weigh, name="scales", daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End; samples stay."""
        self._end.set()
        self._thread.join()

    def between(self, start: float, end: float) -> list[Sample]:
        """Return the samples of a time."""
        return [sample for sample in self.samples if start <= sample.time < end]

    def _weigh(self) -> None:
        looked, found = 0.0, dict[str, int]()
        while not self._end.wait(_EVERY_SECONDS):
            if time.monotonic() - looked > _LOOK_SECONDS:
                looked, found = time.monotonic(), dict(self._programs())
            self.samples.append(sample(found))


def sample(programs: Mapping[str, int]) -> Sample:
    """Weigh programs once; those that are gone are left out."""
    weighed = {part: weight(pid) for part, pid in programs.items()}
    there = {part: one for part, one in weighed.items() if one is not None}
    rss = {part: one[0] for part, one in there.items()}
    pss = {part: one[1] for part, one in there.items()}
    return Sample(time.time(), rss, pss)


def weight(pid: int) -> tuple[float, float] | None:
    """Return RSS and PSS of a process, in MiB; None if it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
        said = {line.split(":")[0]: line.split()[1] for line in lines[1:]}
        return int(said["Rss"]) / _MIB, int(said["Pss"]) / _MIB
    except (OSError, KeyError, IndexError):
        return None


def peaks(samples: Iterable[Sample]) -> dict[str, float]:
    """Return the highest RSS of each part."""
    found: dict[str, float] = {}
    for one in samples:
        for part, mib in one.rss.items():
            found[part] = max(found.get(part, 0.0), mib)
    return found


def peak_sum(samples: Iterable[Sample], prefix: str) -> float:
    """Return the highest PSS that all parts whose name begins so had together."""
    return max(
        sum(mib for part, mib in one.pss.items() if part.startswith(prefix)) for one in samples
    )
