"""Replies at the coordinator: none counts for another site, and none stops the run."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flwr.app import ConfigRecord, Message, RecordDict
from flwr.app.message.message import make_message, remove_content_from_message
from flwr.common.constant import ErrorCode
from flwr.common.serde import message_to_proto
from flwr.proto.message_pb2 import ObjectTree
from flwr.proto.runtime_pb2 import PullAppMessagesResponse
from flwr.supercore.inflatable.inflatable_object import get_all_nested_objects, get_object_tree
from flwr.supercore.run import Run
from flwr.superlink.grid.http_grid import HttpGrid

from fedtranslate.federation.flower import compat, receiving
from fedtranslate.federation.flower.receiving import FORGED, MALFORMED, TOO_LARGE, Receiver

RUN = 7
ADA, BOB = 1001, 1002
CONTENT = RecordDict({"site": ConfigRecord({"site": "ada"})})


def question(node: int) -> Message:
    compat.identify(RUN, 1)
    asked = Message(CONTENT, node, "train", ttl=60.0)
    compat.name_message(asked, asked.object_id)
    return asked


def reply_to(asked: Message, **changes: object) -> Message:
    compat.identify(RUN, asked.metadata.dst_node_id)
    made = Message(CONTENT, reply_to=asked)
    made.metadata.__dict__.update({f"_{name}": value for name, value in changes.items()})
    compat.name_message(made, made.object_id)
    return made


class Link:
    """A SuperLink that has some replies: what it knows of each, and what was written."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}
        self.trees: dict[str, ObjectTree] = {}
        self.objects: dict[str, bytes | None] = {}
        """None where one is still to come."""
        self.asked: list[str] = []
        self.confirmed: list[str] = []

    def has(self, known: Message, written: Message) -> str:
        """Take a reply; return what it is a reply to."""
        proto = message_to_proto(remove_content_from_message(known))
        proto.metadata.message_id = written.object_id
        answered = str(proto.metadata.reply_to_message_id)
        self.known[answered] = proto
        self.trees[answered] = get_object_tree(written)
        self.objects |= {n: one.deflate() for n, one in get_all_nested_objects(written).items()}
        return answered

    def PullMessages(self, request: Any) -> PullAppMessagesResponse:  # noqa: N802, ANN401
        found = [one for one in request.message_ids if one in self.known]
        trees = [self.trees.pop(one) for one in found]
        protos = [self.known.pop(one) for one in found]  # each is given out once
        return PullAppMessagesResponse(messages_list=protos, message_object_trees=trees)

    def PullObject(self, request: Any) -> Any:  # noqa: N802, ANN401
        self.asked.append(request.object_id)
        content = self.objects.get(request.object_id, b"")
        return SimpleNamespace(
            object_found=request.object_id in self.objects,
            object_available=content is not None,
            object_content=content,
        )

    def ConfirmMessageReceived(self, request: Any) -> None:  # noqa: N802, ANN401
        self.confirmed.append(request.message_object_id)


@pytest.fixture
def link() -> Link:
    return Link()


@pytest.fixture
def receiver(link: Link, tmp_path: Path) -> Receiver:
    grid = HttpGrid(token="t")
    grid._client = link
    grid.set_run(Run.create_empty(RUN))
    return Receiver(grid, tmp_path)


def test_a_reply_as_the_superlink_knows_it_comes_through(receiver: Receiver, link: Link) -> None:
    asked = question(ADA)
    reply = reply_to(asked)
    answered = link.has(reply, reply)
    assert receiver.pull_messages(["f" * 64]) == []
    (found,) = receiver.pull_messages([answered, "f" * 64])
    assert link.confirmed == [found.metadata.message_id]
    assert receiver.pull_messages([answered]) == []
    assert not found.has_error()
    assert dict(found.content["site"]) == {"site": "ada"}
    assert found.metadata.reply_to_message_id == asked.metadata.message_id
    assert found.metadata.message_id == reply.metadata.message_id


@pytest.mark.parametrize(
    "forgery",
    [
        {"reply_to_message_id": "b" * 64},
        {"src_node_id": BOB},
        {"run_id": RUN + 1},
        {"message_type": "query"},
        {"group_id": "round-9"},
    ],
)
def test_a_reply_that_says_something_else_is_an_error_of_who_sent_it(
    receiver: Receiver, link: Link, forgery: dict[str, object]
) -> None:
    asked = question(ADA)
    honest = reply_to(question(BOB))
    asks = link.has(reply_to(asked), reply_to(asked, **forgery)), link.has(honest, honest)
    replies = {one.metadata.src_node_id: one for one in receiver.pull_messages(asks)}
    forged, other = replies[ADA], replies[BOB]
    assert forged.error.reason == FORGED
    assert forged.metadata.reply_to_message_id == asked.metadata.message_id
    assert forged.metadata.src_node_id == ADA
    assert not other.has_error()


def without_children(link: Link, name: str) -> None:
    link.objects[name] = b"Message  0\x00"


def noise(link: Link, name: str) -> None:
    link.objects[name] = b"Message  5\x00\xff\xff\xff\xff\xff"


def record(link: Link, name: str) -> None:
    link.objects[name] = CONTENT.deflate()


def nothing(link: Link, name: str) -> None:
    link.objects[name] = b""


def unknown(link: Link, name: str) -> None:
    link.objects[name] = b"os.system  0\x00"


@pytest.mark.parametrize("damage", [without_children, noise, record, nothing, unknown])
def test_a_reply_that_cannot_be_put_together_stops_no_other(
    receiver: Receiver,
    link: Link,
    damage: Any,  # noqa: ANN401
) -> None:
    asked = question(ADA)
    reply, honest = reply_to(asked), reply_to(question(BOB))
    asks = link.has(reply, reply), link.has(honest, honest)
    damage(link, reply.metadata.message_id)
    replies = {one.metadata.src_node_id: one for one in receiver.pull_messages(asks)}
    broken, other = replies[ADA], replies[BOB]
    assert broken.error.reason == MALFORMED
    assert broken.metadata.reply_to_message_id == asked.metadata.message_id
    assert not other.has_error()


def test_an_error_that_a_site_sent_comes_through(receiver: Receiver, link: Link) -> None:
    compat.identify(RUN, ADA)
    told = compat.refusal_reply("epochs", question(ADA))
    compat.name_message(told, told.object_id)
    answered = link.has(make_message(told.metadata, error=told.error), told)
    (found,) = receiver.pull_messages([answered])
    assert found.error.reason == "refused: epochs"


def test_a_reply_that_is_being_uploaded_holds_up_no_other_and_is_fetched_once(
    receiver: Receiver, link: Link
) -> None:
    slow, honest = reply_to(question(ADA)), reply_to(question(BOB))
    slow.content["more"] = ConfigRecord({"x": 1})
    compat.name_message(slow, slow.object_id)
    asks = link.has(slow, slow), link.has(honest, honest)
    late = slow.object_id
    whole, link.objects[late] = link.objects[late], None
    (other,) = receiver.pull_messages(asks)
    assert other.metadata.src_node_id == BOB
    assert receiver.pull_messages(asks[:1]) == []
    link.objects[late] = whole
    (found,) = receiver.pull_messages(asks[:1])
    assert dict(found.content["site"]) == {"site": "ada"}
    own = get_all_nested_objects(slow).keys() - get_all_nested_objects(honest).keys() - {late}
    assert all(link.asked.count(name) <= 1 for name in own)


def test_a_reply_that_was_given_up_is_lost(receiver: Receiver, link: Link) -> None:
    reply = reply_to(question(ADA))
    answered = link.has(reply, reply)
    del link.objects[reply.object_id]
    (found,) = receiver.pull_messages([answered])
    assert found.error.code == ErrorCode.MESSAGE_UNAVAILABLE


def test_a_reply_that_never_comes_is_forgotten_when_its_time_is_up(
    receiver: Receiver, link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = reply_to(question(ADA))
    answered = link.has(reply, reply)
    link.objects[reply.object_id] = None
    assert receiver.pull_messages([answered]) == []
    monkeypatch.setattr(receiving, "time", SimpleNamespace(time=lambda: 4e9))
    receiver.pull_messages([answered])
    assert receiver._partly == {}


def test_a_reply_that_is_too_large_is_not_fetched_to_its_end(
    receiver: Receiver, link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = question(ADA)
    compat.identify(RUN, ADA)
    content = RecordDict({str(n): ConfigRecord({"x": bytes([n]) * 1000}) for n in range(100)})
    reply = Message(content, reply_to=asked)
    compat.name_message(reply, reply.object_id)
    receiver.limit_bytes = 5_000
    (found,) = receiver.pull_messages([link.has(reply, reply)])
    assert found.error.reason == TOO_LARGE
    assert len(link.asked) < 10
    monkeypatch.setattr(receiving, "_MAX_OBJECTS", 50)
    (found,) = receiver.pull_messages([link.has(reply, reply)])
    assert found.error.reason == TOO_LARGE
    assert len(link.asked) < 10


def test_what_was_fetched_waits_on_disk_and_leaves_nothing(
    receiver: Receiver, link: Link, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(receiving, "_SPOOL_BYTES", 1)
    reply = reply_to(question(ADA))
    (found,) = receiver.pull_messages([link.has(reply, reply)])
    assert dict(found.content["site"]) == {"site": "ada"}
    assert list(tmp_path.iterdir()) == []
