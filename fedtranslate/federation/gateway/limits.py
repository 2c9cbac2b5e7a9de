"""Which addresses have had too many requests refused."""

import ipaddress
from collections import OrderedDict, deque
from collections.abc import Callable

_MAX_ADDRESSES = 10_000


class Failures:
    """Counts refused requests by address, within bounded memory.

    Args:
        most: So many are forgiven within ``seconds``.
        seconds: The window.
        clock: Gives seconds that never go back.
    """

    def __init__(self, most: int, seconds: float, clock: Callable[[], float]) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def count(self, address: str) -> None:
        """Note that a request from ``address`` was refused."""
        key = network_of(address)
        times = self._times.setdefault(key, deque(maxlen=self._most + 1))
        times.append(self._clock())
        self._times.move_to_end(key)
        if len(self._times) > _MAX_ADDRESSES:
            self._times.popitem(last=False)

    def is_blocked(self, address: str) -> bool:
        """Tell whether ``address`` has had more refused than is forgiven."""
        times = self._times.get(network_of(address), ())
        oldest = self._clock() - self._seconds
        return sum(time > oldest for time in times) > self._most


def network_of(address: str) -> str:
    """Return what one party can be expected to hold: an IPv4 address, or 64 bits of IPv6."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "?"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
