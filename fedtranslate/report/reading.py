"""Gather what a run's folder tells: curves from its journal, traffic from the sites' ledgers.

A run that failed or still goes on has a page too, up to where it came.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from fedtranslate.errors import FederationError
from fedtranslate.evaluation.gate import Decision
from fedtranslate.experiments.comparison import Sample
from fedtranslate.experiments.results import METRICS, ROWS, Cell
from fedtranslate.experiments.table import Table, build_table
from fedtranslate.federation.coordinator.bestround import chosen_round, liars_in
from fedtranslate.federation.coordinator.journal import (
    RUN_FILE,
    STATUS_FILE,
    Score,
    mean_losses,
    read_evaluation,
    read_json,
    read_round,
)
from fedtranslate.federation.coordinator.worth import newest_contribution
from fedtranslate.federation.site.ledger import Departure, Ledger
from fedtranslate.records import CompileState
from fedtranslate.report.content import (
    CompileLine,
    Curve,
    LeftOut,
    Migrated,
    NextStep,
    RunPage,
    Sent,
    SiteTraffic,
)
from fedtranslate.report.text import direction_title


def page_of_run(
    run_folder: Path,
    *,
    title: str = "",
    description: str = "",
    cells: Sequence[Cell] = (),
    samples: Sequence[Sample] = (),
    gates: Mapping[str, Decision] | None = None,
    migrated: Sequence[Migrated] = (),
    next_steps: Sequence[NextStep] = (),
    ledgers: Mapping[str, Path] | None = None,
) -> RunPage:
    """Return the page of the run in ``run_folder``, with what else is known about it.

    Args:
        run_folder: Of the coordinator's journal.
        title: The run's name if empty.
        description: What the run was made for.
        cells: Of a comparison; tables and compile states are built from them.
        samples: Likewise.
        gates: What each site decided about the joint adapter.
        migrated: Units that had no translation before.
        next_steps: Commands to type now.
        ledgers: Files by site; those of the run's own sites below ``run_folder`` if None.

    Raises:
        FederationError: The folder holds no run, or its journal or a ledger is damaged.
    """
    about = read_json(run_folder / RUN_FILE)
    status = read_json(run_folder / STATUS_FILE)
    settings, data = about.get("settings", {}), about.get("data", {})
    rounds = settings.get("rounds", 0) if isinstance(settings, dict) else None
    if type(rounds) is not int or not isinstance(data, dict):
        raise FederationError(f"{run_folder / RUN_FILE} is damaged.")
    name = str(settings.get("name", ""))
    records = _records(run_folder, rounds)
    scores = [read_evaluation(run_folder, number) or {} for number in range(len(records))]
    return RunPage(
        title=title or name,
        description=description,
        state=str(status.get("state", "")),
        reason=str(status.get("reason", "")),
        settings=_settings_told(settings, str(about.get("base_fingerprint", ""))),
        sites=tuple(data),
        tables=tables_of(cells),
        compiled=compile_lines(cells),
        validation=_validation(scores),
        joint_validation=_joint(scores),
        training=_training(records),
        best_round=_best(scores, run_folder),
        left_out=tuple(
            LeftOut(number, site, str(reason))
            for number, record in enumerate(records)
            for site, reason in record.get("left_out", {}).items()
        ),
        contribution=newest_contribution(run_folder, len(records) - 1),
        traffic=traffic_of(_ledgers(run_folder) if ledgers is None else ledgers, name),
        gates=dict(gates or {}),
        samples=tuple(samples),
        migrated=tuple(migrated),
        next_steps=tuple(next_steps),
    )


def tables_of(cells: Sequence[Cell]) -> tuple[Table, ...]:
    """Return the tables of all metrics, direction by direction."""
    directions = dict.fromkeys(cell.direction for cell in cells)
    return tuple(build_table(cells, m, direction) for direction in directions for m in METRICS)


def compile_lines(cells: Sequence[Cell]) -> tuple[CompileLine, ...]:
    """Count compile states on each site's own code, per row over all sites and per site."""
    own = [c for c in cells if c.compile is not None and c.model_of in ("", c.code_of)]
    lines = []
    for row in ROWS:
        of_row = [cell for cell in own if cell.row == row]
        sites = dict.fromkeys(cell.code_of for cell in of_row)
        if of_row:
            lines.append(_compile_line(row, "", of_row))
        lines += [_compile_line(row, s, [c for c in of_row if c.code_of == s]) for s in sites]
    return tuple(lines)


def traffic_of(ledgers: Mapping[str, Path], run: str) -> tuple[SiteTraffic, ...]:
    """Return what left each site in the run called ``run``.

    Raises:
        FederationError: A ledger is damaged.
    """
    listed = {
        site: [entry for entry in Ledger(path).entries() if entry.run == run]
        for site, path in ledgers.items()
    }
    return tuple(_site_traffic(site, entries) for site, entries in listed.items() if entries)


def _records(run_folder: Path, rounds: int) -> list[dict[str, Any]]:
    records = []
    for number in range(rounds + 1):
        try:
            records.append(read_round(run_folder, number))
        except FederationError:
            break
    return records


def _joint(scores: Sequence[Mapping[str, Score]]) -> Curve | None:
    measured = [number for number, by_site in enumerate(scores) if by_site]
    if not measured:
        return None
    losses = mean_losses([scores[number] for number in measured])
    return Curve("all sites", tuple(zip(measured, losses, strict=True)))


def _best(scores: Sequence[Mapping[str, Score]], run_folder: Path) -> int | None:
    trained = {number: found for number, found in enumerate(scores) if number and found}
    return chosen_round(trained, liars_in(run_folder)) if trained else None


def _validation(scores: Sequence[Mapping[str, Score]]) -> tuple[Curve, ...]:
    names = sorted({name for by_site in scores for name in by_site})
    return tuple(
        Curve(
            name,
            tuple(
                (number, by_site[name].loss / by_site[name].tokens)
                for number, by_site in enumerate(scores)
                if name in by_site and by_site[name].tokens
            ),
        )
        for name in names
    )


def _training(records: Sequence[Mapping[str, Any]]) -> tuple[Curve, ...]:
    replies = [record.get("replies", {}) for record in records]
    names = sorted({name for by_site in replies for name in by_site})
    return tuple(
        Curve(
            name,
            tuple(
                (number, float(by_site[name]["train_loss"]))
                for number, by_site in enumerate(replies)
                if name in by_site
            ),
        )
        for name in names
    )


def _compile_line(row: str, site: str, cells: Sequence[Cell]) -> CompileLine:
    counts = {
        state.value: sum((cell.compile or {}).get(state.value, 0) for cell in cells)
        for state in CompileState
    }
    return CompileLine(row, site, sum(counts.values()), counts)


def _ledgers(run_folder: Path) -> dict[str, Path]:
    return {path.parent.name: path for path in sorted(run_folder.glob("sites/*/ledger.jsonl"))}


def _site_traffic(site: str, entries: Sequence[Departure]) -> SiteTraffic:
    kinds = dict.fromkeys(entry.kind for entry in entries)
    rounds = sorted({entry.round for entry in entries})
    return SiteTraffic(
        site,
        tuple(_sent(kind, [e for e in entries if e.kind == kind]) for kind in kinds),
        tuple((number, _bytes(e for e in entries if e.round == number)) for number in rounds),
    )


def _sent(kind: str, entries: Sequence[Departure]) -> Sent:
    names = (
        str(key)
        for entry in entries
        for group in entry.values.values()
        for key in (group if isinstance(group, Mapping) else ())
    )
    return Sent(
        kind=kind,
        messages=len(entries),
        tensors=sum(len(entry.arrays) for entry in entries),
        bytes=_bytes(entries),
        values=tuple(dict.fromkeys(names)),
    )


def _bytes(entries: Iterable[Departure]) -> int:
    return sum(int(array["bytes"]) for entry in entries for array in entry.arrays.values())


def _settings_told(settings: Mapping[str, Any], fingerprint: str) -> tuple[tuple[str, str], ...]:
    told = {"direction": direction_title(f"{settings.get('source')}-{settings.get('target')}")}
    for key, value in settings.items():
        if isinstance(value, Mapping):
            told |= {f"{key}.{inner}": _told(setting) for inner, setting in value.items()}
        elif key not in ("source", "target"):
            told[key] = _told(value)
    told["base fingerprint"] = fingerprint
    return tuple((name.replace("_", " "), value) for name, value in told.items() if value)


def _told(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
