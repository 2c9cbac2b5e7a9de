"""``fedtranslate site log``: what left, and whether its record is as it was written."""

import json
from pathlib import Path

import pytest
from site_commands import run

from fedtranslate.federation.service.site import damages
from fedtranslate.federation.site.ledger import Departure, Ledger
from fedtranslate.federation.site.place import SitePlace

ENTRY = Departure(
    "2026-01-02T03:04:05+00:00",
    "r1",
    2,
    "update",
    {
        "adapter/m.a": {"shape": [2, 3], "bytes": 152, "format": "int8"},
        "adapter/m.b": {"shape": [4, 2], "bytes": 8},
    },
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


DECISION = Departure(
    "2026-01-02T03:04:07+00:00",
    "r1",
    0,
    "decision",
    {},
    {"decision": {"site": "north", "release": "3f2a", "decision": "declined"}},
    policy="p" * 16,
    note="better: 0.5000 against 0.4000",
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
        *(str(ENTRY.bytes), "B", "policy", "p" * 16, "int8", "adapter", "c" * 16),
    ]
    assert second.endswith("base")
    assert note.strip() == REFUSAL.note
    assert total == f"2 messages, {ENTRY.bytes + REFUSAL.bytes} B in all"
    document = json.loads(run("log", "--json", "--run", "r1").stdout)
    assert [entry["run"] for entry in document["entries"]] == ["r1"]
    assert document["bytes"] == ENTRY.bytes
    assert ledger.exists()


def test_the_log_tells_what_was_decided_on_a_release_and_why(ledger: Path) -> None:
    Ledger(ledger).append(DECISION)
    *_, decision, note, _ = run("log").stdout.splitlines()
    assert decision.endswith("declined the release 3f2a")
    assert note.strip() == DECISION.note


def test_a_changed_ledger_is_found_and_its_line_named(ledger: Path) -> None:
    assert "is what was written: 2 entries" in run("log", "--verify").stdout
    ledger.write_text(ledger.read_text().replace('"pairs": 3', '"pairs": 2'))
    result = run("log", "--verify")
    assert result.exit_code == 1
    assert "ledger.jsonl:1 was changed" in result.stdout
    assert json.loads(run("log", "--verify", "--json").stdout)["verified"]["entries"] == 0


def test_a_ledger_whose_middle_was_changed_is_told_where_the_site_is_started(ledger: Path) -> None:
    place = SitePlace(ledger.parent)
    before = damages(place)
    assert not any("ledger.jsonl" in one for one in before)
    first, *others = ledger.read_text().splitlines(keepends=True)
    ledger.write_text("".join([first.replace('"pairs": 3', '"pairs": 2'), *others]))
    (told,) = set(damages(place)) - set(before)
    assert "ledger.jsonl:1 was changed" in told
    assert "'fedtranslate site log --verify'" in told
