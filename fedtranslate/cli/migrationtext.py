"""What ``fedtranslate migrate`` says, as text for people and as JSON for programs."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fedtranslate.cli.migration import Complaints, Plan, Result
    from fedtranslate.migration.journal import Journal

_SHOWN = 20
_FEW = 5


def plan_text(plan: "Plan") -> str:
    """Return a plan for people."""
    about = plan.estimate
    lines = [
        f"{about.files} files of {plan.settings.source} code, {about.units} units for the model"
        f" ({about.pending} of them still to do), {about.by_rule} declarations by rule.",
        f"About {about.tokens:,} tokens{_time(about.seconds)},"
        f" in {_many(len(plan.waves), 'wave')}.",
        "",
        *(
            f"  {path} -> {target}" + (f"  ({units} units)" if units else "")
            for path, target, role, units in plan.files[:_SHOWN]
            if role == "code"
        ),
    ]
    if len(plan.files) > _SHOWN:
        lines.append(f"  ... {len(plan.files)} files in all; --json lists every one")
    roles = Counter(role for _, _, role, _ in plan.files)
    if roles["resource"]:
        lines.append(f"{roles['resource']} other files are copied as they are.")
    lines += _left_out(plan.left_out)
    lines += [f"Cannot be cut: {path}: {reason}" for path, reason in plan.failed[:_SHOWN]]
    lines.append("Nothing was written.")
    return "\n".join(lines)


def _time(seconds: float | None) -> str:
    if seconds is None:
        return " (how long they take is known after a first run)"
    return (
        f", about {seconds / 60:.0f} minutes" if seconds >= 90 else f", about {seconds:.0f} seconds"
    )


def _left_out(rows: Sequence[tuple[str, str]]) -> list[str]:
    if not rows:
        return []
    by_reason: dict[str, list[str]] = {}
    for path, reason in rows:
        by_reason.setdefault(reason, []).append(path)
    return [
        "Left out:",
        *(
            f"  {reason}: {', '.join(paths[:3])}"
            + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
            for reason, paths in sorted(by_reason.items())
        ),
    ]


def plan_document(plan: "Plan") -> dict[str, Any]:
    """Return a plan as JSON."""
    about = plan.estimate
    return {
        "repository": str(plan.settings.repository),
        "from": plan.settings.source,
        "to": plan.settings.target,
        "units": about.units,
        "pending": about.pending,
        "by_rule": about.by_rule,
        "tokens": about.tokens,
        "seconds": about.seconds,
        "waves": list(plan.waves),
        "files": [
            {"path": path, "target": target, "role": role, "units": units}
            for path, target, role, units in plan.files
        ],
        "left_out": [{"path": path, "reason": reason} for path, reason in plan.left_out],
        "failed": [{"path": path, "reason": reason} for path, reason in plan.failed],
    }


def outcome_text(result: "Result") -> str:
    """Return what a run came to, for people."""
    units, published = result.units, result.outcome.published
    said = ", ".join(f"{n} {state}" for state, n in result.compiled.items())
    lines = [
        f"{units['done']} units translated{f' ({said})' if said else ''},"
        f" {_left(units['failed'] - len(result.mended), result.settings.is_edit)},"
        + (f" {len(result.mended)} written by people," if result.mended else "")
        + f" {units['rule']} declarations by rule.",
        f"The whole target: {result.outcome.build}; its tests: {result.outcome.tests}.",
        *_complaints(result.complaints, is_edit=result.settings.is_edit),
        f"{published.written} files written to {result.settings.out}"
        + (f", {published.kept} left as people have changed them" if published.kept else "")
        + (f", {published.removed} removed with their sources" if published.removed else "")
        + (f", {published.failed} could not be made" if published.failed else "")
        + f", in {result.seconds:.0f} s.",
    ]
    lines += [f"  {path}: {reason}" for path, reason in result.files_failed[:_SHOWN]]
    if result.worst:
        lines.append("Needs a human:")
        lines += [f"  {unit.id}: {unit.reason}" for unit in result.worst]
        more = units["failed"] - len(result.mended) - len(result.worst)
        if more > 0:
            lines.append(f"  ... and {more} more")
    things, files = result.losses
    if things:
        what = f"{_many(things, 'thing')} in {_many(files, 'file')}"
        lines.append(f"The rules could not carry over {what}; the report lists all of it.")
    lines += result.notes
    lines.append(f"Report: {result.report}")
    return "\n".join(lines)


def _left(number: int, is_edit: bool) -> str:
    return f"{number} left as {'they were' if is_edit else 'stubs'}"


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _complaints(found: "Complaints", *, is_edit: bool) -> list[str]:
    from fedtranslate.migration.stubs import told_of_stubs

    more = found.number - len(found.first[:_FEW])
    in_stubs = told_of_stubs(found.in_stubs, found.number, is_edit=is_edit)
    return [
        *(f"  {one}" for one in found.first[:_FEW]),
        *([f"  ... and {more} more; see the report"] if more > 0 else []),
        *([f"  {in_stubs}"] if in_stubs else []),
    ]


def outcome_document(result: "Result") -> dict[str, Any]:
    """Return what a run came to, as JSON."""
    published = result.outcome.published
    return {
        "out": str(result.settings.out),
        "units": result.units,
        "written_by_people": sorted(result.mended),
        "compile_states": result.compiled,
        "build": str(result.outcome.build),
        "tests": str(result.outcome.tests),
        "complaints": list(result.complaints.first),
        "complaints_in_all": result.complaints.number,
        "complaints_in_stubs": result.complaints.in_stubs,
        "losses": result.losses[0],
        "files": {
            "written": published.written,
            "kept": published.kept,
            "removed": published.removed,
            "failed": published.failed,
            "reasons": dict(result.files_failed),
        },
        "seconds": round(result.seconds, 3),
        "report": str(result.report),
        "notes": list(result.notes),
        "failed": [{"unit": unit.id, "reason": unit.reason} for unit in result.worst],
    }


def status_text(journal: "Journal", out: Path) -> str:
    """Return how far a migration is, for people."""
    from fedtranslate.cli.migration import Complaints

    document = status_document(journal, out)
    build = document["build"]
    lines = [
        f"{document['from']} to {document['to']} of {document['repository']},"
        f" by {document['engine']}",
        ", ".join(f"{n} {state}" for state, n in document["units"].items()) or "no units",
    ]
    if document["compile_states"]:
        said = ", ".join(f"{n} {state}" for state, n in document["compile_states"].items())
        lines.append(f"of those that are done: {said}")
    if build:
        lines.append(f"the whole target: {build}")
        is_edit = document["from"] == document["to"]
        lines += _complaints(Complaints.of(journal), is_edit=is_edit)
    failed = [one for one in document["failed"] if not one["written_by_people"]]
    if len(failed) < len(document["failed"]):
        mended = len(document["failed"]) - len(failed)
        lines.append(f"of those that failed: {mended} written by people")
    lines += [f"  failed: {one['unit']}: {one['reason']}" for one in failed[:_SHOWN]]
    if len(failed) > _SHOWN:
        lines.append(f"  ... and {len(failed) - _SHOWN} more; --json lists every one")
    lines += [f"  file: {one['path']}: {one['reason']}" for one in document["files"][:_SHOWN]]
    return "\n".join(lines)


def status_document(journal: "Journal", out: Path) -> dict[str, Any]:
    """Return how far a migration is, as JSON."""
    from fedtranslate.migration.review.mending import mended
    from fedtranslate.migration.states import UnitState

    settings = journal.settings() if journal.has_begun() else None
    counts = journal.counts()
    units: Counter[str] = Counter()
    compiled: Counter[str] = Counter()
    for (state, said), number in counts.items():
        units[str(state)] += number
        if state is UnitState.DONE:
            compiled[str(said)] += number
    whole = journal.fact("whole")
    by_people = mended(journal, settings, out) if settings else frozenset()
    return {
        "out": str(out),
        "repository": str(settings.repository) if settings else "",
        "from": settings.source if settings else "",
        "to": settings.target if settings else "",
        "engine": journal.fact("engine") or "",
        "units": dict(units),
        "compile_states": dict(compiled),
        "build": whole["build"]["state"] if whole else None,
        "tests": whole["tests"]["state"] if whole else None,
        "failed": [
            {
                "unit": unit.id,
                "reason": unit.reason,
                "line": unit.first_line,
                "written_by_people": unit.id in by_people,
            }
            for unit in journal.units("state = ?", (UnitState.FAILED,))
        ],
        "files": [
            {
                "path": file.path,
                "target": file.target,
                "state": str(file.state),
                "reason": file.reason,
            }
            for file in journal.files("reason != ''")
        ],
    }
