"""The file of the register: who may read it, who may begin it, and what if it is damaged."""

import multiprocessing
import sqlite3
import stat
from pathlib import Path

import pytest
from enrolling import Asker

from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator import memberfile
from fedtranslate.federation.coordinator.members import Members, hash_token


def test_the_hash_of_a_token_is_kept_and_the_token_is_not(file: Path) -> None:
    with Members(file, begins=True) as members:
        site = Asker().invited(members)
        site.joined(members)
        kept = b"".join(path.read_bytes() for path in file.parent.iterdir())
    assert hash_token(site.token).encode() in kept
    assert site.token.encode() not in kept


def test_only_its_owner_can_read_the_register(file: Path) -> None:
    with Members(file, begins=True) as members:
        Asker().invited(members)
        modes = {stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def _open_and_invite(file: Path, number: int) -> None:
    with Members(file, begins=True) as members:
        Asker(f"site{number}").invited(members)


def test_several_processes_may_begin_the_same_register(file: Path) -> None:
    context = multiprocessing.get_context("fork")
    started = [context.Process(target=_open_and_invite, args=(file, number)) for number in range(6)]
    for process in started:
        process.start()
    for process in started:
        process.join()
    with Members(file) as members:
        assert [member.name for member in members.all()] == [f"site{n}" for n in range(6)]


def test_a_register_that_has_gone_is_told_and_not_made_anew(file: Path) -> None:
    Members(file, begins=True).__exit__()
    file.unlink()
    with pytest.raises(FederationError, match=r"members\.db, the register of members, is missing"):
        Members(file)
    file.symlink_to(file.parent / "nowhere")
    with pytest.raises(FederationError, match="is missing"):
        Members(file)
    assert not (file.parent / "nowhere").exists()


def test_a_damaged_or_later_register_is_told_with_its_place(file: Path) -> None:
    Members(file, begins=True).__exit__()
    with sqlite3.connect(file) as database:
        database.execute(f"pragma user_version={memberfile.FORMAT + 1}")
    database.close()
    with pytest.raises(FederationError, match="later version"):
        Members(file)
    file.write_bytes(b"no database, " * 400)
    with pytest.raises(FederationError, match=r"members\.db is damaged"):
        Members(file)


def test_a_read_of_a_register_that_is_gone_is_told(members: Members) -> None:
    members._database.execute("drop table sites")
    with pytest.raises(FederationError, match=r"members\.db cannot be used"):
        members.all()
