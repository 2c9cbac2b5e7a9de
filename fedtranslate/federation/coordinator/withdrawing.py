"""Take a release back for good, and let the sites that have it know."""

from dataclasses import replace

from fedtranslate.adapters.releases.canonical import canonical_bytes
from fedtranslate.adapters.releases.ledger import Kind, Ledger
from fedtranslate.adapters.releases.signing import load_signing_key
from fedtranslate.adapters.releases.store import LEDGER_FILE, ReleaseStore
from fedtranslate.adapters.releases.usage import REASON
from fedtranslate.errors import AdapterError
from fedtranslate.federation.coordinator.offers import OFFERS_FILE, read_offers, write_offers
from fedtranslate.federation.coordinator.place import CoordinatorPlace

_MOST_TOLD = 100


def withdraw(place: CoordinatorPlace, name: str, reason: str, now: str) -> None:
    """Note, signed, that the release of an id is not to be used again; one in use is not any more.

    Args:
        place: The coordinator's folder.
        name: Id of the release.
        reason: Told to all sites.
        now: The time, in UTC and ISO 8601.

    Raises:
        AdapterError: There is no such release, it was withdrawn before, or this is no coordinator.
    """
    if not place.signing_key.exists():
        raise AdapterError(
            f"{place.releases} is not the store of a coordinator: there is no {place.signing_key}.",
            hint="Only who has signed a release withdraws it; 'fedtranslate adapters rollback'"
            " takes it out of use at a site.",
        )
    store = ReleaseStore(place.releases, owner=load_signing_key(place.signing_key))
    if name in store.usage().withdrawn:
        raise AdapterError(f"The release {name} was withdrawn before.")
    store.note(Kind.WITHDRAWN, name, now=now, values={REASON: reason})
    for path in place.runs.glob(f"*/{OFFERS_FILE}"):
        offers = read_offers(path.parent)
        if offers is not None and offers.release == name:
            write_offers(path.parent, replace(offers, is_withdrawn=True, tries={}))


def withdrawals(place: CoordinatorPlace) -> list[str]:
    """Return the newest entries of the ledger by which releases were withdrawn, as sites read them.

    Raises:
        AdapterError: The ledger is damaged.
    """
    entries = Ledger(place.releases / LEDGER_FILE).entries()
    found = [one for one in entries if one.kind is Kind.WITHDRAWN and one.signature]
    return [canonical_bytes(one).decode() for one in found[-_MOST_TOLD:]]
