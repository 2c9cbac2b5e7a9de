"""How a coordinator stands, as plain values for people and programs."""

from dataclasses import asdict
from typing import Any

from fedtranslate import __version__
from fedtranslate.config.coordinator import read_coordinator
from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.members import Members
from fedtranslate.federation.coordinator.orders import states
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.federation.service.coordinator import door_answers, open_link
from fedtranslate.federation.supervision.standing import is_up, read_standing


def coordinator_report(place: CoordinatorPlace) -> dict[str, Any]:
    """Return the programs, members and runs of a coordinator.

    ``ready`` tells whether sites can reach it and runs can be started.
    """
    settings = read_coordinator(place.settings)
    up = is_up(place.state)
    standing = read_standing(place.state) if up else None
    online = _online(place) if up else None
    with Members(place.members) as members:
        sites = members.all()
    return {
        "federation": settings.federation,
        "organisation": settings.organisation,
        "version": __version__,
        "ready": online is not None and door_answers(place, settings),
        "programs": [
            {
                "name": one.name,
                "state": "running" if one.is_alive() else "starting again",
                "pid": one.pid,
                "restarts": one.restarts,
                "last_code": one.last_code,
            }
            for one in (standing.programs if standing else ())
        ],
        "sites": [
            {
                "name": one.name,
                "state": one.standing,
                "online": one.node in (online or set()),
                "version": one.version,
                "seen": one.seen,
            }
            for one in sites
        ],
        "runs": [asdict(state) for state in states(place.runs)],
    }


def _online(place: CoordinatorPlace) -> set[int] | None:
    """Return the nodes that are connected; None if the SuperLink does not answer."""
    try:
        with open_link(place, read_coordinator(place.settings)) as link:
            return {node.number for node in link.nodes() if node.is_online}
    except FederationError:
        return None
