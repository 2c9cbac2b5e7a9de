"""``fedtranslate site`` of a member: status, rotate and leave."""

import json
from pathlib import Path

import pytest
from site_commands import joined, run
from small_door import SmallDoor

from fedtranslate.federation.membership.requests import State
from fedtranslate.federation.site.enrolment.joining import make_executor_secret
from fedtranslate.federation.site.place import SitePlace
from fedtranslate.federation.supervision.standing import held


def test_status_tells_what_the_coordinator_says_and_json_says_the_same(door: SmallDoor) -> None:
    joined(door)
    text = run("status")
    assert text.exit_code == 0
    assert "state         pending" in text.stdout
    assert "ask ops@example.org to approve it" in text.stdout
    door.states["ada"] = State.APPROVED
    document = json.loads(run("status", "--json").stdout)
    assert (document["state"], document["reached"], document["site"]) == ("approved", True, "ada")
    assert abs(document["seconds_ahead"]) < 10


def test_status_without_a_coordinator_tells_what_was_last_known(door: SmallDoor) -> None:
    joined(door)
    door.answers["status"] = (500, b"", {})
    result = run("status")
    assert result.exit_code == 1
    assert "pending, as last told" in result.stdout
    assert json.loads(run("status", "--json").stdout)["reached"] is False


def test_status_tells_which_files_of_the_site_are_damaged(door: SmallDoor) -> None:
    joined(door)
    place = SitePlace(Path("site"))
    place.settings.write_text('pairs = "pairs.jsonl"\n' + place.settings.read_text())
    assert json.loads(run("status", "--json").stdout)["warnings"] == []
    place.executor_secret.write_bytes(b"short")
    place.settings.write_text("[half")
    with held(place.state):
        told = run("status").stdout.splitlines()
    settings, secret, standing = (line for line in told if line.startswith("warning"))
    assert "site.toml is not valid TOML" in settings
    assert "executor.secret is missing or damaged" in secret
    assert "programs.json is missing or damaged" in standing


@pytest.mark.parametrize("content", [None, b"", b"short"])
def test_a_lost_secret_of_the_programs_is_made_anew(door: SmallDoor, content: bytes | None) -> None:
    joined(door)
    place = SitePlace(Path("site"))
    before = place.executor_secret.read_bytes()
    make_executor_secret(place)
    assert place.executor_secret.read_bytes() == before
    place.executor_secret.unlink()
    if content is not None:
        place.executor_secret.write_bytes(content)
    make_executor_secret(place)
    assert len(place.executor_secret.read_bytes()) == len(before)
    assert place.executor_secret.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("command", ["status", "rotate", "leave"])
def test_outside_of_a_site_commands_say_how_to_join(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(command)
    assert result.exit_code == 2
    assert "site join INVITE" in result.stderr
    assert not Path("site").exists()


def test_rotate_says_that_programs_need_a_restart(door: SmallDoor) -> None:
    joined(door)
    old = door.keys["ada"]
    result = run("rotate")
    assert result.exit_code == 0
    assert "restart them" in result.stdout
    assert door.keys["ada"] != old


def test_leaving_needs_consent_and_is_for_good(door: SmallDoor) -> None:
    joined(door)
    assert run("leave").exit_code == 2
    assert door.states["ada"] is State.PENDING
    result = run("leave", "--yes")
    assert result.exit_code == 0
    assert "no longer a member" in result.stdout
    assert door.states["ada"] is State.LEFT
    assert "has left already" in run("leave").stdout
    assert run("status").exit_code == 1


@pytest.mark.parametrize("command", [("log",), ("log", "--verify"), ("down",)])
def test_a_mistyped_folder_is_no_site_in_order(tmp_path: Path, command: tuple[str, ...]) -> None:
    result = run(*command, "--dir", tmp_path / "nowhere")
    assert result.exit_code == 2
    assert "is not the folder of a member" in result.stderr
    assert not (tmp_path / "nowhere").exists()
