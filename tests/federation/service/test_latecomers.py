"""The service offers the release of a completed run to sites that are back."""

from pathlib import Path

import pytest
from superlinks import Flower

from fedtranslate.config.federation import RunSettings
from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.journal import Journal
from fedtranslate.federation.coordinator.offers import Offers, write_offers
from fedtranslate.federation.coordinator.orders import (
    STOP_FILE,
    Order,
    read_order,
    state_of,
    write_order,
)
from fedtranslate.federation.service.latecomers import offer_to_latecomers
from fedtranslate.federation.service.runs import keep_runs, resume_run, start_run, stop_run

SETTINGS = RunSettings(name="cairn", source="java", target="csharp", rounds=3)
SITES = ("ada", "bob", "eve")
DONE = {"ada": "installed", "bob": "declined"}
LATER = 10_000


@pytest.fixture
def flower() -> Flower:
    return Flower()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A completed run whose release eve has not answered."""
    folder = tmp_path / "cairn"
    write_order(folder, Order(SETTINGS, SITES, wish="nothing", flower=0, started=100))
    Journal(folder, str).set_status("completed")
    write_offers(folder, Offers("3f2a", DONE))
    return folder


def look(flower: Flower, folder: Path, now: int, *online: str) -> list[str]:
    return [
        *keep_runs(flower, folder.parent, now, online),
        *offer_to_latecomers(flower, folder.parent, now, online),
    ]


def test_a_site_that_is_back_starts_the_app_once_more(flower: Flower, folder: Path) -> None:
    assert look(flower, folder, LATER, "ada", "bob") == []
    told = look(flower, folder, LATER, "ada", "bob", "eve")
    assert told == ["The release of the run cairn is offered to eve, too."]
    assert state_of(folder).state == "completed"


def test_an_app_that_has_died_is_given_up(flower: Flower, folder: Path) -> None:
    look(flower, folder, LATER, "eve")
    assert look(flower, folder, LATER + 100, "eve") == [], "it may still be starting"
    assert read_order(folder).wish == "offer"
    assert look(flower, folder, LATER + 1000, "eve") == []
    assert flower.stopped == [1]
    assert read_order(folder).wish == "nothing"


def test_an_app_that_offers_is_left_alone_and_its_end_noted(flower: Flower, folder: Path) -> None:
    look(flower, folder, LATER, "eve")
    with Journal(folder, str).locked():
        assert look(flower, folder, LATER + 1000, "eve") == []
        assert read_order(folder).wish == "offer"
    flower.ends(1, "completed")
    write_offers(folder, Offers("3f2a", {**DONE, "eve": "installed"}))
    assert look(flower, folder, LATER + 1001, "eve") == []
    assert read_order(folder).wish == "nothing"
    assert look(flower, folder, LATER + 9000, "eve") == []
    assert list(flower.known) == [1]


def test_a_site_that_comes_and_goes_does_not_keep_it_busy(flower: Flower, folder: Path) -> None:
    look(flower, folder, LATER, "eve")
    flower.ends(1, "completed")
    assert look(flower, folder, LATER + 1, "eve") == []
    assert look(flower, folder, LATER + 500, "eve") == []
    assert len(look(flower, folder, LATER + 700, "eve")) == 1


def test_sites_that_may_have_a_withdrawn_release_are_told(flower: Flower, folder: Path) -> None:
    write_offers(folder, Offers("3f2a", DONE, is_withdrawn=True, told=frozenset({"ada"})))
    assert look(flower, folder, LATER, "ada", "eve") == []
    told = look(flower, folder, LATER, "ada", "bob", "eve")
    assert told == ["The release of the run cairn is told to be withdrawn to bob, too."]


@pytest.mark.parametrize("change", ["closed", "failed", "stopped", "no release", "soon"])
def test_nothing_is_offered_where_nothing_is_to_be_offered(
    flower: Flower, folder: Path, change: str
) -> None:
    if change == "closed":
        write_offers(folder, Offers("3f2a", DONE, is_closed=True))
    elif change == "failed":
        Journal(folder, str).set_status("failed", "Too few sites.")
    elif change == "stopped":
        write_order(folder, Order(SETTINGS, SITES, wish="stop", started=100))
    elif change == "no release":
        (folder / "offers.json").unlink()
    assert look(flower, folder, 200 if change == "soon" else LATER, "eve") == []
    assert not flower.known


def test_more_rounds_go_before_an_offer(flower: Flower, folder: Path) -> None:
    look(flower, folder, LATER, "eve")
    longer = SETTINGS.model_copy(update={"rounds": 5})
    assert start_run(flower, folder.parent, longer, SITES, LATER + 5).wish == "go on"
    assert flower.stopped == [1]
    assert state_of(folder).state == "ordered"


def test_a_release_for_other_sites_is_nothing_to_come_back_for(
    flower: Flower, folder: Path
) -> None:
    own = SETTINGS.model_copy(update={"released_to": ("ada",)})
    write_order(folder, Order(own, SITES, wish="nothing", flower=0, started=100))
    assert look(flower, folder, LATER, "ada", "bob", "eve") == []


@pytest.mark.parametrize("is_at_work", [True, False])
def test_a_completed_run_that_is_stopped_offers_nothing_until_it_is_resumed(
    flower: Flower, folder: Path, *, is_at_work: bool
) -> None:
    if is_at_work:
        look(flower, folder, LATER, "eve")
    stop_run(flower, folder)
    assert flower.stopped == ([1] if is_at_work else [])
    assert look(flower, folder, 2 * LATER, "eve") == []
    assert (state_of(folder).state, read_order(folder).wish) == ("completed", "stop")
    resume_run(flower, folder, 3 * LATER)
    assert len(look(flower, folder, 3 * LATER, "eve")) == 1


def test_a_request_to_stop_ends_an_offer(flower: Flower, folder: Path) -> None:
    look(flower, folder, LATER, "eve")
    (folder / STOP_FILE).touch()
    assert look(flower, folder, LATER + 1) == ["The run cairn was stopped on request."]
    assert flower.stopped == [1]


def test_sites_are_told_of_a_withdrawn_release_although_its_run_was_stopped(
    flower: Flower, folder: Path
) -> None:
    stop_run(flower, folder)
    write_offers(folder, Offers("3f2a", DONE, is_withdrawn=True))
    assert len(look(flower, folder, LATER, "ada")) == 1


def test_a_completed_run_of_which_all_sites_have_answered_cannot_be_stopped(
    flower: Flower, folder: Path
) -> None:
    write_offers(folder, Offers("3f2a", {**DONE, "eve": "installed"}))
    with pytest.raises(FederationError, match="not at work"):
        stop_run(flower, folder)
