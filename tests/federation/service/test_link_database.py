"""The SuperLink's database: deleted, damaged, silent or overgrown."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from fedtranslate.federation.service.linkdatabase import LinkDatabase, put_damaged_aside


class SuperLink:
    """Counts how often it was started again, and makes its database as it starts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.starts = 0
        self.start()

    def start(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        meanwhile()
        self.starts += 1
        with closing(sqlite3.connect(self.path)) as database:
            database.execute("create table if not exists kept (number)")
            database.commit()


@pytest.fixture
def link(tmp_path: Path) -> SuperLink:
    return SuperLink(tmp_path / "superlink.db")


@pytest.fixture
def watched(link: SuperLink) -> LinkDatabase:
    database = LinkDatabase(link.path, link.start)
    assert database.look(answers=True, now=1.0) == ""
    return database


def test_one_that_is_used_is_left_alone(link: SuperLink, watched: LinkDatabase) -> None:
    assert [watched.look(answers=True, now=float(now)) for now in range(1, 500)] == [""] * 499
    assert link.starts == 1


def test_deleted_or_replaced_it_costs_a_start(link: SuperLink, watched: LinkDatabase) -> None:
    link.path.unlink()
    assert "was deleted while it was in use" in watched.look(answers=True, now=3.0)
    assert watched.look(answers=True, now=5.0) == ""
    other = link.path.with_name("other")
    other.write_bytes(link.path.read_bytes())
    other.replace(link.path)
    assert "was replaced while it was in use" in watched.look(answers=False, now=7.0)
    assert watched.look(answers=False, now=9.0) == ""
    assert link.starts == 3


def test_a_superlink_is_given_a_minute_to_answer(link: SuperLink, watched: LinkDatabase) -> None:
    told = [watched.look(answers=False, now=float(now)) for now in range(10, 141, 2)]
    assert [10 + 2 * at for at, one in enumerate(told) if one] == [72, 136]
    assert link.starts == 3
    kept = sqlite3.connect(link.path)
    assert kept.execute("select * from kept").fetchall() == []
    kept.close()


def test_an_answer_in_between_is_enough(link: SuperLink, watched: LinkDatabase) -> None:
    for now in range(10, 500, 2):
        assert watched.look(answers=now % 50 == 0, now=float(now)) == ""
    assert link.starts == 1


def test_one_that_is_damaged_is_put_aside(link: SuperLink, watched: LinkDatabase) -> None:
    with link.path.open("r+b") as file:
        file.write(b"nothing that sqlite would know")
    for now in (10.0, 80.0):
        told = watched.look(answers=False, now=now)
    assert "no answer for a minute" in told
    assert link.path.with_name("superlink.db.damaged").read_bytes().startswith(b"nothing")
    with closing(sqlite3.connect(link.path)) as database:
        assert database.execute("pragma quick_check").fetchall() == [("ok",)]


def test_only_what_is_damaged_is_put_aside(link: SuperLink, tmp_path: Path) -> None:
    assert put_damaged_aside(link.path) == put_damaged_aside(tmp_path / "none") == ""
    with closing(sqlite3.connect(link.path)) as holder:
        holder.execute("begin exclusive")
        assert put_damaged_aside(link.path) == ""
    link.path.write_bytes(link.path.read_bytes()[:4096] + b"x" * 4096)
    link.path.with_name("superlink.db-wal").write_bytes(b"of the damaged one")
    assert "superlink.db.damaged" in put_damaged_aside(link.path)
    assert [path.name for path in tmp_path.iterdir()] == ["superlink.db.damaged"]


def test_one_that_fills_the_disk_is_made_anew(
    link: SuperLink, watched: LinkDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    with link.path.open("r+b") as file:
        file.truncate((1 << 30) + 1)
    assert watched.look(answers=True, now=3.0) == ""
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1 << 20}))
    assert "is made anew" in watched.look(answers=False, now=5.0)
    assert link.path.stat().st_size < 1 << 20
    assert watched.look(answers=True, now=7.0) == ""
