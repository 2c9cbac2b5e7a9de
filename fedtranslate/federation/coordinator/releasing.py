"""The end of a run: its best adapter becomes a release, if enough sites find it better.

The release is signed first and offered to the sites, whose gates judge it on code of their own.
What fewer than a quorum installs stays in the store as offered, and is put in use nowhere.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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
            names: Of all sites that the run is for; the quorum is of these.
            present: Of those that can be asked.
            sites: As they can be reached.
            journal: Of the run.
        """
        folder = self.place.run(settings.name)
        result = read_result(folder, settings.rounds)
        key = load_signing_key(self.place.signing_key)
        store = ReleaseStore(self.place.releases, owner=key)
        release = self._release(settings, result, store, key)
        parts = pack(store.folder_of(release.id))
        text = f"The release {release.id} is offered to {len(present)} sites; their gates judge it."
        journal.tell("offered", release.round, text)
        decisions = sites.offer(release.id, parts, present)
        installed = sorted(n for n, said in decisions.items() if said is Decision.INSTALLED)
        told = {f"site {self._pseudonym(name)}": str(said) for name, said in decisions.items()}
        quorum = settings.quorum_of(len(names))
        text = f"{len(installed)} of {len(names)} sites have installed the release {release.id}"
        if len(installed) >= quorum:
            store.note(Kind.PUBLISHED, release.id, now=self.now(), values=told)
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


def _per_token(score: Score | None) -> float | None:
    return score.loss / score.tokens if score is not None and score.tokens else None
