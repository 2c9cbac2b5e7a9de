"""The end of a run: its best adapter becomes a release, if enough sites find it better.

The release is signed first and offered to the sites, whose gates judge it on code of their own.
What fewer than a quorum installs stays in the store as offered, and is put in use nowhere.  Sites
that were away are asked when they are back, and count as the others do.  A release that is for some
of the sites of its run is offered to those, and the quorum is of them; published, it is in use with
them alone.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from fedtranslate.adapters.releases.folder import pack
from fedtranslate.adapters.releases.ledger import Kind
from fedtranslate.adapters.releases.publishing import publish
from fedtranslate.adapters.releases.release import About, Contribution, Release, pseudonym
from fedtranslate.adapters.releases.signing import SigningKey, load_signing_key
from fedtranslate.adapters.releases.store import ReleaseStore
from fedtranslate.adapters.store import load_adapter
from fedtranslate.config.coordinator import read_coordinator
from fedtranslate.config.federation import RunSettings
from fedtranslate.federation.coordinator.journal import (
    Journal,
    Score,
    read_evaluation,
    read_round,
    round_folder,
)
from fedtranslate.federation.coordinator.offers import Offers, read_offers, write_offers
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.federation.coordinator.result import RunResult, read_result
from fedtranslate.federation.exchange import Decision

_VERSIONS = ("fedtranslate", "flwr", "peft", "torch")


class Offered(Protocol):
    """The sites as releases can be offered to them."""

    def offer(
        self, release: str, parts: Mapping[str, bytes], names: Sequence[str]
    ) -> Mapping[str, Decision | str]:
        """Offer a release to the sites of these names.

        Returns:
            What each made of it; for a site that gave no answer, why, as a text.
        """


class Reached(Offered, Protocol):
    """The same where only some are looked for."""

    def reach(self, names: Collection[str]) -> tuple[Sequence[str], Mapping[str, str]]:
        """Return which of ``names`` are there, and why others that are there are of no use."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """What a coordinator needs to publish; its folder, and the time."""

    place: CoordinatorPlace
    now: Callable[[], str]
    """Returns the time, in UTC and ISO 8601: sites take long to judge."""

    def release_best(
        self,
        settings: RunSettings,
        names: Sequence[str],
        present: Sequence[str],
        sites: Offered,
        journal: Journal,
    ) -> None:
        """Offer the best adapter of a run that has come to its end, and publish it if it is liked.

        May be called again after a crash, and then asks the sites again.

        Args:
            settings: Of the run.
            names: Of all sites of the run; the quorum is of those that the release is for.
            present: Of those that can be asked.
            sites: As they can be reached.
            journal: Of the run.
        """
        names = settings.receivers(names)
        present = [name for name in present if name in names]
        folder = self.place.run(settings.name)
        key = load_signing_key(self.place.signing_key)
        store = ReleaseStore(self.place.releases, owner=key)
        release = self._release(settings, read_result(folder, settings.rounds), store, key)
        known = read_offers(folder)
        offers = known if known and known.release == release.id else Offers(release.id)
        text = f"The release {release.id} is offered to {len(present)} sites; their gates judge it."
        journal.tell("offered", release.round, text)
        answers = sites.offer(release.id, pack(store.folder_of(release.id)), present)
        offers = _after(offers, answers)
        self._conclude(settings, names, store, release, answers, offers, journal)
        write_offers(folder, offers)  # last: what was not noted is asked again

    def offer_again(
        self, settings: RunSettings, names: Sequence[str], sites: Reached, journal: Journal
    ) -> None:
        """Offer the release of a completed run to the sites that have not answered yet.

        Only those that are there count; a release that is not the newest any more, or is out of
        use, is offered to nobody.  Of one that was withdrawn, those that may have it are told.

        Args:
            settings: Of the run.
            names: Of all sites that the run is for.
            sites: As they can be reached.
            journal: Of the run.
        """
        names = settings.receivers(names)
        folder = self.place.run(settings.name)
        offers = read_offers(folder)
        if offers is None:
            return
        if offers.is_withdrawn:
            # Whoever is reached is told: a site that is asked who it is gets the list.
            there, useless = sites.reach(offers.missing(names))
            offers = replace(offers.after({}, useless), told=offers.told.union(there))
            write_offers(folder, offers)
            return
        store = ReleaseStore(self.place.releases, owner=load_signing_key(self.place.signing_key))
        # One for some sites is out of date where these say so, by their gates.
        if not settings.released_to and not _is_newest(store, offers.release):
            write_offers(folder, replace(offers, is_closed=True))
            return
        there, useless = sites.reach(offers.missing(names))
        answers: dict[str, Decision | str] = dict(useless)
        release = store.get(offers.release)
        if there:
            who = ", ".join(there)
            text = f"The release {release.id} is offered to {who}, which had not answered before."
            journal.tell("offered", release.round, text)
            parts = pack(store.folder_of(release.id))
            answers |= sites.offer(release.id, parts, there)
        offers = _after(offers, answers)
        if there:
            self._conclude(settings, names, store, release, answers, offers, journal)
        write_offers(folder, offers)

    def _conclude(
        self,
        settings: RunSettings,
        names: Sequence[str],
        store: ReleaseStore,
        release: Release,
        answers: Mapping[str, Decision | str],
        offers: Offers,
        journal: Journal,
    ) -> None:
        """Note what sites have answered, and publish the release if a quorum has installed it."""
        quorum = settings.quorum_of(len(names))
        installed = [n for n, said in offers.decisions.items() if said == Decision.INSTALLED]
        told = {f"site {self._pseudonym(name)}": str(said) for name, said in answers.items()}
        text = f"{len(installed)} of {len(names)} sites have installed the release {release.id}"
        if _is_published(store, release.id) or len(installed) >= quorum:
            store.note(Kind.PUBLISHED, release.id, now=self.now(), values=told)
            if not settings.released_to:
                store.promote(release.id, now=self.now())
            journal.tell("published", release.round, f"{text}; it is published.")
        else:
            store.note(Kind.DECLINED, release.id, now=self.now(), values=told)
            journal.tell(
                "declined", release.round, f"{text}, but {quorum} are needed; it is not published."
            )

    def _release(
        self, settings: RunSettings, result: RunResult, store: ReleaseStore, key: SigningKey
    ) -> Release:
        number = result.best_round
        adapter, manifest = load_adapter(round_folder(result.folder, number))
        about = About(
            federation=read_coordinator(self.place.settings).federation,
            method=settings.method,
            sites=self._contributions(result.folder, number),
            validation=result.validation,
            versions={name: version(name) for name in _VERSIONS},
        )
        return publish(store, adapter, manifest, about, key, now=self.now(), kind=Kind.OFFERED)

    def _contributions(self, folder: Path, number: int) -> list[Contribution]:
        replies = read_round(folder, number).get("replies", {})
        scores = read_evaluation(folder, number) or {}
        return [
            Contribution(
                site=self._pseudonym(name),
                weight=float(reply["weight"]),
                validation_loss=_per_token(scores.get(name)),
            )
            for name, reply in replies.items()
        ]

    def _pseudonym(self, site: str) -> str:
        return pseudonym(self.place.pseudonym_key.read_bytes(), site)


def _after(offers: Offers, answers: Mapping[str, Decision | str]) -> Offers:
    decided = {name: str(said) for name, said in answers.items() if isinstance(said, Decision)}
    return offers.after(decided, answers.keys() - decided.keys())


def _is_published(store: ReleaseStore, release: str) -> bool:
    return any(one.release == release and one.kind is Kind.PUBLISHED for one in store.entries())


def _is_newest(store: ReleaseStore, release: str) -> bool:
    """Tell whether a release is the newest of its direction, and in use if it was published."""
    usage = store.usage()
    direction = usage.directions.get(release)
    alike = [name for name, its in usage.directions.items() if its == direction]
    if [name for name in alike if name not in usage.withdrawn][-1:] != [release]:
        return False
    return not _is_published(store, release) or usage.current(direction or "") == release


def _per_token(score: Score | None) -> float | None:
    return score.loss / score.tokens if score is not None and score.tokens else None
