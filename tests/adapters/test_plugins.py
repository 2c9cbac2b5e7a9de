"""Rules and methods of other distributions are found, and what they do wrong is told as theirs."""

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias, cast

import numpy as np
import pytest
import torch
from rule_cohorts import cohort

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.guarding import guarded
from fedtranslate.adapters.robust import rules
from fedtranslate.adapters.robust.rules import Outcome, Rule, find_rule, withstand
from fedtranslate.errors import AggregationError

Apply: TypeAlias = Callable[[Sequence[Adapter]], Outcome]


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


def _plugin(monkeypatch: pytest.MonkeyPatch, apply: Apply) -> tuple[Adapter, list[Adapter]]:
    own = Rule("own", "", "", 1, 1, lambda replies, *_: apply(replies), by_coordinates=False)
    monkeypatch.setattr(rules, "find_rule", lambda _: own)
    start, replies = cohort(1, 3)
    return start, list(replies)


def _fails(_: Sequence[Adapter]) -> Outcome:
    raise KeyError("lost")


def _changes(how: Callable[[dict[str, Factors], str], object]) -> Apply:
    def apply(replies: Sequence[Adapter]) -> Outcome:
        reply = cast(dict[str, Factors], replies[0])
        for name in list(reply):
            how(reply, name)
        return Outcome((replies[0],), (1.0,))

    return apply


@pytest.mark.parametrize(
    ("apply", "told"),
    [
        (_fails, "The rule own has failed .KeyError: 'lost'."),
        (_changes(lambda r, n: r[n].b.sub_(1)), "The rule own has changed in place what the sites"),
        (_changes(lambda r, n: r[n].b.data.sub_(1)), "has changed in place"),
        (
            _changes(lambda r, n: np.negative(r[n].a.numpy(), out=r[n].a.numpy())),
            "changed in place",
        ),
        (_changes(lambda r, n: r.pop(n)), "has changed in place"),
        (_changes(lambda r, n: r.update({n: Factors(r[n].a, r[n].b)})), "has changed in place"),
        (lambda _: Outcome((None,), (1.0,)), "cannot be gone on with"),  # type: ignore[arg-type]
        (lambda r: Outcome((r[0], r[1]), (1e308, 1e308)), "cannot be gone on with"),
        (lambda r: Outcome((r[0],), ("x",)), "has failed .ValueError"),  # type: ignore[arg-type]
        (lambda _: Outcome((), ()), "made of 3 replies what cannot be gone on with: 0 replies"),
        (lambda r: Outcome((r[0],), (math.nan,)), "which must be finite"),
        (lambda r: Outcome((r[0],), (-1.0,)), "not negative"),
        (lambda r: Outcome((r[0],), (1.0,), (1.0, 0.0)), "1 weights and 2 shares"),
    ],
)
def test_a_rule_of_somebody_else_cannot_hand_on_what_it_likes(
    apply: Apply, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, replies = _plugin(monkeypatch, apply)
    with pytest.raises(AggregationError, match=told):
        withstand("own", replies, [1] * 3, start, byzantine=1)


def test_numbers_of_other_kinds_become_plain_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    def apply(replies: Sequence[Adapter]) -> Outcome:
        shares = np.ones(len(replies), np.float32)
        return Outcome(list(replies), torch.ones(len(replies)), shares)  # type: ignore[arg-type]

    start, replies = _plugin(monkeypatch, apply)
    found = withstand("own", replies, [1] * 3, start, byzantine=1)
    assert (found.weights, found.shares) == ((1.0,) * 3, (1.0,) * 3)
    assert {type(number) for number in (*found.weights, *found.shares)} == {float}


@pytest.mark.parametrize("break_it", [lambda: torch.empty(1 << 50), lambda: bytearray(1 << 60)])
def test_what_the_machine_cannot_do_is_no_mistake_of_the_plugin(
    break_it: Callable[[], object],
) -> None:
    with pytest.raises(MemoryError), guarded("The method own", []):
        break_it()


def test_adapters_of_inference_mode_are_watched_like_others() -> None:
    with torch.inference_mode():
        adapter = {"m": Factors(torch.ones(1, 2), torch.ones(3, 1))}
    with guarded("The method own", [adapter]):
        pass
    with (
        pytest.raises(AggregationError, match="changed in place"),
        torch.inference_mode(),
        guarded("The method own", [adapter]),
    ):
        adapter["m"].a.mul_(2)
