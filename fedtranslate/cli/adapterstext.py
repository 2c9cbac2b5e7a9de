"""What ``fedtranslate adapters`` prints, for people and for programs."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fedtranslate.adapters.releases.difference import Difference
from fedtranslate.adapters.releases.ledger import Entry
from fedtranslate.adapters.releases.release import Privacy, Release
from fedtranslate.adapters.releases.signing import VerifyKey, key_text
from fedtranslate.adapters.releases.store import KEY_FILE, LEDGER_FILE, Kept, ReleaseStore
from fedtranslate.adapters.releases.verifying import Finding
from fedtranslate.errors import AdapterError

_HEAD = ("", "id", "direction", "run", "round", "sites", "loss", "created", "last")


def list_document(found: Sequence[Kept]) -> list[dict[str, Any]]:
    """Return what is known of each release."""
    return [
        {
            "id": one.id,
            "direction": one.direction,
            "is_in_use": one.is_in_use,
            "last": one.last.value,
            "problem": one.problem,
            "withdrawn": one.withdrawn or None,
            "release": None if one.release is None else one.release.model_dump(mode="json"),
        }
        for one in found
    ]


def list_text(found: Sequence[Kept], folder: Path) -> str:
    """Return a table, and below it what is wrong with those that cannot be read or used."""
    if not found:
        return f"There is no release in {folder} yet."
    rows = [_HEAD, *(_row(one) for one in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines += [f"{one.id}: {one.problem}" for one in found if one.problem]
    lines += [_withdrawn(one.id, one.withdrawn) for one in found if one.withdrawn]
    return "\n".join(lines)


def _withdrawn(name: str, reason: str) -> str:
    # Somebody else may have written it, and control characters are commands here.
    why = reason if reason.isprintable() else repr(reason)
    return f"{name} was withdrawn by the coordinator: {why}"


def _row(one: Kept) -> tuple[str, ...]:
    start = ("*" if one.is_in_use else "", one.id, one.direction)
    release = one.release
    if release is None:
        return (*start, "?", "?", "?", "?", "?", one.last.value)
    return (
        *start,
        release.run,
        str(release.round),
        str(len(release.sites)),
        _loss(_of_round(release)),
        release.created,
        one.last.value,
    )


def _of_round(release: Release) -> float | None:
    """Return the validation loss of the adapter itself."""
    known = release.validation
    return known[release.round] if release.round < len(known) else None


def _loss(loss: float | None) -> str:
    return "-" if loss is None else f"{loss:.4f}"


def show_document(
    release: Release, history: Sequence[Entry], place: Path, is_in_use: bool
) -> dict[str, Any]:
    """Return all that is known of one release."""
    return {
        "folder": str(place),
        "is_in_use": is_in_use,
        "release": release.model_dump(mode="json"),
        "history": [entry.model_dump(mode="json") for entry in history],
    }


def show_text(release: Release, history: Sequence[Entry], place: Path, *, is_in_use: bool) -> str:
    """Return the same for people."""
    losses = " ".join(_loss(loss) for loss in release.validation)
    scaling = "alpha / sqrt(rank)" if release.rslora else "alpha / rank"
    facts = {
        "direction": f"{release.direction}{', in use' if is_in_use else ''}",
        "federation": release.federation,
        "run": f"{release.run}, after round {release.round}",
        "created": release.created,
        "parent": release.parent or "none",
        "method": release.method,
        "base model": f"{release.base} (fingerprint {release.base_fingerprint})",
        "adapter": f"rank {release.rank}, alpha {release.alpha:g}, scaled by {scaling}",
        "settings": release.settings,
        "privacy": _privacy(release.privacy),
        "validation": f"{losses or 'unknown'} (loss per token after rounds 0, 1, ...)",
        "weights": f"{release.weights_bytes:,} bytes, SHA-256 {release.weights_sha256}",
        "made by": ", ".join(f"{name} {version}" for name, version in release.versions.items()),
        "folder": str(place),
    }
    lines = [f"Release {release.id}"]
    lines += [f"  {name:<11} {value}" for name, value in facts.items() if value]
    lines.append(f"Sites: {len(release.sites)}")
    lines += [
        f"  {part.site}  weight {part.weight:g}, validation loss {_loss(part.validation_loss)}"
        for part in release.sites
    ]
    lines.append("What became of it:")
    lines += [f"  {entry.time}  {entry.kind.value}{_noted(entry)}" for entry in history]
    return "\n".join(lines)


def _privacy(privacy: Privacy | None) -> str:
    if privacy is None:
        return "without differential privacy"
    return f"epsilon {privacy.epsilon:g} at delta {privacy.delta:g}, per {privacy.protects}"


def _noted(entry: Entry) -> str:
    own = {"direction", "manifest"}
    noted = {name: str(value) for name, value in entry.values.items() if name not in own}
    # A reason may have been told by somebody else, and control characters are commands here.
    values = ", ".join(
        f"{name} {text if text.isprintable() else repr(text)}" for name, text in noted.items()
    )
    return f" ({values})" if values else ""


def verify_document(
    store: ReleaseStore, key: VerifyKey | None, findings: Sequence[Finding], name: str | None
) -> dict[str, Any]:
    """Return what was checked, by which key, and what is wrong."""
    releases, entries, signed = _counts(store, name)
    return {
        "store": str(store.folder),
        "key": None if key is None else key_text(key),
        "signatures_checked": key is not None,
        "releases": releases,
        "entries": entries,
        "signed_entries": signed,
        "withdrawn": dict(_taken_back(store)),
        "findings": [{"what": one.what, "problem": one.problem} for one in findings],
    }


def verify_text(
    store: ReleaseStore, key: VerifyKey | None, findings: Sequence[Finding], name: str | None
) -> str:
    """Return the same for people."""
    releases, entries, signed = _counts(store, name)
    lines = [f"{one.what}: {one.problem}" for one in findings]
    if not findings:
        what = f"The release {name}" if name else f"{releases} releases"
        lines.append(f"{what} and {entries} entries of {LEDGER_FILE}: nothing is wrong.")
    lines += [
        _withdrawn(each, reason)
        for each, reason in _taken_back(store).items()
        if name in (None, each)
    ]
    if key is None:
        lines.append(
            f"Signatures were NOT checked: there is no {KEY_FILE} in {store.folder}. Give the"
            " coordinator's public key by --key."
        )
    else:
        lines.append(f"Signatures were checked by {key_text(key)}; {signed} entries are signed.")
    return "\n".join(lines)


def _taken_back(store: ReleaseStore) -> Mapping[str, str]:
    try:
        return store.usage().withdrawn
    except AdapterError:
        return {}


def _counts(store: ReleaseStore, name: str | None) -> tuple[int, int, int]:
    """Return how many releases, entries, and signed entries there are."""
    try:
        entries = store.entries()
    except AdapterError:
        return 0, 0, 0
    releases = 1 if name else len(store.usage().directions)
    return releases, len(entries), sum(bool(entry.signature) for entry in entries)


def diff_document(first: str, second: str, found: Difference) -> dict[str, Any]:
    """Return what differs; null for a change from nothing, which is infinite."""
    return {
        "first": first,
        "second": second,
        "manifest": {name: list(values) for name, values in found.said.items()},
        "relative_change": _finite(found.total),
        "modules": {name: _finite(change) for name, change in found.done.items()},
    }


def diff_text(first: str, second: str, found: Difference) -> str:
    """Return the same for people."""
    lines = [f"{first} -> {second}"]
    for name, (old, new) in found.said.items():
        if isinstance(old, list):
            lines.append(f"  {name}: {len(old)} -> {len(new)} entries, not the same")
        else:
            lines.append(f"  {name}: {old} -> {new}")
    lines.append("Relative change of the updates B A:")
    width = max(len(name) for name in found.done)
    lines += [f"  {name:<{width}}  {_percent(change)}" for name, change in found.done.items()]
    lines.append(f"  {'all together':<{width}}  {_percent(found.total)}")
    return "\n".join(lines)


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _percent(change: float) -> str:
    return f"{100 * change:8.2f}%" if math.isfinite(change) else " from nothing"
