"""Ask many nodes one thing, and ask a node again that was lost before it could answer.

Flower forgets what a SuperNode that was killed had in hand, and its restart is no event.  So a node
that was offline, or whose app or message got lost, is asked anew as soon as it is back: its answer
follows from the question alone, whoever asks how often.

Questions and answers may weigh as much as memory allows for a few of them: a question is made when
it is sent, and an answer is read before the next ones are fetched.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TypeVar

from flwr.app import Message, RecordDict
from flwr.common.constant import ErrorCode

from fedtranslate.federation.flower.receiving import Carrier

T = TypeVar("T")
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
    """The question, as often as it is on its way: whichever answer comes first counts."""
    times: int = 0
    """How often it was sent."""
    lost_since: float | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question for many nodes.

    Args:
        content: Makes the content of the messages of a variant.
        kind: Flower's type of the message.
        group: Names the exchange to Flower.
        seconds: How long to wait; the messages die with the wait.
        rejoin_seconds: How long of that to wait for a node that was lost.
        together: How many answers are fetched at a time.
        allowed: Returns the nodes that may answer at this moment; an answer of any other is not
            awaited any longer.  None where all may.
        variant: Returns the variant of the content that a node gets at this moment.
        is_in_vain: Tells of a node and its reply whether it asks for another variant; it is then
            asked again.
    """

    content: Callable[[str], RecordDict]
    kind: str
    group: str
    seconds: float
    rejoin_seconds: float
    together: int
    allowed: Callable[[], Collection[int]] | None = None
    variant: Callable[[int], str] = lambda _: ""
    is_in_vain: Callable[[int, Message], bool] = lambda *_: False

    def ask(
        self, grid: Carrier, nodes: Iterable[int], read: Callable[[int, Message], T]
    ) -> dict[int, T]:
        """Return the answers by node; of a node that was lost for good, what its last error says.

        Args:
            grid: Of Flower.
            nodes: To be asked.
            read: Makes an answer of a node and its reply; keeps nothing of the reply.
        """
        end = time.monotonic() + self.seconds
        waiting = {node: _Waiting() for node in nodes}
        answers: dict[int, T] = {}
        self._send(grid, waiting, self.seconds)
        while waiting:
            for node, answer, is_lost in self._fetched(grid, waiting, read):
                answers[node] = answer
                if not is_lost:
                    waiting.pop(node, None)
                elif node in waiting:
                    waiting[node].lost_since = waiting[node].lost_since or time.monotonic()
            left = end - time.monotonic()
            if not waiting or left <= 0:
                break
            self._look_after(grid, waiting, left)
            time.sleep(_POLL_SECONDS)
        return answers

    def _fetched(
        self, grid: Carrier, waiting: dict[int, _Waiting], read: Callable[[int, Message], T]
    ) -> Iterator[tuple[int, T, bool]]:
        """Yield the answers that have come, each with its node and whether it was lost."""
        asked = {message: node for node, wait in waiting.items() for message in wait.messages}
        messages = list(asked)
        for start in range(0, len(messages), self.together):
            some = {message: asked[message] for message in messages[start : start + self.together]}
            yield from self._read(grid, some, waiting, read)

    def _look_after(self, grid: Carrier, waiting: dict[int, _Waiting], left: float) -> None:
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
            elif wait.lost_since is not None and wait.times < _MAX_TIMES:
                wait.lost_since = None
                again[node] = wait
            if wait.lost_since is not None and now - wait.lost_since > self.rejoin_seconds:
                del waiting[node]
        self._send(grid, again, left)

    def _send(self, grid: Carrier, waiting: dict[int, _Waiting], seconds: float) -> None:
        variants: dict[str, list[int]] = {}
        for node in sorted(waiting):
            variants.setdefault(self.variant(node), []).append(node)
        for variant, nodes in variants.items():
            content = self.content(variant)
            messages = [
                Message(content, node, self.kind, ttl=seconds, group_id=self.group)
                for node in nodes
            ]
            sent = list(grid.push_messages(messages))
            # Flower gives back nothing at all where a message is too large for it.
            for node, message_id in zip_longest(nodes, sent):
                waiting[node].times += 1
                if message_id:
                    waiting[node].messages.add(message_id)
                else:
                    waiting[node].lost_since = waiting[node].lost_since or time.monotonic()

    def _read(
        self,
        grid: Carrier,
        asked: dict[str, int],
        waiting: dict[int, _Waiting],
        read: Callable[[int, Message], T],
    ) -> list[tuple[int, T, bool]]:
        """Fetch and read the answers to some messages; the replies are gone when this returns.

        Args:
            grid: Of Flower.
            asked: The messages, each with the node that was asked.
            waiting: What is awaited of each node; lost messages are taken out.
            read: Makes an answer of a reply.
        """
        found = []
        for reply in grid.pull_messages(set(asked)):
            answered = reply.metadata.reply_to_message_id
            if (node := asked.get(answered)) is not None:
                if is_lost := was_lost(reply) or self.is_in_vain(node, reply):
                    waiting[node].messages.discard(answered)
                found.append((node, read(node, reply), is_lost))
        return found


def was_lost(reply: Message) -> bool:
    """Tell whether a reply stands for one that never came."""
    return reply.has_error() and reply.error.code in _LOST
