"""Who is let in at the SuperLink, as the service of a coordinator sees to it."""

import os
from pathlib import Path

import pytest
from enrolling import NOW, Asker
from superlinks import Flower

from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator import journal, orders
from fedtranslate.federation.coordinator.members import Members
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.federation.flower.control import Node, pem
from fedtranslate.federation.service.coordinator import _look_after, _Once, introduce_members

REFUSES = "The SuperLink at 127.0.0.1:9444 refuses: 412 Precondition Failed."


class Strict(Flower):
    """A SuperLink that lets no key in that it has let go once."""

    def __init__(self) -> None:
        super().__init__()
        self.let_in: dict[bytes, int] = {}
        self.let_go: set[bytes] = set()
        self.away: set[int] = set()

    def nodes(self) -> tuple[Node, ...]:
        return tuple(Node(n, n not in self.away, key) for key, n in self.let_in.items())

    def register(self, public_key: str, name: str) -> int:  # noqa: ARG002
        key = pem(public_key)
        if key in self.let_go:
            raise FederationError(REFUSES)
        return self.let_in.setdefault(key, len(self.let_in) + 1)

    def unregister(self, node: int) -> None:
        for key in [key for key, number in self.let_in.items() if number == node]:
            del self.let_in[key]
            self.let_go.add(key)


@pytest.fixture
def place(tmp_path: Path) -> CoordinatorPlace:
    place = CoordinatorPlace(tmp_path)
    for folder in (place.state, place.runs):
        folder.mkdir()
    with Members(place.members, begins=True) as members:
        for name in ("north", "south"):
            Asker(name).invited(members).joined(members)
            members.approve(name, NOW)
    return place


def test_a_site_that_cannot_be_let_in_keeps_nobody_else_out(place: CoordinatorPlace) -> None:
    link = Strict()
    with Members(place.members) as members:
        assert introduce_members(link, members) == ([], [])
        north = members.find("north")
        assert north is not None
        link.unregister(north.node)
        online, problems = introduce_members(link, members)
    assert online == ["south"]
    (problem,) = problems
    assert problem.startswith(f"Site north cannot be let in: {REFUSES}")
    assert "'coordinator revoke north'" in problem


def test_when_a_site_was_seen_is_when_it_was_last_connected(
    place: CoordinatorPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = Strict()

    def look(now: int) -> dict[str, int]:
        monkeypatch.setattr("time.time", lambda: now)
        _look_after(link, place, _Once(lambda _: None))
        with Members(place.members) as members:
            return {one.name: one.seen for one in members.all()}

    look(NOW + 100)
    assert look(NOW + 200) == {"north": NOW + 200, "south": NOW + 200}
    link.away = {2}
    assert look(NOW + 900) == {"north": NOW + 900, "south": NOW + 200}
    link.let_in.clear()  # as after a start with a new database
    link.away = {1, 2}
    assert look(NOW + 5000) == {"north": NOW + 900, "south": NOW + 200}
    link.away = {2}
    assert look(NOW + 9000) == {"north": NOW + 9000, "south": NOW + 200}


def test_runs_are_looked_after_while_a_site_cannot_be_let_in(
    place: CoordinatorPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, said, looked = Strict(), list[str](), list[list[str]]()
    _look_after(link, place, _Once(said.append))
    link.unregister(1)
    monkeypatch.setattr(
        "fedtranslate.federation.service.coordinator.keep_runs",
        lambda *given: looked.append(list(given[3])) or [],
    )
    for _ in range(2):
        _look_after(link, place, _Once(said.append))
    assert looked == [["south"], ["south"]]
    assert all("north cannot be let in" in sentence for sentence in said)


def test_without_its_register_a_coordinator_lets_nobody_go(place: CoordinatorPlace) -> None:
    link, said = Strict(), list[str]()
    say = _Once(said.append)
    _look_after(link, place, say)
    kept = dict(link.let_in)
    content = place.members.read_bytes()
    place.members.unlink()
    _look_after(link, place, say)
    assert (link.let_in, link.let_go) == (kept, set())
    (told,) = said
    assert "the register of members, is missing. Put the newest copy back" in told
    assert not place.members.exists()
    place.members.write_bytes(content)
    _look_after(link, place, say)
    assert (link.let_in, link.let_go) == (kept, set())


@pytest.mark.parametrize("name", [orders.ORDER_FILE, journal.STATUS_FILE])
def test_a_pipe_in_place_of_a_file_of_a_run_hangs_nobody(
    place: CoordinatorPlace, name: str
) -> None:
    run = place.run("elm")
    run.mkdir()
    os.mkfifo(run / name)
    with pytest.raises(FederationError, match="it is a pipe or a device"):
        journal.read_json(run / name)
    _look_after(Strict(), place, _Once(lambda _: None))
