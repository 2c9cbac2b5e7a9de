"""What lies in ``installed/`` follows what the site's store of releases says is in use.

The gate fills that folder when it lets a release in.  A release that is put in use by hand, rolled
back or withdrawn changes it, too: what translates shall be what ``adapters list`` tells.
"""

import shutil

from fedtranslate.adapters.releases.store import ReleaseStore
from fedtranslate.adapters.store import Manifest, read_manifest, save_adapter
from fedtranslate.errors import AdapterError
from fedtranslate.federation.site.installing import (
    forget_installed,
    has_installed,
    installed_folder,
)
from fedtranslate.federation.site.place import SitePlace


def put_in_use(place: SitePlace, direction: str) -> None:
    """Let ``installed/`` hold what is in use for a direction; nothing, if the base works alone.

    An adapter for another direction is left where it is.

    Args:
        place: The site's folder.
        direction: Such as ``java->csharp``.

    Raises:
        AdapterError: The release in use is damaged.
    """
    store, there = ReleaseStore(place.releases), _installed(place)
    if there is not None and _direction(there) != direction:
        return
    current = store.usage().current(direction)
    if current is not None:
        adapter, release = store.load(current)
        if there is not None and there.checksum == release.checksum:
            return
        save_adapter(installed_folder(place.root), adapter, release.manifest())
    elif there is not None:
        folder = installed_folder(place.root)
        aside = folder.with_name(f".{folder.name}.old")
        shutil.rmtree(aside, ignore_errors=True)
        folder.rename(aside)  # at once, so that no half of it is ever used
        shutil.rmtree(aside)
    # What the gate let in is not there any more: if it is offered again, it is measured again.
    forget_installed(place.root)


def take_withdrawn_out_of_use(place: SitePlace) -> None:
    """Put what was in use before in the place of an installed release that is withdrawn.

    Raises:
        AdapterError: The release that was in use before is damaged.
    """
    there = _installed(place)
    if there is None:
        return
    for kept in ReleaseStore(place.releases).all():
        if kept.withdrawn and kept.release and kept.release.checksum == there.checksum:
            put_in_use(place, kept.direction)
            return


def _installed(place: SitePlace) -> Manifest | None:
    """Return what is installed; None if nothing is, or it is damaged and used by nobody."""
    try:
        return read_manifest(installed_folder(place.root)) if has_installed(place.root) else None
    except AdapterError:
        return None


def _direction(manifest: Manifest) -> str:
    return f"{manifest.source_language}->{manifest.target_language}"
