"""Runs that go on when their processes died; a SuperLink of our own tells what became of them."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from superlinks import Flower

from fedtranslate.config.federation import RunSettings
from fedtranslate.errors import ConfigError, FederationError, FedTranslateError
from fedtranslate.federation.coordinator.journal import Journal, round_folder, write_json
from fedtranslate.federation.coordinator.orders import (
    STOP_FILE,
    Order,
    orders,
    read_order,
    state_of,
    write_order,
)
from fedtranslate.federation.coordinator.worth import CONTRIBUTION_FILE
from fedtranslate.federation.flower.compat import BEGIN_SECONDS
from fedtranslate.federation.service.runs import keep_runs, resume_run, start_run, stop_run

SETTINGS = RunSettings(name="cairn", source="java", target="csharp", rounds=3)
SITES = ("ada", "bob")


@pytest.fixture
def flower() -> Flower:
    return Flower()


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def _finish_round(folder: Path, number: int) -> None:
    place = folder / f"round-{number:05d}"
    place.mkdir(parents=True)
    write_json(place / "round.json", {})


def test_a_run_is_ordered_and_started(flower: Flower, runs: Path) -> None:
    order = start_run(flower, runs, SETTINGS, SITES, 100)
    assert (order.flower, order.attempts, order.started) == (1, 1, 100)
    assert read_order(runs / "cairn") == order
    assert state_of(runs / "cairn").state == "ordered"
    with pytest.raises(FederationError, match="at work already"):
        start_run(flower, runs, SETTINGS, SITES, 101)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"robust": "geometric-median"}, "among 3 sites or more, and the run has 2"),
        ({"contribution": "shapley", "coalitions": 2}, "takes at least 3 coalitions for 2 sites"),
    ],
)
def test_what_the_number_of_sites_does_not_allow_is_refused_before_the_start(
    wrong: dict[str, object], message: str, flower: Flower, runs: Path
) -> None:
    with pytest.raises(FedTranslateError, match=message):
        start_run(flower, runs, SETTINGS.model_copy(update=wrong), SITES, 100)
    assert not list(orders(runs))


def test_a_run_whose_app_died_is_started_again_after_its_last_round(
    flower: Flower, runs: Path
) -> None:
    start_run(flower, runs, SETTINGS, SITES, 100)
    folder = runs / "cairn"
    Journal(folder, str).set_status("running")
    _finish_round(folder, 1)
    assert keep_runs(flower, runs, 110) == []
    flower.ends(1, "failed", "No heartbeat received from the task.")
    (done,) = keep_runs(flower, runs, 120)
    assert done == "The run cairn goes on after round 1; its app had ended."
    order = read_order(folder)
    assert (order.flower, order.attempts, order.since_round) == (2, 1, 1)


def test_an_app_that_died_unnoticed_is_found_by_its_lock(flower: Flower, runs: Path) -> None:
    start_run(flower, runs, SETTINGS, SITES, 100)
    folder = runs / "cairn"
    with Journal(folder, str).locked():
        assert keep_runs(flower, runs, 500) == []
    assert keep_runs(flower, runs, 120) == [], "it may still be starting"
    assert len(keep_runs(flower, runs, 500)) == 1
    assert flower.stopped == [1]
    assert read_order(folder).flower == 2


def test_an_interrupted_run_goes_on_and_a_failed_one_does_not(flower: Flower, runs: Path) -> None:
    start_run(flower, runs, SETTINGS, SITES, 100)
    journal = Journal(runs / "cairn", str)
    journal.set_status("interrupted", "It was interrupted.")
    flower.ends(1, "failed")
    assert "goes on" in keep_runs(flower, runs, 101)[0]
    journal.set_status("failed", "Round 2 has 1 valid replies, but 2 are needed.")
    flower.ends(2, "failed")
    assert keep_runs(flower, runs, 102) == ["The run cairn has ended."]
    assert keep_runs(flower, runs, 103) == []
    state = state_of(runs / "cairn")
    assert (state.state, state.reason) == (
        "failed",
        "Round 2 has 1 valid replies, but 2 are needed.",
    )


def test_a_run_whose_sites_are_away_goes_on_when_a_quorum_is_connected(
    flower: Flower, runs: Path
) -> None:
    start_run(flower, runs, SETTINGS, SITES, 100)
    folder = runs / "cairn"
    for number in range(1, 8):
        Journal(folder, str).set_status("waiting", "1 of 2 sites can take part.")
        flower.ends(number, "failed")
        later = 100_000 * number
        assert keep_runs(flower, runs, later, ["ada", "eve"]) == []
        assert state_of(folder).state == "waiting"
        (done,) = keep_runs(flower, runs, later + 2, ["ada", "bob"])
        assert done == "The run cairn goes on after round 0; enough of its sites are there."
        assert keep_runs(flower, runs, later + 4, ["ada", "bob"]) == []
        assert read_order(folder).flower == number + 1


def test_a_waiting_run_that_says_how_many_sites_it_wants_is_not_started_for_fewer(
    flower: Flower, runs: Path
) -> None:
    start_run(flower, runs, SETTINGS, ("ada", "bob", "cid"), 100)
    Journal(runs / "cairn", str).set_status("waiting", "a rule needs more", wanted=3)
    flower.ends(1, "failed")
    assert keep_runs(flower, runs, 200, ["ada", "bob"]) == []
    (done,) = keep_runs(flower, runs, 300, ["ada", "bob", "cid"])
    assert "enough of its sites are there" in done


def test_a_run_does_not_wait_for_ever_and_says_how_to_go_on(flower: Flower, runs: Path) -> None:
    start_run(flower, runs, SETTINGS, SITES, 100)
    folder = runs / "cairn"
    Journal(folder, str).set_status("waiting", "1 of 2 sites can take part.")
    flower.ends(1, "failed")
    assert "has failed" in keep_runs(flower, runs, 100 + 8 * 86_400)[0]
    state = state_of(folder)
    assert (state.state, "federate resume cairn" in state.reason) == ("failed", True)
    assert keep_runs(flower, runs, 100 + 8 * 86_400, SITES) == []
    assert resume_run(flower, folder, 100 + 8 * 86_400).flower == 2


def test_a_waiting_run_can_be_stopped(flower: Flower, runs: Path) -> None:
    start_run(flower, runs, SETTINGS, SITES, 100)
    Journal(runs / "cairn", str).set_status("waiting", "1 of 2 sites can take part.")
    flower.ends(1, "failed")
    stop_run(flower, runs / "cairn")
    assert keep_runs(flower, runs, 200, SITES) == []
    assert state_of(runs / "cairn").state == "stopped"


def test_an_app_that_takes_long_to_begin_is_left_alone(flower: Flower, runs: Path) -> None:
    start_run(flower, runs, SETTINGS, SITES, 100)
    assert keep_runs(flower, runs, 100 + int(BEGIN_SECONDS)) == []
    assert len(keep_runs(flower, runs, 100 + 2 * int(BEGIN_SECONDS))) == 1


def test_a_run_whose_app_never_begins_fails_and_says_so(flower: Flower, runs: Path) -> None:
    start_run(flower, runs, SETTINGS, SITES, 100)
    for number in range(1, 6):
        flower.ends(number, "failed", "No heartbeat received from the task.")
        keep_runs(flower, runs, 100 + number)
    assert "did not begin within 120 s: the machine may be too" in state_of(runs / "cairn").reason


@pytest.mark.parametrize("ending", ["completed", "failed", "stopped"])
def test_a_run_that_flower_calls_over_is_completed_only_if_its_journal_says_so(
    flower: Flower, runs: Path, ending: str
) -> None:
    start_run(flower, runs, SETTINGS, SITES, 100)
    Journal(runs / "cairn", str).set_status("running")
    flower.ends(1, ending)
    assert "goes on" in keep_runs(flower, runs, 101)[0]


@pytest.mark.parametrize("state", ["completed", "failed"])
def test_a_run_that_has_ended_is_not_started_again_while_flower_still_calls_it_running(
    flower: Flower, runs: Path, state: str
) -> None:
    start_run(flower, runs, SETTINGS, SITES, 100)
    Journal(runs / "cairn", str).set_status(state)
    assert len(keep_runs(flower, runs, 500)) == 1
    assert keep_runs(flower, runs, 501) == []
    assert read_order(runs / "cairn").flower == 1


def test_a_run_that_is_resumed_does_not_tell_how_it_failed_before(
    flower: Flower, runs: Path
) -> None:
    start_run(flower, runs, SETTINGS, SITES, 100)
    Journal(runs / "cairn", str).set_status("failed", "Too few sites.")
    flower.ends(1, "failed")
    keep_runs(flower, runs, 101)
    resume_run(flower, runs / "cairn", 102)
    state = state_of(runs / "cairn")
    assert (state.state, state.reason) == ("ordered", "")
    assert keep_runs(flower, runs, 103) == []


def test_a_run_that_never_comes_further_fails_and_says_why(flower: Flower, runs: Path) -> None:
    start_run(flower, runs, SETTINGS, SITES, 100)
    Journal(runs / "cairn", str).set_status("running")
    for number in range(1, 6):
        flower.ends(number, "failed", "No space left on device.")
        (said,) = keep_runs(flower, runs, 100 + number)
    assert "has failed" in said
    state = state_of(runs / "cairn")
    assert state.state == "failed"
    assert "started 5 times" in state.reason
    assert "No space left on device." in state.reason
    assert keep_runs(flower, runs, 200) == []


def test_a_round_that_is_finished_makes_attempts_count_anew(flower: Flower, runs: Path) -> None:
    start_run(flower, runs, SETTINGS, SITES, 100)
    folder = runs / "cairn"
    Journal(folder, str).set_status("running")
    for number in range(1, 12):
        _finish_round(folder, number)
        flower.ends(number, "failed")
        assert "goes on" in keep_runs(flower, runs, 100)[0]


def test_a_superlink_that_has_forgotten_the_run_starts_it_anew(flower: Flower, runs: Path) -> None:
    start_run(flower, runs, SETTINGS, SITES, 100)
    flower.known.clear()
    assert "goes on" in keep_runs(flower, runs, 101)[0]


def test_a_start_that_was_cut_off_is_made_good(flower: Flower, runs: Path) -> None:
    write_order(runs / "cairn", Order(SETTINGS, SITES, started=100))
    assert "goes on" in keep_runs(flower, runs, 101)[0]
    assert read_order(runs / "cairn").flower == 1


def test_a_run_whose_start_was_cut_off_before_it_was_noted_is_stopped(
    flower: Flower, runs: Path
) -> None:
    start_run(flower, runs, SETTINGS, SITES, 100)
    orphan = flower.start({})
    other = SETTINGS.model_copy(update={"name": "other"})
    write_order(runs / "other", Order(other, SITES, started=100))
    assert "goes on" in keep_runs(flower, runs, 101)[0]
    assert flower.stopped == [orphan]
    assert read_order(runs / "cairn").flower == 1
    assert read_order(runs / "other").flower == 3


def test_of_two_starts_at_once_one_is_refused(flower: Flower, runs: Path) -> None:
    def slow(run_config: object) -> int:
        time.sleep(0.2)
        return Flower.start(flower, run_config)

    flower.start = slow  # type: ignore[method-assign]
    refused = []

    def begin() -> None:
        try:
            start_run(flower, runs, SETTINGS, SITES, 100)
        except FederationError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=begin) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert "at work already" in refused[0]
    assert list(flower.known) == [1]


def test_a_stopped_run_stays_stopped_until_it_is_resumed(flower: Flower, runs: Path) -> None:
    start_run(flower, runs, SETTINGS, SITES, 100)
    folder = runs / "cairn"
    _finish_round(folder, 1)
    stop_run(flower, folder)
    Journal(folder, str).set_status("interrupted", "It was interrupted.")
    assert keep_runs(flower, runs, 1000) == []
    assert (state_of(folder).state, state_of(folder).reason) == ("stopped", "")
    with pytest.raises(FederationError, match="not at work"):
        stop_run(flower, folder)
    assert resume_run(flower, folder, 1001).since_round == 1
    assert read_order(folder).wish == "go on"


def test_a_request_to_stop_is_followed_once(flower: Flower, runs: Path) -> None:
    start_run(flower, runs, SETTINGS, SITES, 100)
    folder = runs / "cairn"
    (folder / STOP_FILE).touch()
    assert keep_runs(flower, runs, 101) == ["The run cairn was stopped on request."]
    assert not (folder / STOP_FILE).exists()
    resume_run(flower, folder, 102)
    assert keep_runs(flower, runs, 103) == []


def test_a_completed_run_goes_on_only_for_more_rounds(flower: Flower, runs: Path) -> None:
    start_run(flower, runs, SETTINGS, SITES, 100)
    folder = runs / "cairn"
    for number in (1, 2, 3):
        _finish_round(folder, number)
    Journal(folder, str).set_status("completed")
    flower.ends(1, "completed")
    assert keep_runs(flower, runs, 101) == ["The run cairn has been completed."]
    with pytest.raises(FederationError, match=r"is completed.*more rounds"):
        start_run(flower, runs, SETTINGS, SITES, 102)
    asked = SETTINGS.model_copy(update={"contribution": "shapley"})
    with pytest.raises(FederationError, match=r"to round 3 were worth cannot.*'--rounds 4'"):
        start_run(flower, runs, asked, SITES, 102)
    write_json(round_folder(folder, 3) / CONTRIBUTION_FILE, {})
    with pytest.raises(FederationError, match=r"is completed\..*more rounds"):
        start_run(flower, runs, asked, SITES, 102)
    longer = SETTINGS.model_copy(update={"rounds": 5})
    assert start_run(flower, runs, longer, SITES, 103).settings.rounds == 5


def test_other_sites_or_settings_under_the_same_name_are_refused(
    flower: Flower, runs: Path
) -> None:
    start_run(flower, runs, SETTINGS, SITES, 100)
    flower.ends(1, "failed")
    started = start_run(flower, runs, SETTINGS, ("ada",), 101)
    assert started.sites == ("ada",), "before its first round, a run may have other sites"
    flower.ends(2, "failed")
    round_folder(runs / "cairn", 1).mkdir()
    write_json(round_folder(runs / "cairn", 1) / "round.json", {})
    with pytest.raises(FederationError, match="began with the sites ada"):
        start_run(flower, runs, SETTINGS, SITES, 102)


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_text("{"),
        lambda path: path.write_text('{"settings": {}}'),
        lambda path: path.write_text('{"settings": 5, "sites": 3}'),
        lambda path: path.unlink(),
    ],
)
def test_a_damaged_order_stops_no_other_run(
    flower: Flower, runs: Path, damage: Callable[[Path], object]
) -> None:
    start_run(flower, runs, SETTINGS, SITES, 100)
    other = SETTINGS.model_copy(update={"name": "other"})
    start_run(flower, runs, other, SITES, 100)
    flower.ends(2, "failed")
    damage(runs / "cairn" / "order.json")
    assert keep_runs(flower, runs, 101) == [
        "The run other goes on after round 0; its app had ended."
    ]
    assert [folder.name for folder, _ in orders(runs)] == ["other"]
    with pytest.raises(FederationError):
        state_of(runs / "cairn")


def test_while_an_order_is_damaged_no_run_is_taken_for_an_orphan(
    flower: Flower, runs: Path
) -> None:
    start_run(flower, runs, SETTINGS, SITES, 100)
    start_run(flower, runs, SETTINGS.model_copy(update={"name": "other"}), SITES, 100)
    (runs / "cairn" / "order.json").write_text("{")
    write_order(runs / "other", replace(read_order(runs / "other"), flower=0))
    keep_runs(flower, runs, 101)
    assert flower.stopped == []
    write_order(runs / "cairn", Order(SETTINGS, SITES, flower=1))
    write_order(runs / "other", replace(read_order(runs / "other"), flower=0))
    keep_runs(flower, runs, 102)
    assert 1 not in flower.stopped
    assert 2 in flower.stopped


def test_an_order_keeps_what_it_is_given(tmp_path: Path) -> None:
    order = replace(Order(SETTINGS, SITES), wish="stop", flower=7, attempts=2, since_round=1)
    write_order(tmp_path, order)
    assert read_order(tmp_path) == order


def test_a_release_for_a_site_that_is_not_in_the_run_is_refused_before_it_is_ordered(
    flower: Flower, runs: Path
) -> None:
    wrong = SETTINGS.model_copy(update={"released_to": ("ada", "zoe")})
    with pytest.raises(ConfigError, match="released_to names zoe"):
        start_run(flower, runs, wrong, SITES, 100)
    assert not list(orders(runs))
