"""What the page shows, as JSON: whole for those who showed the token, brief for all others."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from fedtranslate import __version__
from fedtranslate.status.views import Happening, Release, Round, Run, Site, Snapshot
from fedtranslate.status.wording import brief

_MAX_PROBLEMS = 50


def snapshot_document(
    snapshot: Snapshot, events: Iterable[Happening], now: float, *, start: str, whole: bool
) -> dict[str, Any]:
    """Return the whole page but for the rounds of its runs.

    Args:
        snapshot: What was found.
        events: The newest, newest first.
        now: Of the coordinator, in seconds since 1970.
        start: Names the process, within which numbers of events are the same.
        whole: Whether the full texts are told.
    """
    told = _told(whole)
    return {
        "start": start,
        "whole": whole,
        "version": __version__,
        "federation": snapshot.federation,
        "organisation": snapshot.organisation,
        "time": int(now),
        "sites": [_site(site, snapshot.runs, told) for site in snapshot.sites],
        "runs": [run_summary(run, now, told) for run in snapshot.runs],
        "releases": [_release(release) for release in snapshot.releases],
        "events": [event_document(event, whole=whole) for event in events],
        "last_event": snapshot.last_event,
        "problems": list(snapshot.problems),
    }


def run_document(run: Run, now: float, *, whole: bool) -> dict[str, Any]:
    """Return a run with its rounds: lists of equal length, one entry for each round."""
    told, rounds = _told(whole), run.rounds
    return {
        **run_summary(run, now, told),
        "whole": whole,
        "numbers": [one.number for one in rounds],
        "losses": list(run.losses),
        "sent": [one.sent_bytes for one in rounds],
        "adapters": _lineage(rounds),
        "weighing": _weighing(rounds, told),
        "by_site": [_in_rounds(site, rounds, told) for site in run.sites],
        "problems": [told(problem) for problem in run.problems[:_MAX_PROBLEMS]],
    }


def run_summary(run: Run, now: float, told: Callable[[str], str]) -> dict[str, Any]:
    """Return a run without its rounds."""
    received = [_received(one) for one in run.rounds]
    sent = [one.sent_bytes for one in run.rounds]
    losses = [loss for loss in run.losses if loss is not None]
    return {
        "name": run.name,
        "state": run.state,
        "cause": told(run.cause),
        "silent": run.state == "running" and _is_silent(run, now),
        "round": run.last_round,
        "of": run.of,
        "source": run.source,
        "target": run.target,
        "method": run.method,
        "robust": run.robust,
        "formats": run.formats,
        "base": run.base,
        "sites": len(run.sites),
        "started": run.started or None,
        "first": run.first,
        "last": run.last,
        "loss": losses[-1] if losses else None,
        "best_loss": min(losses, default=None),
        "sent_bytes": _sum(sent),
        "received_bytes": _sum(received),
        "damaged": len(run.problems),
    }


def event_document(event: Happening, *, whole: bool) -> dict[str, Any]:
    """Return an event; its text is told in brief, or not at all, unless ``whole``."""
    return {
        "number": event.number,
        "run": event.run,
        "site": event.site,
        "kind": event.kind,
        "round": event.round,
        "time": event.time,
        "text": event.text if whole else brief(event.text),
        "values": dict(event.values),
    }


def _told(whole: bool) -> Callable[[str], str]:
    return (lambda text: text) if whole else brief


def _is_silent(run: Run, now: float) -> bool:
    heard = datetime.fromisoformat(run.last).timestamp() if run.last else 0.0
    return now - max(heard, run.started) > run.patience


def _site(site: Site, runs: Sequence[Run], told: Callable[[str], str]) -> dict[str, Any]:
    """Return a site with what became of it in the newest run that it was in."""
    run = next((one for one in runs if site.name in one.sites), None)
    rounds = run.rounds if run is not None else ()
    left_out = [one for one in rounds if site.name in one.left_out]
    scored = [one for one in rounds if site.name in one.scores and one.scores[site.name].tokens]
    return {
        "name": site.name,
        "state": site.state,
        "version": site.version,
        "online": site.online,
        "seen": site.seen or None,
        "invited": site.invited or None,
        "joined": site.joined or None,
        "approved": site.approved or None,
        "ended": site.ended or None,
        "run": run.name if run is not None else "",
        "took_part": sum(site.name in one.replies for one in rounds),
        "left_out": len(left_out),
        "reason": told(left_out[-1].left_out[site.name]) if left_out else "",
        "reason_round": left_out[-1].number if left_out else None,
        "loss": _loss(scored[-1], site.name) if scored else None,
        "loss_round": scored[-1].number if scored else None,
    }


def _in_rounds(site: str, rounds: Sequence[Round], told: Callable[[str], str]) -> dict[str, Any]:
    replies = [one.replies.get(site) for one in rounds]
    return {
        "name": site,
        "took_part": [reply is not None for reply in replies],
        "losses": [_loss(one, site) for one in rounds],
        "train_losses": [reply.train_loss if reply else None for reply in replies],
        "weights": [reply.weight if reply else None for reply in replies],
        "received": [reply.received_bytes if reply else None for reply in replies],
        "left_out": [
            {"round": one.number, "reason": told(one.left_out[site])}
            for one in rounds
            if site in one.left_out
        ],
    }


def _weighing(rounds: Sequence[Round], told: Callable[[str], str]) -> dict[str, Any] | None:
    """Return what the replies to the newest round that was weighed up were worth."""
    for one in reversed(rounds):
        if (found := one.weighing) is not None:
            worth = [
                {"site": site, "value": about.value, "error": about.error}
                for site, about in sorted(found.worth.items())
            ]
            return {
                "round": one.number,
                "summary": told(found.summary),
                "caution": found.caution,
                "warning": found.warning,
                "worth": worth,
            }
    return None


def _lineage(rounds: Sequence[Round]) -> list[dict[str, Any]]:
    """Return the joint adapters, each with the checksum of the one that it came from."""
    checksums = {one.number: one.checksum for one in rounds}
    return [
        {
            "round": one.number,
            "checksum": one.checksum,
            "parent": checksums.get(one.number - 1, ""),
            "rank": one.rank,
        }
        for one in rounds
    ]


def _release(release: Release) -> dict[str, Any]:
    return {
        "id": release.id,
        "run": release.run,
        "round": release.round,
        "parent": release.parent,
        "direction": release.direction,
        "created": release.created,
        "method": release.method,
        "rank": release.rank,
        "sites": release.sites,
        "loss": release.loss,
        "in_use": release.is_in_use,
        "last": release.last,
        "problem": release.problem,
    }


def _loss(one: Round, site: str) -> float | None:
    score = one.scores.get(site)
    return score.loss / score.tokens if score is not None and score.tokens else None


def _received(one: Round) -> int | None:
    return _sum([reply.received_bytes for reply in one.replies.values()])


def _sum(counts: Sequence[int | None]) -> int | None:
    """Return the sum of what is known; None if nothing is."""
    known = [value for value in counts if value is not None]
    return sum(known) if known else None
