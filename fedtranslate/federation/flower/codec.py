"""The only door out: values of ``exchange`` as Flower records, and back.

Both directions are strict.  What is written holds float32 arrays, numbers, and the few short
texts named here; what is read may come from anyone, so names, types, shapes and sizes are
checked before an array is opened, and nothing is unpickled.
"""

import math
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, TypeVar

import numpy as np
import torch
from flwr.app import Array, ArrayRecord, ConfigRecord, MetricRecord, RecordDict
from torch import Tensor

from fedtranslate.adapters.factors import Factors
from fedtranslate.adapters.store import as_tensors, from_tensors
from fedtranslate.errors import AdapterError, FederationError
from fedtranslate.federation.exchange import Introduction, SiteUpdate, Task

ADAPTER, TASK, SITE, NUMBERS = "adapter", "task", "site", "numbers"
_MAX_HEADER_BYTES = 1024
_MAX_TENSORS = 100_000
T = TypeVar("T")


def encode_task(task: Task, joint: Mapping[str, Factors]) -> RecordDict:
    """Return the message that gives a site its task and the joint adapter."""
    scaling = next(iter(joint.values())).scaling
    about: dict[str, Any] = {
        "round": task.round,
        "steps": task.steps,
        "trains-a": task.trains_a,
        "starts-afresh": task.starts_afresh,
        "scaling": scaling,
    }
    return RecordDict({ADAPTER: _arrays(joint), TASK: ConfigRecord(about)})


def decode_task(content: RecordDict) -> tuple[Task, dict[str, Factors]]:
    """Return the task and the joint adapter in a message.

    Raises:
        FederationError: The message is malformed.
    """
    return _guarded(_task, content)


def encode_introduction(introduction: Introduction) -> RecordDict:
    """Return the message in which a site introduces itself."""
    names = sorted(introduction.shapes)
    about: dict[str, Any] = {
        "site": introduction.site,
        "base-fingerprint": introduction.base_fingerprint,
        "data": introduction.data,
        "pairs": introduction.pairs,
        "modules": names,
        "out": [introduction.shapes[name][0] for name in names],
        "in": [introduction.shapes[name][1] for name in names],
    }
    return RecordDict({SITE: ConfigRecord(about)})


def decode_introduction(content: RecordDict) -> Introduction:
    """Return the introduction in a message.

    Raises:
        FederationError: The message is malformed.
    """
    return _guarded(_introduction, content)


def encode_update(site: str, number: int, update: SiteUpdate) -> RecordDict:
    """Return the message in which a site answers the task of a round."""
    numbers: dict[str, Any] = {
        "pairs": update.pairs,
        "train-loss": float(update.train_loss),
        "validation-loss": float(update.validation_loss),
        "validation-tokens": update.validation_tokens,
        "validation-pairs": update.validation_pairs,
    }
    about: dict[str, Any] = {"site": site, "round": number}
    content = RecordDict({SITE: ConfigRecord(about), NUMBERS: MetricRecord(numbers)})
    if update.adapter is not None:
        content[ADAPTER] = _arrays(update.adapter)
    return content


def decode_update(content: RecordDict, scaling: float) -> tuple[str, int, SiteUpdate]:
    """Return who answers, for which round, and the answer.

    Args:
        content: Of the message.
        scaling: Of the adapter; sites do not choose it.

    Raises:
        FederationError: The message is malformed.
    """
    return _guarded(lambda received: _update(received, scaling), content)


def leaving(content: RecordDict) -> dict[str, Any]:
    """List everything in a message, for the ledger: shapes and bytes of arrays, other values."""
    listed: dict[str, Any] = {"arrays": {}, "values": {}}
    for name, record in content.items():
        if isinstance(record, ArrayRecord):
            for key, array in record.items():
                size = len(array.data)
                listed["arrays"][f"{name}/{key}"] = {"shape": list(array.shape), "bytes": size}
        else:
            listed["values"][name] = dict(record)
    return listed


def size(content: RecordDict) -> int:
    """Return the bytes of a message's content, as Flower carries it."""
    arrays = [record for record in content.values() if isinstance(record, ArrayRecord)]
    others = [record for record in content.values() if not isinstance(record, ArrayRecord)]
    carried = sum(len(array.data) for record in arrays for array in record.values())
    return carried + sum(len(record.deflate()) for record in [*arrays, *others])


def _guarded(read: Callable[[RecordDict], T], content: RecordDict) -> T:
    """Turn whatever goes wrong with foreign records into one kind of error."""
    try:
        return read(content)
    except (AdapterError, FederationError) as error:
        raise FederationError(str(error)) from None
    except Exception as error:
        raise FederationError(f"The message is malformed ({type(error).__name__}).") from None


def _task(content: RecordDict) -> tuple[Task, dict[str, Factors]]:
    _expect(content, {ADAPTER, TASK})
    about = _values(
        content[TASK],
        {"round": int, "steps": int, "trains-a": bool, "starts-afresh": bool, "scaling": float},
    )
    task = Task(about["round"], about["steps"], about["trains-a"], about["starts-afresh"])
    if task.round < 1 or task.steps < 0 or not 0 < about["scaling"] < math.inf:
        raise FederationError("The task asks for the impossible.")
    return task, _adapter(content[ADAPTER], about["scaling"])


def _introduction(content: RecordDict) -> Introduction:
    _expect(content, {SITE})
    about = _values(
        content[SITE],
        {
            "site": str,
            "base-fingerprint": str,
            "data": str,
            "pairs": int,
            "modules": list,
            "out": list,
            "in": list,
        },
    )
    shapes = dict(zip(about["modules"], zip(about["out"], about["in"], strict=True), strict=True))
    if not shapes or len(shapes) != len(about["modules"]) or len(shapes) > _MAX_TENSORS:
        raise FederationError("The introduction lists no modules, or one twice.")
    if any(type(side) is not int or not 0 < side < 2**31 for s in shapes.values() for side in s):
        raise FederationError("The introduction lists impossible modules.")
    if max(map(len, (about["site"], about["base-fingerprint"], about["data"]))) > 256:
        raise FederationError("The introduction is too long.")
    return Introduction(
        about["site"], about["base-fingerprint"], about["data"], about["pairs"], shapes
    )


def _update(content: RecordDict, scaling: float) -> tuple[str, int, SiteUpdate]:
    _expect(content, {SITE, NUMBERS, ADAPTER} if ADAPTER in content else {SITE, NUMBERS})
    about = _values(content[SITE], {"site": str, "round": int})
    numbers = _values(
        content[NUMBERS],
        {
            "pairs": int,
            "train-loss": float,
            "validation-loss": float,
            "validation-tokens": int,
            "validation-pairs": int,
        },
    )
    update = SiteUpdate(
        adapter=_adapter(content[ADAPTER], scaling) if ADAPTER in content else None,
        pairs=numbers["pairs"],
        train_loss=numbers["train-loss"],
        validation_loss=numbers["validation-loss"],
        validation_tokens=numbers["validation-tokens"],
        validation_pairs=numbers["validation-pairs"],
    )
    return about["site"], about["round"], update


def _expect(content: RecordDict, names: set[str]) -> None:
    if set(content) != names:
        found = ", ".join(sorted(name[:40] for name in content)[:5])
        raise FederationError(f"The message holds {found or 'nothing'}.")


def _values(record: Any, kinds: Mapping[str, type]) -> dict[str, Any]:  # noqa: ANN401
    if not isinstance(record, ConfigRecord | MetricRecord) or set(record) != set(kinds):
        raise FederationError("The message does not have the expected entries.")
    for key, kind in kinds.items():
        if type(record[key]) is not kind:
            raise FederationError(f"The message has {key} as a {type(record[key]).__name__}.")
    return dict(record)


def _arrays(adapter: Mapping[str, Factors]) -> ArrayRecord:
    return ArrayRecord(
        {
            name: Array(tensor.detach().to(device="cpu", dtype=torch.float32).contiguous().numpy())
            for name, tensor in as_tensors(adapter).items()
        }
    )


def _adapter(record: Any, scaling: float) -> dict[str, Factors]:  # noqa: ANN401
    if not isinstance(record, ArrayRecord) or len(record) > _MAX_TENSORS:
        raise FederationError("The message holds no adapter.")
    tensors = {name: _tensor(name[:200], array) for name, array in record.items()}
    return from_tensors(tensors, scaling, "The message")


def _tensor(name: str, array: Array) -> Tensor:
    """Open one array by hand: ``numpy.load`` would trust the shape in its header."""
    values = 4 * math.prod(array.shape)
    extra = len(array.data) - values
    is_matrix = len(array.shape) == 2 and min(array.shape) > 0
    if array.dtype != "float32" or array.stype != "numpy.ndarray" or not is_matrix:
        raise FederationError(f"The array {name} is not a float32 matrix.")
    if not 0 < extra <= _MAX_HEADER_BYTES:
        raise FederationError(f"The array {name} does not have the size of its shape.")
    stream = BytesIO(array.data)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise FederationError(f"The array {name} has an unknown format.")
    shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    if shape != tuple(array.shape) or is_fortran or dtype != np.dtype("<f4"):
        raise FederationError(f"The array {name} is not what it is said to be.")
    if len(array.data) - stream.tell() != values:
        raise FederationError(f"The array {name} does not have the size of its shape.")
    content = bytearray(memoryview(array.data)[stream.tell() :])  # copied once
    return torch.frombuffer(content, dtype=torch.float32).reshape(shape)
