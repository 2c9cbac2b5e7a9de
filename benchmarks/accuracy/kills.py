"""Kill a migration at random moments, go on, and compare it with an unbroken one.

    python -m benchmarks.accuracy.kills WORK [--kills 50] [--files 24]

Real ``fedtranslate migrate`` processes ask an endpoint that answers from a table, and gives one
unit in five a wrong answer at first, so that repairs are among what is killed.  A killed
migration is started anew until it comes to its end; then its tree is compared, and the next
begins.
"""

import os
import random
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import click

from benchmarks.record import record
from benchmarks.suites import trees
from benchmarks.suites.answering import MODEL, answering
from benchmarks.suites.moving import ROOT, came_to, command, ran, written

LANGUAGES = ("java", "csharp")
WRONG = 5


@click.command()
@click.argument("work", type=click.Path(path_type=Path))
@click.option("--kills", type=click.IntRange(1), default=50, show_default=True)
@click.option("--files", type=click.IntRange(1), default=24, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
def main(work: Path, kills: int, files: int, seed: int) -> None:
    """Kill and compare, and write how often the result was another."""
    shutil.rmtree(work, ignore_errors=True)
    tree = trees.java_shop(files)
    repository = tree.write(work / "repository")
    chance = random.Random(seed)
    with answering(tree.translate, wrong_first=WRONG) as url:
        more = ("--endpoint", url, "--endpoint-model", MODEL, "--no-behave")
        unbroken = ran(command(repository, work / "unbroken", LANGUAGES, *more))
        expected = written(work / "unbroken")
        click.echo(f"unbroken: {unbroken.seconds:.1f} s, {came_to(work / 'unbroken')}")
        rows: list[dict[str, Any]] = []
        done = 0
        while done < kills:
            out = work / f"broken-{len(rows)}"
            words = command(repository, out, LANGUAGES, *more)
            moments = []
            while done < kills and _killed(words, moment := chance.uniform(0, unbroken.seconds)):
                moments.append(moment)
                done += 1
            ending = ran(words)
            came = written(out)
            rows.append(
                {
                    "killed_after": moments,
                    "code": ending.code,
                    "same": came == expected,
                    "different": sorted(
                        name
                        for name in came.keys() | expected
                        if came.get(name) != expected.get(name)
                    ),
                    "stubs": came_to(out)["stubs"],
                }
            )
            click.echo(f"{done} kills: {rows[-1]}")
            if rows[-1]["same"]:
                shutil.rmtree(out)
    same = sum(row["same"] for row in rows)
    click.echo(f"{done} kills in {len(rows)} migrations, {same} of which came out the same")
    values = {
        "files": len(tree.files),
        "seed": seed,
        "unbroken_seconds": unbroken.seconds,
        "kills": done,
        "migrations": len(rows),
        "same": same,
        "rows": rows,
    }
    record("migration_kills", values)


def _killed(words: list[str], moment: float) -> bool:
    """Start a migration and kill it after so many seconds; tell whether it was still running."""
    process = subprocess.Popen(
        words,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


if __name__ == "__main__":
    main()
