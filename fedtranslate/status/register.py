"""The sites of the register, and who of them is connected."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.members import Member, Members
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.status.files import MAX_NAME, count, is_there, plain, read_object, stamp_of
from fedtranslate.status.views import Happening, Site

_ONLINE_SECONDS = 60


class Register:
    """Reads the register of a coordinator, again only when it has changed."""

    def __init__(self, place: CoordinatorPlace) -> None:
        self._place = place
        self._stamps: object = None
        self._members: tuple[Member, ...] = ()
        self._last = 0
        self.problem = ""

    def look(self) -> list[Happening]:
        """Read what is new, and return the events since the last look."""
        file = self._place.members
        stamps = [stamp_of(path) for path in (file, file.with_name(f"{file.name}-wal"))]
        if stamps == self._stamps and not self.problem:
            return []
        self.problem = ""
        if not is_there(file):
            self._members = ()
            return []
        try:
            with Members(file) as members:
                self._members, new = members.all(), members.events(self._last)
        except (FederationError, OSError, ValueError, sqlite3.Error) as error:
            self.problem = f"The register of sites cannot be read ({type(error).__name__})."
            return []
        self._stamps = stamps
        self._last = max((one.number for one in new), default=self._last)
        return [
            Happening(
                number=0,
                run="",
                site=plain(one.site, MAX_NAME),
                kind=plain(one.kind, MAX_NAME),
                round=None,
                text=plain(one.text),
                values={},
                time=datetime.fromtimestamp(one.time, UTC).isoformat(timespec="seconds"),
            )
            for one in new
        ]

    def sites(self, others: set[str], now: float) -> tuple[Site, ...]:
        """Return the sites of the register, and ``others`` that runs know of."""
        online = _online(self._place.online, now)
        known = {
            plain(one.name, MAX_NAME): Site(
                name=plain(one.name, MAX_NAME),
                state=one.standing,
                version=plain(one.version, MAX_NAME),
                seen=one.seen,
                invited=one.invited,
                joined=one.joined,
                approved=one.approved,
                ended=one.ended,
                online=None if online is None else one.name in online,
            )
            for one in self._members
        }
        for name in others - known.keys():
            known[name] = Site(name, "unknown", online=None if online is None else name in online)
        return tuple(known[name] for name in sorted(known))


def _online(path: Path, now: float) -> frozenset[str] | None:
    """Return the sites that are connected; None if nobody told lately."""
    if not is_there(path):
        return None
    try:
        told = read_object(path)
    except FederationError:
        return None
    names, time = told.get("sites"), count(told.get("time"))
    if not isinstance(names, list) or time is None or abs(now - time) > _ONLINE_SECONDS:
        return None
    return frozenset(name for name in names if isinstance(name, str))
