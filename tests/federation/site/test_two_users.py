"""A site whose parts are two users: who may read what, and what is only read."""

from pathlib import Path

from fedtranslate.federation.membership.requests import State
from fedtranslate.federation.site.doctor.machine import files
from fedtranslate.federation.site.enrolment.joining import finish_rotation
from fedtranslate.federation.site.enrolment.kept import Enrolment, write_enrolment
from fedtranslate.federation.site.place import SitePlace


def a_site(folder: Path) -> SitePlace:
    place = SitePlace(folder)
    place.key.parent.mkdir()
    for path in (place.key, place.executor_secret):
        path.write_bytes(b"x")
        path.chmod(0o600)
    return place


def complaint(place: SitePlace) -> str:
    (check,) = [one for one in files(place) if one.name == "secrets"]
    return check.fix


def test_both_parts_of_a_site_may_share_their_secret_through_a_group(tmp_path: Path) -> None:
    place = a_site(tmp_path)
    assert complaint(place) == ""
    place.executor_secret.chmod(0o640)
    assert complaint(place) == ""


def test_nobody_else_may_read_it_and_nobody_but_the_owner_the_key(tmp_path: Path) -> None:
    place = a_site(tmp_path)
    place.executor_secret.chmod(0o644)
    assert "executor.secret" in complaint(place)
    place.executor_secret.chmod(0o660)
    assert "executor.secret" in complaint(place)
    place.executor_secret.chmod(0o640)
    place.key.chmod(0o640)
    assert "site.key" in complaint(place)
    assert "executor.secret" not in complaint(place)


def test_a_part_that_starts_writes_nothing_to_a_membership_that_is_in_order(
    tmp_path: Path,
) -> None:
    place = a_site(tmp_path)
    enrolment = Enrolment(
        federation="trade",
        site="north",
        endpoint="https://coordinator.invalid:9443",
        ca="0" * 64,
        state=State.APPROVED,
    )
    write_enrolment(place, enrolment)
    before = sorted(place.key.parent.iterdir())
    assert not finish_rotation(place, lambda: 0)
    assert sorted(place.key.parent.iterdir()) == before
