"""Migrate the repository in FOLDER/repository to FOLDER/out from a table, in this process.

python -m benchmarks.speed.lean FOLDER

No model, no network and no build: what memory it takes is that of the migration.
"""

import sys
from pathlib import Path

from benchmarks.suites import trees
from benchmarks.suites.moving import TableEngine, migrated
from fedtranslate.migration.settings import MigrationSettings


def main(folder: Path) -> None:
    """Migrate; print whether PyTorch was loaded, which would hide all else."""
    settings = MigrationSettings(
        repository=(folder / "repository").resolve(),
        out=(folder / "out").resolve(),
        source="java",
        target="csharp",
        build=False,
        behave=False,
        tests=False,
    )
    outcome = migrated(settings, TableEngine(trees.java_shop(0).translate))
    print(outcome.failed, outcome.change, "torch" in sys.modules)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
