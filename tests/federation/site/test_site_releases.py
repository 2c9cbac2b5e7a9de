"""What a site hears of its releases: the coordinator withdraws some, and nobody else does."""

from pathlib import Path

import pytest
from example_releases import DIRECTION, KEY, NOW, OTHER_KEY, published
from tiny_trade import TinyTrainer

from fedtranslate.adapters.releases.canonical import canonical_bytes
from fedtranslate.adapters.releases.folder import pack
from fedtranslate.adapters.releases.ledger import Kind
from fedtranslate.adapters.releases.publishing import receive
from fedtranslate.adapters.releases.signing import SigningKey
from fedtranslate.adapters.releases.store import ReleaseStore
from fedtranslate.config.federation import RunSettings
from fedtranslate.errors import AdapterError
from fedtranslate.federation.exchange import Decision
from fedtranslate.federation.flower import offers
from fedtranslate.federation.site.place import SitePlace
from fedtranslate.federation.site.releases import consider, note_withdrawn
from fedtranslate.federation.site.worker import SiteWorker


def withdrawn(store: ReleaseStore, name: str) -> str:
    """Withdraw a release, and return the entry as it travels."""
    store.note(Kind.WITHDRAWN, name, now=NOW, values={"reason": "It recites code."})
    return canonical_bytes(store.entries()[-1]).decode()


@pytest.fixture
def place(tmp_path: Path) -> SitePlace:
    return SitePlace(tmp_path / "site")


def coordinators(folder: Path, owner: SigningKey = KEY) -> ReleaseStore:
    return ReleaseStore(folder / "hub", owner=owner)


def installed(place: SitePlace, hub: ReleaseStore, *seeds: int) -> list[str]:
    """Let the site receive and install releases."""
    store, names = ReleaseStore(place.releases), []
    for seed in seeds:
        name = published(hub, seed).id
        receive(store, pack(hub.folder_of(name)), KEY.public_key(), now=NOW)
        store.promote(name, now=NOW, kind=Kind.INSTALLED)
        names.append(name)
    return names


def test_a_withdrawn_release_goes_out_of_use_once(tmp_path: Path, place: SitePlace) -> None:
    hub = coordinators(tmp_path)
    before, after = installed(place, hub, 1, 2)
    entry = withdrawn(hub, after)
    content = offers.encode_greeting([entry])
    for _ in range(2):
        note_withdrawn(offers.decode_greeting(content), place, KEY.public_key(), lambda: NOW)
    store = ReleaseStore(place.releases)
    assert store.usage().in_use() == {DIRECTION: before}
    assert store.usage().withdrawn == {after: "It recites code."}
    assert [one.kind for one in store.entries()].count(Kind.WITHDRAWN) == 1


def test_a_release_that_the_site_does_not_have_makes_no_store(
    tmp_path: Path, place: SitePlace
) -> None:
    hub = coordinators(tmp_path)
    entry = withdrawn(hub, published(hub, 1).id)
    note_withdrawn([entry], place, KEY.public_key(), lambda: NOW)
    assert not place.releases.exists()


def test_nobody_but_the_coordinator_withdraws(tmp_path: Path, place: SitePlace) -> None:
    (name,) = installed(place, coordinators(tmp_path), 1)
    entry = withdrawn(coordinators(tmp_path, OTHER_KEY), name)
    with pytest.raises(AdapterError, match="not signed by its key"):
        note_withdrawn([entry], place, KEY.public_key(), lambda: NOW)
    assert ReleaseStore(place.releases).usage().withdrawn == {}


def test_other_entries_of_the_coordinator_withdraw_nothing(
    tmp_path: Path, place: SitePlace
) -> None:
    hub = coordinators(tmp_path)
    (name,) = installed(place, hub, 1)
    hub.note(Kind.DECLINED, name, now=NOW)
    entry = canonical_bytes(hub.entries()[-1]).decode()
    note_withdrawn([entry], place, KEY.public_key(), lambda: NOW)
    assert ReleaseStore(place.releases).usage().in_use() == {DIRECTION: name}


def test_a_greeting_without_withdrawals_is_what_it_was() -> None:
    assert offers.decode_greeting(offers.encode_greeting([])) == []


def test_a_release_that_is_for_other_sites_is_refused_before_anybody_judges_it(
    tmp_path: Path, place: SitePlace
) -> None:
    hub = coordinators(tmp_path)
    release = published(hub, 1)
    run = RunSettings(
        name=release.run,
        source="java",
        target="csharp",
        base=release.base,
        released_to=("bob",),
    )
    trainer = TinyTrainer({}, run)
    found = consider(
        pack(hub.folder_of(release.id)),
        place,
        KEY.public_key(),
        release.federation,
        run,
        SiteWorker("ada", run, trainer, place.root),
        "better",
        lambda: NOW,
    )
    assert (found.decision, found.reason) == (Decision.REFUSED, "The release is for bob.")
