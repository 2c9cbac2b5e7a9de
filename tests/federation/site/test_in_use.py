"""What is installed at a site follows its store: promoted, rolled back, withdrawn."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from click.testing import CliRunner
from example_releases import DIRECTION, KEY, MANIFEST, NOW, published, small_adapter

from fedtranslate.adapters.factors import checksum
from fedtranslate.adapters.releases.canonical import canonical_bytes
from fedtranslate.adapters.releases.folder import pack
from fedtranslate.adapters.releases.ledger import Kind
from fedtranslate.adapters.releases.publishing import receive
from fedtranslate.adapters.releases.store import ReleaseStore
from fedtranslate.adapters.store import load_adapter, save_adapter
from fedtranslate.cli import main
from fedtranslate.evaluation.gate import Decision
from fedtranslate.federation.site.installing import has_installed, installed_folder
from fedtranslate.federation.site.inuse import put_in_use
from fedtranslate.federation.site.place import SitePlace
from fedtranslate.federation.site.releases import note_withdrawn


@pytest.fixture
def hub(tmp_path: Path) -> ReleaseStore:
    return ReleaseStore(tmp_path / "hub", owner=KEY)


@pytest.fixture
def place(tmp_path: Path) -> SitePlace:
    place = SitePlace(tmp_path / "site")
    place.root.mkdir()
    place.settings.touch()
    return place


def install(place: SitePlace, hub: ReleaseStore, *seeds: int) -> list[str]:
    """Let the site receive releases, and its gate let in one after the other."""
    store, names = ReleaseStore(place.releases), []
    for seed in seeds:
        release = published(hub, seed)
        receive(store, pack(hub.folder_of(release.id)), KEY.public_key(), now=NOW)
        save_adapter(installed_folder(place.root), small_adapter(seed), release.manifest())
        store.promote(release.id, now=NOW, kind=Kind.INSTALLED)
        names.append(release.id)
    return names


def withdraw(place: SitePlace, hub: ReleaseStore, name: str) -> None:
    hub.note(Kind.WITHDRAWN, name, now=NOW, values={"reason": "It recites code."})
    entry = canonical_bytes(hub.entries()[-1]).decode()
    note_withdrawn([entry], place, KEY.public_key(), lambda: NOW)


def is_installed(place: SitePlace, seed: int) -> bool:
    adapter, _ = load_adapter(installed_folder(place.root))
    return checksum(adapter) == checksum(small_adapter(seed))


def adapters(place: SitePlace, *words: str) -> int:
    return CliRunner().invoke(main, ["adapters", *words, "--store", str(place.releases)]).exit_code


def test_instead_of_a_withdrawn_adapter_the_one_before_is_installed(
    place: SitePlace, hub: ReleaseStore
) -> None:
    first, second = install(place, hub, 1, 2)
    withdraw(place, hub, second)
    assert is_installed(place, 1)
    withdraw(place, hub, first)
    assert not installed_folder(place.root).exists()
    assert ReleaseStore(place.releases).usage().in_use() == {}


def test_a_site_that_was_killed_before_it_took_the_adapter_away_does_it_later(
    place: SitePlace, hub: ReleaseStore
) -> None:
    (name,) = install(place, hub, 1)
    ReleaseStore(place.releases).note(Kind.WITHDRAWN, name, now=NOW)
    note_withdrawn([], place, KEY.public_key(), lambda: NOW)
    assert not has_installed(place.root)


def test_an_older_withdrawn_release_changes_nothing(place: SitePlace, hub: ReleaseStore) -> None:
    first, _ = install(place, hub, 1, 2)
    withdraw(place, hub, first)
    assert is_installed(place, 2)


def test_an_adapter_that_is_no_release_is_left_alone(place: SitePlace, hub: ReleaseStore) -> None:
    (name,) = install(place, hub, 1)
    save_adapter(installed_folder(place.root), small_adapter(9), MANIFEST)
    withdraw(place, hub, name)
    assert is_installed(place, 9)


def test_what_the_command_puts_in_use_is_installed(place: SitePlace, hub: ReleaseStore) -> None:
    first, second = install(place, hub, 1, 2)
    assert adapters(place, "rollback") == 0
    assert is_installed(place, 1)
    assert adapters(place, "promote", second) == 0
    assert is_installed(place, 2)
    for _ in range(2):
        assert adapters(place, "rollback") == 0
    assert not has_installed(place.root)
    assert adapters(place, "promote", first) == 0
    assert is_installed(place, 1)


def test_another_direction_leaves_what_is_installed(place: SitePlace, hub: ReleaseStore) -> None:
    install(place, hub, 1)
    put_in_use(place, "csharp->java")
    assert is_installed(place, 1)
    put_in_use(place, DIRECTION)
    assert is_installed(place, 1)


def test_what_was_rolled_back_is_measured_again_if_it_is_offered_again(
    place: SitePlace, hub: ReleaseStore
) -> None:
    install(place, hub, 1)
    decision = asdict(Decision(True, 1.0, 0.5, 1.5, 0.99, 10, "It is better."))
    record = place.root / "gate-joint.json"
    record.write_text(json.dumps({"mark": {"done": True, "decision": decision}}))
    assert adapters(place, "rollback") == 0
    assert json.loads(record.read_text()) == {}


def test_a_coordinators_store_installs_nothing(hub: ReleaseStore) -> None:
    published(hub, 1)
    name = hub.all()[0].id
    words = ["adapters", "promote", name, "--store", str(hub.folder)]
    assert CliRunner().invoke(main, words).exit_code == 0
    assert not has_installed(hub.folder.parent)
