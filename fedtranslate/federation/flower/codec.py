"""The only door out: values of ``exchange`` as Flower records, and back.

Both directions are strict.  What is written holds float32 numbers in packs, other numbers, and the
few short texts named here; what is read may come from anyone, so names, types, shapes and sizes are
checked before a pack is opened, and nothing is unpickled.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flwr.app import ArrayRecord, ConfigRecord, MetricRecord, RecordDict

from fedtranslate.adapters.factors import Factors
from fedtranslate.adapters.tensors import MAX_BYTES
from fedtranslate.errors import FederationError
from fedtranslate.federation.exchange import Introduction, SiteUpdate, Task
from fedtranslate.federation.flower.packing import MAX_MODULES, packed, shapes_in, unpacked

ADAPTER, LAYOUT, TASK, SITE, NUMBERS = "adapter", "layout", "task", "site", "numbers"
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
    packs, layout = packed(joint)
    return RecordDict({ADAPTER: packs, LAYOUT: layout, TASK: ConfigRecord(about)})


def decode_task(content: RecordDict) -> tuple[Task, dict[str, Factors]]:
    """Return the task and the joint adapter in a message, whose adapter is taken out of it.

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
        content[ADAPTER], content[LAYOUT] = packed(update.adapter)
    return content


def decode_update(
    content: RecordDict, scaling: float, limit_bytes: int = MAX_BYTES
) -> tuple[str, int, SiteUpdate]:
    """Return who answers, for which round, and the answer.

    Args:
        content: Of the message; the adapter is taken out of it.
        scaling: Of the adapter; sites do not choose it.
        limit_bytes: Of the adapter, unpacked.

    Raises:
        FederationError: The message is malformed.
    """
    return _guarded(lambda received: _update(received, scaling, limit_bytes), content)


def leaving(content: RecordDict) -> dict[str, Any]:
    """List everything in a message, for the ledger: shapes and bytes of arrays, other values."""
    listed: dict[str, Any] = {"arrays": {}, "values": {}}
    for name, record in content.items():
        if isinstance(record, ArrayRecord):
            shapes = shapes_in(content[LAYOUT])
            for module, (rank, out, columns) in shapes.items():
                for matrix, shape in (("a", [rank, columns]), ("b", [out, rank])):
                    about = {"shape": shape, "bytes": 4 * shape[0] * shape[1]}
                    listed["arrays"][f"{name}/{module}.{matrix}"] = about
        elif name != LAYOUT:  # it is listed with the arrays
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
    except FederationError:
        raise
    except Exception as error:
        raise FederationError(f"The message is malformed ({type(error).__name__}).") from None


def _task(content: RecordDict) -> tuple[Task, dict[str, Factors]]:
    _expect(content, {ADAPTER, LAYOUT, TASK})
    about = _values(
        content[TASK],
        {"round": int, "steps": int, "trains-a": bool, "starts-afresh": bool, "scaling": float},
    )
    task = Task(about["round"], about["steps"], about["trains-a"], about["starts-afresh"])
    if task.round < 1 or task.steps < 0 or not 0 < about["scaling"] < math.inf:
        raise FederationError("The task asks for the impossible.")
    return task, unpacked(content[ADAPTER], content[LAYOUT], about["scaling"])


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
    if not shapes or len(shapes) != len(about["modules"]) or len(shapes) > MAX_MODULES:
        raise FederationError("The introduction lists no modules, or one twice.")
    if any(type(side) is not int or not 0 < side < 2**31 for s in shapes.values() for side in s):
        raise FederationError("The introduction lists impossible modules.")
    if max(map(len, (about["site"], about["base-fingerprint"], about["data"]))) > 256:
        raise FederationError("The introduction is too long.")
    return Introduction(
        about["site"], about["base-fingerprint"], about["data"], about["pairs"], shapes
    )


def _update(content: RecordDict, scaling: float, limit_bytes: int) -> tuple[str, int, SiteUpdate]:
    has_adapter = ADAPTER in content
    _expect(content, {SITE, NUMBERS} | ({ADAPTER, LAYOUT} if has_adapter else set()))
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
        adapter=unpacked(content[ADAPTER], content[LAYOUT], scaling, limit_bytes)
        if has_adapter
        else None,
        pairs=numbers["pairs"],
        train_loss=numbers["train-loss"],
        validation_loss=numbers["validation-loss"],
        validation_tokens=numbers["validation-tokens"],
        validation_pairs=numbers["validation-pairs"],
    )
    return about["site"], about["round"], update


def _expect(content: RecordDict, names: set[str]) -> None:
    if set(content) != names:
        # As a stranger wrote them: spelled out, so that no terminal obeys them.
        found = ", ".join(sorted(ascii(name[:40]) for name in content)[:5])
        raise FederationError(f"The message holds {found or 'nothing'}.")


def _values(record: Any, kinds: Mapping[str, type]) -> dict[str, Any]:  # noqa: ANN401
    if not isinstance(record, ConfigRecord | MetricRecord) or set(record) != set(kinds):
        raise FederationError("The message does not have the expected entries.")
    for key, kind in kinds.items():
        if type(record[key]) is not kind:
            raise FederationError(f"The message has {key} as a {type(record[key]).__name__}.")
    return dict(record)
