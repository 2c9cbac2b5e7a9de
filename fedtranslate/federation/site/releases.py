"""Releases at a site: checked against the coordinator's key, kept, and judged by the gate.

What is in use lies in ``installed/`` as ever; the store beside it tells where that came from, and
holds what was in use before, for a rollback.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from fedtranslate.adapters.releases.folder import load_release
from fedtranslate.adapters.releases.ledger import Kind, signed_entry
from fedtranslate.adapters.releases.publishing import receive
from fedtranslate.adapters.releases.release import Release
from fedtranslate.adapters.releases.signing import VerifyKey
from fedtranslate.adapters.releases.store import ReleaseStore
from fedtranslate.adapters.releases.usage import REASON
from fedtranslate.config.federation import RunSettings
from fedtranslate.config.policy import Gate
from fedtranslate.errors import AdapterError
from fedtranslate.federation.exchange import Decision
from fedtranslate.federation.site.inuse import take_withdrawn_out_of_use
from fedtranslate.federation.site.place import SitePlace
from fedtranslate.federation.site.worker import SiteWorker


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a site made of a release."""

    decision: Decision
    release: str
    """Its id; empty if the offer holds none."""
    reason: str
    """For the site's own records."""


def consider(
    parts: Mapping[str, bytes],
    place: SitePlace,
    key: VerifyKey,
    federation: str,
    settings: RunSettings,
    worker: SiteWorker,
    gate: Gate,
    now: Callable[[], str],
) -> Verdict:
    """Check the release in ``parts``, and install it if the site's gate lets it in.

    May be called again with the same release, and then decides the same.

    Args:
        parts: The files of the release; from anyone.
        place: The site's folder.
        key: The coordinator's, pinned when the site joined.
        federation: That the site is a member of.
        settings: Of the run that the release is said to come from.
        worker: Of the site; its trade judges.
        gate: What the policy asks of a release.
        now: Returns the time, in UTC and ISO 8601: judging takes long.
    """
    store = ReleaseStore(place.releases)
    try:
        release = receive(store, parts, key, now=now())
        if problem := _unexpected(release, federation, settings, worker.name):
            return Verdict(Decision.REFUSED, release.id, problem)
        adapter, _ = load_release(store.folder_of(release.id), key)
    except AdapterError as error:
        return Verdict(Decision.REFUSED, "", str(error))
    judged = worker.judge(adapter, release.manifest(), place.root, gate)
    if judged is None:
        return Verdict(Decision.UNJUDGED, release.id, "There are no validation pairs.")
    installed, reason = judged
    if installed:
        store.promote(release.id, now=now(), kind=Kind.INSTALLED, values={"gate": reason})
        return Verdict(Decision.INSTALLED, release.id, reason)
    if not _is_noted(store, release.id):
        store.note(Kind.DECLINED, release.id, now=now(), values={"gate": reason})
    return Verdict(Decision.DECLINED, release.id, reason)


def note_withdrawn(
    entries: Iterable[str], place: SitePlace, key: VerifyKey, now: Callable[[], str]
) -> None:
    """Note which of this site's releases the coordinator has withdrawn; they go out of use.

    What is installed is then what was in use before.

    Args:
        entries: Of the coordinator's ledger; from anyone.
        place: The site's folder.
        key: The coordinator's, pinned when the site joined.
        now: Returns the time, in UTC and ISO 8601.

    Raises:
        AdapterError: An entry is malformed or not signed by the coordinator, or the release that
            was in use before is damaged.
    """
    store = ReleaseStore(place.releases)
    for entry in [signed_entry(text, key) for text in entries]:
        usage = store.usage()
        is_new = entry.release in usage.directions and entry.release not in usage.withdrawn
        if entry.kind is Kind.WITHDRAWN and is_new:
            told = {REASON: str(entry.values.get(REASON, ""))}
            store.note(Kind.WITHDRAWN, entry.release, now=now(), values=told)
    # Also where nothing is new: a process may have been killed in between.
    take_withdrawn_out_of_use(place)


def _is_noted(store: ReleaseStore, release: str) -> bool:
    return any(one.release == release and one.kind is Kind.DECLINED for one in store.entries())


def _unexpected(release: Release, federation: str, settings: RunSettings, site: str) -> str:
    """Return what is wrong with a release that is in order, but not what was agreed."""
    agreed = {
        "federation": federation,
        "run": settings.name,
        "source_language": settings.source,
        "target_language": settings.target,
        "base": settings.base,
    }
    for name, value in agreed.items():
        if getattr(release, name) != value:
            return f"The release has {name} {getattr(release, name)!r} instead of {value!r}."
    if site not in settings.receivers([site]):
        return f"The release is for {', '.join(settings.released_to)}."
    return ""
