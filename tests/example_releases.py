"""Small adapters and all that it takes to make releases of them."""

from collections.abc import Sequence
from dataclasses import replace

import torch

from fedtranslate.adapters.factors import Factors
from fedtranslate.adapters.releases.publishing import publish
from fedtranslate.adapters.releases.release import About, Contribution, Privacy, Release, pseudonym
from fedtranslate.adapters.releases.signing import SigningKey
from fedtranslate.adapters.releases.store import ReleaseStore
from fedtranslate.adapters.store import Manifest

NOW = "2026-11-28T10:00:00+00:00"
KEY = SigningKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = SigningKey.from_private_bytes(bytes(range(1, 33)))
SECRET = b"a secret of the federation"
DIRECTION = "java->csharp"
MANIFEST = Manifest(
    "tiny", "f00d", "java", "csharp", rank=2, alpha=4.0, run="billing", round=2, settings="5e77"
)
ABOUT = About(
    federation="banks",
    method="fra",
    sites=[
        Contribution(site=pseudonym(SECRET, name), weight=weight, validation_loss=loss)
        for name, weight, loss in (("north", 120.0, 1.5), ("south", 40.0, None))
    ],
    validation=(2.0, 1.7, 1.5),
    privacy=Privacy(epsilon=3.0, delta=1e-5, protects="site"),
    versions={"fedtranslate": "0.1.0"},
)


def small_adapter(
    seed: int = 0, modules: Sequence[str] = ("layers.1.v_proj", "layers.0.q_proj")
) -> dict[str, Factors]:
    rng = torch.Generator().manual_seed(seed)
    return {
        name: Factors(torch.randn(2, 5, generator=rng), torch.randn(3, 2, generator=rng), 2.0)
        for name in modules
    }


def published(store: ReleaseStore, seed: int = 0, **changes: object) -> Release:
    """Publish one of a series of releases; ``changes`` are of the manifest."""
    manifest = replace(MANIFEST, **{"round": seed, **changes})  # type: ignore[arg-type]
    return publish(store, small_adapter(seed), manifest, ABOUT, KEY, now=NOW)
