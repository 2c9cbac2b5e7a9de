"""A Grid in this process: the same ServerApp and ClientApp, without sockets.

Sites work one after another, in the order of their numbers, but each has the whole life time
of its message, as if they worked side by side; a reply after that is lost, as on a network.
Messages are copied on the way, so that nothing is shared by accident.
"""

import copy
import threading
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from flwr.app import Context, Message, RecordDict
from flwr.clientapp import ClientApp
from flwr.serverapp import Grid

from fedtranslate.errors import FederationError
from fedtranslate.federation.flower.compat import (
    error_reply,
    identify,
    late_reply,
    name_message,
    restart_clock,
)
from fedtranslate.federation.settings import Scalar

COORDINATOR = 1
_FIRST_SITE = 1000


class LocalGrid(Grid):  # type: ignore[misc]
    """Carries messages between a ServerApp and a ClientApp in this process.

    Args:
        client_app: The app of all sites.
        node_configs: One per site.
        run_config: Of the run.
    """

    def __init__(
        self,
        client_app: ClientApp,
        node_configs: Sequence[Mapping[str, Scalar]],
        run_config: Mapping[str, Scalar],
    ) -> None:
        self._app = client_app
        self._run_id = uuid.uuid4().int >> 66
        self._contexts = {
            _FIRST_SITE + number: self._context(_FIRST_SITE + number, config, run_config)
            for number, config in enumerate(node_configs)
        }
        self._waiting: dict[str, Message] = {}
        self._is_stopped = threading.Event()
        identify(self._run_id, COORDINATOR)

    def stop(self) -> None:
        """Give out no more work; what a site has begun it still finishes."""
        self._is_stopped.set()

    @property
    def run(self) -> Any:  # noqa: ANN401
        """The run, as far as apps may ask for it."""
        return SimpleNamespace(run_id=self._run_id)

    def set_run(self, run: Any) -> None:  # noqa: ANN401
        """Accept the call; there is only one run."""

    def server_context(
        self, node_config: Mapping[str, Scalar], run_config: Mapping[str, Scalar]
    ) -> Context:
        """Return the context for the ServerApp."""
        return self._context(COORDINATOR, node_config, run_config)

    def site_of(self, node: int) -> str:
        """Return the name of the site that a node is."""
        return str(self._contexts[node].node_config.get("site", f"node {node}"))

    def create_message(
        self,
        content: RecordDict,
        message_type: str,
        dst_node_id: int,
        group_id: str,
        ttl: float | None = None,
    ) -> Message:
        """Return a message to a site."""
        return Message(content, dst_node_id, message_type, ttl=ttl, group_id=group_id)

    def get_node_ids(self) -> Iterable[int]:
        """Return the numbers of the sites."""
        return list(self._contexts)

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        """Take messages; each is worked on when its reply is pulled."""
        ids = []
        for message in messages:
            sent = copy.deepcopy(message)
            name_message(sent, uuid.uuid4().hex)
            self._waiting[sent.metadata.message_id] = sent
            ids.append(sent.metadata.message_id)
        return ids

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        """Let the sites work on their messages, and return the replies that are in time."""
        replies = []
        for message_id in list(message_ids):
            message = self._waiting.pop(message_id, None)
            if self._is_stopped.is_set():
                raise FederationError("The run was stopped.")
            if message is None:
                continue
            restart_clock(message)
            reply = self._answered(message)
            if _is_expired(message):
                reply = late_reply(message)
            name_message(reply, uuid.uuid4().hex)
            replies.append(copy.deepcopy(reply))
        return replies

    def send_and_receive(
        self,
        messages: Iterable[Message],
        *,
        timeout: float | None = None,  # noqa: ARG002  the messages' own life time counts
    ) -> Iterable[Message]:
        """Send messages and return the replies."""
        return self.pull_messages(self.push_messages(messages))

    def _answered(self, message: Message) -> Message:
        node_id = message.metadata.dst_node_id
        kept = self._contexts[node_id]
        context = copy.deepcopy(kept)
        try:
            reply = self._app(message, context)
        except Exception as error:
            # As on a network, a site that breaks does not break the others.
            return error_reply(error, message)
        kept.state = context.state
        return reply

    def _context(
        self, node_id: int, node_config: Mapping[str, Scalar], run_config: Mapping[str, Scalar]
    ) -> Context:
        return Context(
            run_id=self._run_id,
            node_id=node_id,
            node_config=dict(node_config),
            state=RecordDict(),
            run_config=dict(run_config),
        )


def _is_expired(message: Message) -> bool:
    return bool(time.time() > message.metadata.created_at + message.metadata.ttl)
