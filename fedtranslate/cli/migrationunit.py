"""What ``fedtranslate migrate explain`` says of one unit, as text and as JSON."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fedtranslate.migration.journal import Journal
    from fedtranslate.migration.states import Attempt, PlannedUnit


def explain_text(journal: "Journal", unit: "PlannedUnit") -> str:
    """Return all that is known of a unit, for people."""
    from fedtranslate.languages.flushing import flush_left

    document = explain_document(journal, unit)
    lines = [
        f"{unit.id}: {unit.state}" + (f", {unit.compile_state}" if unit.state == "done" else ""),
        f"  {unit.kind} at {unit.path}:{unit.first_line}, to {document['target']}",
    ]
    if unit.reason:
        lines.append(f"  why: {unit.reason}")
    if document["complaints"]:
        lines.append("  the build of the whole target says of it:")
        lines += [f"    line {one['line']}: {one['message']}" for one in document["complaints"]]
    if unit.behaves:
        lines.append(f"  run beside its source: {unit.behaves}")
    lines += [f"  lost: {one}" for one in unit.lost]
    lines += ["", "Source:", _indented(flush_left(unit.text))]
    if document["by_rule"]:
        lines += ["", "Written by rule:", _indented(document["by_rule"])]
    for attempt in journal.attempts(unit.id):
        lines += ["", _attempt_title(attempt, unit)]
        lines += [
            f"    line {one.line}: {one.message}" if attempt.finished else f"    {one.message}"
            for one in attempt.problems
        ]
        lines.append(_indented(attempt.text))
    return "\n".join(lines)


def _by_rule(journal: "Journal", unit: "PlannedUnit") -> str:
    """Return what rules wrote for a unit; "" where a model was to write it."""
    from fedtranslate.migration.review.written import Written
    from fedtranslate.migration.states import UnitState

    file = journal.file(unit.path)
    if unit.state is not UnitState.RULE or file is None or not journal.has_begun():
        return ""
    slot = Written(journal, journal.settings()).slots(file).get(unit.start)
    return slot.stub if slot else ""


def _attempt_title(attempt: "Attempt", unit: "PlannedUnit") -> str:
    is_standing = (attempt.attempt, attempt.candidate) == (unit.attempt, unit.candidate)
    said = "rejected" if attempt.rejected else "kept" if is_standing else "not needed"
    return f"Attempt {attempt.attempt + 1}, candidate {attempt.candidate + 1}: {said}"


def _indented(text: str) -> str:
    shown = "".join(
        sign if sign.isprintable() or sign in "\n\t" else "\N{REPLACEMENT CHARACTER}"
        for sign in text
    )
    return "\n".join(f"    {line}" for line in shown.split("\n"))


def _complaints(journal: "Journal", unit: "PlannedUnit", target: str) -> list[dict[str, Any]]:
    """Return what the last build complained of in the lines of a unit, which are its file's."""
    build = (journal.fact("whole") or {}).get("build", {})
    first, last = unit.place
    return [
        {"line": one["line"], "message": one["message"]}
        for one in build.get("complaints", ())
        if one["path"] == target and first <= one["line"] <= last
    ]


def explain_document(journal: "Journal", unit: "PlannedUnit") -> dict[str, Any]:
    """Return all that is known of a unit, as JSON."""
    file = journal.file(unit.path)
    return {
        "unit": unit.id,
        "kind": unit.kind,
        "source": {"path": unit.path, "line": unit.first_line, "text": unit.text},
        "target": f"{file.target}:{unit.place[0]}" if file else "",
        "state": str(unit.state),
        "compile_state": str(unit.compile_state),
        "behaves": unit.behaves,
        "reason": unit.reason,
        "confidence": unit.confidence,
        "lost": list(unit.lost),
        "uses": list(unit.uses),
        "by_rule": _by_rule(journal, unit),
        "complaints": _complaints(journal, unit, file.target) if file else [],
        "attempts": [
            {
                "attempt": one.attempt,
                "candidate": one.candidate,
                "rejected": one.rejected,
                "score": one.score,
                "text": one.text,
                "problems": [
                    {
                        "line": said.line,
                        "column": said.column,
                        "code": said.code,
                        "message": said.message,
                    }
                    for said in one.problems
                ],
            }
            for one in journal.attempts(unit.id)
        ],
    }
