"""What the door lets through, ours and nginx alike: Flower's fleet messages, enrolment, no more."""

import hashlib
import http.client
import json
import socket
import ssl
import time
import warnings
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from doors import Door, Upstream, new_coordinator, upstream_at
from enrolling import Asker

from fedtranslate.federation.coordinator.members import Members
from fedtranslate.federation.membership.certificates import new_authority, new_private_key
from fedtranslate.federation.membership.requests import Action, Membership, Refusal

Both = tuple[Door, Upstream]
_END = b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"


def now() -> int:
    return int(time.time())


def test_a_fleet_message_arrives_as_it_was_and_so_does_its_answer(both: Both) -> None:
    door, upstream = both
    content = bytes(range(256)) * 4096
    status, body = door.ask(
        "POST", "/v1/fleet/push-object", content, {"flwr-key": "k", "Content-Type": "x/y"}
    )
    digest = hashlib.sha256(content).hexdigest()
    assert (status, json.loads(body)) == (201, {"size": len(content), "sha256": digest})
    ((path, headers),) = upstream.seen
    assert path == b"/v1/fleet/push-object"
    assert (headers["flwr-key"], headers["content-type"]) == ("k", "x/y")
    assert door.ask("POST", "/v1/fleet/echo", content) == (200, content)


def test_a_body_of_unknown_length_arrives_whole(both: Both) -> None:
    door, _ = both
    pieces = [bytes([number]) * 70_000 for number in range(20)]
    status, body = door.ask("POST", "/v1/fleet/echo", iter(pieces))
    assert (status, body) == (200, b"".join(pieces))


@pytest.mark.parametrize(
    "target",
    [
        "/v1/control/start-run",
        "/v1/runtime/acquire-task",
        "/",
        "/v1/fleet",
        "/v1/fleet/",
        "/v1/fleet/../control/start-run",
        "/v1/fleet/x/../../control/start-run",
        "/v1/control/../fleet/echo",
        "/v1/fleet/./echo",
        "/v1/fleet//echo",
        "//v1/fleet/echo",
        "/v1/fleet/%2e%2e/control",
        "/v1/fleet/%2E%2E%2Fcontrol",
        "/v1/fleet/..%2fcontrol",
        "/v1/fleet/%65cho",
        "/v1%2ffleet/echo",
        "/v1/fleet/echo?x=1",
        "/v1/fleet/echo;x",
        "/v1/fleet/echo#x",
        "/v1/fleet\\..\\control",
        "/V1/FLEET/echo",
        "/v1/fleet/..;/control",
        "http://127.0.0.1/v1/fleet/echo",
        "https://localhost/v1/control/x",
        "/v1/sites/../fleet/echo",
        "/v1/sites//health",
        "/v1/sites/health/",
        "*",
        "/docs",
        "/openapi.json",
    ],
)
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_everything_else_is_refused_and_reaches_nobody(
    both: Both, target: str, method: str
) -> None:
    door, upstream = both
    answer = door.raw(f"{method} {target}".encode() + _END)
    assert answer.split()[1] in (b"403", b"400")
    assert upstream.seen == []


@pytest.mark.parametrize(
    "method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "CONNECT"]
)
def test_other_methods_are_refused(both: Both, method: str) -> None:
    door, upstream = both
    answer = door.raw(f"{method} /v1/fleet/echo".encode() + _END)
    assert answer.split()[1] in (b"403", b"400", b"405")
    assert upstream.seen == []


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: 3\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 3",
        "Content-Length: 3\r\nContent-Length: 5",
        "Content-Length: +3",
        "Content-Length: -1",
        "Content-Length: 0x3",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: \x0bchunked",
        "Transfer-Encoding : chunked",
        "Content-Length: 3\r\n Transfer-Encoding: chunked",
    ],
)
def test_an_ambiguous_length_is_refused_and_reaches_nobody(both: Both, headers: str) -> None:
    door, upstream = both
    request = f"POST /v1/fleet/echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{headers}\r\n\r\n"
    smuggled = b"POST /v1/control/start-run HTTP/1.1\r\nHost: a\r\n\r\n"
    answer = door.raw(request.encode() + b"0\r\n\r\n" + smuggled)
    assert answer.split()[1] in (b"400", b"501", b"403")
    assert not any(b"control" in path for path, _ in upstream.seen)


def test_a_second_request_on_a_connection_is_judged_for_itself(both: Both) -> None:
    door, upstream = both
    first = b"POST /v1/fleet/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
    answer = door.raw(first + b"POST /v1/control/start-run" + _END)
    assert answer.count(b"HTTP/1.1 ") == 2
    assert b"HTTP/1.1 403" in answer
    assert [path for path, _ in upstream.seen] == [b"/v1/fleet/echo"]


def test_headers_of_one_hop_and_made_up_addresses_do_not_travel(both: Both) -> None:
    door, upstream = both
    door.ask(
        "POST",
        "/v1/fleet/echo",
        b"hi",
        {
            "X-Forwarded-For": "6.6.6.6",
            "Forwarded": "for=6.6.6.6",
            "Proxy-Authorization": "secret",
            "TE": "trailers",
            "Upgrade": "websocket",
        },
    )
    ((_, headers),) = upstream.seen
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert not {"forwarded", "upgrade", "te"} & {name for name in headers if headers[name]}


def test_the_door_does_not_say_what_it_runs_on(both: Both) -> None:
    door, _ = both
    for target in ("/v1/fleet/echo", "/v1/control/x", "/v1/sites/health"):
        answer = door.raw(f"GET {target}".encode() + _END).lower()
        assert b"uvicorn" not in answer
        assert b"starlette" not in answer
        assert b"nginx/" not in answer


def test_a_body_of_64_mib_passes_and_a_larger_one_does_not(both: Both) -> None:
    door, upstream = both
    piece = bytes(1024 * 1024)
    status, body = door.ask("POST", "/v1/fleet/push", iter([piece] * 64))
    assert (status, json.loads(body)["size"]) == (201, 64 * len(piece))
    declared = f"POST /v1/fleet/push HTTP/1.1\r\nHost: a\r\nContent-Length: {2**26 + 1}\r\n\r\n"
    assert door.raw(declared.encode()).split()[1] == b"413"
    upstream.seen.clear()
    try:
        status, _ = door.ask("POST", "/v1/fleet/push", iter([piece] * 80))
    except OSError:  # it was cut off while it still wrote
        status = 413
    assert status == 413


def test_without_the_superlink_the_answer_is_one_that_supernodes_repeat(tmp_path: Path) -> None:
    door = Door(*new_coordinator(tmp_path / "coordinator"))
    door.start()
    try:
        assert door.ask("POST", "/v1/fleet/echo", b"hi")[0] == 502
        assert door.ask("GET", "/v1/sites/health")[0] == 200
        with upstream_at(door.place, door.settings):
            assert door.ask("POST", "/v1/fleet/echo", b"hi") == (200, b"hi")
        assert door.ask("POST", "/v1/fleet/echo", b"hi")[0] == 502
    finally:
        door.kill()


def test_a_superlink_with_a_foreign_certificate_gets_nothing(tmp_path: Path) -> None:
    door = Door(*new_coordinator(tmp_path / "coordinator"))
    impostor, _ = new_coordinator(tmp_path / "other")
    door.start()
    try:
        with upstream_at(impostor, door.settings) as upstream:
            assert door.ask("POST", "/v1/fleet/echo", b"hi")[0] == 502
            assert upstream.seen == []
    finally:
        door.kill()


def test_an_answer_that_breaks_off_breaks_off_for_the_site_too(both: Both) -> None:
    door, _ = both
    with closing(door.connect()) as connection:
        connection.request("GET", "/v1/fleet/cut")
        with pytest.raises((OSError, http.client.HTTPException)):
            connection.getresponse().read()


def test_tls_1_1_and_a_foreign_authority_are_refused(both: Both, tmp_path: Path) -> None:
    door, _ = both
    old = door.context()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    foreign = tmp_path / "foreign.crt"
    foreign.write_bytes(new_authority(new_private_key(), "trade", "Trade AG", now()))
    for context in (old, ssl.create_default_context(cafile=foreign)):
        plain = socket.create_connection(("127.0.0.1", door.settings.port), 10)
        with pytest.raises(ssl.SSLError), context.wrap_socket(plain, server_hostname="localhost"):
            pass
        plain.close()


def test_a_site_joins_through_the_door(both: Both) -> None:
    door, _ = both
    site = Asker()
    with Members(door.place.members) as members:
        site.invited(members, now(), approves=True)
    door.place.bundle_hash.write_text("ab" * 32)
    status, answer = door.post(Action.JOIN, site.ask(Action.JOIN, now())[1])
    told = Membership.model_validate(answer)
    assert (status, told.state, told.bundle) == (200, "approved", "ab" * 32)
    assert told.signing_key.startswith("ed25519:")
    assert abs(told.time - now()) < 10
    status, answer = door.post(Action.STATUS, Asker().ask(Action.STATUS, now())[1])
    assert (status, Refusal.model_validate(answer).refused) == (401, "signature")
    authority = door.ask("GET", "/v1/sites/ca")[1]
    assert authority == door.place.ca_certificate.read_bytes()


def test_what_is_no_request_of_a_site_is_refused(both: Both) -> None:
    door, _ = both
    status, body = door.ask("POST", "/v1/sites/join", b"\xff" * 100)
    assert (status, json.loads(body)["refused"]) == (400, "malformed")
    assert door.ask("POST", "/v1/sites/join", b" " * 20_000)[0] == 413
    assert door.ask("GET", "/v1/sites/join")[0] == 405
    assert door.ask("GET", "/v1/sites/other")[0] == 404


def test_many_requests_share_a_connection(both: Both) -> None:
    door, _ = both
    with httpx.Client(verify=door.context(), trust_env=False) as client:
        base = f"https://127.0.0.1:{door.settings.port}"
        answers = [client.post(f"{base}/v1/fleet/echo", content=b"hi") for _ in range(30)]
        streams = {id(answer.extensions["network_stream"]) for answer in answers}
    assert {answer.content for answer in answers} == {b"hi"}
    assert len(streams) <= 2
