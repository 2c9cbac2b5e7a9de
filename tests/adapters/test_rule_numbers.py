"""How many wrong replies a rule bears, and how many replies it needs for that."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from rule_cohorts import ALL, FEW, SEEDS, cohort, dense, mean, near

from fedtranslate.adapters.robust import rules
from fedtranslate.adapters.robust.rules import RULES, expected, withstand
from fedtranslate.errors import AggregationError


@pytest.mark.parametrize(
    ("name", "sites", "bears"),
    [
        ("median", 3, 1),
        ("trimmed-mean", 11, 3),
        ("geometric-median", 4, 1),
        ("krum", 5, 1),
        ("multi-krum", 11, 3),
        ("bulyan", 7, 1),
        ("bulyan", 11, 2),
    ],
)
def test_of_itself_a_rule_bears_what_it_can_up_to_a_third(
    name: str, sites: int, bears: int
) -> None:
    assert expected(RULES[name], 0, sites) == bears


@pytest.mark.parametrize(
    ("name", "byzantine", "sites", "complaint"),
    [
        ("krum", 0, 4, "krum bears 1 Byzantine among 5 sites or more, and the run has 4"),
        ("bulyan", 0, 6, "among 7 sites"),
        ("bulyan", 2, 10, "bears 2 Byzantine among 11 sites"),
        ("median", 2, 4, "among 5 sites"),
        ("trimmed-mean", 0, 2, "among 3 sites"),
    ],
)
def test_a_rule_that_cannot_bear_them_among_so_few_is_refused(
    name: str, byzantine: int, sites: int, complaint: str
) -> None:
    with pytest.raises(AggregationError, match=complaint):
        expected(RULES[name], byzantine, sites)


@pytest.mark.parametrize(
    ("name", "byzantine", "sites", "hint"),
    [
        ("krum", 0, 2, "No rule fits; 5 sites are enough for it"),
        ("median", 1, 2, "No rule fits; 3 sites are enough for it"),
        ("krum", 1, 4, "Rules that fit 4 sites: geometric-median, median, trimmed-mean; 5 sites"),
        ("median", 2, 4, "Set byzantine to 1 or less, or invite more sites."),
    ],
)
def test_the_way_out_of_a_rule_for_too_few_sites_works(
    name: str, byzantine: int, sites: int, hint: str
) -> None:
    with pytest.raises(AggregationError) as refused:
        expected(RULES[name], byzantine, sites)
    assert hint in str(refused.value)


@ALL
def test_a_round_of_too_few_replies_is_refused_unless_the_bad_ones_are_out(name: str) -> None:
    start, replies = cohort(1, 11)
    few = replies[: RULES[name].needs(2) - 1]
    with pytest.raises(AggregationError, match=f"are too few for the rule {name}: to bear 2"):
        withstand(name, few, [1] * len(few), start, byzantine=2)
    assert withstand(name, few, [1] * len(few), start, byzantine=2, refused=1).replies
    with pytest.raises(AggregationError, match="0 replies are too few"):
        withstand(name, few, [0] * len(few), start, byzantine=2)


@given(
    name=st.sampled_from(sorted(RULES)), byzantine=st.integers(1, 20), refused=st.integers(0, 25)
)
def test_what_is_left_of_enough_replies_is_enough_for_what_is_left_to_bear(
    name: str, byzantine: int, refused: int
) -> None:
    rule = RULES[name]
    enough, gone = rule.needs(byzantine), min(refused, byzantine)
    assert rules.fewest(rule, byzantine, gone) <= enough - gone
    assert rules.fewest(rule, byzantine, refused) >= 1
    assert rules.fewest(rule, byzantine, refused + 1) <= rules.fewest(rule, byzantine, refused)


@ALL
@FEW
@given(seed=SEEDS, wrong=st.integers(0, 2), size=st.sampled_from([10.0, 1e3]))
def test_a_site_that_is_refused_on_purpose_does_not_help_the_other_wrong_ones(
    name: str, seed: int, wrong: int, size: float
) -> None:
    """Of eleven two are wrong; the more of them are refused, the fewer are left to be borne."""
    start, honest = cohort(seed, 9)
    rows = torch.stack([dense(reply) for reply in honest])
    middle = rows.mean(dim=0)
    away = float((rows - middle).norm(dim=1).max())
    bad = [near(start, seed + 99 + number, size) for number in range(2 - wrong)]
    outcome = withstand(
        name,
        [*honest, *bad],
        [1] * (11 - wrong),
        start,
        byzantine=2,
        refused=wrong,
        wrong=wrong,
        keeps_rank=False,
    )
    assert float((mean(outcome) - middle).norm()) <= 3 * away * 1.01 + 1e-3


@FEW
@given(seed=SEEDS)
def test_a_wrong_reply_that_is_found_is_not_looked_for_again(seed: int) -> None:
    start, replies = cohort(seed, 9)
    weights = [1] * 9
    found = withstand("multi-krum", replies, weights, start, byzantine=2, refused=2, wrong=2)
    assert sum(share > 0 for share in found.shares) == 7
    odd = withstand("multi-krum", replies, weights, start, byzantine=2, refused=2)
    assert sum(share > 0 for share in odd.shares) == 5


def test_honest_replies_that_are_made_to_look_odd_leave_all_wrong_ones_looked_for() -> None:
    start, honest = cohort(8, 6)
    bad = [near(start, 90 + number, 1e3) for number in range(3)]
    # Three wrong ones are to be borne; two honest ones more were refused against the others.
    outcome = withstand(
        "trimmed-mean", [*honest, *bad], [1] * 9, start, byzantine=3, refused=2, keeps_rank=False
    )
    rows = torch.stack([dense(reply) for reply in honest])
    away = float((rows - rows.mean(dim=0)).norm(dim=1).max())
    assert float((mean(outcome) - rows.mean(dim=0)).norm()) <= 3 * away
