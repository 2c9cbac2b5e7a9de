"""Say which value of a unit comes from which, and compare that with the reference.

    int total = 0;                       total <- (nothing)
    for (int n : numbers)                n     <- numbers
        total += n;                      total <- total, n
    return total;                        total is read, and comes from 2 places

Names do not matter: variables are numbered in the order in which they first take part.  An edge
is one of two kinds: a variable is *computed* from another, or a read *reaches* back to a place
where the variable was set.  Edges are found by reaching definitions over the structure of the
code: both ways of a branch, and every loop as if it ran never, once or often.  Jumps, exceptions
and what other methods do are not followed.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from tree_sitter import Node

from fedtranslate.metrics.codebleu.events import Event, Kind, events_in
from fedtranslate.metrics.codebleu.flow_rules import FlowRules

MAX_EVENTS = 5_000
"""A unit in which more happens has no data flow; the cost grows with the square."""

Edge = tuple[str, int, int]
"""``computed`` or ``reaches``, the number of the variable, the number of its origin."""

_State = dict[str, frozenset[int]]
"""Which settings of each variable may be in force: their places in the list of events."""


def data_flow(roots: Sequence[Node], rules: FlowRules) -> Counter[Edge]:
    """Return the edges of the trees below ``roots``, with how often each occurs."""
    events = list(islice(events_in(roots, rules), MAX_EVENTS + 1))
    return Counter() if len(events) > MAX_EVENTS else edges(events)


def edges(events: Sequence[Event]) -> Counter[Edge]:
    """Return the edges that a list of events amounts to."""
    carried = _carried(events)
    found: Counter[Edge] = Counter()
    numbers: dict[str, int] = {}

    def number(name: str) -> int:
        return numbers.setdefault(name, len(numbers))

    sources: list[dict[str, None]] = []
    for place, event, state in _walk(events, carried):
        name = event.name
        if event.kind is Kind.COLLECT:
            sources.append({})
        elif event.kind is Kind.RELEASE:
            sources.pop()
        elif event.kind is Kind.USE:
            for collected in sources:
                collected[name] = None
            if reaching := len(state.get(name, ())):
                found["reaches", number(name), number(name)] += reaching
        elif event.kind in (Kind.SET, Kind.MIX):
            for source in sources[-1] if sources else ():
                origin = number(source)
                found["computed", number(name), origin] += 1
            _set(state, event, place)
    return found


def _carried(events: Sequence[Event]) -> dict[int, _State]:
    """Return, for the place of each LOOP, the settings that its body hands to its next round."""
    carried: dict[int, _State] = {}
    for place, event, state in _walk(events, {}, isolated=carried):
        if event.kind in (Kind.SET, Kind.MIX):
            _set(state, event, place)
    return carried


def _walk(
    events: Sequence[Event],
    carried: Mapping[int, _State],
    *,
    isolated: dict[int, _State] | None = None,
) -> Iterator[tuple[int, Event, _State]]:
    """Yield each event with its place and the settings in force; the caller does the settings.

    With ``isolated``, every loop begins with nothing in force, and what is in force at its end is
    put there: that is what the body itself sets.
    """
    state: _State = {}
    forks: list[tuple[_State, list[_State]]] = []
    loops: list[tuple[int, _State]] = []
    for place, event in enumerate(events):
        if event.kind is Kind.FORK:
            forks.append((state, []))
            state = dict(state)
        elif event.kind is Kind.WAY:
            forks[-1][1].append(state)
            state = dict(forks[-1][0])
        elif event.kind is Kind.JOIN:
            state = _merged([*forks.pop()[1], state])
        elif event.kind is Kind.LOOP:
            loops.append((place, state))
            state = {} if isolated is not None else _merged([state, carried[place]])
        elif event.kind is Kind.END:
            start, before = loops.pop()
            if isolated is not None:
                isolated[start] = state
            state = _merged([before, state])
        yield place, event, state


def _set(state: _State, event: Event, place: int) -> None:
    old = state.get(event.name, frozenset()) if event.kind is Kind.MIX else frozenset()
    state[event.name] = old | {place}


def _merged(states: Sequence[_State]) -> _State:
    """Return what may be in force when any of ``states`` may be."""
    merged: _State = {}
    for state in states:
        for name, places in state.items():
            merged[name] = merged[name] | places if name in merged else places
    return merged
