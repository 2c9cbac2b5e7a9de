"""What the replies to a round were worth, as the page shows it."""

from pathlib import Path

from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.worth import CONTRIBUTION_FILE, WARNING, Contribution
from fedtranslate.federation.coordinator.worth import Worth as Told
from fedtranslate.status.files import MAX_NAME, count, is_there, number, plain, read_object, table
from fedtranslate.status.views import Weighing, Worth

_MAX_SITES = 10_000


def read_weighing(folder: Path) -> Weighing | None:
    """Return what the replies to the round in ``folder`` were worth; None if nobody asked.

    Raises:
        FederationError: The file is damaged.
    """
    if not is_there(folder / CONTRIBUTION_FILE):
        return None
    values = read_object(folder / CONTRIBUTION_FILE)
    sites = values.get("sites")
    worth = {
        plain(name, MAX_NAME): _worth(told)
        for name, told in list(table(values.get("worth")).items())[:_MAX_SITES]
    }
    found = Contribution(
        method=plain(values.get("method"), MAX_NAME),
        sites=tuple(map(str, sites)) if isinstance(sites, list) else (),
        coalitions=count(values.get("coalitions")) or 0,
        orders=count(values.get("orders")) or 0,
        worth={name: Told(one.value, one.error) for name, one in worth.items()},
        problem=plain(values.get("problem")),
    )
    return Weighing(found.summary(), found.caution(), WARNING if worth else "", worth)


def _worth(values: object) -> Worth:
    value, error = (number(table(values).get(key)) for key in ("value", "error"))
    if value is None:
        raise FederationError(f"{CONTRIBUTION_FILE} is damaged.")
    return Worth(value, error)
