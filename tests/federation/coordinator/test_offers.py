"""A release is offered to all sites of its run, to those that were away when they are back."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pytest

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.releases.ledger import Kind, signed_entry
from fedtranslate.adapters.releases.signing import SigningKey, load_signing_key
from fedtranslate.adapters.releases.store import ReleaseStore
from fedtranslate.config.federation import RunSettings
from fedtranslate.config.training import LoraSettings
from fedtranslate.errors import AdapterError
from fedtranslate.federation.coordinator.founding import found
from fedtranslate.federation.coordinator.journal import Journal, read_events
from fedtranslate.federation.coordinator.offers import Offers, read_offers, write_offers
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.federation.coordinator.releasing import Publisher
from fedtranslate.federation.coordinator.rounds import conduct
from fedtranslate.federation.coordinator.withdrawing import withdraw, withdrawals
from fedtranslate.federation.exchange import Answer, Decision, Introduction, SiteUpdate, Task

NAMES = ("ada", "bob", "eve")
NOW = "2026-01-02T03:04:05+00:00"
INSTALLED, DECLINED = Decision.INSTALLED, Decision.DECLINED


class Sites:
    """Sites that train, of which those in ``here`` are there for an offer, and answer as told."""

    def __init__(self, here: Sequence[str] = NAMES) -> None:
        self.here = here
        self.answers: dict[str, Decision | str] = dict.fromkeys(NAMES, INSTALLED)
        self.useless: dict[str, str] = {}
        self.offered: list[tuple[str, tuple[str, ...]]] = []

    def present(self, wanted: int) -> tuple[Sequence[Introduction], Mapping[str, str]]:  # noqa: ARG002
        return [Introduction(name, "tiny", "d", 10, {"m": (4, 3)}) for name in self.here], {}

    def ended(self) -> Mapping[str, str]:
        return {}

    def ask(self, task: Task, joint: Adapter, names: Sequence[str]) -> Sequence[Answer]:
        moved = {n: Factors(f.a, f.b + task.round, f.scaling) for n, f in joint.items()}
        update = SiteUpdate(moved if task.steps else None, 10, 0.5, 8.0 - task.round, 4, 2)
        return [Answer(name, update) for name in names]

    def reach(self, names: Collection[str]) -> tuple[Sequence[str], Mapping[str, str]]:
        there = [name for name in self.here if name in names and name not in self.useless]
        return there, {name: why for name, why in self.useless.items() if name in names}

    def offer(
        self, release: str, parts: Mapping[str, bytes], names: Sequence[str]
    ) -> Mapping[str, Decision | str]:
        assert "release.json" in parts
        self.offered.append((release, tuple(names)))
        return {name: self.answers[name] for name in names}


class Coordinator:
    def __init__(self, folder: Path, receivers: tuple[str, ...] = ()) -> None:
        self.receivers = receivers
        self.place = CoordinatorPlace(folder)
        found(
            self.place,
            'federation = "trade"\norganisation = "Trade AG"\ninvite_days = 7\n',
            1_800_000_000,
        )
        self.publisher = Publisher(self.place, lambda: NOW)
        self.store = ReleaseStore(self.place.releases)

    def settings(self, name: str = "first") -> RunSettings:
        lora = LoraSettings(rank=2, alpha=4.0)
        return RunSettings(
            name=name,
            source="java",
            target="csharp",
            rounds=1,
            seed=1,
            lora=lora,
            released_to=self.receivers,
        )

    def journal(self, name: str = "first") -> Journal:
        return Journal(self.place.run(name), lambda: NOW)

    def run(self, sites: Sites, name: str = "first") -> str:
        """Conduct a run, and return the id of its release."""
        settings, journal = self.settings(name), self.journal(name)

        def finish(present: Sequence[str]) -> None:
            self.publisher.release_best(settings, NAMES, present, sites, journal)

        conduct(settings, NAMES, sites, journal, finish=finish)
        return self.offers(name).release

    def again(self, sites: Sites, name: str = "first") -> None:
        self.publisher.offer_again(self.settings(name), NAMES, sites, self.journal(name))

    def offers(self, name: str = "first") -> Offers:
        offers = read_offers(self.place.run(name))
        assert offers is not None
        return offers

    def kinds(self) -> list[Kind]:
        return [entry.kind for entry in self.store.entries()]


@pytest.fixture
def coordinator(tmp_path: Path) -> Coordinator:
    return Coordinator(tmp_path / "hub")


def test_a_site_that_was_away_is_offered_a_published_release_when_it_is_back(
    coordinator: Coordinator,
) -> None:
    release = coordinator.run(Sites(("ada", "bob")))
    assert coordinator.store.usage().current("java->csharp") == release
    assert coordinator.offers().missing(NAMES) == ["eve"]
    sites = Sites()
    coordinator.again(sites)
    assert sites.offered == [(release, ("eve",))]
    assert coordinator.offers().decisions["eve"] == "installed"
    assert coordinator.offers().missing(NAMES) == []
    told = [event for event, _ in read_events(coordinator.place.run("first"))]
    assert told[-2].text.endswith("is offered to eve, which had not answered before.")
    assert told[-1].text.startswith("3 of 3 sites have installed")


def test_with_a_latecomer_a_release_may_get_its_quorum(coordinator: Coordinator) -> None:
    first = Sites(("ada", "bob"))
    first.answers["bob"] = DECLINED
    release = coordinator.run(first)
    assert coordinator.store.usage().in_use() == {}
    coordinator.again(Sites())
    assert coordinator.store.usage().current("java->csharp") == release
    assert coordinator.kinds()[-3:] == [Kind.DECLINED, Kind.PUBLISHED, Kind.PROMOTED]


def test_a_latecomer_that_declines_changes_nothing_for_the_others(coordinator: Coordinator) -> None:
    release = coordinator.run(Sites(("ada", "bob")))
    sites = Sites()
    sites.answers["eve"] = DECLINED
    coordinator.again(sites)
    assert coordinator.store.usage().current("java->csharp") == release
    assert coordinator.offers().missing(NAMES) == []


def test_a_site_that_is_there_and_gives_no_answer_is_not_asked_for_ever(
    coordinator: Coordinator,
) -> None:
    coordinator.run(Sites(("ada", "bob")))
    sites = Sites()
    sites.answers["eve"] = "it did not answer in time"
    for _ in range(3):
        coordinator.again(sites)
    sites.useless = {"eve": "its policy refuses"}
    for _ in range(3):
        coordinator.again(sites)
    assert len(sites.offered) == 3
    assert coordinator.offers().missing(NAMES) == []


def test_a_release_with_a_newer_one_is_offered_no_more(coordinator: Coordinator) -> None:
    coordinator.run(Sites(("ada", "bob")))
    newer = coordinator.run(Sites(("ada", "bob")), "second")
    sites = Sites()
    coordinator.again(sites)
    coordinator.again(sites, "second")
    assert sites.offered == [(newer, ("eve",))]
    assert coordinator.offers().is_closed


def test_a_release_that_was_withdrawn_is_offered_no_more_and_who_has_it_is_told(
    coordinator: Coordinator,
) -> None:
    release = coordinator.run(Sites(("ada", "bob")))
    withdraw(coordinator.place, release, "It recites code.", NOW)
    assert coordinator.store.usage().in_use() == {}
    sites = Sites(("ada", "eve"))
    coordinator.again(sites)
    assert coordinator.offers().missing(NAMES) == ["bob"]
    sites.here = NAMES
    coordinator.again(sites)
    assert coordinator.offers().missing(NAMES) == []
    assert sites.offered == []
    with pytest.raises(AdapterError, match="withdrawn before"):
        withdraw(coordinator.place, release, "again", NOW)


def test_withdrawals_are_signed_and_only_believed_with_the_coordinators_key(
    coordinator: Coordinator,
) -> None:
    release = coordinator.run(Sites())
    withdraw(coordinator.place, release, "It recites code.", NOW)
    (text,) = withdrawals(coordinator.place)
    key = load_signing_key(coordinator.place.signing_key).public_key()
    entry = signed_entry(text, key)
    assert (entry.kind, entry.release) == (Kind.WITHDRAWN, release)
    for wrong in (text.replace("recites", "reveals"), text[:-5], "", "{}"):
        with pytest.raises(AdapterError):
            signed_entry(wrong, key)
    with pytest.raises(AdapterError, match="not signed by its key"):
        signed_entry(text, SigningKey.from_private_bytes(bytes(32)).public_key())


def test_after_a_withdrawal_the_release_before_it_is_offered_again(
    coordinator: Coordinator,
) -> None:
    before = coordinator.run(Sites(("ada", "bob")))
    newer = coordinator.run(Sites(("ada", "bob")), "second")
    withdraw(coordinator.place, newer, "It recites code.", NOW)
    sites = Sites()
    coordinator.again(sites)
    assert sites.offered == [(before, ("eve",))]


def test_a_release_that_was_rolled_back_is_offered_no_more(coordinator: Coordinator) -> None:
    coordinator.run(Sites(("ada", "bob")))
    coordinator.store.rollback("java->csharp", now=NOW)
    sites = Sites()
    coordinator.again(sites)
    assert sites.offered == []
    assert coordinator.offers().missing(NAMES) == []


def test_who_took_part_in_the_end_is_offered_the_release(coordinator: Coordinator) -> None:
    class Late(Sites):
        def present(self, wanted: int) -> tuple[Sequence[Introduction], Mapping[str, str]]:
            found, useless = super().present(wanted)
            self.here = NAMES
            return found, useless

    sites = Late(("ada", "bob"))
    coordinator.run(sites)
    assert sites.offered[0][1] == NAMES


@pytest.mark.parametrize("content", ["{", "[]", '{"release": 1}', '{"release": "a", "tries": 3}'])
def test_a_damaged_record_of_offers_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "offers.json").write_text(content)
    assert read_offers(tmp_path) is None


def test_a_record_of_offers_keeps_what_it_is_given(tmp_path: Path) -> None:
    told = frozenset({"ada"})
    offers = Offers("3f2a", {"ada": "installed"}, {"bob": 2}, True, True, told)
    write_offers(tmp_path, offers)
    assert read_offers(tmp_path) == offers


def test_a_release_for_one_site_is_offered_to_it_alone_whatever_the_others_would_say(
    tmp_path: Path,
) -> None:
    coordinator = Coordinator(tmp_path / "hub", ("eve",))
    sites = Sites()
    release = coordinator.run(sites)
    assert sites.offered == [(release, ("eve",))]
    assert coordinator.kinds()[-1] is Kind.PUBLISHED
    # It is in use with that site, and is nothing for the others.
    assert coordinator.store.usage().in_use() == {}
    told = [event for event, _ in read_events(coordinator.place.run("first"))]
    assert any(event.text.startswith("1 of 1 sites have installed") for event in told)


def test_a_release_for_one_site_waits_for_it_though_others_have_newer_ones(tmp_path: Path) -> None:
    coordinator = Coordinator(tmp_path / "hub", ("eve",))
    away = Sites(("ada", "bob"))
    release = coordinator.run(away)
    assert away.offered == [(release, ())]
    coordinator.receivers = ("ada",)
    coordinator.run(Sites(("ada", "bob")), "second")
    coordinator.receivers = ("eve",)
    back = Sites()
    coordinator.again(back)
    assert back.offered == [(release, ("eve",))]
    assert coordinator.offers().decisions == {"eve": "installed"}
    assert coordinator.kinds()[-1] is Kind.PUBLISHED
