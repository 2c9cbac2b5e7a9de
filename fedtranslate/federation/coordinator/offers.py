"""Which sites have said what they make of a run's release, and which are still to be asked.

    RUN/offers.json    beside the journal of the run

A site that is away when a release is offered is asked again when it is back.  If the release is
withdrawn, the sites that were asked are told, likewise.  Like the journal,
this module loads no arithmetic.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.journal import read_json, write_json

OFFERS_FILE = "offers.json"
_MAX_TRIES = 5
"""A site that is there and gives no answer so often is asked no more."""


@dataclass(frozen=True, slots=True)
class Offers:
    """The offer of one release."""

    release: str
    """Its id."""
    decisions: Mapping[str, str] = field(default_factory=dict)
    """By site, one of ``exchange.Decision``."""
    tries: Mapping[str, int] = field(default_factory=dict)
    """How often other sites were asked in vain."""
    is_closed: bool = False
    """Whether nobody is to be asked any more, since there is a newer release."""
    is_withdrawn: bool = False
    told: frozenset[str] = frozenset()
    """Sites that know that it was withdrawn."""

    def after(self, decisions: Mapping[str, str], failed: Iterable[str]) -> "Offers":
        """Return what it is after more decisions, and sites that were asked and made none."""
        tries = {name: self.tries.get(name, 0) + 1 for name in failed}
        return replace(
            self, decisions={**self.decisions, **decisions}, tries={**self.tries, **tries}
        )

    def missing(self, names: Iterable[str]) -> list[str]:
        """Return those of ``names`` that are still to be asked, or to be told of a withdrawal."""
        if self.is_withdrawn:
            left = [name for name in names if name in self.decisions and name not in self.told]
        elif self.is_closed:
            left = []
        else:
            left = [name for name in names if name not in self.decisions]
        return [name for name in left if self.tries.get(name, 0) < _MAX_TRIES]


def write_offers(folder: Path, offers: Offers) -> None:
    """Keep the offer of the release of the run in ``folder``."""
    write_json(
        folder / OFFERS_FILE,
        {
            "release": offers.release,
            "decisions": dict(sorted(offers.decisions.items())),
            "tries": dict(sorted(offers.tries.items())),
            "is_closed": offers.is_closed,
            "is_withdrawn": offers.is_withdrawn,
            "told": sorted(offers.told),
        },
    )


def read_offers(folder: Path) -> Offers | None:
    """Return the offer of the run in ``folder``; None if there is none, or it is damaged."""
    try:
        values = read_json(folder / OFFERS_FILE)
        return Offers(
            str(values["release"]),
            {str(name): str(said) for name, said in values["decisions"].items()},
            {str(name): int(count) for name, count in values["tries"].items()},
            values["is_closed"] is True,
            values["is_withdrawn"] is True,
            frozenset(map(str, values["told"])),
        )
    except (FederationError, KeyError, TypeError, ValueError, AttributeError):
        return None
