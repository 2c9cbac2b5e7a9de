"""What gets past the status page neither in nor out: hosts, origins, methods, names."""

from pathlib import Path

import pytest
from asking import BEARER, OPEN, READING
from starlette.testclient import TestClient

from fedtranslate.federation.coordinator.place import CoordinatorPlace


@pytest.mark.parametrize(
    "name",
    [
        "..",
        "%2e%2e",
        "..%2f..%2fsecrets",
        "%2fetc",
        "elm%00",
        "elm%2f..%2foak",
        "ELM",
        "e" * 5000,
        "%ff",
    ],
)
def test_no_name_leads_out_of_the_runs(
    client: TestClient, grove: CoordinatorPlace, name: str
) -> None:
    before = sorted(grove.root.rglob("*"))
    assert client.get(f"/api/runs/{name}").status_code in (404, 307)
    assert client.post(f"/api/runs/{name}/stop", headers=BEARER).status_code in (404, 405)
    # The register's own files come and go with every look.
    assert [p for p in sorted(grove.root.rglob("*")) if "members" not in p.name] == [
        p for p in before if "members" not in p.name
    ]


def test_a_link_in_the_place_of_the_request_is_not_followed(
    client: TestClient, grove: CoordinatorPlace, tmp_path: Path
) -> None:
    (grove.run("elm") / "stop-requested").symlink_to(tmp_path / "made-by-the-page")
    client.post("/api/runs/elm/stop", headers=BEARER)
    assert not (tmp_path / "made-by-the-page").exists()


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:9446", "[::1]:9446", "LOCALHOST:1", "fed.grove.example:9446"]
)
def test_its_own_names_are_answered(calm: TestClient, host: str) -> None:
    assert calm.get("/api/snapshot", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example:9446", 421),
        ("grove.example", 421),
        ("10.0.0.1", 421),
        ("", 400),
        ("localhost@evil.example", 400),
        ("localhost/evil", 400),
        ("localhost:port", 400),
    ],
)
@pytest.mark.parametrize("path", ["/", "/health", "/api/snapshot", "/api/stream", "/nowhere"])
def test_no_other_host_is_answered(calm: TestClient, host: str, status: int, path: str) -> None:
    answer = calm.get(path, headers={"Host": host})
    assert answer.status_code == status
    assert "grove" not in answer.text


def test_another_page_can_change_nothing(client: TestClient, grove: CoordinatorPlace) -> None:
    for origin in ("https://evil.example", "null", "http://localhost:1"):
        answer = client.post("/api/runs/elm/stop", headers=BEARER | {"Origin": origin})
        assert answer.status_code == 403
    assert not (grove.run("elm") / "stop-requested").exists()
    own = {"Origin": "http://localhost:9446"}
    assert client.post("/api/runs/elm/stop", headers=BEARER | own).status_code == 202


@pytest.mark.parametrize(
    "path", [*OPEN, *READING, "/nowhere", "/api/runs/none", "/api/events?after=x"]
)
def test_every_answer_keeps_itself_to_the_page(calm: TestClient, path: str) -> None:
    headers = calm.get(path).headers
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", [*OPEN, *READING, "/api/stream"])
def test_nothing_else_can_be_changed(calm: TestClient, method: str, path: str) -> None:
    assert calm.request(method, path, headers=BEARER).status_code == 405
