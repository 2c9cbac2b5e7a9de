"""An adapter that is laid aside: its factors wait on disk, and each is read when it is asked for.

Of many adapters that are to be combined, no more than one module each is then in memory.
"""

import math
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from fedtranslate.adapters.factors import Adapter, Factors

_HEAVY_BYTES = 16 << 20


def set_aside(adapter: Adapter, folder: Path) -> Adapter:
    """Return a copy of ``adapter`` on disk if it is heavy; else the adapter.

    Args:
        adapter: Of float32 factors.
        folder: On the disk that shall have it.
    """
    size = 4 * sum(factors.a.numel() + factors.b.numel() for factors in adapter.values())
    return adapter if size < _HEAVY_BYTES else AsideAdapter(adapter, folder)


@dataclass(frozen=True, slots=True)
class _Place:
    start: int
    a: torch.Size
    b: torch.Size
    scaling: float


class AsideAdapter(Mapping[str, Factors]):
    """A copy of an adapter in a file without a name, which is gone with this object.

    Args:
        adapter: Of float32 factors.
        folder: On the disk that shall have it.
    """

    def __init__(self, adapter: Adapter, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - kept open
        weakref.finalize(self, self._file.close)
        self._places: dict[str, _Place] = {}
        start = 0
        for name, factors in adapter.items():
            self._places[name] = _Place(start, factors.a.shape, factors.b.shape, factors.scaling)
            for tensor in (factors.a, factors.b):
                start += self._write(tensor)

    def __getitem__(self, name: str) -> Factors:
        """Return the factors of a module, read anew."""
        place = self._places[name]
        self._file.seek(place.start)
        return Factors(self._read(place.a), self._read(place.b), place.scaling)

    def __iter__(self) -> Iterator[str]:
        """Return the names of the modules."""
        return iter(self._places)

    def __len__(self) -> int:
        """Return how many modules there are."""
        return len(self._places)

    def _write(self, tensor: Tensor) -> int:
        content = tensor.detach().contiguous().numpy().data.cast("B")
        left = content
        while left:
            left = left[self._file.write(left) :]
        return len(content)

    def _read(self, shape: torch.Size) -> Tensor:
        content = bytearray(4 * math.prod(shape))
        left = memoryview(content)
        while left:
            count = self._file.readinto(left)
            if not count:
                raise OSError("An adapter that was laid aside has been cut off.")
            left = left[count:]
        return torch.frombuffer(content, dtype=torch.float32).reshape(shape)
