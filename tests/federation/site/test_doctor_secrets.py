"""Who may read a site's secrets, as its doctor sees it."""

from pathlib import Path

from fedtranslate.federation.site.doctor.machine import files
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
