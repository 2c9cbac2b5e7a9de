"""The adapters that were offered or published, as their store tells of them.

Signatures and weights are not checked here: ``fedtranslate adapters verify`` does that.
"""

import json
import re
from pathlib import Path
from typing import Any

from fedtranslate.errors import FederationError
from fedtranslate.status.files import (
    MAX_NAME,
    Lines,
    count,
    is_there,
    moment,
    number,
    plain,
    read_object,
    stamp_of,
    table,
)
from fedtranslate.status.views import Release

LEDGER_FILE = "ledger.jsonl"
CURRENT_FILE = "current.json"
RELEASES = "releases"
RELEASE_FILE = "release.json"
"""Names in the folder of a store; a test compares them with the store's."""
_ID = re.compile(r"[0-9a-f]{16}")
_MAX_RELEASES = 1_000
_SIDES = ("source", "target")


class Releases:
    """Reads a store of releases, again only what has changed."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._ledger = Lines(store / LEDGER_FILE)
        self._last: dict[str, str] = {}
        self._known: dict[str, tuple[object, dict[str, Any], str]] = {}

    def look(self) -> tuple[Release, ...]:
        """Return the releases, the newest first."""
        self._read_ledger()
        used = self._in_use()
        found = [self._release(name, used) for name in self._names()]
        return tuple(sorted(found, key=lambda one: (one.created, one.id), reverse=True))

    def _read_ledger(self) -> None:
        for line in self._ledger.new():
            try:
                entry = table(json.loads(line)) if line is not None else {}
            except (ValueError, RecursionError):
                continue
            name, kind = entry.get("release"), plain(entry.get("kind"), MAX_NAME)
            if isinstance(name, str) and _ID.fullmatch(name) and kind:
                self._last[name] = kind

    def _in_use(self) -> set[str]:
        path = self._store / CURRENT_FILE
        try:
            return {str(name) for name in read_object(path).values()} if is_there(path) else set()
        except FederationError:
            return set()

    def _names(self) -> list[str]:
        try:
            names = [path.name for path in (self._store / RELEASES).iterdir()]
        except OSError:
            return []
        return sorted(name for name in names if _ID.fullmatch(name))[:_MAX_RELEASES]

    def _release(self, name: str, used: set[str]) -> Release:
        path = self._store / RELEASES / name / RELEASE_FILE
        stamp = stamp_of(path)
        known = self._known.get(name)
        if known is None or known[0] != stamp or known[2]:
            try:
                known = (stamp, read_object(path), "")
            except FederationError as error:
                known = (stamp, {}, str(error))
            self._known[name] = known
        values, problem = known[1], known[2]
        sites = values.get("sites")
        languages = [plain(values.get(f"{side}_language"), MAX_NAME) for side in _SIDES]
        return Release(
            id=name,
            run=plain(values.get("run"), MAX_NAME),
            round=count(values.get("round")),
            parent=plain(values.get("parent"), MAX_NAME),
            direction=" to ".join(languages) if all(languages) else "",
            created=moment(values.get("created")),
            method=plain(values.get("method"), MAX_NAME),
            rank=count(values.get("rank")),
            sites=len(sites) if isinstance(sites, list) else None,
            loss=_loss(values.get("validation"), count(values.get("round"))),
            is_in_use=name in used,
            last=self._last.get(name, ""),
            problem=problem,
        )


def _loss(losses: object, at: int | None) -> float | None:
    """Return the loss of the round that a release is of, which need not be the last."""
    known = isinstance(losses, list) and at is not None and at < len(losses)
    return number(losses[at]) if known else None  # type: ignore[index]
