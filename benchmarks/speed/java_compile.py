"""Time the compile check of single Java methods against a javac process for each.

    python -m benchmarks.speed.java_compile DATA_FOLDER

Both compile the same programs, the first methods of CodeXGLUE's test data with a class around
them, a fifth of them in each round; and both must say the same of each: the same codes in the same
places.  The limit is 15 times as many checks per second with one thread.  Beside it stand what the
first round takes with the start of the JVM, and what threads on all cores reach.
"""

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import click

from benchmarks.datafolder import DataFolder
from benchmarks.record import record
from fedtranslate.checks.compile import CompileContext, compile_units
from fedtranslate.checks.compilers import compiler_found
from fedtranslate.checks.program import program
from fedtranslate.languages.registry import load_pack

UNITS = 200
ROUNDS = 5
LIMIT = 15
NOWHERE = CompileContext()
OPTIONS = ("-proc:none", "-implicit:none", "-nowarn", "-Xlint:none", "-Xmaxerrs", "100")
SAID = re.compile(r"^Unit\.java:(\d+):(\d+): (compiler\.err\.[\w.]+)", re.MULTILINE)
Said = list[tuple[int, int, str]]
"""Line, column and code of each complaint about one program."""


def separately(texts: Sequence[str]) -> tuple[float, list[Said]]:
    """Start javac for each text; return the seconds for one, and what it said."""
    pack = load_pack("java")
    said = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "Unit.java"
        programs = [program(text, pack, NOWHERE) for text in texts]
        start = time.perf_counter()
        for one in programs:
            file.write_text(one.text, "utf-8")
            done = subprocess.run(
                ["javac", *OPTIONS, "-Xdiags:verbose", "-XDrawDiagnostics", "-d", ".", file.name],
                cwd=folder,
                capture_output=True,
                text=True,
                check=False,
            )
            found = SAID.findall(done.stdout + done.stderr)
            said.append(
                [(int(row) - one.first_line + 1, int(column), code) for row, column, code in found]
            )
        return (time.perf_counter() - start) / len(texts), said


def warmly(texts: Sequence[str], jobs: int = 1) -> tuple[float, list[Said]]:
    """Compile the texts in the warm JVM; return the seconds for one, and what it said."""
    start = time.perf_counter()
    verdicts = compile_units(texts, "java", NOWHERE, jobs=jobs)
    seconds = (time.perf_counter() - start) / len(texts)
    return seconds, [[(p.line, p.column, p.code) for p in one.problems] for one in verdicts]


@click.command()
@click.argument("data", type=DataFolder("test.java-cs.txt.java"))
def main(data: Path) -> None:
    """Print the ratio, and write the raw times."""
    texts = (data / "test.java-cs.txt.java").read_text("utf-8").splitlines()[:UNITS]
    cold, _ = warmly(texts)
    size = len(texts) // ROUNDS
    rounds, different = [], 0
    for start in range(0, len(texts), size):
        some = texts[start : start + size]
        javac, theirs = separately(some)
        ours, own = warmly(some)
        several, _ = warmly(some, jobs=os.cpu_count() or 1)
        different += sum(
            sorted(one[:20]) != sorted(two) for one, two in zip(theirs, own, strict=True)
        )
        rounds.append({"javac": javac, "warm": ours, "warm_all_cores": several})
    ratios = [one["javac"] / one["warm"] for one in rounds]
    wide = median(one["javac"] / one["warm_all_cores"] for one in rounds)
    javac = median(one["javac"] for one in rounds)
    click.echo(
        f"Java: {median(ratios):.0f} times as many compile checks a second as with a javac process"
        f" each ({min(ratios):.0f} to {max(ratios):.0f}), limit {LIMIT}; {wide:.0f} times with"
        f" threads on all cores; {javac / cold:.0f} times with the start of the JVM;"
        f" {different} of {len(texts)} verdicts differ"
    )
    values = {
        "units": len(texts),
        "compiler": compiler_found(load_pack("java")).version,
        "seconds_a_unit": rounds,
        "seconds_a_unit_with_start": cold,
        "ratio": ratios,
        "different_verdicts": different,
        "limit": LIMIT,
    }
    record("java_compile", values)


if __name__ == "__main__":
    main()
