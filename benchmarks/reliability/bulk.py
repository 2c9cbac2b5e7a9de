"""A trade that learns nothing and sends much: an adapter as heavy as that of a large model.

The site's ``pairs`` setting, such as ``seed=3,megabytes=200``, says how much its update weighs.
The weight is spread over modules of 4096 by 4096, as in models of seven billion parameters; at rank
16 each has half a MiB of factors.
"""

from pathlib import Path

import torch

from benchmarks.reliability.trade import told_numbers
from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.methods.method import Joint
from fedtranslate.adapters.store import Manifest
from fedtranslate.config.federation import RunSettings, read_site
from fedtranslate.config.policy import Gate
from fedtranslate.federation.exchange import SiteUpdate, Task
from fedtranslate.federation.site.worker import Equipment

NAME = "benchmarks.reliability.bulk:open_trainer"
_SIDE = 4096
_PAIRS, _TOKENS = 1_000, 100
_STEP = 1e-3


class BulkTrade:
    """One site that answers with what it got and a little noise.

    Args:
        settings: Of the run.
        seed: Of its noise.
        megabytes: Weight of an update, in millions of bytes.
    """

    def __init__(self, settings: RunSettings, seed: int, megabytes: float) -> None:
        self._seed = seed
        modules = max(1, round(megabytes * 1e6 / (4 * 2 * _SIDE * settings.lora.rank)))
        shapes = {f"layers.{number}.proj": (_SIDE, _SIDE) for number in range(modules)}
        self._equipment = Equipment("bulk", f"{seed:016x}", _PAIRS, shapes)

    def equipment(self) -> Equipment:
        """Return what the site brings along."""
        return self._equipment

    def api_names(self) -> frozenset[str]:
        """Return the names that its code uses: it has none."""
        return frozenset()

    def train(self, joint: Joint, task: Task, seed: int) -> SiteUpdate:
        """Send noise; the validation loss falls with the rounds."""
        heard = _TOKENS / task.round
        if not task.steps:
            return SiteUpdate(None, _PAIRS, 0.0, heard, _TOKENS, _TOKENS)
        drawn = torch.Generator().manual_seed(seed + self._seed)
        adapter = {
            name: Factors(
                factors.a + _STEP * torch.randn(factors.a.shape, generator=drawn),
                factors.b + _STEP * torch.randn(factors.b.shape, generator=drawn),
                factors.scaling,
            )
            for name, factors in joint.adapter.items()
        }
        return SiteUpdate(adapter, _PAIRS, 1.0, heard, _TOKENS, _TOKENS)

    def judge(
        self,
        candidate: Adapter,  # noqa: ARG002
        manifest: Manifest,  # noqa: ARG002
        folder: Path,  # noqa: ARG002
        gate: Gate,
    ) -> tuple[bool, str] | None:
        """Let everything in, and install nothing."""
        return True, f"{gate}: noise is as good as noise"


def open_trainer(site_file: Path, site: str, settings: RunSettings) -> BulkTrade:
    """Open the trade of a site from what its file says of its pairs."""
    said = told_numbers(read_site(site_file, site).pairs, site)
    return BulkTrade(settings, int(said["seed"]), said.get("megabytes", 1.0))
