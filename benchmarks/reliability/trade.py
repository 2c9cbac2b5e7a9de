"""A trade that takes no time: a linear map for each site, learned by LoRA, with no code and model.

The site's ``pairs`` setting, such as ``seed=3,seconds=0.5``, makes its data and says how long it
pretends to work.  Everything follows from the seeds, so a run that was disturbed must come to the
same adapter as one that was not.
"""

import hashlib
import time
from pathlib import Path

import torch
from torch import Tensor

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.methods.method import Joint, Part
from fedtranslate.adapters.store import Manifest, save_adapter
from fedtranslate.config.federation import RunSettings, read_site
from fedtranslate.config.policy import Gate
from fedtranslate.errors import ConfigError
from fedtranslate.federation.exchange import SiteUpdate, Task
from fedtranslate.federation.site.worker import Equipment

NAME = "benchmarks.reliability.trade:open_trainer"
_SIDES = (16, 12)
_MODULE = "layer"
_ROWS, _VALIDATION = 64, 16
_RATE = 0.01


class LinearTrade:
    """One site: rows of a linear map that is a little its own.

    Args:
        settings: Of the run.
        seed: Of its data.
        seconds: How long a task takes.
    """

    def __init__(self, seed: int, seconds: float) -> None:
        self._seconds = seconds
        shared, own = torch.Generator().manual_seed(1), torch.Generator().manual_seed(seed)
        truth = torch.randn(_SIDES, generator=shared) / 4
        truth += torch.randn(_SIDES, generator=own) / 20
        self._x = torch.randn(_ROWS, _SIDES[1], generator=own)
        self._y = self._x @ truth.T
        self._data = hashlib.sha256(self._x.numpy().tobytes()).hexdigest()[:16]

    def equipment(self) -> Equipment:
        """Return what the site brings along."""
        return Equipment("linear", self._data, _ROWS - _VALIDATION, {_MODULE: _SIDES})

    def api_names(self) -> frozenset[str]:
        """Return the names that its code uses: it has none."""
        return frozenset()

    def train(self, joint: Joint, task: Task, seed: int) -> SiteUpdate:
        """Evaluate ``joint``, then descend from it."""
        time.sleep(self._seconds)
        factors = joint.adapter[_MODULE]
        heard = float(self._loss(factors, slice(-_VALIDATION, None))) * _VALIDATION
        pairs = _ROWS - _VALIDATION
        if not task.steps:
            return SiteUpdate(None, pairs, 0.0, heard, _VALIDATION, _VALIDATION)
        learned, loss = self._descended(factors, task, seed)
        adapter = {_MODULE: learned}
        return SiteUpdate(adapter, pairs, loss, heard, _VALIDATION, _VALIDATION)

    def judge(
        self, candidate: Adapter, manifest: Manifest, folder: Path, gate: Gate
    ) -> tuple[bool, str] | None:
        """Install what is better than nothing on the validation rows."""
        rows = slice(-_VALIDATION, None)
        new = float(self._loss(candidate[_MODULE], rows))
        old = float((self._y[rows] ** 2).mean())
        if new < old:
            save_adapter(folder / "installed", candidate, manifest)
        return new < old, f"{gate}: a loss of {new:.3f} against {old:.3f}"

    def _descended(self, start: Factors, task: Task, seed: int) -> tuple[Factors, float]:
        order = torch.Generator().manual_seed(seed)
        a, b = start.a.clone(), start.b.clone()
        total = 0.0
        for _ in range(task.steps):
            first = int(torch.randint(0, _ROWS - _VALIDATION - 16, (1,), generator=order))
            rows = slice(first, first + 16)
            error = self._error(Factors(a, b, start.scaling), rows) * (2 / 16) * start.scaling
            new_b = b - _RATE * error.T @ (self._x[rows] @ a.T)
            if Part.A in task.trains:
                a = a - _RATE * (error @ b).T @ self._x[rows]
            b = new_b
            total += float(self._loss(Factors(a, b, start.scaling), rows))
        return Factors(a, b, start.scaling), total / task.steps

    def _error(self, factors: Factors, rows: slice) -> Tensor:
        reached = self._x[rows] @ factors.a.T @ factors.b.T * factors.scaling
        return reached - self._y[rows]

    def _loss(self, factors: Factors, rows: slice) -> Tensor:
        return (self._error(factors, rows) ** 2).mean()


def open_trainer(site_file: Path, site: str, settings: RunSettings) -> LinearTrade:  # noqa: ARG001
    """Open the trade of a site from what its file says of its pairs."""
    said = told_numbers(read_site(site_file, site).pairs, site)
    return LinearTrade(int(said["seed"]), said.get("seconds", 0.0))


def told_numbers(pairs: str | None, site: str) -> dict[str, float]:
    """Return what the ``pairs`` setting of a site says, such as ``seed=3,seconds=0.5``.

    Raises:
        ConfigError: It says something else, or no seed.
    """
    text = Path(pairs or "").name
    try:
        said = {key: float(value) for key, value in (part.split("=") for part in text.split(","))}
    except ValueError:
        said = {}
    if "seed" not in said:
        raise ConfigError(f"The pairs of {site} are {text!r}, not such as 'seed=3'.")
    return said
