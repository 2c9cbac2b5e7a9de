"""Two faults of Flower's SuperNode, either of which lets a site wait for ever.

A message whose run ends while it is on its way stays in hand, and the executor waits for the rest
of it.  And a SuperNode that waits for a reply goes on waiting when the executor died before it read
the message, or in the middle of handing over its reply.
"""

import os
from collections.abc import Callable, Sequence
from logging import ERROR
from typing import Any

from flwr.app import Message
from flwr.common.constant import Status
from flwr.supercore import log
from flwr.supercore.inflatable.inflatable_utils import ObjectPullError
from flwr.supercore.run import RunNotRunningException
from flwr.supernode import start_client_internal

_OPEN = (Status.PENDING, Status.STARTING, Status.RUNNING)
_LOOKS = 4
"""So often there is neither task nor reply before that is believed: a look is half a second."""


def mend_supernode() -> None:
    """Mend both faults in this process, before its SuperNode starts."""
    pull, push = start_client_internal.pull_objects, start_client_internal._push_messages
    start_client_internal.pull_objects = ending_with_the_run(pull)

    def push_messages(state: Any, object_store: Any, **others: Any) -> None:  # noqa: ANN401
        push(ImpatientState(state), ImpatientStore(object_store, state), **others)

    start_client_internal._push_messages = push_messages


def ending_with_the_run(pull: Callable[..., dict[str, bytes]]) -> Callable[..., dict[str, bytes]]:
    """Return ``pull`` with an exception that Flower's own clearing up does not overlook."""

    def pull_objects(*arguments: Any, **others: Any) -> dict[str, bytes]:  # noqa: ANN401
        try:
            return pull(*arguments, **others)
        except RunNotRunningException:
            raise ObjectPullError("", "its run has ended") from None

    return pull_objects


class _Impatient:
    def __init__(self, wrapped: Any, state: Any) -> None:  # noqa: ANN401
        self._wrapped = wrapped
        self._state = state
        self._looks = 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._wrapped, name)

    def _still_waits(self) -> None:
        """End this process if nobody is at work: its supervisor starts it again, then all is well.

        The coordinator asks a site again that was away.
        """
        self._looks = 0 if self._state.get_tasks(statuses=_OPEN) else self._looks + 1
        if self._looks >= _LOOKS:
            log(ERROR, "The executor ended without a whole reply; this SuperNode starts again.")
            os._exit(1)


class ImpatientState(_Impatient):
    """The state of a SuperNode that waits for a reply only while an executor works on it.

    Args:
        state: Of the SuperNode.
    """

    def __init__(self, state: Any) -> None:  # noqa: ANN401
        super().__init__(state, state)

    def get_messages_legacy(self, **filters: Any) -> Sequence[Message]:  # noqa: ANN401
        """Return the messages that are there."""
        found: Sequence[Message] = self._wrapped.get_messages_legacy(**filters)
        if not found:
            self._still_waits()
        return found


class ImpatientStore(_Impatient):
    """The objects of messages; an empty one is waited for only while an executor works.

    Args:
        store: Of the SuperNode.
        state: Of the SuperNode.
    """

    def get(self, object_id: str) -> bytes | None:
        """Return an object, empty if it is still to come; None if there is none."""
        found: bytes | None = self._wrapped.get(object_id)
        if found == b"":
            self._still_waits()
        return found
