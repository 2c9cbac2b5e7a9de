"""What is sent and received is in memory once, and comes to the same as in stock Flower."""

import threading
import time
from collections.abc import Iterator
from random import Random

import pytest
from flwr.app import Array, ArrayRecord
from flwr.app.message.arraychunk import ArrayChunk
from flwr.supercore.inflatable.inflatable_object import (
    InflatableObject,
    get_all_nested_objects,
)
from flwr.supercore.inflatable.inflatable_utils import inflate_object_from_contents

from fedtranslate.federation.flower import thrift
from fedtranslate.federation.flower.thrift import inflated, push_contents


class Sender:
    """Takes its time, and counts what is written out and has not left."""

    def __init__(self, fails_at: str = "") -> None:
        self.sent: list[str] = []
        self.most = 0
        self._made = 0
        self._fails_at = fails_at
        self._lock = threading.Lock()

    def contents(self, count: int) -> Iterator[tuple[str, bytes]]:
        for number in range(count):
            self._made += 1
            self.most = max(self.most, self._made - len(self.sent))
            yield str(number), b"x"

    def send(self, name: str, content: bytes) -> None:
        assert content == b"x"
        time.sleep(0.002)
        if name == self._fails_at:
            raise ConnectionError(name)
        with self._lock:
            self.sent.append(name)


def test_few_pieces_are_written_out_ahead_and_all_leave() -> None:
    sender = Sender()
    push_contents(sender.contents(50), sender.send, max_concurrent_pushes=8)
    assert sorted(sender.sent, key=int) == [str(number) for number in range(50)]
    assert sender.most <= thrift._AHEAD + 1


def test_an_error_is_told_and_ends_the_sending() -> None:
    sender = Sender(fails_at="10")
    with pytest.raises(ConnectionError, match="10"):
        push_contents(sender.contents(50), sender.send)
    assert len(sender.sent) < 20


def contents_of(record: InflatableObject) -> dict[str, bytes]:
    return {name: one.deflate() for name, one in get_all_nested_objects(record).items()}


@pytest.mark.parametrize("size", [0, 1, 1000, 45_000_000])
def test_arrays_come_out_as_in_stock_flower(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    content = Random(size).randbytes(size)
    sent = ArrayRecord({"a": Array("uint8", (size,), "raw", content)})
    sent["twin"] = Array("uint8", (size,), "raw", content)
    monkeypatch.setattr(Array, "inflate", classmethod(inflated))
    found = inflate_object_from_contents(sent.object_id, contents_of(sent))
    for name in ("a", "twin"):
        assert bytes(found[name].data) == content
        assert (found[name].dtype, found[name].shape, found[name].stype) == (
            "uint8",
            (size,),
            "raw",
        )
    assert found.object_id == sent.object_id


def test_an_array_that_names_a_piece_again_and_again_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = bytes(60_000_000)
    sent = ArrayRecord({"zeros": Array("uint8", (len(content),), "raw", content)})
    monkeypatch.setattr(Array, "inflate", classmethod(inflated))
    with pytest.raises(ValueError, match="more than once"):
        inflate_object_from_contents(sent.object_id, contents_of(sent))


def test_an_array_of_one_piece_has_its_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = ArrayRecord({"a": Array("uint8", (1000,), "raw", b"x" * 1000)})
    monkeypatch.setattr(Array, "inflate", classmethod(inflated))
    objects: dict[str, InflatableObject] = {}
    found = inflate_object_from_contents(sent.object_id, contents_of(sent), objects=objects)
    (piece,) = (one for one in objects.values() if isinstance(one, ArrayChunk))
    assert found["a"].data is piece.data.obj
