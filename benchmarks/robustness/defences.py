"""What stands against an attack: runs of ours, and the strategies of stock Flower.

Ours are whole runs by ``conduct``, the code of a real coordinator, with sites that answer at once.
Of stock Flower the strategies' own ``aggregate_train`` is called, on A and B as arrays, with the
replies as messages, as its server does.
"""

import logging
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from flwr.app import Array, ArrayRecord, Message, Metadata, MetricRecord, RecordDict
from flwr.serverapp.strategy import (
    Bulyan,
    FedAvg,
    FedMedian,
    FedTrimmedAvg,
    Krum,
    MultiKrum,
)

from benchmarks.robustness.attacks import ATTACKERS, Attack, replies
from benchmarks.robustness.task import RANK, SCALING, SHAPES, SITES, STEPS, World
from fedtranslate.adapters.factors import Adapter, Factors, is_finite
from fedtranslate.adapters.initial import initial_adapter
from fedtranslate.adapters.wire.coding import Coded
from fedtranslate.config.federation import RunSettings
from fedtranslate.config.screening import ScreeningSettings
from fedtranslate.config.training import LoraSettings
from fedtranslate.errors import FedTranslateError
from fedtranslate.federation.coordinator.journal import Journal, read_round
from fedtranslate.federation.coordinator.roundfolder import newest_round
from fedtranslate.federation.coordinator.rounds import conduct
from fedtranslate.federation.exchange import Answer, Introduction, SiteUpdate, Task, seed_of

ROUNDS = 15
BYZANTINE = len(ATTACKERS)
_TRIMMED = 0.2
"""Stock Flower's default; of eleven replies it cuts two on each side."""
logging.getLogger("flwr").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class End:
    """How a run came out."""

    loss: float | None
    """On the held-out pairs after the last round; None if it ended before."""
    why: str = ""
    """Why it ended."""
    refused: int = 0
    """Replies of attackers that were refused."""
    wrongly: int = 0
    """Replies of honest sites that were refused."""


@dataclass(frozen=True, slots=True)
class Defence:
    """One row of the table."""

    name: str
    run: Callable[[World, Attack, int], End]
    rival: str = ""
    """The row of stock Flower with the same rule."""


@dataclass(eq=False)
class _Sites:
    """All sites, honest or not, as the coordinator reaches them."""

    world: World
    attack: Attack
    seed: int
    past: list[Adapter] = field(default_factory=list)

    def present(self, wanted: int) -> tuple[Sequence[Introduction], Mapping[str, str]]:
        """Return everybody: nobody is away."""
        del wanted
        return [
            Introduction(site, "base", "data", len(own), SHAPES)
            for site, own in zip(SITES, self.world.y, strict=True)
        ], {}

    def ended(self) -> Mapping[str, str]:
        """Return nobody."""
        return {}

    def ask(
        self, task: Task, joint: Adapter, names: Sequence[str], *, step: Coded | None = None
    ) -> Sequence[Answer]:
        """Return what each site answers."""
        del step  # all of the joint adapter is here
        if not task.steps:
            return [Answer(name, SiteUpdate(None, 1, 0.0, 0.0, 0, 0)) for name in names]
        self.past.append(joint)
        sent, pairs = _sent(self.world, self.attack, task.round, self.past, self.seed)
        return [
            Answer(site, SiteUpdate(adapter, count, 0.0, 0.0, 0, 0), received_bytes=1)
            for site, adapter, count in zip(SITES, sent, pairs, strict=True)
            if site in names
        ]


def ours(name: str, rival: str = "", *, screening: bool = True, **settings: object) -> Defence:
    """Return a row that is a run of ours with such settings."""

    def run(world: World, attack: Attack, seed: int) -> End:
        values = RunSettings(
            name="robustness",
            source="java",
            target="csharp",
            rounds=ROUNDS,
            steps=STEPS,
            seed=seed,
            lora=LoraSettings(rank=RANK, alpha=SCALING * RANK),
            screening=ScreeningSettings(enabled=screening),
            **settings,  # type: ignore[arg-type]
        )
        sites = _Sites(world, attack, seed)
        with tempfile.TemporaryDirectory(dir=_memory()) as folder:
            try:
                conduct(values, SITES, sites, Journal(Path(folder), lambda: ""))
            except FedTranslateError as error:
                return End(None, str(error))
            found = newest_round(Path(folder), ROUNDS)
            assert found is not None
            out = [
                site
                for number in range(1, ROUNDS + 1)
                for site in read_round(Path(folder), number)["left_out"]
            ]
        bad = {SITES[number] for number in ATTACKERS}
        refused = sum(site in bad for site in out)
        return _end(world, found.joint.adapter, refused, len(out) - refused)

    return Defence(name, run, rival)


def stock(name: str, make: Callable[[], FedAvg]) -> Defence:
    """Return a row that is a strategy of stock Flower."""

    def run(world: World, attack: Attack, seed: int) -> End:
        joint: Adapter = initial_adapter(SHAPES, rank=RANK, scaling=SCALING, seed=seed_of(seed, 0))
        past = []
        for number in range(1, ROUNDS + 1):
            past.append(joint)
            sent, pairs = _sent(world, attack, number, past, seed)
            messages = [_message(one, count) for one, count in zip(sent, pairs, strict=True)]
            arrays, _ = make().aggregate_train(number, messages)
            if arrays is not None:
                joint = _read(arrays)
            if not is_finite(joint):
                return End(None, f"The joint adapter is NaN after round {number}.")
        return _end(world, joint)

    return Defence(name, run)


DEFENCES = (
    stock("Flower FedAvg", FedAvg),
    stock("Flower FedMedian", FedMedian),
    stock("Flower FedTrimmedAvg", lambda: FedTrimmedAvg(beta=_TRIMMED)),
    stock("Flower Krum", lambda: Krum(num_malicious_nodes=BYZANTINE)),
    stock(
        "Flower MultiKrum",
        lambda: MultiKrum(
            num_malicious_nodes=BYZANTINE, num_nodes_to_select=len(SITES) - BYZANTINE - 2
        ),
    ),
    stock("Flower Bulyan", lambda: Bulyan(num_malicious_nodes=BYZANTINE)),
    ours("fedit, nothing else", screening=False, method="fedit"),
    ours("fra, nothing else", screening=False),
    ours("fedit, screening", "Flower FedAvg", method="fedit"),
    ours("fra, screening", "Flower FedAvg"),
    ours("median", "Flower FedMedian", robust="median", byzantine=BYZANTINE),
    ours("trimmed-mean", "Flower FedTrimmedAvg", robust="trimmed-mean", byzantine=BYZANTINE),
    ours("geometric-median", robust="geometric-median", byzantine=BYZANTINE),
    ours("krum", "Flower Krum", robust="krum", byzantine=BYZANTINE),
    ours("multi-krum", "Flower MultiKrum", robust="multi-krum", byzantine=BYZANTINE),
    ours("bulyan", "Flower Bulyan", robust="bulyan", byzantine=BYZANTINE),
    *(
        ours(f"{rule}, no screening", rival, screening=False, robust=rule, byzantine=BYZANTINE)
        for rule, rival in (
            ("median", "Flower FedMedian"),
            ("trimmed-mean", "Flower FedTrimmedAvg"),
            ("geometric-median", ""),
            ("krum", "Flower Krum"),
            ("multi-krum", "Flower MultiKrum"),
            ("bulyan", "Flower Bulyan"),
        )
    ),
)


def _sent(
    world: World, attack: Attack, number: int, past: Sequence[Adapter], seed: int
) -> tuple[list[Adapter], list[int]]:
    """Return what all sites send, and how many pairs they say they have."""
    flipped = ATTACKERS if attack.flips_targets else ()
    learned = world.trained(past[-1], seed_of(seed, number), flipped)
    sent = replies(attack, number, learned, past, seed_of(seed, number, "attackers"))
    pairs = [
        attack.claims if attack.claims and site in ATTACKERS else len(own)
        for site, own in enumerate(world.y)
    ]
    return sent, pairs


def _end(world: World, joint: Adapter, refused: int = 0, wrongly: int = 0) -> End:
    loss = world.loss(joint)
    if not np.isfinite(loss):
        return End(None, "The loss is not a number.", refused, wrongly)
    return End(loss, "", refused, wrongly)


def _message(adapter: Adapter, pairs: int) -> Message:
    arrays = {
        f"{name}.{part}": Array(getattr(factors, part).numpy().copy())
        for name, factors in sorted(adapter.items())
        for part in ("a", "b")
    }
    content = RecordDict(
        {"arrays": ArrayRecord(arrays), "metrics": MetricRecord({"num-examples": pairs})}
    )
    metadata = Metadata(1, "", 1, 0, "", "", 0.0, 3600.0, "train")
    return Message(content=content, metadata=metadata)


def _read(arrays: ArrayRecord) -> dict[str, Factors]:
    def one(key: str) -> torch.Tensor:
        return torch.from_numpy(np.asarray(arrays[key].numpy(), dtype=np.float32).copy())

    return {name: Factors(one(f"{name}.a"), one(f"{name}.b"), SCALING) for name in sorted(SHAPES)}


def _memory() -> str | None:
    """Return a folder in memory if there is one: nothing here needs to outlive the process."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None
