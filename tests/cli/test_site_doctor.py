"""``fedtranslate site doctor``: what is right, what is wrong, and how to fix it."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from site_commands import joined, run, with_pairs
from small_door import SmallDoor, small_door
from tiny_models import code_pairs

from fedtranslate.corpus.formats import write_pairs
from fedtranslate.federation.membership.requests import State
from fedtranslate.federation.site.doctor import material
from fedtranslate.federation.site.doctor.check import CheckState, examined, good
from fedtranslate.federation.site.place import SitePlace


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
        *("proxy", "DNS", "TCP", "TLS", "identity", "version", "clock"),
        *("site.toml", "secrets", "ports"),
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
        ("wrong clock", "clock", "fail", " UTC here, "),
        ("wrong clock", "clock", "fail", " UTC there"),
        (
            "other version",
            "version",
            "fail",
            "9.9.0 at the coordinator: this site",
        ),
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
    if change == "other version":
        door.answers["status"] = door.member(State.APPROVED, version="9.9.0")
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


def test_no_proxy_is_named_with_its_password(
    door: SmallDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    joined(door)
    monkeypatch.setenv("HTTPS_PROXY", "http://user:hunter2@127.0.0.1:1")
    found = checks(run("doctor", "--quick", "--json"))
    assert found["proxy"]["found"] == "127.0.0.1:1 is used for 127.0.0.1"
    assert found["TCP"]["state"] == "fail"
    assert "hunter2" not in json.dumps(found)


def test_a_ledger_that_is_not_there_is_not_called_in_order(tmp_path: Path) -> None:
    told = [check.found for check in material.ledger(SitePlace(tmp_path / "nowhere"))]
    assert told == ["there is none yet: nothing has left"]
