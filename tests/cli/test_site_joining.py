"""``fedtranslate site join``: consent, invites, and what the coordinator says to it."""

import time
from pathlib import Path

import pytest
from site_commands import joined, run, with_pairs
from small_door import SmallDoor

from fedtranslate.cli import siteoptions
from fedtranslate.federation.membership.requests import Reason, State


def test_who_runs_it_what_leaves_and_what_is_allowed_is_shown_before_anything_is_sent(
    door: SmallDoor, tmp_path: Path
) -> None:
    result = run("join", door.invite().text())
    assert result.exit_code == 2
    assert "add --yes to give it" in result.stderr
    for told in (
        "the federation fed, as ada",
        "Coordinators Ltd (ops@example.org)",
        door.authority.fingerprint,
        "- Adapters.",
        "about 1.2 MB",
        "at most 100 rounds",
    ):
        assert told in result.stdout
    assert door.paths == ["ca"]
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(("said", "code"), [("n\n", 1), ("y\n", 0)])
def test_on_a_terminal_consent_is_asked_for(
    door: SmallDoor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, code: int
) -> None:
    monkeypatch.setattr(siteoptions, "is_terminal", lambda: True)
    result = run("join", door.invite().text(), input=said)
    assert result.exit_code == code
    assert "Shall this machine join fed as ada?" in result.stderr
    assert (tmp_path / "site").exists() is (code == 0)
    assert len(door.seen) == (code == 0)


@pytest.mark.parametrize("way", ["text", "file", "stdin"])
def test_an_invite_is_a_text_a_file_or_standard_input(
    door: SmallDoor, tmp_path: Path, way: str
) -> None:
    text = door.invite().text()
    wrapped = "\n".join(text[i : i + 60] for i in range(0, len(text), 60)) + "\n"
    (tmp_path / "invite.txt").write_text(wrapped)
    argument = {"text": text, "file": "invite.txt", "stdin": "-"}[way]
    result = run("join", argument, "--yes", input=wrapped)
    assert result.exit_code == 0, result.stderr
    assert "ops@example.org has to approve it" in result.stdout
    assert "fedtranslate site doctor\n    fedtranslate site up\n" in result.stdout


@pytest.mark.parametrize("text", ["nonsense", "fedtranslate-invite-1:AAAA", "missing.txt"])
def test_what_is_no_invite_is_a_wrong_request(door: SmallDoor, text: str) -> None:
    result = run("join", text, "--yes")
    assert result.exit_code == 2
    assert "invite" in result.stderr
    assert not door.paths


def test_an_expired_invite_is_refused_before_anybody_is_asked(door: SmallDoor) -> None:
    result = run("join", door.invite(expires=1).text(), "--yes")
    assert result.exit_code == 2
    assert "expired on 1970-01-01 00:00:01 UTC" in result.stderr
    assert f"it is {time.strftime('%Y-%m-%d', time.gmtime())}" in result.stderr
    assert not door.paths


def test_a_wrong_fingerprint_is_refused_in_spite_of_yes(door: SmallDoor, tmp_path: Path) -> None:
    result = run("join", door.invite(ca="1" * 64).text(), "--yes")
    assert result.exit_code == 2
    assert "Do not join" in result.stderr
    assert not (tmp_path / "site").exists()


def test_what_a_coordinator_says_cannot_write_to_the_terminal(door: SmallDoor) -> None:
    invite = door.invite(organisation="Evil\x1b]0;x\x07", leaves=("a\nYou join nothing\x1b[2J",))
    result = run("join", invite.text())
    assert "\x1b" not in result.stdout
    assert "\nYou join nothing" not in result.stdout


def test_join_waits_for_the_approval_if_asked(door: SmallDoor) -> None:
    def approve() -> tuple[int, bytes, dict[str, str]]:
        return door.member(State.APPROVED)

    door.answers["status"] = approve
    assert "ada is a member of fed" in joined(door, "--wait", "20").stdout


def test_an_approval_that_does_not_come_in_time_is_a_failure(door: SmallDoor) -> None:
    result = run("join", door.invite().text(), "--yes", "--wait", "0.1")
    assert result.exit_code == 1
    assert "has to approve it" in result.stdout


def test_a_refusal_of_the_coordinator_is_told_in_its_words(door: SmallDoor) -> None:
    door.answers["join"] = door.refused(Reason.INVITE_USED, "This invite was used on Monday.")
    result = run("join", door.invite().text(), "--yes")
    assert result.exit_code == 2
    assert "used on Monday" in result.stderr


def test_after_a_refusal_the_same_command_works_with_a_new_invite(
    door: SmallDoor, tmp_path: Path
) -> None:
    pairs = with_pairs(tmp_path)
    door.answers["join"] = door.refused(Reason.INVITE_USED, "This invite was used on Monday.")
    assert run("join", door.invite().text(), "--yes").exit_code == 2
    assert not (tmp_path / "site" / "site.toml").exists()
    del door.answers["join"]
    joined(door, "--pairs", pairs)
    assert str(pairs) in (tmp_path / "site" / "site.toml").read_text()


@pytest.mark.parametrize("has_pairs", [True, False])
def test_a_site_without_pairs_is_told_so(door: SmallDoor, tmp_path: Path, has_pairs: bool) -> None:
    told = joined(door, *(("--pairs", with_pairs(tmp_path)) if has_pairs else ())).stdout
    assert ("site.toml: name your pairs, or two folders" in told) is not has_pairs


def test_a_file_that_is_not_there_is_named(door: SmallDoor) -> None:
    result = run("join", "nope.invite", "--yes")
    assert result.exit_code == 2
    assert "There is no file nope.invite" in result.stderr
    assert not door.paths


def test_the_folder_is_that_of_the_environment(
    door: SmallDoor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEDTRANSLATE_SITE", str(tmp_path / "mine"))
    result = joined(door)
    assert (tmp_path / "mine" / "membership" / "site.key").exists()
    assert "site doctor\n" in result.stdout
    other = run("join", door.invite(site="bob").text(), "--yes", "--dir", tmp_path / "an other")
    assert f"site doctor --dir '{tmp_path / 'an other'}'" in other.stdout
