"""What the coordinator answers to bytes that came from anyone."""

import pytest
from enrolling import FEDERATION, NOW, Asker
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fedtranslate.federation.coordinator.enrolment import answer
from fedtranslate.federation.coordinator.members import EnrolmentRefused, Members
from fedtranslate.federation.membership.requests import MAX_BYTES, Action, Reason, Signed, State


def reason_of(
    members: Members, action: Action, outer: Signed | bytes, now: int = NOW
) -> tuple[Reason, str]:
    body = outer if isinstance(outer, bytes) else outer.model_dump_json().encode()
    with pytest.raises(EnrolmentRefused) as caught:
        answer(members, action, body, FEDERATION, now)
    return caught.value.reason, caught.value.message


def test_a_whole_membership_goes_through_one_function(members: Members) -> None:
    site = Asker().invited(members, approves=True)
    states = [
        answer(
            members, action, site.ask(action)[1].model_dump_json().encode(), FEDERATION, NOW
        ).state
        for action in (Action.JOIN, Action.STATUS, Action.LEAVE, Action.STATUS)
    ]
    assert states == [State.APPROVED, State.APPROVED, State.LEFT, State.LEFT]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), st.sampled_from(Action))
def test_noise_is_malformed(members: Members, body: bytes, action: Action) -> None:
    assert reason_of(members, action, body)[0] is Reason.MALFORMED


def test_a_body_above_the_limit_is_too_large(members: Members) -> None:
    assert reason_of(members, Action.JOIN, b" " * (MAX_BYTES + 1))[0] is Reason.TOO_LARGE


@pytest.mark.parametrize(("hours", "way"), [(1, "early"), (-1, "late")])
def test_a_clock_off_by_an_hour_is_told_which_way(members: Members, hours: int, way: str) -> None:
    site = Asker().approved(members)
    reason, message = reason_of(
        members, Action.STATUS, site.ask(Action.STATUS, NOW + hours * 3600)[1]
    )
    assert reason is Reason.CLOCK
    assert f"3600 seconds too {way}" in message


def test_a_time_beyond_all_clocks_is_refused_in_a_short_sentence(members: Members) -> None:
    site = Asker().approved(members)
    reason, message = reason_of(members, Action.STATUS, site.ask(Action.STATUS, 10**300)[1])
    assert reason is Reason.CLOCK
    assert len(message) < 200


def test_a_request_serves_its_own_purpose_only(members: Members) -> None:
    site = Asker().approved(members)
    outer = site.ask(Action.STATUS)[1]
    assert reason_of(members, Action.LEAVE, outer)[0] is Reason.MALFORMED


def test_requests_to_another_federation_are_refused(members: Members) -> None:
    site = Asker(federation="other").invited(members)
    reason, message = reason_of(members, Action.JOIN, site.ask(Action.JOIN)[1])
    assert reason is Reason.INVITE_UNKNOWN
    assert "the federation trade, not other" in message
    assert reason_of(members, Action.STATUS, site.ask(Action.STATUS)[1])[0] is Reason.SITE_UNKNOWN


def test_refusals_are_noted_of_sites_that_are_known(members: Members) -> None:
    Asker().approved(members)
    reason_of(members, Action.STATUS, Asker().ask(Action.STATUS)[1])
    reason_of(members, Action.STATUS, Asker("made-up").ask(Action.STATUS)[1])
    told = [event for event in members.events() if event.kind == "refused"]
    assert [(event.site, event.text) for event in told] == [
        ("north", "A request as north was refused: signature.")
    ]
