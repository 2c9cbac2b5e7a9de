"""Run one federation over several seeds, and keep what was measured as raw JSON.

A study that is killed goes on where it was; a seed that is finished is read back.
"""

import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fedtranslate.config.federation import FederationFile
from fedtranslate.experiments.comparison import Comparer, open_sites
from fedtranslate.experiments.results import write_cells
from fedtranslate.experiments.simulation import run_folder
from fedtranslate.federation.flower.local import run_local

RESULTS = Path(__file__).resolve().parent / "results"
_PACKAGES = ("torch", "transformers", "peft", "flwr", "tree-sitter", "fedtranslate")


def run_seed(
    file: FederationFile, seed: int, work: Path, out: Path, *, personal_everywhere: bool = True
) -> None:
    """Run ``file`` with ``seed`` below ``work``, and write its cells to ``out``."""
    run = file.run.model_copy(update={"seed": seed})
    seeded = file.model_copy(update={"run": run})
    sites = open_sites(seeded)
    folder = run_folder(seeded, sites, work)
    result = run_local(seeded, folder)
    _tell(f"seed {seed}: best round {result.best_round}, losses {_short(result.validation)}")
    comparer = Comparer(
        seeded, sites, folder, on_progress=_Quiet(), personal_everywhere=personal_everywhere
    )
    comparison = comparer.compare(result)
    about = {
        "seed": seed,
        "settings": run.model_dump(mode="json"),
        "base_fingerprint": sites[0].base.fingerprint,
        "best_round": result.best_round,
        "validation": list(result.validation),
        "checksum": result.checksum,
        "pairs": {
            site.corpus.name: {
                "train": len(site.corpus.split.train),
                "validation": len(site.corpus.split.validation),
                "held_out": len(site.corpus.split.held_out),
                "fingerprint": site.equipment().data,
            }
            for site in sites
        },
        "machine": machine(),
    }
    write_cells(out, comparison.cells, about)
    _tell(f"seed {seed}: written to {out}")


def machine() -> dict[str, Any]:
    """Return versions, hardware and commit."""
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    return {
        "commit": commit,
        "python": platform.python_version(),
        "packages": {name: version(name) for name in _PACKAGES},
        "processor": _processor(),
        "cores": os.cpu_count(),
    }


def read_about(path: Path) -> dict[str, Any]:
    """Return what a result file says about itself."""
    about: dict[str, Any] = json.loads(path.read_text("utf-8"))["about"]
    return about


class _Quiet:
    """Tells of each stage once, on standard error."""

    def __init__(self) -> None:
        self._said = ""

    def __call__(self, label: str, done: int, total: int) -> None:
        if label != self._said and done <= 1:
            self._said = label
            _tell(f"  {label} ({total})")


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _short(values: tuple[float, ...]) -> str:
    return " ".join(f"{value:.3f}" for value in values)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor()
