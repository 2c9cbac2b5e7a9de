"""The figures of checks and metrics as one table: what was measured, against what, the limit.

Each row is read from the raw result of one command; a row whose command has not been run is left
out.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any

Row = tuple[str, str, str, str, str]
"""What, against what, the limit, what came out, the command."""


Readers = Mapping[str, Callable[[dict[str, Any]], Iterator[Row]]]
"""What makes rows of the raw result of one name."""


def figures_table(folder: Path, readers: Readers | None = None) -> str:
    """Return the table of the results in ``folder``, as Markdown.

    Args:
        folder: Of the raw results.
        readers: Of those that are wanted; of checks and metrics if not given.
    """
    lines = [
        "| what | against | target | measured | command |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, rows in (readers or _READERS).items():
        if (file := folder / f"{name}.json").exists():
            lines += ["| " + " | ".join(row) + " |" for row in rows(json.loads(file.read_text()))]
    return "\n".join(lines)


def _parity(result: dict[str, Any]) -> Iterator[Row]:
    languages = result["languages"].values()
    pairs = sum(one["pairs"] for one in languages)
    agree = sum(one["agree"]["codebleu"] for one in languages)
    seeded = sum(one["differ"].get("hash seed", 0) for one in languages)
    other = sum(sum(one["differ"].values()) for one in languages) - seeded
    yield (
        f"CodeBLEU compat, every part of {pairs:,} pairs in {len(languages)} languages",
        f"{result['about']['package']}, PYTHONHASHSEED=0",
        "equal to 1e-9 where it is deterministic",
        f"{agree:,} equal; {seeded} where its own value depends on the hash seed; {other} others",
        "`tools/oracle CACHE`",
    )


def _speed(result: dict[str, Any]) -> Iterator[Row]:
    works = {
        "corpus": "the score of a corpus",
        "all": "scores and parts of corpus and pairs",
        "repeated": "ten predictions for each reference",
    }
    for work, told in works.items():
        rows = [row for row in result["rows"] if row["work"] == work]
        reached = []
        for side in ("default", "compat"):
            ratios = {row["language"]: _ratio(row["seconds per pair"], side) for row in rows}
            slowest = min(ratios, key=lambda language: ratios[language])
            reached.append(
                f"{side}: {median(ratios.values()):.1f} times in the median of {len(rows)} "
                f"languages, {ratios[slowest]:.1f} in {slowest}"
            )
        yield (
            f"CodeBLEU throughput, one core, {told}",
            result["about"]["package"],
            "≥ 10 times",
            "; ".join(reached),
            "`python -m benchmarks.speed.codebleu CACHE`",
        )


def _ratio(seconds: dict[str, list[float]], side: str) -> float:
    return median(seconds["theirs"]) / median(seconds[side])


def _java(result: dict[str, Any]) -> Iterator[Row]:
    ratios = result["ratio"]
    yield (
        f"Java compile checks, {result['units']} single methods, one thread",
        f"a process of {result['compiler']} each",
        f"≥ {result['limit']} times",
        f"{median(ratios):.0f} times ({min(ratios):.0f} to {max(ratios):.0f}); "
        f"{result['different_verdicts']} verdicts differ",
        "`python -m benchmarks.speed.java_compile DATA`",
    )


def _parse(result: dict[str, Any]) -> Iterator[Row]:
    for language, times in result["microseconds"].items():
        ours, bare = times["ours"], times["tree_sitter"]
        yield (
            f"parse check of a unit, {language}, median",
            f"tree-sitter alone: {median(bare):.0f} µs",
            f"≤ {result['limit']} µs",
            f"{median(ours):.0f} µs ({min(ours):.0f} to {max(ours):.0f})",
            "`python -m benchmarks.speed.parsing DATA`",
        )


def _gold_units(result: dict[str, Any]) -> Iterator[Row]:
    for language, limit in (("java", "100 %"), ("csharp", "≥ 99.89 %, the rest named")):
        row = result[language]
        failed = ", ".join(f"{name.rsplit('.', 1)[-1]}" for name in row["failed"])
        yield (
            f"wrapped gold units of CodeXGLUE train and valid that parse, {language}",
            "-",
            limit,
            f"{100 * row['parse']:.3f} % of {row['units']:,}"
            + (f"; not: lines {failed} of train" if failed else ""),
            "`python -m benchmarks.accuracy.gold_units DATA`",
        )


def _mutants(result: dict[str, Any]) -> Iterator[Row]:
    row = result["rows"]["all"]
    yield (
        f"parse check of {row['mutants']:,} damaged Java methods",
        "javac's parser",
        "no false alarm; recall ≥ 85 %",
        f"recall {row['recall']:.1%}; {row['false_alarms']} false alarms",
        "`python -m benchmarks.accuracy.mutants DATA`",
    )


def _gold_programs(result: dict[str, Any]) -> Iterator[Row]:
    tasks = result["tasks"]
    for language in dict.fromkeys(task["language"] for task in tasks):
        own = [task for task in tasks if task["language"] == language]
        passed = sum(task["state"] == "passed" for task in own)
        yield (
            f"HumanEval-X right answers, {language}",
            "its own tests",
            "all, or the upstream fault named",
            f"{passed} of {len(own)}" + ("" if passed == len(own) else "; the rest named below"),
            "`python -m benchmarks.suites.gold humaneval-x DATA`",
        )


def _aggregation(result: dict[str, Any]) -> Iterator[Row]:
    ours = [one["seconds"] for one in result["ours"]]
    faster = result["dense"]["seconds"] / median(ours)
    memory = max(one["bytes"] for one in result["ours"])
    yield (
        f"mean of the products of {result['sites']} sites, rank {result['rank']}, 7B shapes,"
        f" {result['layers']} layers",
        "dense sums and dense SVD, one of each shape",
        "100 times faster, 1/20 of the memory, same to 1e-4",
        f"{faster:.0f} times, 1/{result['dense']['bytes'] / memory:.0f}, same to"
        f" {result['relative_error']:.0e}; {median(ours):.0f} s of a processor",
        "`python -m benchmarks.speed.aggregation dense`",
    )


def _aggregation_sites(result: dict[str, Any]) -> Iterator[Row]:
    methods = result["by_sites"]
    numbers = sorted({int(sites) for by_sites in methods.values() for sites in by_sites})
    many, few = numbers[-1], max(n for n in numbers if n * 10 <= numbers[-1] or n == numbers[0])
    times = {name: by_sites[str(many)]["seconds"] for name, by_sites in methods.items()}
    slower = _grown(methods, "seconds", few, many)
    wider = _grown(methods, "bytes", few, many)
    slow, steep, wide = (max(one, key=one.__getitem__) for one in (times, slower, wider))
    yield (
        f"joining one layer of 0.5B shapes, rank {result['rank']}, {many:,} sites,"
        f" {len(methods)} methods",
        f"the same with {few:,} sites",
        f"time no more than {many / few:.0f} times",
        f"{min(times.values()):.1f} to {times[slow]:.1f} s of a processor ({slow});"
        f" at most {slower[steep]:.1f} times the time ({steep}) and"
        f" {wider[wide]:.1f} times the memory ({wide})",
        "`python -m benchmarks.speed.aggregation sites`",
    )


def _grown(methods: dict[str, Any], part: str, few: int, many: int) -> dict[str, float]:
    return {
        name: one[str(many)][part] / one[str(few)][part] if one[str(few)][part] else 1.0
        for name, one in methods.items()
    }


def _screening(result: dict[str, Any]) -> Iterator[Row]:
    by_sites = {int(sites): found for sites, found in result["by_sites"].items()}
    rows, columns = result["shape"]
    told = [f"{n:,} sites: {one['seconds']:.2f} s" for n, one in sorted(by_sites.items())]
    exact = [f"{n:,} sites: {one['exact_seconds']:.2f} s" for n, one in sorted(by_sites.items())]
    error = max(one["largest_error"] for one in by_sites.values())
    yield (
        f"screening all replies at one module, {rows}x{columns}, rank {result['rank']}",
        f"all inner products exact; {', '.join(exact)}",
        "-",
        f"{', '.join(told)}; largest error of a cosine {error:.2f};"
        f" {sum(one['refused'] for one in by_sites.values()):.0f} honest replies refused",
        "`python -m benchmarks.speed.aggregation screening`",
    )


_READERS: dict[str, Callable[[dict[str, Any]], Iterator[Row]]] = {
    "codebleu_parity": _parity,
    "codebleu_speed": _speed,
    "java_compile": _java,
    "parse_speed": _parse,
    "gold_units": _gold_units,
    "mutants": _mutants,
    "humaneval_x_gold": _gold_programs,
    "aggregation_dense": _aggregation,
    "aggregation_sites": _aggregation_sites,
    "aggregation_screening": _screening,
}
