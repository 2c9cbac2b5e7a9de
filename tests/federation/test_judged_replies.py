"""Replies and introductions, one by one: what is refused, and what the others count for."""

from dataclasses import replace

import pytest
import torch
from federations import federation

from fedtranslate.adapters.factors import Factors
from fedtranslate.adapters.methods.method import Part
from fedtranslate.federation.coordinator.journal import Score
from fedtranslate.federation.coordinator.replies import agreeing, judge, scores_of, weight
from fedtranslate.federation.exchange import Answer, Introduction, SiteUpdate, Task

SETTINGS = federation().run
NAMES = ("ada", "bob", "eve")
JOINT = {"m": Factors(torch.ones(2, 3), torch.zeros(4, 2), 2.0)}
LEARNED = {"m": Factors(JOINT["m"].a + 0.1, JOINT["m"].b + 0.1, 2.0)}
GOOD = SiteUpdate(LEARNED, 10, 0.5, 7.0, 4, 2)


def who(name: str, base: str = "tiny", data: str = "d") -> Introduction:
    return Introduction(name, base, data, 10, {"m": (4, 3)})


def with_factors(a: torch.Tensor, b: torch.Tensor) -> SiteUpdate:
    return replace(GOOD, adapter={"m": Factors(a, b, 2.0)})


@pytest.mark.parametrize(
    ("update", "reason"),
    [
        (with_factors(torch.full((2, 3), float("nan")), torch.zeros(4, 2)), "NaN or infinity"),
        (with_factors(torch.ones(2, 3), torch.full((4, 2), float("inf"))), "NaN or infinity"),
        (with_factors(torch.ones(3, 3), torch.zeros(4, 3)), "wrong shape"),
        (with_factors(torch.ones(2, 4), torch.zeros(4, 2)), "wrong shape"),
        (with_factors(torch.full((2, 3), 1e6), torch.zeros(4, 2)), "above 1000"),
        (replace(GOOD, adapter={"n": JOINT["m"]}), "adapts other modules"),
        (replace(GOOD, adapter=None), "sent no adapter"),
        (replace(GOOD, pairs=0), "claims 0 training pairs"),
        (replace(GOOD, pairs=-5), "claims -5 training pairs"),
        (replace(GOOD, train_loss=float("nan")), "training loss"),
        (replace(GOOD, train_loss=1.7e308), "training loss"),
        (replace(GOOD, validation_loss=float("nan")), "validation loss"),
        (replace(GOOD, validation_loss=float("inf")), "validation loss"),
        (replace(GOOD, validation_loss=-1.0), "validation loss"),
        (replace(GOOD, validation_loss=1e9), "validation loss"),
        (replace(GOOD, validation_tokens=-1), "validation tokens"),
        (replace(GOOD, validation_tokens=10**15), "validation tokens"),
    ],
)
def test_a_bad_update_is_refused_and_the_good_one_beside_it_is_kept(
    update: SiteUpdate, reason: str
) -> None:
    answers = [Answer("eve", update), Answer("ada", GOOD)]
    good, bad = judge(answers, Task(1, 5), JOINT, SETTINGS)
    assert (good.site, good.update) == ("ada", GOOD)
    assert bad.update is None
    assert reason in bad.refusal


def test_a_claim_of_validation_tokens_counts_for_no_more_than_screening_allows() -> None:
    def answers(claimed: int, per_token: float) -> list[Answer]:
        evil = replace(GOOD, validation_tokens=claimed, validation_loss=per_token * claimed)
        good = replace(GOOD, validation_tokens=100, validation_loss=150.0)
        return [Answer("ada", good), Answer("bob", good), Answer("eve", evil)]

    scores = scores_of(answers(70_000_000, 3.0), SETTINGS)
    assert scores["ada"] == Score(150.0, 100)
    assert scores["eve"].tokens == 500
    assert scores["eve"].loss / scores["eve"].tokens == pytest.approx(3.0)
    assert scores_of(answers(400, 3.0), SETTINGS)["eve"] == Score(1200.0, 400)
    assert scores_of(answers(0, 3.0), SETTINGS)["eve"] == Score(0.0, 0)


def test_a_reply_may_have_less_rank_where_the_method_joins_mixed_ranks() -> None:
    less = with_factors(torch.ones(1, 3), torch.ones(4, 1))
    more = with_factors(torch.ones(3, 3), torch.ones(4, 3))
    for method, update, is_fine in (
        ("flexlora", less, True),
        ("fedit", less, False),
        ("flexlora", more, False),
    ):
        settings = SETTINGS.model_copy(update={"method": method})
        (answer,) = judge([Answer("ada", update)], Task(1, 5), JOINT, settings)
        assert (answer.update is update) == is_fine
        assert is_fine or "wrong shape" in answer.refusal


@pytest.mark.parametrize(("shares", "letter"), [({"a"}, "B"), ({"b"}, "A"), ({"core"}, "A")])
def test_a_reply_that_changes_what_is_not_shared_is_refused(shares: set[str], letter: str) -> None:
    parts = frozenset(Part(name) for name in shares)
    update = with_factors(JOINT["m"].a + 0.1, JOINT["m"].b + 0.1)
    (answer,) = judge([Answer("ada", update)], Task(1, 5, parts, parts), JOINT, SETTINGS)
    assert answer.refusal == f"it changed the frozen factor {letter}"


def test_the_weight_is_the_capped_number_of_pairs_or_the_same_for_all() -> None:
    greedy = replace(GOOD, pairs=10**9)
    assert weight(greedy, SETTINGS) == SETTINGS.max_weight
    assert weight(greedy, SETTINGS.model_copy(update={"weighting": "equal"})) == 1


def test_the_largest_group_that_fits_together_goes_on() -> None:
    found = [who("eve", base="other"), who("bob"), who("ada"), who("mallory")]
    known, left_out = agreeing(found, NAMES)
    assert sorted(known) == ["ada", "bob"]
    assert "fingerprint 'other'" in left_out["eve"]
    assert left_out["mallory"] == "it is not among the sites of this run"


def test_two_nodes_with_one_name_are_both_left_out() -> None:
    known, left_out = agreeing([who("ada"), who("bob"), who("bob", data="x")], NAMES)
    assert sorted(known) == ["ada"]
    assert left_out == {"bob": "two nodes claim to be it"}
