"""The interface of the status page: what it tells."""

from pathlib import Path

import pytest
from asking import BEARER
from example_place import TOKEN, put_round
from starlette.testclient import TestClient

from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.status.app import status_app


def test_the_snapshot_tells_of_sites_runs_releases_and_events(calm: TestClient) -> None:
    told = calm.get("/api/snapshot").json()
    assert (told["federation"], told["organisation"]) == ("grove", "Grove Ltd.")
    assert [site["name"] for site in told["sites"]] == ["alder", "birch", "cedar"]
    assert told["sites"][2]["reason"] == "it did not answer in time"
    assert [(run["name"], run["state"]) for run in told["runs"]] == [
        ("elm", "running"),
        ("oak", "completed"),
    ]
    assert told["runs"][0]["sent_bytes"] == 3 * 3 * 210_000
    assert told["runs"][0]["received_bytes"] == 8 * 200_000
    assert [release["in_use"] for release in told["releases"]] == [True, False]
    assert told["events"][0]["text"] == "Round 3 joined the adapters of alder, birch."
    assert told["events"][0]["number"] == told["last_event"]


def test_a_run_is_told_round_by_round(calm: TestClient) -> None:
    told = calm.get("/api/runs/elm").json()
    assert told["numbers"] == [0, 1, 2, 3]
    assert told["losses"][3] is None
    cedar = told["by_site"][2]
    assert cedar["took_part"] == [False, True, True, False]
    assert cedar["received"] == [None, 200_000, 200_000, None]
    assert cedar["left_out"] == [{"round": 3, "reason": "it did not answer in time"}]
    assert all(len(site["losses"]) == 4 for site in told["by_site"])


def test_events_are_told_from_a_number_on(calm: TestClient) -> None:
    last = calm.get("/api/snapshot").json()["last_event"]
    told = calm.get("/api/events", params={"after": last - 2}).json()
    assert [event["number"] for event in told["events"]] == [last - 1, last]
    assert calm.get("/api/events", params={"after": last}).json()["events"] == []
    earlier = calm.get("/api/events", params={"before": 3}).json()["events"]
    assert [event["number"] for event in earlier] == [2, 1]
    of_oak = calm.get("/api/events", params={"run": "oak", "limit": 3}).json()["events"]
    assert [event["run"] for event in of_oak] == ["oak"] * 3


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "limit=0", "limit=100000", f"after={10**30}"]
)
def test_absurd_numbers_are_refused(calm: TestClient, query: str) -> None:
    assert calm.get(f"/api/events?{query}").status_code == 422


def test_what_has_not_changed_is_not_sent_again(
    client: TestClient, grove: CoordinatorPlace
) -> None:
    first = client.get("/api/snapshot")
    known = {"If-None-Match": first.headers["etag"]}
    assert client.get("/api/snapshot", headers=known).status_code == 304
    assert client.get("/api/snapshot", headers=known | BEARER).status_code == 200
    put_round(grove.run("elm"), 4)
    assert client.get("/api/snapshot", headers=known).status_code == 200


def test_there_is_no_other_page(calm: TestClient) -> None:
    for path in ("/docs", "/redoc", "/openapi.json", "/templates/page.html.j2", "/page.html.j2"):
        assert calm.get(path).status_code == 404


def test_hostile_names_are_text_in_the_page(tmp_path: Path) -> None:
    place = CoordinatorPlace(tmp_path)
    place.settings.write_text(
        'federation = "grove"\norganisation = "<script>alert(1)</script> & \\"co\\""\n'
        "invite_days = 7\n",
        "utf-8",
    )
    text = TestClient(status_app(place, TOKEN), base_url="http://localhost").get("/").text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


def test_damaged_settings_break_nothing(grove: CoordinatorPlace) -> None:
    grove.settings.write_text("federation = [", "utf-8")
    client = TestClient(status_app(grove, TOKEN), base_url="http://localhost")
    assert client.get("/").status_code == 200
    told = client.get("/api/snapshot").json()
    assert told["problems"] == ["coordinator.toml is missing or wrong."]
    assert len(told["runs"]) == 2
