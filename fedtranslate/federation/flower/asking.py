"""Ask many nodes one thing, and ask a node again that was lost before it could answer.

Flower forgets what a SuperNode that was killed had in hand, and its restart is no event.  So a node
that was offline, or whose app or message got lost, is asked anew as soon as it is back: its answer
follows from the question alone, whoever asks how often.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest

from flwr.app import Message, RecordDict
from flwr.common.constant import ErrorCode
from flwr.serverapp import Grid

_POLL_SECONDS = 0.5
_LOST = frozenset(
    {
        ErrorCode.NODE_UNAVAILABLE,
        ErrorCode.CLIENT_APP_CRASHED,
        ErrorCode.MESSAGE_UNAVAILABLE,
        ErrorCode.REPLY_MESSAGE_UNAVAILABLE,
    }
)
"""Errors of the machinery; all others are answers."""
_MAX_TIMES = 10


@dataclass(slots=True)
class _Waiting:
    """What is awaited of a node."""

    messages: set[str] = field(default_factory=set)
    """The question, as often as it was sent: whichever answer comes first counts."""
    lost_since: float | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One content for many nodes.

    Args:
        content: Of every message.
        kind: Flower's type of the message.
        group: Names the exchange to Flower.
        seconds: How long to wait; the messages die with the wait.
        rejoin_seconds: How long of that to wait for a node that was lost.
        allowed: Returns the nodes that may answer at this moment; an answer of any other is not
            awaited any longer.  None where all may.
    """

    content: RecordDict
    kind: str
    group: str
    seconds: float
    rejoin_seconds: float
    allowed: Callable[[], Collection[int]] | None = None

    def ask(self, grid: Grid, nodes: Iterable[int]) -> dict[int, Message]:
        """Return the replies by node; the last error of a node that was lost for good."""
        end = time.monotonic() + self.seconds
        waiting = {node: _Waiting() for node in nodes}
        replies: dict[int, Message] = {}
        self._send(grid, waiting, self.seconds)
        while waiting:
            for node, reply in _pulled(grid, waiting):
                replies[node] = reply
                if not _is_lost(reply):
                    waiting.pop(node, None)
                elif node in waiting:
                    waiting[node].lost_since = waiting[node].lost_since or time.monotonic()
            left = end - time.monotonic()
            if not waiting or left <= 0:
                break
            self._look_after(grid, waiting, left)
            time.sleep(_POLL_SECONDS)
        return replies

    def _look_after(self, grid: Grid, waiting: dict[int, _Waiting], left: float) -> None:
        """Ask nodes again that are back, and give up those that stay away."""
        online, now = set(grid.get_node_ids()), time.monotonic()
        allowed = waiting.keys() if self.allowed is None else self.allowed()
        again = {}
        for node, wait in list(waiting.items()):
            if node not in allowed:
                del waiting[node]
                continue
            if node not in online:
                wait.lost_since = wait.lost_since or now
            elif wait.lost_since is not None and len(wait.messages) < _MAX_TIMES:
                wait.lost_since = None
                again[node] = wait
            if wait.lost_since is not None and now - wait.lost_since > self.rejoin_seconds:
                del waiting[node]
        self._send(grid, again, left)

    def _send(self, grid: Grid, waiting: dict[int, _Waiting], seconds: float) -> None:
        nodes = sorted(waiting)
        messages = [
            Message(self.content, node, self.kind, ttl=seconds, group_id=self.group)
            for node in nodes
        ]
        sent = list(grid.push_messages(messages)) if messages else []
        # Flower gives back nothing at all where a message is too large for it.
        for node, message_id in zip_longest(nodes, sent):
            if message_id:
                waiting[node].messages.add(message_id)
            else:
                waiting[node].lost_since = waiting[node].lost_since or time.monotonic()


def _pulled(grid: Grid, waiting: dict[int, _Waiting]) -> Iterator[tuple[int, Message]]:
    """Yield the replies that have come, each with the node that was asked."""
    asked = {message: node for node, wait in waiting.items() for message in wait.messages}
    for reply in grid.pull_messages(set(asked)) if asked else ():
        answered = reply.metadata.reply_to_message_id
        if (node := asked.get(answered)) is not None:
            if _is_lost(reply):
                waiting[node].messages.discard(answered)
            yield node, reply


def _is_lost(reply: Message) -> bool:
    return reply.has_error() and reply.error.code in _LOST
