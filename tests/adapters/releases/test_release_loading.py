"""One way to read an adapter, whatever the folder holds."""

import shutil
from pathlib import Path

import pytest
from example_releases import ABOUT, KEY, MANIFEST, NOW, OTHER_KEY, published, small_adapter

from fedtranslate.adapters.factors import checksum
from fedtranslate.adapters.releases.loading import load_any
from fedtranslate.adapters.releases.publishing import publish
from fedtranslate.adapters.releases.store import KEY_FILE, ReleaseStore
from fedtranslate.adapters.store import save_adapter
from fedtranslate.errors import AdapterError


@pytest.fixture
def store(tmp_path: Path) -> ReleaseStore:
    return ReleaseStore(tmp_path / "store", owner=KEY)


def test_a_release_is_read_as_the_adapter_it_holds(store: ReleaseStore, tmp_path: Path) -> None:
    release = published(store)
    store.export(release.id, tmp_path / "out")
    save_adapter(tmp_path / "plain", small_adapter(), release.manifest())
    for folder in (store.folder_of(release.id), tmp_path / "out", tmp_path / "plain"):
        adapter, manifest = load_any(folder, base_fingerprint="f00d", base_name="tiny")
        assert checksum(adapter) == checksum(small_adapter())
        assert manifest == release.manifest()


def test_a_release_of_another_base_is_refused(store: ReleaseStore) -> None:
    folder = store.folder_of(published(store).id)
    with pytest.raises(AdapterError, match=r"for the base model 'tiny' .*the model in use is 'b'"):
        load_any(folder, base_fingerprint="beef", base_name="b")


def test_in_a_store_the_signature_counts(store: ReleaseStore, tmp_path: Path) -> None:
    other = ReleaseStore(tmp_path / "other")
    foreign = publish(other, small_adapter(), MANIFEST, ABOUT, OTHER_KEY, now=NOW)
    published(store)
    shutil.copytree(other.folder_of(foreign.id), store.folder_of(foreign.id))
    with pytest.raises(AdapterError, match="not signed by the key that is pinned"):
        load_any(store.folder_of(foreign.id))
    (store.folder / KEY_FILE).unlink()
    assert load_any(store.folder_of(foreign.id))[1].run == "billing"


def test_of_a_whole_store_the_releases_in_use_are_named(store: ReleaseStore) -> None:
    release = published(store)
    with pytest.raises(AdapterError, match=r"is a store of releases\. Give one of the folders in"):
        load_any(store.folder)
    store.promote(release.id, now=NOW)
    with pytest.raises(AdapterError, match=rf"in use are .*{release.id} \(java->csharp\)"):
        load_any(store.folder)


def test_a_folder_that_holds_nothing_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match=r"manifest\.json cannot be read"):
        load_any(tmp_path)
