"""The door: what goes in comes out, and what a stranger sends is refused."""

import pytest
import torch
from flwr.app import Array, ArrayRecord, ConfigRecord, MetricRecord, RecordDict
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.adapters.factors import Adapter, Factors, checksum
from fedtranslate.adapters.methods.method import BOTH, Part
from fedtranslate.adapters.wire.coding import Base
from fedtranslate.errors import FederationError
from fedtranslate.federation.exchange import Introduction, SiteUpdate, Task
from fedtranslate.federation.flower import codec


def adapter(rank: int = 2, seed: int = 0) -> Adapter:
    rng = torch.Generator().manual_seed(seed)
    return {
        name: Factors(torch.randn(rank, 5, generator=rng), torch.randn(3, rank, generator=rng), 0.5)
        for name in ("m.one", "m.two")
    }


def base(rank: int = 2, seed: int = 0) -> Base:
    return Base(checksum(adapter(rank, seed)), adapter(rank, seed))


def update(**changes: object) -> SiteUpdate:
    values = {
        "adapter": adapter(),
        "pairs": 7,
        "train_loss": 0.25,
        "validation_loss": 12.5,
        "validation_tokens": 30,
        "validation_pairs": 3,
    }
    return SiteUpdate(**{**values, **changes})


PARTS = [
    (BOTH, BOTH),
    (BOTH, frozenset({Part.A})),
    (frozenset({Part.B}), frozenset({Part.B})),
    (frozenset({Part.CORE}), frozenset({Part.CORE})),
]


@given(st.integers(1, 9), st.integers(0, 99), st.sampled_from(PARTS), st.integers(1, 4))
def test_a_task_comes_through_unchanged(
    number: int, steps: int, parts: tuple[frozenset[Part], frozenset[Part]], rank: int
) -> None:
    task = Task(number, steps, *parts)
    found, joint = codec.decode_task(codec.encode_task(task, base(rank, number)))
    assert found == task
    assert checksum(joint) == checksum(adapter(rank, number))


def test_a_trial_comes_through_and_a_task_that_does_not_say_is_refused() -> None:
    content = codec.encode_task(Task(4, 0, trial=7), base())
    about = dict(content["task"])
    assert codec.decode_task(content)[0] == Task(4, 0, trial=7)
    content = codec.encode_task(Task(4, 0, trial=7), base())
    del about["trial"]
    content["task"] = ConfigRecord(about)
    with pytest.raises(FederationError, match="expected entries"):
        codec.decode_task(content)


def test_an_update_comes_through_unchanged() -> None:
    site, number, found = codec.decode_update(codec.encode_update("ada", 4, update()), 0.5)
    assert (site, number) == ("ada", 4)
    assert found.adapter is not None
    assert checksum(found.adapter) == checksum(adapter())
    assert (found.pairs, found.validation_loss, found.validation_tokens) == (7, 12.5, 30)


def test_an_evaluation_without_adapter_comes_through() -> None:
    content = codec.encode_update("ada", 4, update(adapter=None))
    assert codec.decode_update(content, 0.5)[2].adapter is None


def test_an_introduction_comes_through_unchanged() -> None:
    who = Introduction("ada", "f00d", "beef", 9, {"m.one": (3, 5), "m.two": (4, 5)})
    assert codec.decode_introduction(codec.encode_introduction(who)) == who


def test_a_signature_comes_through_and_what_is_none_is_refused() -> None:
    who = Introduction("ada", "f", "d", 9, {"m": (3, 5)}, signature="0f" * 64)
    assert codec.decode_introduction(codec.encode_introduction(who)) == who
    content = codec.encode_introduction(who)
    for wrong in ("0f" * 63, "0f" * 65, "0F" * 64, "0f" * 63 + "0g", "x", b"0" * 64, 7, ["0f"]):
        content["site"] = ConfigRecord({**dict(content["site"]), "signature": wrong})
        with pytest.raises(FederationError):
            codec.decode_introduction(content)
    about = dict(content["site"])
    del about["signature"]
    with pytest.raises(FederationError, match="expected entries"):
        codec.decode_introduction(RecordDict({"site": ConfigRecord(about)}))


def test_columns_first_tensors_are_sent_by_value() -> None:
    turned = {"m": Factors(torch.randn(5, 2).T, torch.randn(2, 3).T, 0.5)}
    content = codec.encode_update("ada", 1, update(adapter=turned))
    found = codec.decode_update(content, 0.5)[2].adapter
    assert found is not None
    assert checksum(found) == checksum(turned)


def hostile_messages() -> list[RecordDict]:
    def good() -> RecordDict:
        return codec.encode_update("ada", 1, update())

    messages = [RecordDict()]
    for key in ("site", "numbers"):
        messages.append(good())
        del messages[-1][key]
    extra = good()
    extra["more"] = ConfigRecord({"code": "class A {}"})
    numbers = {
        "pairs": 7,
        "train-loss": 0.5,
        "validation-loss": 1.0,
        "validation-tokens": 3,
        "validation-pairs": 1,
    }
    wrong = [
        {**numbers, "pairs": 7.5},
        {**numbers, "pairs": [7]},
        {**numbers, "more": 1},
        {k: v for k, v in numbers.items() if k != "pairs"},
        {**numbers, "train-loss": 1},
    ]
    for values in wrong:
        messages.append(good())
        messages[-1]["numbers"] = MetricRecord(values)
    swapped = good()
    swapped["adapter"] = ConfigRecord({"x": 1})
    lonely = good()
    del lonely["layout"]
    without = good()
    del without["adapter"]
    turned = good()
    turned["layout"] = MetricRecord({"out": [3], "in": [5]})
    texts = good()
    texts["site"] = ConfigRecord({"site": "ada", "round": True, "keeps": ""})
    return [*messages, extra, swapped, lonely, without, turned, texts]


@pytest.mark.parametrize("number", range(len(hostile_messages())))
def test_a_malformed_update_is_refused(number: int) -> None:
    with pytest.raises(FederationError):
        codec.decode_update(hostile_messages()[number], 0.5)


@pytest.mark.parametrize(
    "changes",
    [
        {"modules": ["a", "a"]},
        {"modules": ["a"]},
        {"modules": [], "out": [], "in": []},
        {"out": [0, 3]},
        {"out": [2**40, 3]},
        {"out": [1.5, 3.0]},
        {"modules": [b"a", b"b"], "out": [1, True]},
        {"site": "x" * 300},
        {"keeps": "x" * 300},
        {"keeps": 7},
        {"pairs": "many"},
        {"extra": 1},
    ],
)
def test_a_malformed_introduction_is_refused(changes: dict[str, object]) -> None:
    good = {
        "site": "ada",
        "base-fingerprint": "f",
        "data": "d",
        "pairs": 3,
        "keeps": "",
        "modules": ["a", "b"],
        "out": [3, 3],
        "in": [2, 2],
    }
    try:
        record = ConfigRecord({**good, **changes})
    except TypeError:
        return  # Flower refuses it before it is sent.
    with pytest.raises(FederationError):
        codec.decode_introduction(RecordDict({"site": record}))


@pytest.mark.parametrize(
    "changes",
    [
        {"round": 0},
        {"steps": -1},
        {"scaling": float("nan")},
        {"scaling": 0.0},
        {"trial": -1},
        {"trial": 1},
        {"trial": True, "steps": 0},
        {"trial": "1", "steps": 0},
    ],
)
def test_an_impossible_task_is_refused(changes: dict[str, object]) -> None:
    content = codec.encode_task(Task(1, 5), base())
    content["task"] = ConfigRecord({**content["task"], **changes})
    with pytest.raises(FederationError):
        codec.decode_task(content)


def test_a_joint_adapter_that_is_not_finite_or_not_the_one_it_is_said_to_be_is_refused() -> None:
    for data, complaint in ((b"\x00\x00\xc0\x7f" * 32, "NaN"), (bytes(128), "not the one")):
        content = codec.encode_task(Task(1, 5), base())
        content["adapter"] = ArrayRecord({"000000": Array("uint8", (128,), "little-endian", data)})
        with pytest.raises(FederationError, match=complaint):
            codec.decode_task(content)


def test_all_that_leaves_is_listed() -> None:
    listed = codec.leaving(codec.encode_update("ada", 2, update()))
    assert set(listed["arrays"]) == {f"adapter/m.{m}.{x}" for m in ("one", "two") for x in "ab"}
    assert listed["arrays"]["adapter/m.one.a"] == {
        "shape": [2, 5],
        "bytes": 40,
        "format": "float32",
    }
    assert listed["values"]["site"] == {"site": "ada", "round": 2, "keeps": ""}
    assert listed["values"]["numbers"]["pairs"] == 7


@pytest.mark.parametrize(
    ("trains", "shares"),
    [
        (frozenset({Part.B}), BOTH),
        (frozenset({Part.A, Part.CORE}), frozenset({Part.CORE})),
        (frozenset({"rest"}), frozenset()),
    ],
)
def test_a_task_of_parts_that_do_not_go_together_is_refused(
    trains: frozenset[Part], shares: frozenset[Part]
) -> None:
    content = codec.encode_task(Task(1, 5, trains, shares), base(2, 1))
    with pytest.raises(FederationError, match=r"do not go together|malformed"):
        codec.decode_task(content)
