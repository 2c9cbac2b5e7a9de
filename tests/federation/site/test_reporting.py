"""What is reported to a coordinator: no more, and no finer, than the policy allows."""

from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.config.policy import Policy
from fedtranslate.federation.exchange import Introduction, SiteUpdate
from fedtranslate.federation.site.reporting import (
    coarse_pairs,
    coarsened,
    coarsened_introduction,
    significant,
)

POLICIES = st.builds(
    Policy,
    report=st.sampled_from([(), ("pairs",), ("pairs", "train_loss"), ("validation_loss",)]),
    report_digits=st.integers(1, 15),
    report_pairs_in=st.sampled_from([1, 10, 20, 40, 80]),
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=32)


def digits_of(value: float) -> int:
    return len(f"{value:.16e}".split("e")[0].replace(".", "").lstrip("-").strip("0"))


@given(NUMBERS, st.integers(1, 9))
def test_a_number_is_reported_with_no_more_digits_than_allowed(value: float, digits: int) -> None:
    found = significant(value, digits)
    assert len(repr(abs(found)).split("e")[0].replace(".", "").strip("0")) <= digits
    assert significant(found, digits) == found
    assert abs(found - value) <= abs(value) * 10 ** (1 - digits)


@given(POLICIES, NUMBERS, NUMBERS, st.integers(0, 10**9), st.integers(1, 10**6))
def test_two_updates_that_look_alike_when_coarsened_cannot_be_told_apart(
    policy: Policy, train: float, validation: float, tokens: int, pairs: int
) -> None:
    update = SiteUpdate(None, pairs, train, validation, tokens, pairs)
    once = coarsened(update, policy)
    assert coarsened(once, policy) == once
    assert once.pairs % policy.report_pairs_in == 0
    assert once.pairs <= pairs


@given(POLICIES, NUMBERS, st.integers(1, 10**6))
def test_what_is_not_to_be_reported_leaves_as_zero(policy: Policy, loss: float, count: int) -> None:
    update = coarsened(SiteUpdate(None, count, loss, loss, count, count), policy)
    if "pairs" not in policy.report:
        assert (update.pairs, update.validation_pairs) == (0, 0)
        assert coarsened_introduction(Introduction("a", "b", "d", count, {}), policy).pairs == 0
    if "train_loss" not in policy.report:
        assert update.train_loss == 0
    if "validation_loss" not in policy.report:
        assert (update.validation_loss, update.validation_tokens) == (0, 0)


@given(st.integers(1, 10**6), st.integers(1, 1000), st.integers(2, 9))
def test_coarser_steps_reveal_no_more_about_the_number_of_pairs(
    pairs: int, step: int, factor: int
) -> None:
    fine = coarse_pairs(pairs, Policy(report_pairs_in=step))
    coarse = coarse_pairs(pairs, Policy(report_pairs_in=step * factor))
    assert coarse == coarse_pairs(fine, Policy(report_pairs_in=step * factor))
