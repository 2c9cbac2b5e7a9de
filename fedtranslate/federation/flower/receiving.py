"""Replies as the coordinator's app fetches them: no site answers for another, or holds up a run.

The SuperLink knows of each reply which node sent it, and to what.  What the app gets to read is
the reply as the site wrote it, which Flower compares with nothing.  Stock, one that cannot be put
together ends the app, and again when that was started anew; one of any size is fetched into
memory; and while one is still being uploaded, nobody else's is looked at.
"""

import tempfile
import time
import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from flwr.app import Error, Message
from flwr.app.message.message import make_message
from flwr.common.constant import ErrorCode
from flwr.common.serde_utils import metadata_from_proto
from flwr.proto.message_pb2 import (
    ConfirmMessageReceivedRequest,
    ObjectTree,
    PullObjectRequest,
)
from flwr.proto.message_pb2 import Metadata as ProtoMetadata
from flwr.proto.runtime_pb2 import PullAppMessagesRequest
from flwr.supercore.inflatable.inflatable_object import iterate_object_tree
from flwr.supercore.inflatable.inflatable_utils import inflate_object_from_contents
from flwr.superlink.grid.http_grid import HttpGrid

FORGED = "a forged reply"
MALFORMED = "a malformed reply"
NOT_UPLOADED = "a reply that was not uploaded"
TOO_LARGE = "a reply that is too large"
LIGHT_BYTES = 16 << 20
"""Limit for replies without an adapter: an introduction names all modules."""
_MAX_OBJECTS = 50_000
"""Of one reply: two for each pack of an adapter, and few more."""
_SPOOL_BYTES = 1 << 20
"""So much of a reply is in memory while the rest of it is awaited."""
_TOLD = ("run_id", "src_node_id", "dst_node_id", "reply_to_message_id", "group_id", "message_type")


class Carrier(Protocol):
    """What is asked of a Grid."""

    def get_node_ids(self) -> Iterable[int]:
        """Return the nodes that are connected."""

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        """Send messages, and return their numbers."""

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        """Return the replies that are there to the messages of these numbers."""


class Receiver:
    """Sends by a Grid, and fetches replies by itself.

    Args:
        grid: Of an app.
        folder: On the disk that has what has come of replies so far.
    """

    def __init__(self, grid: HttpGrid, folder: Path) -> None:
        self._grid = grid
        self._folder = folder
        self._partly: dict[str, _Partly] = {}
        self.limit_bytes = LIGHT_BYTES
        """Of one reply."""

    def get_node_ids(self) -> Iterable[int]:
        """Return the nodes that are connected."""
        found: Iterable[int] = self._grid.get_node_ids()
        return found

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        """Send messages, and return their numbers."""
        sent: Iterable[str] = self._grid.push_messages(messages)
        return sent

    def pull_messages(self, message_ids: Iterable[str]) -> list[Message]:
        """Return the replies that are there, whole, to the messages of these numbers.

        In place of one that is not what the SuperLink knows of it, too large, or broken, an error
        of the node that sent it.
        """
        wanted, client = set(message_ids), self._grid._runtime_client
        if unknown := sorted(wanted - self._partly.keys()):
            new = client.PullMessages(PullAppMessagesRequest(message_ids=unknown))
            for proto, tree in zip(new.messages_list, new.message_object_trees, strict=True):
                answered = proto.metadata.reply_to_message_id
                self._partly[answered] = _Partly(proto.metadata, tree, self._folder)
        found = []
        for answered, partly in list(self._partly.items()):
            if answered in wanted and (message := self._fetched(partly)) is not None:
                found.append(message)
                del self._partly[answered]
            elif partly.is_late():
                del self._partly[answered]
        return found

    def _fetched(self, partly: "_Partly") -> Message | None:
        """Return a reply or an error in its place; None while something of it is missing."""
        client, run = self._grid._runtime_client, self._grid.run.run_id
        too_large = _error(partly.told, ErrorCode.CLIENT_APP_RAISED_EXCEPTION, TOO_LARGE)
        if len(missing := partly.missing()) > _MAX_OBJECTS:
            return too_large
        for name in missing:
            request = PullObjectRequest(node=self._grid.node, run_id=run, object_id=name)
            answer = client.PullObject(request)
            if not answer.object_found:
                return _error(partly.told, ErrorCode.MESSAGE_UNAVAILABLE, NOT_UPLOADED)
            if not answer.object_available:
                return None
            if partly.take(name, answer.object_content) > self.limit_bytes:
                return too_large
        number = partly.told.message_id
        client.ConfirmMessageReceived(
            ConfirmMessageReceivedRequest(
                node=self._grid.node, run_id=run, message_object_id=number
            )
        )
        return partly.message()


class _Partly:
    """A reply that is on its way.

    Args:
        told: What the SuperLink knows of it.
        tree: Its objects.
        folder: Where those that have come wait for the rest.
    """

    def __init__(self, told: ProtoMetadata, tree: ObjectTree, folder: Path) -> None:
        self.told = told
        self._names = list(dict.fromkeys(one.object_id for one in iterate_object_tree(tree)))
        self._places: dict[str, tuple[int, int]] = {}
        self._size = 0
        self._file = tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES, dir=str(folder))  # noqa: SIM115
        weakref.finalize(self, self._file.close)

    def missing(self) -> list[str]:
        """Return the objects that have not come yet."""
        return [name for name in self._names if name not in self._places]

    def take(self, name: str, content: bytes) -> int:
        """Keep an object, and return how much there is by now."""
        self._file.write(content)
        self._places[name] = self._size, len(content)
        self._size += len(content)
        return self._size

    def is_late(self) -> bool:
        """Tell whether nobody waits for it any longer."""
        return time.time() > self.told.created_at + self.told.ttl

    def message(self) -> Message:
        """Return the reply, which is whole."""
        return received(self.told, self._contents())

    def _contents(self) -> dict[str, bytes]:
        contents = {}
        for name, (start, length) in self._places.items():
            self._file.seek(start)
            contents[name] = self._file.read(length)
        self._file.close()
        return contents


def received(told: ProtoMetadata, contents: dict[str, bytes]) -> Message:
    """Return a reply, or an error in its place.

    Args:
        told: What the SuperLink knows of it.
        contents: Its objects; they are taken out as they are used.
    """
    try:
        message = inflate_object_from_contents(told.message_id, contents)
    except Exception:  # whatever it is that a stranger has made of it: his node has sent an error
        return _error(told, ErrorCode.CLIENT_APP_RAISED_EXCEPTION, MALFORMED)
    if not isinstance(message, Message):
        return _error(told, ErrorCode.CLIENT_APP_RAISED_EXCEPTION, MALFORMED)
    known = metadata_from_proto(told)
    if any(getattr(message.metadata, one) != getattr(known, one) for one in _TOLD):
        return _error(told, ErrorCode.CLIENT_APP_RAISED_EXCEPTION, FORGED)
    message.metadata.__dict__["_message_id"] = told.message_id
    return message


def _error(told: ProtoMetadata, code: int, reason: str) -> Message:
    """Return an error of the node that sent a reply."""
    return make_message(metadata_from_proto(told), error=Error(code=code, reason=reason))
