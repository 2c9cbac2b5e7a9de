"""What a site has installed, and how an adapter gets there: through the gate, or not at all.

The installed adapter lies in one folder of the site, with the gate's decision beside it.  An
adapter that is declined leaves everything as it was.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fedtranslate.adapters.factors import Adapter, checksum
from fedtranslate.adapters.store import MANIFEST_FILE, Manifest, load_adapter, save_adapter
from fedtranslate.config.files import write_durably
from fedtranslate.config.policy import Gate
from fedtranslate.config.training import DecodingSettings
from fedtranslate.evaluation.evaluate import evaluate
from fedtranslate.evaluation.gate import Decision, decide
from fedtranslate.evaluation.translator import Translator
from fedtranslate.metrics.scores import Scores
from fedtranslate.models.load import BaseModel
from fedtranslate.records import CodePair

_ADAPTER = "installed"


def installed_folder(site_folder: Path) -> Path:
    """Return the folder of the adapter that a site uses, if it uses one."""
    return site_folder / _ADAPTER


def has_installed(site_folder: Path) -> bool:
    """Tell whether a site uses an adapter: what was installed may have been deleted since."""
    return (installed_folder(site_folder) / MANIFEST_FILE).exists()


def installed_adapter(site_folder: Path, base: BaseModel) -> Adapter | None:
    """Return the adapter that a site uses; None while it uses the base alone.

    Raises:
        AdapterError: It is damaged, or of another base model.
    """
    if not has_installed(site_folder):
        return None
    folder = installed_folder(site_folder)
    return load_adapter(folder, base_fingerprint=base.fingerprint, base_name=base.name)[0]


def offer(
    base: BaseModel,
    candidate: Adapter,
    manifest: Manifest,
    pairs: Sequence[CodePair],
    site_folder: Path,
    *,
    name: str,
    gate: Gate = "better",
    decoding: DecodingSettings | None = None,
) -> Decision:
    """Put ``candidate`` through the gate, and install it if it is better than what is there.

    The same offer made again is not measured again; one that was killed between decision and
    installation is brought to its end.  If what was installed has been deleted, offers are measured
    again, against the base alone.

    Args:
        base: The site's base model.
        candidate: An adapter for it.
        manifest: Of the candidate.
        pairs: Of the site, never learned from; at least one.
        site_folder: Of the site.
        name: Of the candidate in the list of decisions, such as ``joint``.
        gate: What the candidate must be to be installed.
        decoding: How translations are written; greedy by default.
    """
    record = site_folder / f"gate-{name}.json"
    mark = checksum(candidate)
    if not has_installed(site_folder):
        forget_installed(site_folder)
    decision, is_done = _kept(record, mark)
    if decision is None:
        incumbent = installed_adapter(site_folder, base)
        decoding = decoding or DecodingSettings()
        decision = decide(
            _scores(base, candidate, pairs, decoding),
            _scores(base, incumbent, pairs, decoding),
            gate=gate,
        )
        is_done = not decision.installed
        _keep(record, mark, decision, is_done=is_done)
    if not is_done:
        save_adapter(installed_folder(site_folder), candidate, manifest)
        _keep(record, mark, decision, is_done=True)
    return decision


def forget_installed(site_folder: Path) -> None:
    """Take the decisions that installed something out of all records; what they say is gone."""
    for record in site_folder.glob("gate-*.json"):
        decisions = _decisions(record)
        left = {
            mark: kept
            for mark, kept in decisions.items()
            if not (kept["done"] and kept["decision"]["installed"])
        }
        if left != decisions:
            _write(record, left)


def _kept(record: Path, mark: str) -> tuple[Decision | None, bool]:
    """Return what was decided on the adapter of checksum ``mark``, and whether it was done."""
    kept = _decisions(record).get(mark)
    return (Decision(**kept["decision"]), kept["done"]) if kept else (None, False)


def _keep(record: Path, mark: str, decision: Decision, *, is_done: bool) -> None:
    kept = {"done": is_done, "decision": asdict(decision)}
    _write(record, _decisions(record) | {mark: kept})


def _write(record: Path, decisions: Mapping[str, Any]) -> None:
    record.parent.mkdir(parents=True, exist_ok=True)
    write_durably(record, json.dumps(decisions, indent=1).encode())


def _decisions(record: Path) -> dict[str, Any]:
    """Return all that was decided, by the checksum of the adapter."""
    try:
        found = json.loads(record.read_text("utf-8"))
        for entry in found.values():
            Decision(**entry["decision"]), bool(entry["done"])
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}  # Missing or damaged: what it said is measured again.
    kept: dict[str, Any] = found
    return kept


def _scores(
    base: BaseModel, adapter: Adapter | None, pairs: Sequence[CodePair], decoding: DecodingSettings
) -> Scores:
    return evaluate(Translator(base, adapter, decoding), pairs).scores
