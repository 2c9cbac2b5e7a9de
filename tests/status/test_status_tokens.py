"""What the status page tells and does only for the token."""

import pytest
from asking import BEARER, OPEN, READING, WRONG, Clock
from example_place import TOKEN, at, put_round, tell
from starlette.testclient import TestClient

from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.status.app import status_app


@pytest.mark.parametrize("path", READING)
def test_what_is_read_is_brief_without_the_token_and_whole_with_it(
    client: TestClient, grove: CoordinatorPlace, path: str
) -> None:
    reason = "cannot reach 10.1.2.3:9443. More of it"
    put_round(grove.run("elm"), 4, left_out={"birch": reason})
    tell(grove.run("elm"), "left-out", 4, f"Site birch is left out: {reason}.", at(1))
    brief, whole = client.get(path), client.get(path, headers=BEARER)
    assert (brief.status_code, whole.status_code) == (200, 200)
    assert "10.1.2.3" not in brief.text
    assert "cannot reach" in brief.text
    assert "cannot reach 10.1.2.3:9443. More of it" in whole.text


@pytest.mark.parametrize("path", READING)
@pytest.mark.parametrize(
    "given",
    [
        "Bearer another",
        "Bearer",
        "Bearer ",
        "",
        f"Basic {TOKEN}",
        TOKEN,
        f"Bearer {TOKEN}x",
        "Bearer \xff",
    ],
)
def test_a_wrong_token_is_refused_everywhere(client: TestClient, path: str, given: str) -> None:
    answer = client.get(path, headers={"Authorization": given.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert TOKEN not in answer.text


@pytest.mark.parametrize("path", OPEN)
@pytest.mark.parametrize("headers", [{}, BEARER, WRONG])
def test_the_page_itself_needs_no_token(
    calm: TestClient, path: str, headers: dict[str, str]
) -> None:
    assert calm.get(path, headers=headers).status_code == 200


def test_stopping_needs_the_token(client: TestClient, grove: CoordinatorPlace) -> None:
    wish = grove.run("elm") / "stop-requested"
    assert client.post("/api/runs/elm/stop").status_code == 401
    assert client.post("/api/runs/elm/stop", headers=WRONG).status_code == 401
    assert not wish.exists()
    answer = client.post("/api/runs/elm/stop", headers=BEARER)
    assert (answer.status_code, answer.json()) == (202, {"run": "elm", "state": "stopping"})
    assert wish.is_file()
    assert client.get("/api/runs/elm").json()["state"] == "stopping"
    assert client.post("/api/runs/elm/stop", headers=BEARER).status_code == 202


def test_a_run_that_is_over_cannot_be_stopped(client: TestClient, grove: CoordinatorPlace) -> None:
    answer = client.post("/api/runs/oak/stop", headers=BEARER)
    assert answer.status_code == 409
    assert answer.json()["error"] == "The run oak is completed: there is nothing to stop."
    assert not (grove.run("oak") / "stop-requested").exists()


def test_without_a_token_of_its_own_the_page_takes_none(grove: CoordinatorPlace) -> None:
    client = TestClient(status_app(grove, ""), base_url="http://localhost")
    for given in ("Bearer ", "Bearer", "Bearer x"):
        headers = {"Authorization": given}
        assert client.post("/api/runs/elm/stop", headers=headers).status_code == 401
    assert client.get("/api/snapshot").status_code == 200


def test_many_wrong_tokens_shut_the_door_for_a_minute(client: TestClient, clock: Clock) -> None:
    for _ in range(10):
        assert client.get("/api/snapshot", headers=WRONG).status_code == 401
    assert client.get("/api/snapshot", headers=BEARER).status_code == 429
    assert client.get("/api/snapshot").status_code == 200
    clock.now += 61
    assert client.get("/api/snapshot", headers=BEARER).status_code == 200
