"""Sites as the page knows them, from the register, from runs and by their connections."""

from example_place import NOW, SITES, at, member, put_run, put_sites, write
from watching import look

from fedtranslate.federation.coordinator.members import Members
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.federation.membership.requests import State
from fedtranslate.status.snapshot import Watched


def test_sites_are_those_of_the_register_and_of_runs(place: CoordinatorPlace) -> None:
    with Members(place.members, begins=True) as register:
        register.invite("dogwood", "0" * 64, NOW + 60, NOW)
    put_sites(place, member("alder"), member("birch", State.REVOKED, ended=NOW))
    put_run(place, "elm", 1)
    watched = Watched(place)
    states = {site.name: site.state for site in look(watched).sites}
    assert states == {
        "alder": "approved",
        "birch": "revoked",
        "cedar": "unknown",
        "dogwood": "invited",
    }
    (event,) = [one for one in watched.events_after(0, 99) if one.site]
    assert (event.site, event.kind, event.time) == ("dogwood", "invited", at(0))
    put_sites(place, member("cedar", State.PENDING))
    assert {site.name: site.state for site in look(watched).sites}["cedar"] == "pending"
    assert len([one for one in watched.events_after(0, 99) if one.site]) == 1


def test_a_register_that_is_none_breaks_nothing(place: CoordinatorPlace) -> None:
    put_run(place, "elm", 1)
    place.members.write_bytes(b"no database at all" * 100)
    found = look(Watched(place))
    assert any("register" in problem for problem in found.problems)
    assert [site.name for site in found.sites] == list(SITES)


def test_who_is_connected_is_believed_for_a_minute(place: CoordinatorPlace) -> None:
    put_run(place, "elm", 1)
    watched = Watched(place)
    assert {site.online for site in look(watched).sites} == {None}
    write(place.state / "online.json", {"time": NOW - 5, "sites": ["alder"]})
    assert [site.online for site in look(watched).sites] == [True, False, False]
    write(place.state / "online.json", {"time": NOW - 500, "sites": ["alder"]})
    assert {site.online for site in look(watched).sites} == {None}
