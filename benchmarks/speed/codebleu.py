"""Time CodeBLEU, ours and codebleu 0.7.0, on the same pairs in turns, on one core.

    python -m benchmarks.speed.codebleu CACHE_FOLDER [--data FOLDER] [--pairs N] [--rounds N]

CACHE_FOLDER holds the environment of the package, as for tools/oracle.  Both sides run in fresh
processes that take turns; what counts is processor time, without the start of the process and
after some pairs to warm up.  Three things are timed:

    corpus      the package: one call for all pairs, which gives the corpus's score only
    all         the package: one call for all, and one for each pair, which gives what ours gives
                in one: the score and the parts of the corpus and of each pair
    repeated    as ``corpus``, with ten predictions for each reference, as when sampling

Ours is timed as it is by default and in compat mode.  The ratio is of medians.
"""

import argparse
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.code_pairs import PACKAGE_NAMES, code_pairs
from benchmarks.study import RESULTS, machine
from fedtranslate.languages.registry import known_languages
from fedtranslate.metrics.codebleu import oracle

ROOT = Path(__file__).resolve().parent.parent.parent
_THEIRS = r"""
import json, logging, sys, time
from codebleu import calc_codebleu
logging.disable(logging.WARNING)
language, predictions, references, singly = json.load(sys.stdin)
def run():
    calc_codebleu(references, predictions, language)
    if singly:
        for prediction, reference in zip(predictions, references):
            calc_codebleu([reference], [prediction], language)
calc_codebleu(references[:20], predictions[:20], language)
start = time.process_time()
run()
print(time.process_time() - start)
"""
_OURS = r"""
import json, sys, time
from fedtranslate.metrics import codebleu
language, predictions, references, compat = json.load(sys.stdin)
codebleu(predictions[:20], references[:20], language, compat=compat)
start = time.process_time()
codebleu(predictions, references, language, compat=compat)
print(time.process_time() - start)
"""


def main() -> None:
    """Print the ratios, and write what was measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("cache", type=Path, help="folder for the environment")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--pairs", type=int, default=300, help="of each language")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=RESULTS / "checks" / "codebleu_speed.json")
    options = parser.parse_args()
    folder = options.cache.resolve() / "codebleu-0.7.0"
    if not oracle.has_environment(folder):
        oracle.make_environment(folder)
    rows = []
    print(f"{'':22}{'pairs':>6}{'theirs':>9}{'default':>9}{'compat':>9}   times faster")
    for language in PACKAGE_NAMES:
        if language not in known_languages():
            print(f"{language:22}has no pack here")
            continue
        pairs = code_pairs(language, options.data, options.pairs)
        texts = (list(pairs.predictions), list(pairs.references))
        for work, some in (("corpus", texts), ("all", texts), ("repeated", _repeated(*texts))):
            row = _row(oracle.python_of(folder), language, work, some, options.rounds)
            rows.append(row)
            print(_line(row), flush=True)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    document = {"about": {"package": oracle.PACKAGE, "machine": machine()}, "rows": rows}
    options.out.write_text(json.dumps(document, indent=1) + "\n", "utf-8")


def _repeated(predictions: list[str], references: list[str]) -> tuple[list[str], list[str]]:
    """Return ten predictions for each of some references: its own, and others of the language."""
    chance = random.Random(0)
    some = list(zip(predictions, references, strict=True))[: max(1, len(predictions) // 10)]
    pairs = [
        (prediction, reference)
        for own, reference in some
        for prediction in [own, *(chance.choice(predictions) for _ in range(9))]
    ]
    return [p for p, _ in pairs], [r for _, r in pairs]


def _row(
    python: Path, language: str, work: str, texts: tuple[list[str], list[str]], rounds: int
) -> dict[str, Any]:
    """Time the three sides in turns; seconds per pair."""
    theirs = [PACKAGE_NAMES[language], *texts, work == "all"]
    sides: dict[str, tuple[Path | str, str, list[Any]]] = {
        "theirs": (python, _THEIRS, theirs),
        "default": (sys.executable, _OURS, [language, *texts, None]),
        "compat": (sys.executable, _OURS, [language, *texts, "k4black"]),
    }
    found: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(rounds):
        for side, (interpreter, code, question) in sides.items():
            found[side].append(_timed(interpreter, code, question) / len(texts[0]))
    return {"language": language, "work": work, "pairs": len(texts[0]), "seconds per pair": found}


def _timed(interpreter: Path | str, code: str, question: list[Any]) -> float:
    done = subprocess.run(
        [interpreter, "-c", code],
        input=json.dumps(question),
        env={**os.environ, "PYTHONHASHSEED": "0"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def _line(row: dict[str, Any]) -> str:
    times = {side: median(values) for side, values in row["seconds per pair"].items()}
    shown = "".join(f"{1e6 * times[side]:8.0f}µ" for side in ("theirs", "default", "compat"))
    ratios = [f"{times['theirs'] / times[side]:.1f} {side}" for side in ("default", "compat")]
    return f"{row['language']:12}{row['work']:10}{row['pairs']:6}{shown}   {', '.join(ratios)}"


if __name__ == "__main__":
    main()
