"""The only door out: values of ``exchange`` as Flower records, and back.

Both directions are strict.  What is written holds the numbers of adapters in packs, other numbers,
and the few short texts named here; what is read may come from anyone, so names, types,
shapes and sizes are checked before a pack is opened, and nothing is unpickled.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from flwr.app import ArrayRecord, ConfigRecord, MetricRecord, RecordDict

from fedtranslate.adapters.factors import Adapter, Factors, checksum
from fedtranslate.adapters.methods.method import Part
from fedtranslate.adapters.tensors import MAX_BYTES
from fedtranslate.adapters.wire.coding import Base, Coded, How, Shape, coded
from fedtranslate.adapters.wire.floats import FLOAT32
from fedtranslate.adapters.wire.formats import FORMATS, Format
from fedtranslate.errors import FederationError
from fedtranslate.federation.exchange import Introduction, SiteUpdate, Task
from fedtranslate.federation.flower.packing import (
    MAX_MODULES,
    layout_in,
    packed_coded,
    unpacked,
)
from fedtranslate.federation.sketch import is_sketch

ADAPTER, LAYOUT, TASK, SITE, NUMBERS = "adapter", "layout", "task", "site", "numbers"
_MAX_TEXT = 256
T = TypeVar("T")


class LackingError(FederationError):
    """The joint adapter came as seen from one that is not here: it is to be sent whole."""


def encode_task(task: Task, joint: Base, sent: Coded | None = None) -> RecordDict:
    """Return the message that gives a site its task and the joint adapter.

    Args:
        task: The task.
        joint: The adapter that the site shall have in the end.
        sent: How it travels; None sends all of it as float32.
    """
    scaling = next(iter(joint.adapter.values())).scaling
    about: dict[str, Any] = {
        "round": task.round,
        "steps": task.steps,
        "trains": ",".join(sorted(task.trains)),
        "shares": ",".join(sorted(task.shares)),
        "trial": task.trial,
        "scaling": scaling,
        "joint": joint.checksum,
    }
    packs, layout = packed_coded(coded(joint.adapter, FLOAT32) if sent is None else sent)
    return RecordDict({ADAPTER: packs, LAYOUT: layout, TASK: ConfigRecord(about)})


@dataclass(frozen=True, slots=True)
class Announced:
    """What a task and its joint adapter are said to be, before the adapter takes memory."""

    task: Task
    joint: str
    """SHA-256 of the joint adapter."""
    shapes: Mapping[str, Shape]
    """Rank, out and in of each of its modules."""


def announced_task(content: RecordDict) -> Announced:
    """Return what the message of a task says of itself; the message stays whole.

    Raises:
        FederationError: The message is malformed.
    """

    def read(received: RecordDict) -> Announced:
        task, about = _task_alone(received)
        return Announced(task, about["joint"], layout_in(received[LAYOUT]).shapes)

    return _guarded(read, content)


def decode_task(
    content: RecordDict, kept: Callable[[str], Adapter | None] = lambda _: None
) -> tuple[Task, Adapter]:
    """Return the task and the joint adapter in a message, whose adapter is taken out of it.

    Args:
        content: Of the message.
        kept: Returns the adapter of a SHA-256, if the site has it.

    Raises:
        LackingError: The adapter is seen from one that the site does not have.
        FederationError: The message is malformed, or is not what the coordinator says of it.
    """
    return _guarded(lambda received: _task(received, kept), content)


def encode_introduction(introduction: Introduction) -> RecordDict:
    """Return the message in which a site introduces itself."""
    names = sorted(introduction.shapes)
    about: dict[str, Any] = {
        "site": introduction.site,
        "base-fingerprint": introduction.base_fingerprint,
        "data": introduction.data,
        "pairs": introduction.pairs,
        "keeps": introduction.keeps,
        "signature": introduction.signature,
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


def encode_update(
    site: str, number: int, update: SiteUpdate, sent: Coded | None = None
) -> RecordDict:
    """Return the message in which a site answers the task of a round.

    Args:
        site: Name of the site.
        number: Of the round.
        update: The answer.
        sent: How its adapter travels; None sends all of it as float32.
    """
    numbers: dict[str, Any] = {
        "pairs": update.pairs,
        "train-loss": float(update.train_loss),
        "validation-loss": float(update.validation_loss),
        "validation-tokens": update.validation_tokens,
        "validation-pairs": update.validation_pairs,
    }
    about: dict[str, Any] = {"site": site, "round": number, "keeps": update.keeps}
    content = RecordDict({SITE: ConfigRecord(about), NUMBERS: MetricRecord(numbers)})
    if update.adapter is not None:
        whole = coded(update.adapter, FLOAT32) if sent is None else sent
        content[ADAPTER], content[LAYOUT] = packed_coded(whole)
    return content


def decode_update(
    content: RecordDict,
    scaling: float,
    limit_bytes: int = MAX_BYTES,
    *,
    wire: Format = FLOAT32,
    base: Base | None = None,
) -> tuple[str, int, SiteUpdate]:
    """Return who answers, for which round, and the answer.

    Args:
        content: Of the message; the adapter is taken out of it.
        scaling: Of the adapter; sites do not choose it.
        limit_bytes: Of the adapter, unpacked.
        wire: The format that was agreed.
        base: The joint adapter that the site was sent.

    Raises:
        FederationError: The message is malformed.
    """

    def read(packs: Any, layout: Any) -> Adapter:  # noqa: ANN401
        return unpacked(packs, layout, scaling, limit_bytes, formats={wire.name: wire}, base=base)

    return _guarded(lambda received: _update(received, read), content)


def leaving(content: RecordDict, wire: Format = FLOAT32) -> dict[str, Any]:
    """List everything in a message, for the ledger: what of arrays leaves, and other values.

    Args:
        content: Of the message.
        wire: The format of its arrays.
    """
    listed: dict[str, Any] = {"arrays": {}, "values": {}}
    for name, record in content.items():
        if isinstance(record, ArrayRecord):
            layout = layout_in(content[LAYOUT])
            sizes = layout.sizes(wire)
            for module, (rank, out, columns) in layout.shapes.items():
                shapes = ([rank, columns], [out, rank])
                sides = zip("ab", shapes, sizes[module], layout.hows[module], strict=True)
                for matrix, shape, size_of, how in sides:
                    about = {"shape": shape, "bytes": size_of, "format": layout.format}
                    if how is not How.KEPT:  # what the coordinator has does not leave
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


def _task(content: RecordDict, kept: Callable[[str], Adapter | None]) -> tuple[Task, Adapter]:
    task, about = _task_alone(content)
    return task, _joint(content, about["joint"], about["scaling"], kept)


def _task_alone(content: RecordDict) -> tuple[Task, dict[str, Any]]:
    """Return the task in a message, and the values that it is read from."""
    _expect(content, {ADAPTER, LAYOUT, TASK})
    about = _values(
        content[TASK],
        {
            "round": int,
            "steps": int,
            "trains": str,
            "shares": str,
            "trial": int,
            "scaling": float,
            "joint": str,
        },
    )
    trains, shares = _parts(about["trains"]), _parts(about["shares"])
    task = Task(about["round"], about["steps"], trains, shares, about["trial"])
    if not shares <= trains or (Part.CORE in trains and len(trains) > 1):
        raise FederationError("The task asks for parts that do not go together.")
    if task.trial < 0 or (task.trial and task.steps):
        raise FederationError("The task asks for a trial that is none.")
    if task.round < 1 or task.steps < 0 or not 0 < about["scaling"] < math.inf:
        raise FederationError("The task asks for the impossible.")
    return task, about


def _parts(text: str) -> frozenset[Part]:
    return frozenset(Part(name) for name in text.split(",") if name)


def _joint(
    content: RecordDict, wanted: str, scaling: float, kept: Callable[[str], Adapter | None]
) -> Adapter:
    """Return the adapter whose SHA-256 is ``wanted``."""
    if (there := kept(wanted)) is not None:
        return there
    layout = content[LAYOUT]
    since = layout_in(layout).since
    before = kept(since) if since else None
    if since and before is None:
        raise LackingError("The joint adapter in the message is seen from one that is not here.")
    base = None if before is None else Base(since, before)
    joint: dict[str, Factors] = unpacked(
        content[ADAPTER], layout, scaling, formats=FORMATS, base=base
    )
    if checksum(joint) == wanted:
        return joint
    if since:
        raise LackingError("What came does not make the joint adapter of what is here.")
    raise FederationError("The joint adapter in the message is not the one that it is said to be.")


def _introduction(content: RecordDict) -> Introduction:
    _expect(content, {SITE})
    about = _values(
        content[SITE],
        {
            "site": str,
            "base-fingerprint": str,
            "data": str,
            "pairs": int,
            "keeps": str,
            "signature": str,
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
    texts = (about["site"], about["base-fingerprint"], about["data"], about["keeps"])
    if max(map(len, texts)) > _MAX_TEXT:
        raise FederationError("The introduction is too long.")
    if about["signature"] and not is_sketch(about["signature"]):
        raise FederationError("The introduction has a signature that is no sketch.")
    return Introduction(
        about["site"],
        about["base-fingerprint"],
        about["data"],
        about["pairs"],
        shapes,
        about["keeps"],
        about["signature"],
    )


def _update(
    content: RecordDict, read: Callable[[Any, Any], Adapter]
) -> tuple[str, int, SiteUpdate]:
    has_adapter = ADAPTER in content
    _expect(content, {SITE, NUMBERS} | ({ADAPTER, LAYOUT} if has_adapter else set()))
    about = _values(content[SITE], {"site": str, "round": int, "keeps": str})
    if len(about["keeps"]) > _MAX_TEXT:
        raise FederationError("The answer is too long.")
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
        adapter=read(content[ADAPTER], content[LAYOUT]) if has_adapter else None,
        pairs=numbers["pairs"],
        train_loss=numbers["train-loss"],
        validation_loss=numbers["validation-loss"],
        validation_tokens=numbers["validation-tokens"],
        validation_pairs=numbers["validation-pairs"],
        keeps=about["keeps"],
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
