"""Speak to a SuperLink on this machine: start, stop and look at runs, register sites.

Its control interface knows no users: whoever reaches it may do everything.  So the SuperLink
listens on loopback, and the door lets only the sites' interface through.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from cryptography.hazmat.primitives import serialization
from flwr.common.serde import fab_to_proto, user_config_to_proto
from flwr.proto.control_pb2 import (
    ListNodesRequest,
    ListRunsRequest,
    RegisterNodeRequest,
    StartRunRequest,
    StopRunRequest,
    StreamLogsRequest,
    UnregisterNodeRequest,
)
from flwr.supercore.control.control_http_client import ControlHttpClient
from flwr.supercore.fab import Fab
from flwr.supercore.interceptors import RuntimeVersionHttpInterceptor

from fedtranslate.errors import FederationError
from fedtranslate.federation.flower.bundle import bundle
from fedtranslate.federation.membership.keys import read_public
from fedtranslate.federation.settings import Scalar

_PREFIX = "ServerApp failed with exception: "
_MAX_SENTENCE = 2_000
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FlowerRun:
    """A run as the SuperLink sees it."""

    number: int
    state: str
    """pending, starting, running or finished."""
    ending: str
    """completed, failed or stopped; empty while it is not finished."""
    details: str
    sent_bytes: int
    received_bytes: int


@dataclass(frozen=True, slots=True)
class Node:
    """A registered SuperNode."""

    number: int
    is_online: bool
    public_key: bytes
    """PEM."""


class Link:
    """The control interface of a SuperLink.

    Args:
        address: Host and port.
        certificate: Of the authority that its certificate is from; None speaks without TLS.
    """

    def __init__(self, address: str, certificate: Path | None = None) -> None:
        self._address = address
        self._client = ControlHttpClient.from_server_address(
            server_address=address,
            insecure=certificate is None,
            root_certificates=None if certificate is None else certificate.read_bytes(),
            interceptors=[RuntimeVersionHttpInterceptor(component_name="flwr CLI")],
        )

    def is_healthy(self) -> bool:
        """Tell whether the SuperLink answers."""
        try:
            self.runs()
        except FederationError:
            return False
        return True

    def start(self, run_config: Mapping[str, Scalar]) -> int:
        """Start a run, and return its number."""
        content, digest = bundle()
        request = StartRunRequest(
            fab=fab_to_proto(Fab(digest, content, {})),
            override_config=user_config_to_proto(dict(run_config)),
            federation="",
        )
        return int(self._asked(lambda: self._client.StartRun(request)).run_id)

    def stop(self, number: int) -> None:
        """Stop a run; one that is over stays as it is."""
        found = self.run(number)
        if found is not None and found.state != "finished":
            self._asked(lambda: self._client.StopRun(StopRunRequest(run_id=number)))

    def run(self, number: int) -> FlowerRun | None:
        """Return a run; None if the SuperLink does not know it."""
        try:
            return self.runs(number).get(number)
        except _NotThereError:
            return None

    def runs(self, number: int | None = None) -> dict[int, FlowerRun]:
        """Return all runs by their numbers, or the one of ``number``."""
        request = ListRunsRequest() if number is None else ListRunsRequest(run_id=number)
        found = self._asked(lambda: self._client.ListRuns(request))
        return {key: _run(key, run) for key, run in found.run_dict.items()}

    def log(self, number: int) -> Iterator[str]:
        """Yield what the app of a run printed, until the run is over."""
        request = StreamLogsRequest(run_id=number, after_timestamp=0.0)
        for part in self._asked(lambda: self._client.StreamLogs(request)):
            yield part.log_output

    def nodes(self) -> tuple[Node, ...]:
        """Return all SuperNodes that are registered."""
        found = self._asked(lambda: self._client.ListNodes(ListNodesRequest()))
        return tuple(
            Node(one.node_id, one.status == "online", bytes(one.public_key))
            for one in found.nodes_info
            if one.status != "unregistered"
        )

    def register(self, public_key: str, name: str) -> int:
        """Let a site in, and return the number of its node.

        Args:
            public_key: In OpenSSH's format.
            name: Of the site.
        """
        key = pem(public_key)
        for node in self.nodes():
            if node.public_key == key:
                return node.number
        request = RegisterNodeRequest(public_key=key, name=name)
        return int(self._asked(lambda: self._client.RegisterNode(request)).node_id)

    def unregister(self, node: int) -> None:
        """Let a node in no more; one that is not registered stays out."""
        if any(one.number == node for one in self.nodes()):
            request = UnregisterNodeRequest(node_id=node)
            self._asked(lambda: self._client.UnregisterNode(request))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self._client.close()

    def _asked(self, ask: Callable[[], T]) -> T:
        """Return what the SuperLink answers.

        Raises:
            FederationError: It cannot be reached, or refuses.
        """
        try:
            return ask()
        except httpx.HTTPStatusError as error:
            code = error.response.status_code
            kind = _NotThereError if code == httpx.codes.NOT_FOUND else FederationError
            raise (SilentLinkError if error.response.is_server_error else kind)(
                f"The SuperLink at {self._address} refuses: {code} {error.response.reason_phrase}."
            ) from None
        except (httpx.HTTPError, ValueError, RuntimeError) as error:
            told = str(error).strip() or type(error).__name__
            raise SilentLinkError(
                f"The SuperLink at {self._address} does not do it: {told[:_MAX_SENTENCE]}.",
                hint="'fedtranslate coordinator status' tells whether it runs.",
            ) from None


class SilentLinkError(FederationError):
    """The SuperLink cannot be reached, or is of no use."""


class _NotThereError(FederationError):
    """The SuperLink does not know what it was asked about."""


def _run(number: int, run: Any) -> FlowerRun:  # noqa: ANN401
    details = str(run.status.details).removeprefix(_PREFIX)[:_MAX_SENTENCE]
    ending = run.status.sub_status if run.status.status == "finished" else ""
    return FlowerRun(
        number, run.status.status, ending, details, int(run.bytes_sent), int(run.bytes_recv)
    )


def pem(public_key: str) -> bytes:
    """Return a public key as the SuperLink tells it.

    Args:
        public_key: In OpenSSH's format.
    """
    return read_public(public_key).public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
