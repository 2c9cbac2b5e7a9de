"""Read an adapter from any folder that holds one: as it was trained, or a release."""

from pathlib import Path

from fedtranslate.adapters.factors import Factors
from fedtranslate.adapters.releases.folder import RELEASE_FILE, load_release
from fedtranslate.adapters.releases.store import LEDGER_FILE, RELEASES, ReleaseStore
from fedtranslate.adapters.store import MANIFEST_FILE, Manifest, check_base, load_adapter
from fedtranslate.errors import AdapterError


def load_any(
    folder: Path, *, base_fingerprint: str | None = None, base_name: str = ""
) -> tuple[dict[str, Factors], Manifest]:
    """Read the adapter, or the release, in ``folder``.

    A release in a store must be signed by the key that is pinned there.  Of one that was exported,
    nobody says whose it should be: it only has to be whole.

    Args:
        folder: Its content is not trusted.
        base_fingerprint: Of the model it shall be used with; None does not compare.
        base_name: Of the same model, for messages; empty where it is not known.

    Raises:
        AdapterError: Something is missing, damaged or not finite, or the adapter belongs to
            another base model.
    """
    if (folder / MANIFEST_FILE).exists() or not (folder / RELEASE_FILE).exists():
        _tell_a_store(folder)
        return load_adapter(folder, base_fingerprint=base_fingerprint, base_name=base_name)
    around = folder.absolute().parent
    key = ReleaseStore(around.parent).key() if around.name == RELEASES else None
    adapter, release = load_release(folder, key)
    manifest = release.manifest()
    if base_fingerprint is not None:
        check_base(manifest, folder, base_fingerprint, base_name)
    return adapter, manifest


def _tell_a_store(folder: Path) -> None:
    """Name the releases in use where a whole store was given."""
    if not (folder / LEDGER_FILE).exists() or not (folder / RELEASES).is_dir():
        return
    store = ReleaseStore(folder)
    in_use = store.usage().in_use()
    named = ", ".join(f"{store.folder_of(name)} ({each})" for each, name in in_use.items())
    raise AdapterError(
        f"{folder} is a store of releases.",
        hint=f"Give one of them: in use are {named}."
        if named
        else f"Give one of the folders in {folder / RELEASES}.",
    )
