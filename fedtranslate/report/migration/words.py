"""Numbers and verdicts of a migration in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fedtranslate.migration.stubs import told_of_stubs
from fedtranslate.report.migration.content import Built, Overview

STATE_TITLES = {
    "tests_passed": "behaves as its source",
    "compiled": "compiled",
    "unresolved_only": "only unknown names",
    "type_error": "type error",
    "syntax_error": "syntax error",
    "not_checked": "never compiled",
}
_ORIGINS = {
    "model": "written by the model",
    "rule": "written by rules",
    "stub": "stubs",
    "source": "source as it was",
}
_MODES = {
    "whole": "The target is built as a whole, so that each complaint is about a translation.",
    "files": "Files are compiled one by one.",
    "alone": "Units are compiled each for itself, and unknown names are held against none.",
    "not": "Nothing could be compiled.",
}
_HIDDEN_SETTINGS = frozenset({"repository", "out", "source", "target", "adapter", "model"})


@dataclass(frozen=True, slots=True)
class Share:
    """A part of all characters."""

    origin: str
    title: str
    characters: int
    percent: float
    start: float
    """Percent of what comes before it."""


def figures(found: Overview) -> list[tuple[str, str]]:
    """Return the numbers that come first, each with what it counts."""
    code = sum(file.role == "code" for file in found.files)
    written = sum(n for state, n in found.states.items() if state != "rule")
    told = [(f"{code:,}", "files of code"), (f"{written:,}", "units for the model")]
    told += [
        (f"{n:,}", name)
        for state, name in (
            ("done", "stand in the target"),
            ("failed", "failed: stubs, or code as it was"),
            ("pending", "are not done yet"),
            ("rule", "declarations by rule"),
        )
        if (n := found.states.get(state, 0))
    ]
    told += [
        (f"{n:,}", f"of those that stand: {title}")
        for state, title in STATE_TITLES.items()
        if (n := found.compiled.get(state, 0))
    ]
    return told


def build_remarks(found: Overview) -> list[tuple[str, str]]:
    """Return what builds said, as pairs of a tone and a sentence."""
    return [
        *_about_whole(found),
        *_about_tests(found.tests),
        *_about_baseline(found.baseline),
    ]


def _about_whole(found: Overview) -> Iterator[tuple[str, str]]:
    build = found.build
    name = f" ({build.name})" if build.name else ""
    if not build.state:
        yield "fair", "The whole target was not built: the migration has not come to its end."
    elif build.state == "not_checked":
        yield "fair", f"The whole target was not built{name}: {build.reason or 'nobody said why'}."
    elif build.state in ("compiled", "tests_passed"):
        yield "good", f"The whole target compiles{name}."
    else:
        reason = f" {build.reason}." if build.reason else ""
        title = STATE_TITLES.get(build.state, build.state)
        in_stubs = complaints_in_stubs(found)
        stubs = f" {in_stubs}" if in_stubs else ""
        yield "bad", f"The whole target does not compile{name}: {title}.{reason}{stubs}"


def complaints_in_stubs(found: Overview) -> str:
    """Return how many complaints are about what was not translated; "" where there is none."""
    build = found.build
    is_edit = found.settings["source"] == found.settings["target"]
    return told_of_stubs(build.complaints_in_stubs, build.complaints_in_all, is_edit=is_edit)


def _about_tests(tests: Built) -> Iterator[tuple[str, str]]:
    name = f" ({tests.name})" if tests.name else ""
    if tests.state == "tests_passed":
        yield "good", f"The tests of the target pass{name}."
    elif tests.state == "not_checked":
        yield "fair", f"The tests of the target were not run{name}: {tests.reason}."
    elif tests.state:
        failures = " See the tests that fail, below." if tests.elsewhere else ""
        yield "bad", f"The tests of the target do not pass{name}.{failures}"


def _about_baseline(baseline: Built) -> Iterator[tuple[str, str]]:
    if not baseline.state:
        return
    reason = f" {baseline.reason}." if baseline.reason else ""
    tone = "fair" if baseline.mode in ("not", "alone") else "good"
    why = " The target with stubs alone does not compile." if baseline.mode == "alone" else ""
    yield tone, f"{_MODES.get(baseline.mode, baseline.mode)}{why}{reason}"


def shares(characters: Mapping[str, int]) -> list[Share]:
    """Return who wrote which part of the target."""
    total = sum(characters.values())
    found, start = [], 0.0
    for origin, title in _ORIGINS.items():
        count = characters.get(origin, 0)
        if count and total:
            percent = 100 * count / total
            found.append(Share(origin, title, count, percent, start))
            start += percent
    return found


def left_out_by_reason(rows: Sequence[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """Return the paths that were left out, by reason, those of the most files first."""
    by_reason: dict[str, list[str]] = {}
    for path, reason in rows:
        by_reason.setdefault(reason, []).append(path)
    return sorted(by_reason.items(), key=lambda entry: (-len(entry[1]), entry[0]))


def settings_told(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the settings that say something, as names and values."""
    first = ("repository", "out", "source", "target", "model", "adapter")
    names = [*first, *(name for name in settings if name not in _HIDDEN_SETTINGS)]
    told = ((name, _told(settings.get(name))) for name in names)
    return [(name.replace("_", " "), value) for name, value in told if value]


def duration(seconds: float | None) -> str:
    """Return a time for people; empty where it is not known."""
    if seconds is None:
        return ""
    minutes = round(seconds / 60)
    if minutes < 2:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def _told(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {one}" for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
