"""The two ends of a release's way: the coordinator publishes, a site receives.

Both can be called again after a crash, and then finish what was begun.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from fedtranslate.adapters.factors import Adapter
from fedtranslate.adapters.releases.folder import is_whole, read_release, write_release
from fedtranslate.adapters.releases.ledger import Kind, Scalar
from fedtranslate.adapters.releases.release import About, Release
from fedtranslate.adapters.releases.signing import SigningKey, VerifyKey
from fedtranslate.adapters.releases.store import RELEASES, ReleaseStore
from fedtranslate.adapters.store import Manifest, check_adapter
from fedtranslate.errors import AdapterError


def publish(
    store: ReleaseStore,
    adapter: Adapter,
    manifest: Manifest,
    about: About,
    key: SigningKey,
    *,
    now: str,
    kind: Kind = Kind.PUBLISHED,
    values: Mapping[str, Scalar] | None = None,
) -> Release:
    """Make a signed release of ``adapter`` and keep it in ``store``; nothing is put in use.

    The adapter of the same round of the same run is published once, however often this is called.

    Args:
        store: The coordinator's; it is bound to ``key`` by the first release.
        adapter: Any rank; all modules have the scaling of the manifest.
        manifest: Of the adapter.
        about: What else the release shall say.
        key: The coordinator's.
        now: The time, in UTC and ISO 8601.
        kind: How it is noted: published at once, or offered first.
        values: More to be noted in the ledger, such as what the sites' gates said.

    Raises:
        AdapterError: The adapter is not finite, ``about`` says what is not allowed, or the store is
            damaged or of another key.
    """
    store.pin(key.public_key())
    checksum = check_adapter(adapter, manifest).checksum

    def fill(folder: Path) -> Release:
        known = _published(store, about.federation, manifest, checksum, key.public_key())
        if known is not None and is_whole(store.folder_of(known.id)):
            return known
        if known is not None:
            again = replace(about, parent=known.parent)
            return write_release(folder, adapter, manifest, again, key, known.created)
        direction = f"{manifest.source_language}->{manifest.target_language}"
        parent = about.parent or store.usage().current(direction)
        return write_release(folder, adapter, manifest, replace(about, parent=parent), key, now)

    return store.take_in(fill, kind, now=now, values=values)


def receive(
    store: ReleaseStore,
    source: Path | Mapping[str, bytes],
    key: VerifyKey,
    *,
    now: str,
    values: Mapping[str, Scalar] | None = None,
) -> Release:
    """Check a release from elsewhere and keep it in ``store``; nothing is put in use.

    Args:
        store: The site's; it is bound to ``key`` by the first release.
        source: The folder of a release, or what ``pack`` made of it.
        key: The coordinator's, pinned when the site joined.
        now: The time, in UTC and ISO 8601.
        values: More to be noted in the ledger.

    Raises:
        AdapterError: The release is damaged, signed by another key, or withdrawn; or the store is
            damaged or of another key.
    """
    store.pin(key)
    return store.add(source, key=key, now=now, values=values)


def _published(
    store: ReleaseStore, federation: str, manifest: Manifest, checksum: str, key: VerifyKey
) -> Release | None:
    """Return the release of an adapter that was written before, in the ledger or not yet."""
    wanted = (federation, manifest.run, manifest.round, checksum)
    for folder in sorted((store.folder / RELEASES).glob("[0-9a-f]*")):
        try:
            release = read_release(folder, key)
        except AdapterError:
            continue
        if (release.federation, release.run, release.round, release.checksum) == wanted:
            return release
    return None
