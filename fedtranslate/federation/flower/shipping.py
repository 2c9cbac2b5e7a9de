"""The joint adapter of one round on its way to many sites: to each what it lacks."""

from flwr.app import RecordDict

from fedtranslate.adapters.factors import Adapter, checksum
from fedtranslate.adapters.wire.coding import Base, Coded, coded
from fedtranslate.adapters.wire.floats import FLOAT32
from fedtranslate.federation.exchange import Task
from fedtranslate.federation.flower import codec

_WHOLE = ""


class Shipment:
    """A task and its joint adapter, in the variants that sites get.

    Args:
        task: The task.
        joint: The adapter that all shall have in the end.
        before: The one that was sent last; None if none was.
        step: How ``joint`` travels to those who have the one before; None if all of it does.
    """

    def __init__(
        self, task: Task, joint: Adapter, before: Base | None = None, step: Coded | None = None
    ) -> None:
        self._task = task
        self._before = before
        self._step = step
        self.base = Base(checksum(joint), joint)
        self.floats = 4 * sum(factors.a.numel() + factors.b.numel() for factors in joint.values())
        """Bytes of all factors as float32."""
        self._weights: dict[str, int] = {}
        self._sent: dict[int, int] = {}

    def sent_to(self, node: int, has: str) -> str:
        """Return the variant for a node, and note that it is sent: SHA-256 of what it builds on.

        Args:
            node: The node.
            has: SHA-256 of the joint adapter that the node has; empty if it has none.
        """
        known = {self.base.checksum}
        if self._step is not None:
            known.add(self._step.since)
        elif self._before is not None:
            known.add(self._before.checksum)
        variant = has if has in known else _WHOLE
        if variant not in self._weights:
            # Made to be weighed, and not kept: it is made again when it is sent.
            self._weights[variant] = codec.size(self.content(variant))
        self._sent[node] = self._sent.get(node, 0) + self._weights[variant]
        return variant

    def bytes_to(self, node: int) -> int:
        """Return how many bytes were sent to a node, all its messages together."""
        return self._sent.get(node, 0)

    def content(self, variant: str) -> RecordDict:
        """Return the content of the messages of a variant; it is made anew each time."""
        return codec.encode_task(self._task, self.base, self._coded(variant))

    def _coded(self, variant: str) -> Coded:
        """Return the joint adapter as it travels to those who have ``variant``."""
        if variant == self.base.checksum:
            return coded(self.base.adapter, FLOAT32, self.base)
        if self._step is not None and variant == self._step.since:
            return self._step
        seen_from = self._before if variant else None
        return coded(self.base.adapter, FLOAT32, seen_from)
