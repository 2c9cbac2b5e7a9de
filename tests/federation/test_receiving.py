"""Replies at the coordinator: none counts for another site, and none stops the run."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flwr.app import ConfigRecord, Message, RecordDict
from flwr.app.message.message import make_message, remove_content_from_message
from flwr.common.serde import message_to_proto
from flwr.proto.message_pb2 import ObjectTree
from flwr.proto.runtime_pb2 import PullAppMessagesResponse
from flwr.supercore.inflatable.inflatable_object import get_all_nested_objects, get_object_tree
from flwr.superlink.grid import http_grid

from fedtranslate.federation.flower import compat
from fedtranslate.federation.flower.receiving import FORGED, MALFORMED, distrust

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
        self.known: list[Any] = []
        self.trees: list[ObjectTree] = []
        self.objects: dict[str, bytes] = {}
        self.confirmed: list[str] = []

    def has(self, known: Message, written: Message) -> None:
        proto = message_to_proto(remove_content_from_message(known))
        proto.metadata.message_id = written.object_id
        self.known.append(proto)
        self.trees.append(get_object_tree(written))
        self.objects |= {n: one.deflate() for n, one in get_all_nested_objects(written).items()}

    def PullMessages(self, _: object) -> PullAppMessagesResponse:  # noqa: N802
        return PullAppMessagesResponse(messages_list=self.known, message_object_trees=self.trees)

    def PullObject(self, request: Any) -> Any:  # noqa: N802, ANN401
        content = self.objects[request.object_id]
        return SimpleNamespace(object_found=True, object_available=True, object_content=content)

    def ConfirmMessageReceived(self, request: Any) -> None:  # noqa: N802, ANN401
        self.confirmed.append(request.message_object_id)


@pytest.fixture
def link() -> Link:
    return Link()


@pytest.fixture
def grid(link: Link, monkeypatch: pytest.MonkeyPatch) -> Iterator[http_grid.HttpGrid]:
    stock = http_grid.inflate_object_from_contents
    made = http_grid.HttpGrid(token="t")
    made._client = link
    made._run = SimpleNamespace(run_id=RUN)
    distrust(made)
    yield made
    monkeypatch.setattr(http_grid, "inflate_object_from_contents", stock)


def pulled(grid: http_grid.HttpGrid) -> list[Message]:
    return list(grid.pull_messages(["whatever"]))


def test_a_reply_as_the_superlink_knows_it_comes_through(
    grid: http_grid.HttpGrid, link: Link
) -> None:
    asked = question(ADA)
    reply = reply_to(asked)
    link.has(reply, reply)
    (found,) = pulled(grid)
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
    grid: http_grid.HttpGrid, link: Link, forgery: dict[str, object]
) -> None:
    asked = question(ADA)
    link.has(reply_to(asked), reply_to(asked, **forgery))
    honest = reply_to(question(BOB))
    link.has(honest, honest)
    forged, other = pulled(grid)
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
    grid: http_grid.HttpGrid,
    link: Link,
    damage: Any,  # noqa: ANN401
) -> None:
    asked = question(ADA)
    reply, honest = reply_to(asked), reply_to(question(BOB))
    link.has(reply, reply)
    link.has(honest, honest)
    damage(link, reply.metadata.message_id)
    broken, other = pulled(grid)
    assert broken.error.reason == MALFORMED
    assert broken.metadata.reply_to_message_id == asked.metadata.message_id
    assert not other.has_error()


def test_an_error_that_a_site_sent_comes_through(grid: http_grid.HttpGrid, link: Link) -> None:
    compat.identify(RUN, ADA)
    told = compat.refusal_reply("epochs", question(ADA))
    compat.name_message(told, told.object_id)
    link.has(make_message(told.metadata, error=told.error), told)
    (found,) = pulled(grid)
    assert found.error.reason == "refused: epochs"
