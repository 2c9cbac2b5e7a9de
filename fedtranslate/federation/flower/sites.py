"""The sites of a run as they can be reached: behind a Grid of Flower."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from flwr.app import Message, RecordDict

from fedtranslate.adapters.aside import set_aside
from fedtranslate.adapters.factors import Adapter
from fedtranslate.adapters.methods.cores import cores, from_cores
from fedtranslate.adapters.methods.method import Joint, Part
from fedtranslate.adapters.wire.coding import Base, Coded
from fedtranslate.adapters.wire.formats import find_format
from fedtranslate.config.federation import RunSettings
from fedtranslate.errors import AggregationError, FederationError
from fedtranslate.federation.coordinator.members import Member
from fedtranslate.federation.exchange import Answer, Decision, Introduction, Task
from fedtranslate.federation.flower import codec, compat, offers
from fedtranslate.federation.flower.asking import Question, was_lost
from fedtranslate.federation.flower.grid import LocalGrid
from fedtranslate.federation.flower.receiving import LIGHT_BYTES, Carrier, Receiver
from fedtranslate.federation.flower.shipping import Shipment
from fedtranslate.federation.membership.requests import State
from fedtranslate.federation.refusals import refusal_told

INTRODUCE, TRAIN, OFFER = "query.introduce", "train", "query.offer"
LACKING = f"{compat.REFUSED}joint"
"""What a site says that cannot make the joint adapter of what it was sent."""
_POLL_SECONDS = 0.5
_ENDINGS = {State.REVOKED: "its membership was revoked", State.LEFT: "it has left the federation"}
_TOGETHER = 1_000
"""So many answers are fetched at a time if they are light."""
_TOGETHER_BYTES = 32 << 20
"""So much may those weigh that are not; an answer weighs about as much as its question."""
T = TypeVar("T")


class FlowerSites:
    """The sites behind a Grid; nodes introduce themselves when they are first seen.

    Args:
        grid: Of Flower, or a ``Receiver`` around it.
        settings: Of the run.
        members: Returns all members, former ones included; None where nodes are not registered,
            and are believed what they say.
        withdrawn: Returns the entries of the ledger by which releases were withdrawn.
        aside: Folder on the disk where heavy replies wait for the others; None keeps them in
            memory.
        check: Raises where the run was stopped; called again and again while sites are awaited.
    """

    def __init__(
        self,
        grid: Carrier,
        settings: RunSettings,
        members: Callable[[], Sequence[Member]] | None = None,
        *,
        withdrawn: Callable[[], Sequence[str]] = tuple,
        aside: Path | None = None,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self._grid = grid
        self._settings = settings
        self._members = members
        self._withdrawn = withdrawn
        self._aside = aside
        self._check = check
        self._nodes: dict[int, Introduction] = {}
        self._keeps: dict[int, str] = {}
        """SHA-256 of the joint adapter that a node has."""
        self._before: Base | None = None
        """The joint adapter that was sent last."""

    def present(self, wanted: int) -> tuple[Sequence[Introduction], Mapping[str, str]]:
        """Return who is there, and by name or node why others are of no use.

        For at most ``join_seconds`` it waits for ``wanted`` nodes.
        """
        patience = time.monotonic() + self._settings.join_seconds
        useless: dict[int, tuple[str, str]] = {}
        while True:
            online = self._online()
            is_over = time.monotonic() > patience
            if len(online) >= wanted or is_over:
                self._nodes = {node: who for node, who in self._nodes.items() if node in online}
                useless |= self._introduce(online - self._nodes.keys() - useless.keys())
                if len(self._nodes.keys() | useless.keys()) >= wanted or is_over:
                    left = self._online()  # some may have gone away since
                    told = dict(why for node, why in useless.items() if node in left)
                    return list(self._nodes.values()), told
            time.sleep(_POLL_SECONDS)

    def ask(
        self, task: Task, joint: Adapter, names: Sequence[str], *, step: Coded | None = None
    ) -> Sequence[Answer]:
        """Send a task to the sites of these names; one answer each, also if none came.

        A site that has the joint adapter, or the one before, is sent what it lacks; if it cannot
        make the joint adapter of that, it is asked again with all of it.
        """
        nodes = {node: who.site for node, who in self._nodes.items() if who.site in names}
        scaling = next(iter(joint.values())).scaling
        shipment = Shipment(task, joint, self._before, step)
        # Sites may have more rank than the joint adapter, but no more modules.
        limit = LIGHT_BYTES + 2 * shipment.floats
        self._limit(limit)
        read = _Reader(task, scaling, limit, self._settings, shipment.base)
        answers = self._exchange(
            shipment.content,
            TRAIN,
            nodes,
            f"round-{task.round}",
            self._settings.round_seconds,
            lambda node, reply: self._laid_aside(read.answer(nodes[node], reply)),
            # Without steps, only numbers come back.
            max(1, _TOGETHER_BYTES // shipment.floats) if task.steps else _TOGETHER,
            lambda node: shipment.sent_to(node, self._keeps.get(node, "")),
            self._lacks,
        )
        if not task.trial:  # a trial leaves no trace
            self._before = shipment.base
        ended, online = self.ended(), set(self._grid.get_node_ids())
        found = []
        for node, name in nodes.items():
            answer = answers.get(node) or read.answer(name, None)
            if name in ended:
                answer = Answer(name, None, ended[name])
            elif answer.update is None:
                is_away = node not in online
                is_silent = answer.is_silent and not is_away
                answer = replace(answer, is_away=is_away, is_silent=is_silent)
            elif not task.trial:
                self._keeps[node] = answer.update.keeps
            found.append(replace(answer, sent_bytes=shipment.bytes_to(node)))
        return found

    def _lacks(self, node: int, reply: Message) -> bool:
        """Tell whether a node cannot make the joint adapter of what it was sent, and note it."""
        if not reply.has_error() or reply.error.reason != LACKING:
            return False
        return bool(self._keeps.pop(node, ""))  # one that was sent all of it has no excuse

    def offer(
        self, release: str, parts: Mapping[str, bytes], names: Sequence[str]
    ) -> Mapping[str, Decision | str]:
        """Offer a release to the sites of these names; return what each made of it, or why not."""
        nodes = {node: who.site for node, who in self._nodes.items() if who.site in names}
        self._limit(LIGHT_BYTES)
        decisions = self._exchange(
            lambda _: offers.encode_offer(parts),
            OFFER,
            nodes,
            f"release-{release}",
            self._settings.round_seconds,
            lambda node, reply: _decision(nodes[node], release, reply),
        )
        ended = self.ended()
        return {
            name: ended.get(name) or decisions.get(node) or _decision(name, release, None)
            for node, name in nodes.items()
        }

    def _laid_aside(self, answer: Answer) -> Answer:
        update = answer.update
        if self._aside is None or update is None or update.adapter is None:
            return answer
        adapter = set_aside(update.adapter, self._aside)
        return replace(answer, update=replace(update, adapter=adapter))

    def reach(self, names: Collection[str]) -> tuple[Sequence[str], Mapping[str, str]]:
        """Return which of ``names`` are there now, and why others that are there are of no use."""
        online = set(self._grid.get_node_ids())
        nodes = {node for node, name in (self._known() or {}).items() if name in names}
        useless = dict(self._introduce(nodes & online).values())
        return sorted(who.site for who in self._nodes.values() if who.site in names), useless

    def ended(self) -> Mapping[str, str]:
        """Return the sites whose membership is over, and how it ended."""
        members = () if self._members is None else self._members()
        return {one.name: _ENDINGS[one.state] for one in members if one.state in _ENDINGS}

    def _online(self) -> set[int]:
        """Return the nodes that are connected, of members where nodes are registered."""
        self._check()
        online, known = set(self._grid.get_node_ids()), self._known()
        # One whose membership is over may not have noticed yet.
        return online if known is None else online & known.keys()

    def _limit(self, size: int) -> None:
        """Let replies have this size at most, in bytes, where they come from elsewhere."""
        if isinstance(self._grid, Receiver):
            self._grid.limit_bytes = size

    def _introduce(self, nodes: set[int]) -> dict[int, tuple[str, str]]:
        """Ask new nodes who they are; return who of them did not say, and why."""
        self._limit(LIGHT_BYTES)
        content = offers.encode_greeting(self._withdrawn())
        seconds = self._settings.join_seconds
        said = self._exchange(
            lambda _: content, INTRODUCE, nodes, "introduction", seconds, lambda _, reply: reply
        )
        known = self._known()
        useless = {}
        for node in nodes:
            name = self._name(node, known)
            try:
                found = codec.decode_introduction(_content(said.get(node)))
            except FederationError as error:
                useless[node] = name, f"it did not introduce itself: {error}"
                continue
            if known is not None and found.site != name:
                useless[node] = name, f"it answers as {found.site[:64]!r}, and has not that key"
            else:
                self._nodes[node] = found
                self._keeps[node] = found.keeps
        return useless

    def _name(self, node: int, known: Mapping[int, str] | None) -> str:
        """Return which site a node is, as far as that is known without its word."""
        if known is None and isinstance(self._grid, LocalGrid):
            return str(self._grid.site_of(node))
        return (known or {}).get(node, f"node {node}")

    def _known(self) -> dict[int, str] | None:
        """Return the approved members by their nodes; None where nodes are not registered."""
        if self._members is None:
            return None
        approved = (one for one in self._members() if one.state is State.APPROVED)
        return {one.node: one.name for one in approved if one.node}

    def _exchange(
        self,
        content: Callable[[str], RecordDict],
        kind: str,
        nodes: Collection[int],
        group: str,
        seconds: float,
        read: Callable[[int, Message], T],
        together: int = _TOGETHER,
        variant: Callable[[int], str] = lambda _: "",
        is_in_vain: Callable[[int, Message], bool] = lambda *_: False,
    ) -> dict[int, T]:
        def allowed() -> Collection[int]:
            self._check()
            known = self._known()
            return nodes if known is None else known

        rejoin = self._settings.rejoin_seconds
        question = Question(
            content, kind, group, seconds, rejoin, together, allowed, variant, is_in_vain
        )
        return question.ask(self._grid, nodes, read)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the replies to one task.

    Args:
        task: The task.
        scaling: Of the adapters.
        limit: Of one of them, unpacked, in bytes.
        settings: Of the run.
        base: The joint adapter that was sent.
    """

    task: Task
    scaling: float
    limit: int
    settings: RunSettings
    base: Base

    def _base(self) -> Base:
        """Return what the sites' adapters are seen from."""
        if Part.CORE not in self.task.trains:
            return self.base
        joint = Joint.of(self.base.adapter).adapter
        return Base(self.base.checksum, cores(joint, joint))

    def answer(self, name: str, reply: Message | None) -> Answer:
        """Return the answer of the site ``name``."""
        traffic = self.settings.traffic
        try:
            content = _content(reply)
            received = codec.size(content)  # first: reading takes the adapter out of it
            site, number, update = codec.decode_update(
                content,
                self.scaling,
                self.limit,
                wire=find_format(traffic.up, traffic.top_k),
                base=self._base(),
            )
            if Part.CORE in self.task.trains and update.adapter is not None:
                whole = from_cores(update.adapter, Joint.of(self.base.adapter).adapter)
                update = replace(update, adapter=whole)
        except (FederationError, AggregationError) as error:
            is_silent = reply is None or was_lost(reply)
            return Answer(name, None, str(error).removesuffix("."), is_silent=is_silent)
        if site != name:
            return Answer(name, None, f"it answered as {site[:64]!r}")
        if number != self.task.round:
            return Answer(name, None, f"it answered for round {number}")
        return Answer(name, update, received_bytes=received)


def _decision(name: str, release: str, reply: Message | None) -> Decision | str:
    try:
        return offers.decode_decision(_content(reply), name, release)
    except FederationError as error:
        return str(error)


def _content(reply: Message | None) -> RecordDict:
    if reply is None:
        raise FederationError("it did not answer in time")
    if reply.has_error():
        # Sites send the class of their error or a code only; a stranger may send anything.
        reason = (reply.error.reason or "no reason")[:100]
        if reason.startswith(compat.REFUSED):
            raise FederationError(refusal_told(reason.removeprefix(compat.REFUSED)))
        raise FederationError(f"it failed with {reason!r}")
    content: RecordDict = reply.content
    return content
