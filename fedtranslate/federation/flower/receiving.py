"""Replies as the coordinator's app fetches them: no site can answer for another, or stop the run.

The SuperLink knows of each reply which node sent it, and to what.  What the app gets to read is
the reply as the site wrote it, which Flower compares with nothing; and one that cannot be put
together ends the app, and again when that was started anew.
"""

from typing import Any

from flwr.app import Error, Message
from flwr.app.message.message import make_message
from flwr.common.constant import ErrorCode
from flwr.common.serde_utils import metadata_from_proto
from flwr.proto.message_pb2 import Metadata as ProtoMetadata
from flwr.serverapp import Grid
from flwr.supercore.inflatable.inflatable_utils import inflate_object_from_contents
from flwr.superlink.grid import http_grid

FORGED = "a forged reply"
MALFORMED = "a malformed reply"
_TOLD = ("run_id", "src_node_id", "dst_node_id", "reply_to_message_id", "group_id", "message_type")


def distrust(grid: Grid) -> None:
    """Let ``grid`` compare replies with what the SuperLink knows of them.

    One that does not agree, or cannot be put together, becomes an error of the node that sent it.

    Args:
        grid: Of an app; one in this process is left as it is.
    """
    if not isinstance(grid, http_grid.HttpGrid):
        return
    known: dict[str, ProtoMetadata] = {}
    client = grid._runtime_client
    pull = client.PullMessages

    def pull_messages(request: Any) -> Any:  # noqa: ANN401 - Flower's
        response = pull(request)
        known.clear()
        known.update({one.metadata.message_id: one.metadata for one in response.messages_list})
        return response

    def inflate(message_id: str, contents: dict[str, bytes]) -> Message:
        return received(known[message_id], message_id, contents)

    client.PullMessages = pull_messages
    http_grid.inflate_object_from_contents = inflate


def received(told: ProtoMetadata, message_id: str, contents: dict[str, bytes]) -> Message:
    """Return a reply, or an error in its place.

    Args:
        told: What the SuperLink knows of it.
        message_id: Number of its outermost object.
        contents: Its objects.
    """
    metadata = metadata_from_proto(told)
    try:
        message = inflate_object_from_contents(message_id, contents)
        if not isinstance(message, Message):
            raise TypeError(type(message).__name__)
    except Exception:
        return _error(metadata, MALFORMED)
    if any(getattr(message.metadata, one) != getattr(metadata, one) for one in _TOLD):
        return _error(metadata, FORGED)
    return message


def _error(metadata: Any, reason: str) -> Message:  # noqa: ANN401 - Flower's Metadata
    told = Error(code=ErrorCode.CLIENT_APP_RAISED_EXCEPTION, reason=reason)
    return make_message(metadata=metadata, error=told)
