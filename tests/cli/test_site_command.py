"""``fedtranslate site`` from the outside: joining with consent, the doctor, what left."""

import json
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tiny_models import code_pairs

from fedtranslate.cli import main, siteoptions
from fedtranslate.config.federation import read_site
from fedtranslate.config.policy import Policy
from fedtranslate.corpus.formats import write_pairs
from fedtranslate.federation.membership.requests import Reason, State
from fedtranslate.federation.site.doctor.check import CheckState, examined, good
from fedtranslate.federation.site.ledger import Departure, Ledger
from fedtranslate.federation.site.sitefile import Sources, in_words, site_file

sys.path.insert(0, str(Path(__file__).parents[1] / "federation" / "site"))

from small_door import SmallDoor, small_door


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallDoor]:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    with small_door(tmp_path / "door") as found:
        yield found


def run(*arguments: object, **settings: object) -> Result:
    return CliRunner().invoke(main, ["site", *map(str, arguments)], **settings)  # type: ignore[arg-type]


def joined(door: SmallDoor, *more: object) -> Result:
    result = run("join", door.invite().text(), "--yes", *more)
    assert result.exit_code == 0, result.stderr
    return result


def with_pairs(folder: Path, count: int = 60) -> Path:
    write_pairs(folder / "p.jsonl", code_pairs(count, "ada"))
    return folder / "p.jsonl"


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
    assert "expired on 1970-01-01" in result.stderr
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


def test_a_new_site_file_has_the_name_the_pairs_and_the_policy(
    door: SmallDoor, tmp_path: Path
) -> None:
    with_pairs(tmp_path)
    (tmp_path / "policy.toml").write_text('[policy]\nrounds = 7\nlicences = ["MIT"]\n')
    joined(door, "--pairs", "p.jsonl", "--policy", "policy.toml")
    site = read_site(tmp_path / "site" / "site.toml")
    assert (site.name, site.pairs) == ("ada", str(tmp_path / "p.jsonl"))
    assert site.policy == Policy(rounds=7, licences=("MIT",))
    text = (tmp_path / "site" / "site.toml").read_text()
    assert all(f"{key} = " in text for key in Policy.model_fields)


def test_without_pairs_the_next_step_is_to_name_them(door: SmallDoor, tmp_path: Path) -> None:
    result = joined(door)
    assert "edit site/site.toml" in result.stdout
    assert tomllib.loads((tmp_path / "site" / "site.toml").read_text()) == {
        "name": "ada",
        "policy": {},
    }


def test_the_examples_in_a_new_site_file_are_settings_when_their_marks_are_taken_off(
    tmp_path: Path,
) -> None:
    text = site_file("ada", "fed", Sources(), Policy())
    lines = [
        line.removeprefix("# ")
        for line in text.splitlines()
        if " = " in line or line.startswith("[")
    ]
    lines = [line for line in lines if not line.startswith(("source_folder", "target_folder"))]
    (tmp_path / "site.toml").write_text("\n".join(lines))
    assert read_site(tmp_path / "site.toml").policy.hours == 24


def test_a_site_file_that_is_there_is_not_touched(door: SmallDoor, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    file = tmp_path / "site" / "site.toml"
    file.write_text('name = "ada"\npairs = "x"\n[policy]\nrounds = 3\n')
    refused = run("join", door.invite().text(), "--yes", "--pairs", "p.jsonl")
    assert refused.exit_code == 2
    assert "edit it" in refused.stderr
    result = joined(door)
    assert "at most 3 rounds" in result.stdout
    assert file.read_text().endswith("rounds = 3\n")


@pytest.mark.parametrize(
    "options", [("--source-folder", "."), ("--pairs", "p", "--source-folder", ".")]
)
def test_half_a_source_of_pairs_is_a_wrong_request(
    door: SmallDoor, options: tuple[str, ...]
) -> None:
    assert run("join", door.invite().text(), "--yes", *options).exit_code == 2
    assert not door.paths


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


def test_the_folder_is_that_of_the_environment(
    door: SmallDoor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEDTRANSLATE_SITE", str(tmp_path / "mine"))
    result = joined(door)
    assert (tmp_path / "mine" / "membership" / "site.key").exists()
    assert "site doctor\n" in result.stdout
    other = run("join", door.invite(site="bob").text(), "--yes", "--dir", tmp_path / "an other")
    assert f"site doctor --dir '{tmp_path / 'an other'}'" in other.stdout


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


ENTRY = Departure(
    "2026-01-02T03:04:05+00:00",
    "r1",
    2,
    "update",
    {"adapter/m.a": {"shape": [2, 3], "bytes": 152}},
    {"numbers": {"pairs": 3}},
    "c" * 64,
    "p" * 16,
)
REFUSAL = Departure(
    "2026-01-02T03:04:06+00:00",
    "r2",
    0,
    "refusal",
    {},
    {"refusal": {"code": "base"}},
    policy="p" * 16,
    note="The base model 'x' is not in policy.bases.",
)


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for entry in (ENTRY, REFUSAL):
        Ledger(tmp_path / "site" / "ledger.jsonl").append(entry)
    return tmp_path / "site" / "ledger.jsonl"


def test_the_log_tells_what_left_when_how_much_and_under_which_policy(ledger: Path) -> None:
    first, second, note, total = run("log").stdout.splitlines()
    assert first.split() == [
        *("2026-01-02T03:04:05+00:00", "r1", "round", "2", "update"),
        *(str(ENTRY.bytes), "B", "policy", "p" * 16, "adapter", "c" * 16),
    ]
    assert second.endswith("base")
    assert note.strip() == REFUSAL.note
    assert total == f"2 messages, {ENTRY.bytes + REFUSAL.bytes} B in all"
    document = json.loads(run("log", "--json", "--run", "r1").stdout)
    assert [entry["run"] for entry in document["entries"]] == ["r1"]
    assert document["bytes"] == ENTRY.bytes
    assert ledger.exists()


def test_a_changed_ledger_is_found_and_its_line_named(ledger: Path) -> None:
    assert "is what was written: 2 entries" in run("log", "--verify").stdout
    ledger.write_text(ledger.read_text().replace('"pairs": 3', '"pairs": 2'))
    result = run("log", "--verify")
    assert result.exit_code == 1
    assert "ledger.jsonl:1 was changed" in result.stdout
    assert json.loads(run("log", "--verify", "--json").stdout)["verified"]["entries"] == 0


def checks(result: Result) -> dict[str, dict[str, str]]:
    return {check["name"]: check for check in json.loads(result.stdout)["checks"]}


def test_the_doctor_finds_a_healthy_site_healthy(door: SmallDoor, tmp_path: Path) -> None:
    door.approves = True
    joined(door, "--pairs", with_pairs(tmp_path))
    result = run("doctor", "--json")
    found = checks(result)
    assert result.exit_code == 0, result.stdout
    assert [name for name, check in found.items() if check["state"] == "fail"] == []
    for name in (
        *("proxy", "DNS", "TCP", "TLS", "identity", "clock", "site.toml", "secrets", "ports"),
        *("disk", "ledger", "memory for builtin", "base builtin", "grammar java", "policy"),
        *("pairs java->csharp", "dry run"),
    ):
        assert found[name]["state"] == "ok", found[name]
    assert "of the pinned authority, and valid for" in found["TLS"]["found"]
    assert "MB would leave each round" in found["dry run"]["found"]


def test_a_check_that_fails_does_not_stop_the_others_and_says_how_to_fix_it(
    door: SmallDoor, tmp_path: Path
) -> None:
    joined(door)
    (tmp_path / "site" / "site.toml").write_text('name = "ada"\npairs = "gone"\n[policy]\nx = 1\n')
    (tmp_path / "site" / "membership" / "site.key").chmod(0o644)
    (tmp_path / "site" / "ledger.jsonl").write_text("{}\n")
    door.server.shutdown()
    door.server.server_close()
    result = run("doctor", "--quick", "--json")
    assert result.exit_code == 1
    found = checks(result)
    for name in ("TCP", "TLS", "identity", "site.toml", "secrets", "ledger"):
        assert found[name]["state"] == "fail", found[name]
        assert found[name]["fix"]
    assert found["base builtin"]["state"] == "ok"
    assert "dry run" not in found
    text = run("doctor", "--quick").stdout
    assert "\n      fix                Edit site/site.toml." in text
    assert text.splitlines()[-1].endswith("failures")


@pytest.mark.parametrize(
    ("change", "name", "state", "words"),
    [
        ("pending", "identity", "warn", "waits for approval"),
        ("revoked", "identity", "fail", "refuses"),
        ("slow clock", "clock", "warn", " s ahead"),
        ("wrong clock", "clock", "fail", " s ahead"),
        ("other authority", "TLS", "fail", "not that of the invite"),
        ("other key", "signing key", "fail", "another key"),
        ("prose", "identity", "fail", "no coordinator"),
    ],
)
def test_the_doctor_tells_what_is_wrong_between_site_and_coordinator(
    door: SmallDoor, tmp_path: Path, change: str, name: str, state: str, words: str
) -> None:
    door.approves = change != "pending"
    joined(door)
    if change == "revoked":
        door.states["ada"] = State.REVOKED
    if change == "slow clock":
        door.clock = lambda: int(time.time()) - 100
    if change == "wrong clock":
        door.clock = lambda: int(time.time()) - 4000
    if change == "other authority":
        other = SmallDoor(tmp_path / "other").authority.pem
        (tmp_path / "site" / "membership" / "ca.crt").write_text(other)
    if change == "other key":
        door.answers["status"] = door.member(State.APPROVED, signing_key=f"ed25519:{'B' * 43}=")
    if change == "prose":
        door.answers["status"] = (200, b"Welcome", {})
    found = checks(run("doctor", "--quick", "--json"))[name]
    assert found["state"] == state
    assert words in found["found"]
    assert found["fix"]


def test_a_certificate_that_soon_expires_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with small_door(tmp_path / "door", days=5) as door:
        joined(door)
        found = checks(run("doctor", "--quick", "--json"))["TLS"]
    assert found["state"] == "warn"
    assert "valid for 4 days" in found["found"] or "valid for 5 days" in found["found"]


@pytest.mark.parametrize(
    ("policy", "state", "words"),
    [
        ('languages = ["java"]', "fail", "is no direction"),
        ("minimum_rank = 64\nmaximum_rank = 8", "fail", "every run is refused"),
        ("bases = []", "fail", "every run is refused"),
        ("epsilon = 1.0", "warn", "differential privacy"),
        ("minimum_sites = 1", "warn", "your own adapter"),
        ('report = ["train_loss"]', "warn", "not reported"),
        ('methods = ["fedsgd"]', "warn", "No method is called"),
    ],
)
def test_the_doctor_tells_what_a_policy_does_that_nobody_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, policy: str, state: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site").mkdir()
    text = f'name = "ada"\npairs = "{with_pairs(tmp_path)}"\n[policy]\n{policy}\n'
    (tmp_path / "site" / "site.toml").write_text(text)
    found = checks(run("doctor", "--quick", "--json"))["policy"]
    assert (found["state"], words in found["found"]) == (state, True)


def test_the_doctor_counts_pairs_after_hygiene_and_names_empty_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site").mkdir()
    made = code_pairs(12, "ada")
    write_pairs(tmp_path / "p.jsonl", [*made, *made])
    file = tmp_path / "site" / "site.toml"
    globs = json.dumps(["ada/2.java"])
    file.write_text(f'name = "ada"\npairs = "../p.jsonl"\nheld_out = {globs}\n')
    found = checks(run("doctor", "--quick", "--json"))["pairs java->csharp"]
    assert found["state"] == "warn"
    assert "0 for validation" in found["found"]
    assert "duplicate" in found["found"]


def test_warnings_count_as_failures_only_if_asked(door: SmallDoor, tmp_path: Path) -> None:
    joined(door, "--pairs", with_pairs(tmp_path))
    assert run("doctor", "--quick").exit_code == 0
    assert run("doctor", "--quick", "--strict").exit_code == 1


def test_what_a_check_raises_is_a_check_that_failed() -> None:
    def broken() -> Iterator[object]:
        yield good("one", "fine")
        raise ZeroDivisionError("oh\nno")

    found = list(examined([("one", broken), ("two", lambda: [good("two", "fine")])]))  # type: ignore[list-item]
    assert [(check.name, check.state) for check in found] == [
        ("one", CheckState.OK),
        ("one", CheckState.FAIL),
        ("two", CheckState.OK),
    ]
    assert found[1].found == "ZeroDivisionError: oh no"


def test_a_policy_in_words_has_every_ceiling() -> None:
    policy = Policy(hours=3, gigabytes=2, epsilon=8, licences=("MIT",), report=())
    text = " ".join(in_words(policy))
    for told in ("3 hours", "2 GB", "epsilon of 8", "MIT", "told: nothing", "2 sites"):
        assert told in text


def test_no_proxy_is_named_with_its_password(
    door: SmallDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    joined(door)
    monkeypatch.setenv("HTTPS_PROXY", "http://user:hunter2@127.0.0.1:1")
    found = checks(run("doctor", "--quick", "--json"))
    assert found["proxy"]["found"] == "127.0.0.1:1 is used for 127.0.0.1"
    assert found["TCP"]["state"] == "fail"
    assert "hunter2" not in json.dumps(found)
