"""Named float32 tensors in a safetensors file, read as if a stranger had written it.

The header is read and checked first: names, dtypes, shapes, offsets, and that they add up to
the very size of the file.  Only then is memory taken for the values.  Nothing is unpickled.
"""

import json
import math
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import Tensor

from fedtranslate.config.files import open_plain
from fedtranslate.errors import AdapterError

MAX_BYTES = 8 * 2**30
"""Largest file that is read; a rank-64 adapter of a 70B model stays below it."""
_MAX_HEADER_BYTES = 16 * 2**20
_ALIGNMENT = 8
_NAME = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")
_ENTRY_KEYS = {"dtype", "shape", "data_offsets"}


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Return the tensors in the file at ``path``.

    Raises:
        AdapterError: The file is missing, truncated, too large, not safetensors, or holds
            anything but finite float32 tensors with plain names.
    """
    try:
        with open_plain(path) as file:
            size = os.fstat(file.fileno()).st_size
            entries, start = _header(file, size, path)
            file.seek(start)
            return {name: _tensor(file, name, entry, path) for name, entry in entries}
    except OSError as error:
        raise AdapterError(f"{path} cannot be read: {error.strerror}.") from None


def tensor_pieces(tensors: Mapping[str, Tensor]) -> Iterator[bytes | memoryview]:
    """Yield ``tensors`` as the content of a safetensors file, one after another.

    The same bytes as by ``safetensors.torch.save``, which makes two copies of all first.
    """
    header, end = {}, 0
    for name in sorted(tensors):
        start, end = end, end + 4 * tensors[name].numel()
        shape = list(tensors[name].shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    yield len(text).to_bytes(8, "little") + text
    for name in header:
        plain = tensors[name].detach().to(device="cpu", dtype=torch.float32).contiguous()
        values = plain.numpy().astype("<f4", copy=False)
        yield values.data.cast("B") if values.size else b""  # no values, no cast


def _header(file: BinaryIO, size: int, path: Path) -> tuple[list[tuple[str, list[int]]], int]:
    """Return names and shapes in the order of the file, and where the values start."""
    if size > MAX_BYTES:
        raise AdapterError(f"{path} has {size} bytes; at most {MAX_BYTES} are read.")
    length = int.from_bytes(file.read(8), "little")
    if size < 8 or length > min(_MAX_HEADER_BYTES, size - 8):
        raise AdapterError(f"{path} is truncated or is no safetensors file.")
    try:
        header = json.loads(file.read(length).decode("utf-8"))
    except (ValueError, RecursionError):
        raise AdapterError(f"{path} has a damaged header.") from None
    if not isinstance(header, dict):
        raise AdapterError(f"{path} has a damaged header.")
    header.pop("__metadata__", None)
    spans = sorted((*_entry(name, value, path), name) for name, value in header.items())
    bounds = [0, *(end for _, end, _, _ in spans)]
    starts = [start for start, *_ in spans]
    if starts != bounds[:-1] or bounds[-1] != size - 8 - length:
        raise AdapterError(f"{path} is truncated, or its header does not fit its size of {size}.")
    return [(name, shape) for _, _, shape, name in spans], 8 + length


def _entry(name: str, value: Any, path: Path) -> tuple[int, int, list[int]]:  # noqa: ANN401
    if len(name) > 512 or not _NAME.fullmatch(name):
        raise AdapterError(f"{path} holds a tensor with the name {name[:80]!r}.")
    if not isinstance(value, dict) or value.keys() != _ENTRY_KEYS:
        raise AdapterError(f"{path} describes the tensor {name} wrongly.")
    if value["dtype"] != "F32":
        raise AdapterError(f"{path} holds {name} as {value['dtype']!r}; adapters are float32.")
    shape, offsets = value["shape"], value["data_offsets"]
    if not (_are_sizes(shape) and _are_sizes(offsets)) or len(offsets) != 2 or len(shape) > 8:
        raise AdapterError(f"{path} gives the tensor {name} an impossible place.")
    if offsets[1] - offsets[0] != 4 * math.prod(shape) or offsets[0] > offsets[1]:
        raise AdapterError(f"{path} gives the tensor {name} an impossible place.")
    return offsets[0], offsets[1], shape


def _are_sizes(values: Any) -> bool:  # noqa: ANN401
    return isinstance(values, list) and all(
        type(value) is int and 0 <= value <= MAX_BYTES for value in values
    )


def _tensor(file: BinaryIO, name: str, shape: list[int], path: Path) -> Tensor:
    content = bytearray(file.read(4 * math.prod(shape)))
    if len(content) != 4 * math.prod(shape):
        raise AdapterError(f"{path} was truncated while it was read.")
    flat = torch.frombuffer(content, dtype=torch.float32) if content else torch.empty(0)
    if not torch.isfinite(flat).all():
        raise AdapterError(f"{path} holds NaN or infinity in {name}.")
    return flat.reshape(shape)
