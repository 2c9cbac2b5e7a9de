"""The folder of a coordinator appears whole, can be finished, and is never made over."""

import multiprocessing
import os
import signal
import stat
from pathlib import Path

import pytest

from fedtranslate.errors import ConfigError, FederationError
from fedtranslate.federation.coordinator import founding
from fedtranslate.federation.coordinator.founding import found, open_folder
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.federation.membership.certificates import DAY, days_left, is_issued_by

NOW = 1_800_000_000
DOCUMENT = 'federation = "trade"\norganisation = "Trade AG"\ninvite_days = 7\n'


@pytest.fixture
def place(tmp_path: Path) -> CoordinatorPlace:
    return CoordinatorPlace(tmp_path / "coordinator")


def contents(place: CoordinatorPlace) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in place.root.rglob("*") if path.is_file()}


def test_everything_is_there_and_secrets_are_their_owners(place: CoordinatorPlace) -> None:
    old = os.umask(0)
    try:
        founded = found(place, DOCUMENT, NOW)
    finally:
        os.umask(old)
    assert founded.settings.federation == "trade"
    assert stat.S_IMODE(place.root.stat().st_mode) == 0o700
    secret = [place.ca_key, place.server_key, place.apps_secret, place.signing_key]
    secret += [place.pseudonym_key, place.page_token, place.members, place.settings]
    assert {stat.S_IMODE(path.stat().st_mode) for path in secret} == {0o600}
    assert len(place.apps_secret.read_bytes()) == 32
    assert is_issued_by(place.server_certificate.read_bytes(), place.ca_certificate.read_bytes())
    assert open_folder(place) == founded.settings


def test_a_second_founding_changes_nothing(place: CoordinatorPlace) -> None:
    found(place, DOCUMENT, NOW)
    before = contents(place)
    again = found(place, 'federation = "other"\norganisation = "x"\ninvite_days = 7\n', NOW + DAY)
    assert (again.made, again.renewed, again.settings.federation) == ((), False, "trade")
    assert contents(place) == before


def test_only_the_certificate_of_the_door_is_renewed(place: CoordinatorPlace) -> None:
    found(place, DOCUMENT, NOW)
    before = contents(place)
    later = NOW + 336 * DAY
    assert found(place, None, later).renewed
    after = contents(place)
    changed = {path for path in before if before[path] != after[path]}
    assert changed == {place.server_certificate}
    assert days_left(after[place.server_certificate], later) == 365


def test_a_new_name_in_the_settings_renews_it_too(place: CoordinatorPlace) -> None:
    found(place, DOCUMENT, NOW)
    place.settings.write_text(DOCUMENT + 'names = ["coordinator.example"]\n')
    assert found(place, None, NOW).renewed
    assert not found(place, None, NOW).renewed


def _found_and_die(place: CoordinatorPlace, writes: int) -> None:
    put = founding._put
    done = 0

    def dying(path: Path, content: bytes, mode: int) -> None:
        nonlocal done
        if done == writes:
            path.parent.mkdir(exist_ok=True)
            path.with_name(f".{path.name}.dead").write_bytes(content[:5])
            os.kill(os.getpid(), signal.SIGKILL)
        done += 1
        put(path, content, mode)

    founding._put = dying
    found(place, DOCUMENT, NOW)


@pytest.mark.parametrize("writes", range(9))
def test_a_founding_that_was_killed_is_finished_by_the_next(
    place: CoordinatorPlace, writes: int
) -> None:
    process = multiprocessing.get_context("fork").Process(
        target=_found_and_die, args=(place, writes)
    )
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    before = {path: text for path, text in contents(place).items() if path.name[0] != "."}
    assert len(before) == writes
    with pytest.raises(FederationError, match=r"half made|not the folder"):
        open_folder(place)
    found(place, DOCUMENT, NOW + 5)
    after = contents(place)
    assert before.items() <= after.items()
    assert [path for path in after if path.name.endswith(".dead")] == []
    assert open_folder(place).federation == "trade"


def test_a_folder_with_something_else_is_left_alone(place: CoordinatorPlace) -> None:
    place.root.mkdir()
    (place.root / "thesis.txt").write_text("mine")
    with pytest.raises(FederationError, match="holds something else"):
        found(place, DOCUMENT, NOW)
    assert [path.name for path in place.root.iterdir()] == ["thesis.txt"]
    with pytest.raises(FederationError, match="is no folder"):
        found(CoordinatorPlace(place.root / "thesis.txt"), DOCUMENT, NOW)


def test_a_file_that_was_lost_is_not_made_up(place: CoordinatorPlace) -> None:
    found(place, DOCUMENT, NOW)
    place.ca_key.unlink()
    for act in (lambda: found(place, None, NOW), lambda: open_folder(place)):
        with pytest.raises(FederationError, match=r"has lost ca/ca\.key"):
            act()


def test_a_register_that_was_lost_is_not_begun_anew(place: CoordinatorPlace) -> None:
    found(place, DOCUMENT, NOW)
    place.link_database.write_bytes(b"")
    place.members.unlink()
    for again in (lambda: found(place, None, NOW), lambda: open_folder(place)):
        with pytest.raises(FederationError, match="the register of members, is missing"):
            again()
    assert not place.members.exists()


@pytest.mark.parametrize(
    "document", ['federation = "a b"\n', DOCUMENT + 'names = ["a b"]\n', DOCUMENT + "odd = 1\n"]
)
def test_wrong_settings_are_told_before_anything_is_made(
    place: CoordinatorPlace, document: str
) -> None:
    with pytest.raises((ConfigError, FederationError), match=r"wrong setting|neither a DNS"):
        found(place, document, NOW)
    assert [path.name for path in place.root.iterdir()] == [".lock"]
    assert found(place, DOCUMENT, NOW).settings.organisation == "Trade AG"
