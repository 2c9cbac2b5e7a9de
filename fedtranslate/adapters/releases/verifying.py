"""Look a store through: its ledger, every file of every release, and what lies beside them."""

from dataclasses import dataclass

from fedtranslate.adapters.releases.folder import check_release
from fedtranslate.adapters.releases.signing import VerifyKey, key_text
from fedtranslate.adapters.releases.store import CURRENT_FILE, KEY_FILE, LEDGER_FILE, ReleaseStore
from fedtranslate.adapters.releases.usage import usage_of
from fedtranslate.errors import AdapterError


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong with a store."""

    what: str
    """The id of a release, or the name of a file of the store."""
    problem: str


def verify(
    store: ReleaseStore, key: VerifyKey | None = None, name: str | None = None
) -> tuple[Finding, ...]:
    """Return all that is wrong with ``store``.

    Args:
        store: Written by anyone.
        key: Whose signatures there must be, known from elsewhere; None takes the one that is
            pinned in the store, which whoever can write there can replace.
        name: An id, to check one release and what is not of any; None checks every release.

    Raises:
        AdapterError: There is no release of that id, or the file of the pinned key is damaged.
    """
    pinned = store.key()
    found = []
    if key is not None and pinned is not None and key_text(key) != key_text(pinned):
        found.append(Finding(KEY_FILE, "It is another key than the one that was given."))
    key = key or pinned
    try:
        usage = usage_of(entries := store.entries(key))
    except AdapterError as error:
        return (*found, Finding(LEDGER_FILE, str(error)))
    for each in usage.directions if name is None else (store.find(name),):
        try:
            store.get(each)
            check_release(store.folder_of(each), key)
        except AdapterError as error:
            found.append(Finding(each, str(error)))
    if entries and not store.is_current(usage):
        problem = "It does not say what the ledger says; the next change puts it right."
        found.append(Finding(CURRENT_FILE, problem))
    return tuple(found)
