"""What a run has taken is on disk, and outlives every restart."""

from pathlib import Path

import pytest

from fedtranslate.adapters.methods.method import Part
from fedtranslate.errors import FederationError
from fedtranslate.federation.exchange import Task
from fedtranslate.federation.site.usage import Asked, Usage, UsageBook


def test_usage_adds_up_and_is_read_back_by_another_process(tmp_path: Path) -> None:
    book = UsageBook(tmp_path)
    book.begin("r", Task(1, 5), "j1", 0.5)
    book.add("r", seconds=2.0, bytes=100)
    book.begin("r", Task(2, 5, frozenset({Part.B}), frozenset({Part.B})), "j2", 0.5)
    book.add("r", seconds=3.0, bytes=50)
    book.begin("r", Task(3, 0), "j3", 0.0)
    rounds = {1: Asked("j1", "5 steps"), 2: Asked("j2", "5 steps of B"), 3: Asked("j3")}
    assert UsageBook(tmp_path).of("r") == Usage(rounds, 3, 10, 1.0, 5.0, 150)
    assert UsageBook(tmp_path).of("r").trained == 2


def test_runs_are_counted_apart(tmp_path: Path) -> None:
    UsageBook(tmp_path).add("one", bytes=5)
    assert UsageBook(tmp_path).of("two") == Usage()


def test_an_evaluation_does_not_forget_that_the_round_was_trained(tmp_path: Path) -> None:
    book = UsageBook(tmp_path)
    book.begin("r", Task(1, 5), "j", 0.5)
    book.begin("r", Task(1, 0), "j", 0.0)
    assert book.of("r").rounds == {1: Asked("j", "5 steps")}


@pytest.mark.parametrize("content", ["", "[]", '{"rounds": {"x": {}}}', '{"rounds": {}, "z": 1}'])
def test_a_damaged_file_allows_nothing(tmp_path: Path, content: str) -> None:
    UsageBook(tmp_path).add("r", bytes=1)
    (tmp_path / "usage" / "r.json").write_text(content)
    with pytest.raises(FederationError, match=r"r\.json is damaged"):
        UsageBook(tmp_path).of("r")
