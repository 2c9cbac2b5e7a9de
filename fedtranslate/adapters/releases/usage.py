"""Which release is in use for each direction, told from the ledger alone.

For each direction there is a stack: what is put in use goes on top, a rollback takes the top off,
and what is withdrawn leaves it wherever it is.  So an append to the ledger is all that a change
needs, and no crash leaves half of one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fedtranslate.adapters.releases.ledger import Entry, Kind

DIRECTION = "direction"
MANIFEST = "manifest"
"""Names of values of the entry by which a release comes in: its direction, and the SHA-256 of its
``release.json``."""
REASON = "reason"
"""Of the entry by which it is withdrawn."""
_COMES_IN = {Kind.PUBLISHED, Kind.OFFERED}
_IN_USE = {Kind.INSTALLED, Kind.PROMOTED}


@dataclass(frozen=True, slots=True)
class Usage:
    """What the ledger says of all releases together."""

    directions: Mapping[str, str] = field(default_factory=dict)
    """Id of every release that has come in, oldest first, to its direction."""
    manifests: Mapping[str, str] = field(default_factory=dict)
    """Id to the SHA-256 of its ``release.json``."""
    stacks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Direction to the ids in use: the last one is, those before it were."""
    withdrawn: Mapping[str, str] = field(default_factory=dict)
    """Id of every release that was withdrawn, to why."""

    def current(self, direction: str) -> str | None:
        """Return the id in use for a direction."""
        stack = self.stacks.get(direction, ())
        return stack[-1] if stack else None

    def in_use(self) -> dict[str, str]:
        """Return the ids in use by direction."""
        return {direction: stack[-1] for direction, stack in self.stacks.items() if stack}


def usage_of(entries: Iterable[Entry]) -> Usage:
    """Return what ``entries`` come to; those on releases that never came in count for nothing."""
    directions: dict[str, str] = {}
    manifests: dict[str, str] = {}
    stacks: dict[str, tuple[str, ...]] = {}
    withdrawn: dict[str, str] = {}
    for entry in entries:
        name = entry.release
        direction, manifest = entry.values.get(DIRECTION), entry.values.get(MANIFEST)
        if entry.kind in _COMES_IN and isinstance(direction, str) and isinstance(manifest, str):
            directions.setdefault(name, direction)
            manifests.setdefault(name, manifest)
        if name not in directions:
            continue
        stack = stacks.get(directions[name], ())
        if entry.kind in _IN_USE and name not in withdrawn:
            stack = _without_doubles((*stack, name))
        elif entry.kind is Kind.ROLLED_BACK and stack[-1:] == (name,):
            stack = stack[:-1]
        elif entry.kind is Kind.WITHDRAWN:
            withdrawn[name] = str(entry.values.get(REASON) or "no reason was given")
            stack = _without_doubles(tuple(each for each in stack if each != name))
        stacks[directions[name]] = stack
    return Usage(directions, manifests, stacks, withdrawn)


def _without_doubles(stack: tuple[str, ...]) -> tuple[str, ...]:
    """Take out what follows itself: a rollback shall change something."""
    pairs = zip((None, *stack), stack, strict=False)
    return tuple(each for before, each in pairs if before != each)
