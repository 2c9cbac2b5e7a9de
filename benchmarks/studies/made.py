"""A trade for studies of aggregation: the made task of ``benchmarks.robustness.task`` at one site.

The site's ``pairs`` say which part of which world it has: ``seed=3,site=1,of=5,alike=1``.
"""

import hashlib
from functools import cache
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.robustness.task import SHAPES, World, make_world
from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.methods.cores import basis
from fedtranslate.adapters.methods.method import Joint, Part
from fedtranslate.adapters.store import Manifest
from fedtranslate.config.federation import RunSettings, read_site
from fedtranslate.config.policy import Gate
from fedtranslate.federation.exchange import SiteUpdate, Task
from fedtranslate.federation.site.worker import Equipment

TRADE = "benchmarks.studies.made:open_trainer"
_BATCH = 32


@cache
def world_of(seed: int, count: int, *, alike: bool) -> World:
    """Return the world that all sites of a federation are in."""
    return make_world(seed, count, alike=alike)


class MadeTrade:
    """One site of a world.

    Args:
        world: The world.
        site: The number of the site in it.
        settings: Of the run; the learning rate is that of its training.
        rank: Of the site's own adapter; 0 takes the run's.
    """

    def __init__(self, world: World, site: int, settings: RunSettings, rank: int) -> None:
        self._world, self._settings, self._rank = world, settings, rank
        self._x, self._y = world.x[site], world.y[site]

    def equipment(self) -> Equipment:
        """Return what the site brings along."""
        digest = hashlib.sha256(self._x.numpy().tobytes()).hexdigest()[:16]
        return Equipment("made", digest, len(self._y), SHAPES, self._rank)

    def api_names(self) -> frozenset[str]:
        """Return the names that its code uses: it has none."""
        return frozenset()

    def train(self, joint: Joint, task: Task, seed: int) -> SiteUpdate:
        """Evaluate ``joint`` on pairs of tokens that no site has, then train its adapter."""
        held = self._world.held_y
        base = self._folded(joint.folded)
        with torch.no_grad():
            logits = self._logits(base, joint.adapter, self._world.held_x)
            heard = float(functional.cross_entropy(logits, held)) * len(held)
        pairs = len(self._y)
        if not task.steps:
            return SiteUpdate(None, pairs, 0.0, heard, len(held), len(held))
        learned, loss = self._learned(base, joint.adapter, task, seed)
        return SiteUpdate(learned, pairs, loss, heard, len(held), len(held))

    def judge(
        self,
        candidate: Adapter,  # noqa: ARG002 - nothing is installed in a study
        manifest: Manifest,  # noqa: ARG002
        folder: Path,  # noqa: ARG002
        gate: Gate,  # noqa: ARG002
    ) -> None:
        """Return nothing: there is nothing to judge a release by."""
        return

    def _folded(self, folded: Adapter) -> dict[str, Tensor]:
        base = self._world.base
        return {n: w + folded[n].delta() if n in folded else w for n, w in base.items()}

    def _learned(
        self, base: dict[str, Tensor], start: Adapter, task: Task, seed: int
    ) -> tuple[dict[str, Factors], float]:
        order = torch.Generator().manual_seed(seed)
        is_core = Part.CORE in task.trains
        bases = {n: basis(f.b).float() if is_core else None for n, f in start.items()}
        a = {n: f.a.clone().requires_grad_(Part.A in task.trains) for n, f in start.items()}
        b = {
            n: (f.b if (q := bases[n]) is None else q.T @ f.b)
            .clone()
            .requires_grad_(bool(task.trains - {Part.A}))
            for n, f in start.items()
        }

        def whole() -> dict[str, Factors]:
            return {
                n: Factors(a[n], b[n] if (q := bases[n]) is None else q @ b[n], start[n].scaling)
                for n in start
            }

        tensors = [tensor for one in (a, b) for tensor in one.values() if tensor.requires_grad]
        optimiser = torch.optim.Adam(tensors, lr=self._settings.training.learning_rate)
        total = 0.0
        for _ in range(task.steps):
            rows = torch.randint(len(self._y), (_BATCH,), generator=order)
            loss = functional.cross_entropy(
                self._logits(base, whole(), self._x[rows]), self._y[rows]
            )
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            total += float(loss.detach())
        done = {n: Factors(f.a.detach(), f.b.detach(), f.scaling) for n, f in whole().items()}
        return done, total / task.steps

    def _logits(self, base: dict[str, Tensor], adapter: Adapter, x: Tensor) -> Tensor:
        inner = torch.tanh(_layer(base["layer.up"], adapter["layer.up"], x))
        logits: Tensor = _layer(base["layer.down"], adapter["layer.down"], inner) @ self._world.head
        return logits


def open_trainer(site_file: Path, site: str, settings: RunSettings) -> MadeTrade:
    """Open the trade of a site from what its file says of its pairs."""
    own = read_site(site_file, site)
    said = dict(part.split("=") for part in Path(own.pairs or "").name.split(","))
    world = world_of(int(said["seed"]), int(said["of"]), alike=said["alike"] == "1")
    return MadeTrade(world, int(said["site"]), settings, own.rank)


def _layer(base: Tensor, factors: Factors, x: Tensor) -> Tensor:
    return x @ base.T + factors.scaling * (x @ factors.a.T) @ factors.b.T
