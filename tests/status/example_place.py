"""A coordinator's folder as its programs leave it, and the page of it served on loopback."""

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn

from fedtranslate import __version__
from fedtranslate.federation.coordinator.memberfile import Member, write_member
from fedtranslate.federation.coordinator.members import Members
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.federation.coordinator.worth import (
    CONTRIBUTION_FILE,
    Contribution,
    as_values,
)
from fedtranslate.federation.membership.requests import State
from fedtranslate.status.app import status_app

TOKEN = "the-token-of-this-page-0123456789"
NOW = int(datetime(2026, 11, 28, 12, 0, tzinfo=UTC).timestamp())
SITES = ("alder", "birch", "cedar")
SETTINGS = """
federation = "grove"
organisation = "Grove Ltd."
invite_days = 7
names = ["fed.grove.example", "127.0.0.1"]
"""


def at(seconds: int, now: int = NOW) -> str:
    return (datetime.fromtimestamp(now, UTC) + timedelta(seconds=seconds)).isoformat()


def write(path: Path, values: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values), "utf-8")


def tell(run: Path, kind: str, number: int, text: str, time: str = "", **values: float) -> None:
    event = {"kind": kind, "round": number, "text": text, "values": values, "time": time or at(0)}
    with (run / "events.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(event) + "\n")


def put_round(
    run: Path,
    number: int,
    sites: Sequence[str] = SITES,
    left_out: Mapping[str, str] | None = None,
    losses: Mapping[str, float] | None = None,
    worth: Contribution | None = None,
) -> None:
    """Put a round there as the journal does: by one rename."""
    made = run / f".round-{number:05d}.new"
    replies: dict[str, Any] = {
        site: {"pairs": 100, "weight": 100.0, "train_loss": 2 / (number + 1), "bytes": 200_000}
        for site in sites
        if number and site not in (left_out or {})
    }
    write(
        made / "round.json",
        {
            "format": 1,
            "round": number,
            "checksum": hashlib.sha256(f"{run.name} {number}".encode()).hexdigest(),
            "replies": replies,
            "left_out": dict(left_out or {}),
            "sent_bytes": 210_000 * len(sites) if number else 0,
        },
    )
    write(made / "manifest.json", {"rank": 8, "run": run.name, "round": number})
    if losses is not None:
        evaluation = {site: {"loss": loss * 50, "tokens": 50} for site, loss in losses.items()}
        write(made / "evaluation.json", evaluation)
    if worth is not None:
        write(made / CONTRIBUTION_FILE, as_values(worth))
    made.rename(run / f"round-{number:05d}")


def put_run(
    place: CoordinatorPlace,
    name: str,
    rounds: int,
    state: str = "running",
    *,
    reason: str = "",
    of: int = 8,
    sites: Sequence[str] = SITES,
    now: int = NOW,
) -> Path:
    """Put a run there that has finished so many rounds."""
    run = place.run(name)
    settings = {
        "name": name,
        "source": "java",
        "target": "csharp",
        "rounds": of,
        "method": "fra",
        "base": "builtin",
        "round_seconds": 600.0,
        "join_seconds": 60.0,
    }
    began = -60 * (rounds + 2)
    order = {"settings": settings, "sites": list(sites), "wish": "go on", "started": now + began}
    write(run / "order.json", order)
    write(run / "run.json", {"settings": settings, "data": dict.fromkeys(sites, "f00d")})
    write(run / "status.json", {"state": state, "reason": reason})
    tell(run, "started", 0, f"{len(sites)} sites go on after round 0.", at(began, now))
    for number in range(rounds + 1):
        out = {sites[-1]: "it did not answer in time"} if number % 4 == 3 else {}
        losses = {
            site: 3 - place_ * 0.2 % 1.4 - 1.5 * number / (number + 2)
            for place_, site in enumerate(sites)
            if site not in out
        }
        newest = number == rounds and state == "running"
        put_round(run, number, sites, out, None if newest else losses)
        if not number:
            continue
        time = at(60 * (number - rounds) - 30, now)
        for site, why in out.items():
            tell(run, "left-out", number, f"Site {site} is left out of this round: {why}.", time)
        joined = ", ".join(site for site in sites if site not in out)
        tell(run, "round", number, f"Round {number} joined the adapters of {joined}.", time)
    if state != "running":
        tell(run, state, 0, reason or f"Round {rounds} was the last.", at(0, now))
    return run


def put_sites(place: CoordinatorPlace, *members: Member) -> None:
    with Members(place.members, begins=True) as register:
        for member in members:
            write_member(register._database, member)


def member(name: str, state: State = State.APPROVED, now: int = NOW, **values: object) -> Member:
    about: dict[str, Any] = {
        "public_key": f"key of {name}",
        "node": 7,
        "version": __version__,
        "invited": now - 9000,
        "joined": now - 8000,
        "approved": now - 7000,
        "ended": 0,
        "seen": now - 12,
    }
    return Member(name=name, state=state, **(about | values))


def put_release(place: CoordinatorPlace, name: str, parent: str | None, **values: object) -> None:
    about = {
        "id": name,
        "federation": "grove",
        "run": "oak",
        "round": 4,
        "created": at(-100),
        "parent": parent,
        "method": "fra",
        "source_language": "java",
        "target_language": "csharp",
        "rank": 8,
        "sites": [{"site": "0123456789ab", "weight": 1.0, "validation_loss": 1.5}],
        "validation": [3.0, 2.5, 2.0, 1.8, 1.5, 1.4],
    }
    write(place.releases / "releases" / name / "release.json", about | values)


def example(root: Path, now: int = NOW) -> CoordinatorPlace:
    """Return a coordinator with three sites, a finished run and one that runs."""
    place = CoordinatorPlace(root)
    root.mkdir(parents=True, exist_ok=True)
    place.settings.write_text(SETTINGS, "utf-8")
    put_sites(place, *(member(name, now=now) for name in SITES))
    put_run(place, "oak", 4, "completed", of=4, now=now - 7200)
    put_run(place, "elm", 3, now=now)
    put_release(place, "0123456789abcdef", None)
    put_release(place, "fedcba9876543210", "0123456789abcdef", created=at(-50))
    write(place.releases / "current.json", {"java->csharp": "fedcba9876543210"})
    return place


@contextmanager
def served(place: CoordinatorPlace, token: str = TOKEN, port: int = 0) -> Iterator[int]:
    """Serve the page on loopback; yields the port."""
    config = uvicorn.Config(
        status_app(place, token, is_ending=lambda: server.should_exit),
        host="127.0.0.1",
        port=port,
        log_level="error",
        ws="none",
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the page is not served"
        threading.Event().wait(0.01)
    try:
        yield int(server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive(), "the server does not end"
