"""A trade that fits in a test: a linear layer, adapted by LoRA to each site's own mapping.

The site's ``pairs`` setting says how it behaves: ``seed=3`` makes its data, ``kind=opposite`` gives
it the opposite task, and ``bad=shape@2`` and the like let it misbehave in a round.
"""

import hashlib
import time
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.methods.method import Joint, Part
from fedtranslate.adapters.store import Manifest, save_adapter
from fedtranslate.config.federation import RunSettings, read_site
from fedtranslate.config.policy import Gate
from fedtranslate.federation.exchange import SiteUpdate, Task
from fedtranslate.federation.site.worker import Equipment

SHAPES = {"layer.up": (7, 5), "layer.down": (4, 7)}
SECRET = "class Secret { int key = 42; }"


class TinyTrainer:
    def __init__(self, habits: dict[str, str], settings: RunSettings) -> None:
        self.habits = habits
        self.settings = settings
        world = torch.Generator().manual_seed(1)
        self.base = {n: torch.randn(s, generator=world) / 3 for n, s in SHAPES.items()}
        way = -1 if habits.get("kind") == "opposite" else 1
        change = {n: way * torch.randn(s, generator=world) / 4 for n, s in SHAPES.items()}
        own = torch.Generator().manual_seed(int(habits.get("seed", "0")))
        rows = int(habits.get("pairs", "40"))
        self.x = torch.randn(rows + 10, 5, generator=own)
        shift = {n: torch.randn(s, generator=own) / 20 for n, s in SHAPES.items()}
        truth = {n: self.base[n] + change[n] + shift[n] for n in SHAPES}
        self.y = torch.tanh(self.x @ truth["layer.up"].T) @ truth["layer.down"].T
        if habits.get("targets") == "wrong":  # what it learns from, not what it judges by
            self.y[:-10] *= -1

    def equipment(self) -> Equipment:
        digest = hashlib.sha256(self.x.numpy().tobytes()).hexdigest()[:16]
        fingerprint = "other" if self.habits.get("base") else "tiny"
        rank = int(self.habits.get("rank", "0"))
        return Equipment(fingerprint, digest, len(self.x) - 10, SHAPES, rank)

    def api_names(self) -> frozenset[str]:
        first, _, last = self.habits.get("apis", "0-0").partition("-")
        return frozenset(f"java name{number}" for number in range(int(first), int(last)))

    def train(self, joint: Joint, task: Task, seed: int) -> SiteUpdate:
        bad = dict(part.split("@")[::-1] for part in self.habits.get("bad", "@0").split("+"))
        habit = bad.get(str(task.round), "")
        if habit == "raise":
            raise RuntimeError(f"cannot parse: {SECRET}")
        if habit == "sleep":
            time.sleep(3)
        start, folded = joint.adapter, joint.folded
        base = {n: w + folded[n].delta() if folded else w for n, w in self.base.items()}
        validation = float(self.loss(base, start, slice(-10, None)).detach()) * 10
        update = SiteUpdate(None, len(self.x) - 10, 0.0, validation, 10, 10)
        if not task.steps:
            return update
        adapter, loss = self.learned(base, start, task, seed)
        return misbehaving(habit, replace(update, adapter=adapter, train_loss=loss))

    def judge(
        self, candidate: Adapter, manifest: Manifest, folder: Path, gate: Gate
    ) -> tuple[bool, str] | None:
        if not self.habits.get("judges", "yes").startswith("y"):
            return None
        start = fresh(self.settings, 0)
        new, old = (
            float(self.loss(self.base, one, slice(-10, None)).detach())
            for one in (candidate, start)
        )
        if new < old:
            save_adapter(folder / "installed", candidate, manifest)
        return new < old, f"{gate}: {new:.4f} against {old:.4f}"

    def loss(self, base: dict[str, Tensor], adapter: Adapter, rows: slice) -> Tensor:
        weights = {n: w + adapter[n].delta() for n, w in base.items()}
        found = torch.tanh(self.x[rows] @ weights["layer.up"].T) @ weights["layer.down"].T
        return (found - self.y[rows]).square().mean()

    def learned(
        self, base: dict[str, Tensor], start: Adapter, task: Task, seed: int
    ) -> tuple[Adapter, float]:
        order = torch.Generator().manual_seed(seed)
        factors = {
            n: Factors(
                f.a.clone().requires_grad_(Part.A in task.trains),
                f.b.clone().requires_grad_(bool(task.trains - {Part.A})),
                f.scaling,
            )
            for n, f in start.items()
        }
        tensors = [t for f in factors.values() for t in (f.a, f.b) if t.requires_grad]
        optimiser = torch.optim.Adam(tensors, lr=0.02)
        total = 0.0
        for _ in range(task.steps):
            first = int(torch.randint(0, len(self.x) - 20, (1,), generator=order))
            optimiser.zero_grad()
            loss = self.loss(base, factors, slice(first, first + 10))
            loss.backward()
            optimiser.step()
            total += float(loss.detach())
        done = {n: Factors(f.a.detach(), f.b.detach(), f.scaling) for n, f in factors.items()}
        return done, total / task.steps


def fresh(settings: RunSettings, seed: int) -> Adapter:
    rng = torch.Generator().manual_seed(seed)
    rank = settings.lora.rank
    return {
        n: Factors(
            torch.randn(rank, i, generator=rng) / 3, torch.zeros(o, rank), settings.lora.scaling
        )
        for n, (o, i) in SHAPES.items()
    }


def misbehaving(habit: str, update: SiteUpdate) -> SiteUpdate:
    assert update.adapter is not None
    name = "layer.up"
    f = update.adapter[name]
    if habit == "shape":
        f = Factors(torch.ones(3, 3), torch.ones(3, 3), f.scaling)
    if habit == "huge":
        f = Factors(f.a * 1e6, f.b, f.scaling)
    adapter = {**update.adapter, name: f}
    if habit == "keys":
        adapter["layer.extra"] = f
    if habit == "greedy":
        return replace(update, pairs=10**9)
    if habit == "loss":
        return replace(update, validation_loss=float("nan"))
    if habit == "moves-a":
        adapter[name] = Factors(f.a + 1, f.b, f.scaling)
    return replace(update, adapter=adapter)


def open_trainer(site_file: Path, site: str, settings: RunSettings) -> TinyTrainer:
    own = read_site(site_file, site)
    assert own.pairs is not None
    text = Path(own.pairs).name
    return TinyTrainer(dict(part.split("=") for part in text.split(",")), settings)
