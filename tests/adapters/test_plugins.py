"""Rules and methods of other distributions are found, and what they do wrong is told as theirs."""

import math
from collections.abc import Callable, Sequence

import pytest
from rule_cohorts import cohort

from fedtranslate.adapters.factors import Adapter
from fedtranslate.adapters.guarding import guarded
from fedtranslate.adapters.robust import rules
from fedtranslate.adapters.robust.rules import Outcome, Rule, find_rule, withstand
from fedtranslate.errors import AggregationError


def test_an_installed_plugin_is_found_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def first(
        replies: Sequence[Adapter], _reference: object, _byzantine: int, _keeps_rank: bool
    ) -> Outcome:
        return Outcome((replies[0],), (1.0,))

    own = Rule("first", "The first", "nobody", 1, 1, first, by_coordinates=False)

    class Found(dict[str, object]):
        names = frozenset({"first"})

    class Entry:
        def load(self) -> Rule:
            return own

    monkeypatch.setattr(rules, "entry_points", lambda **_: Found(first=Entry()))
    assert find_rule("first") is own
    start, replies = cohort(1, 3)
    assert withstand("first", replies, [1] * 3, start, byzantine=1).replies == (replies[0],)


def _plugin(
    monkeypatch: pytest.MonkeyPatch, apply: Callable[[Sequence[Adapter]], Outcome]
) -> tuple[Adapter, list[Adapter]]:
    own = Rule("own", "", "", 1, 1, lambda replies, *_: apply(replies), by_coordinates=False)
    monkeypatch.setattr(rules, "find_rule", lambda _: own)
    start, replies = cohort(1, 3)
    return start, list(replies)


def _fails(_: Sequence[Adapter]) -> Outcome:
    raise KeyError("lost")


def _changes(replies: Sequence[Adapter]) -> Outcome:
    for factors in replies[0].values():
        factors.b.mul_(0)
    return Outcome((replies[0],), (1.0,))


@pytest.mark.parametrize(
    ("apply", "told"),
    [
        (_fails, "The rule own has failed .KeyError: 'lost'."),
        (_changes, "The rule own has changed in place what the sites sent"),
        (lambda _: Outcome((), ()), "made of 3 replies what cannot be gone on with: 0 replies"),
        (lambda r: Outcome((r[0],), (math.nan,)), "which must be finite"),
        (lambda r: Outcome((r[0],), (-1.0,)), "not negative"),
        (lambda r: Outcome((r[0],), (1.0,), (1.0, 0.0)), "1 weights and 2 shares"),
    ],
)
def test_a_rule_of_somebody_else_cannot_hand_on_what_it_likes(
    apply: Callable[[Sequence[Adapter]], Outcome], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, replies = _plugin(monkeypatch, apply)
    with pytest.raises(AggregationError, match=told):
        withstand("own", replies, [1] * 3, start, byzantine=1)


def test_what_the_machine_cannot_do_is_no_mistake_of_the_plugin() -> None:
    with pytest.raises(MemoryError), guarded("The method own", []):
        raise MemoryError
