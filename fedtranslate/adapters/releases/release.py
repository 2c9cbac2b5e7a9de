"""What a release says of itself: where it comes from, who took part, and how good it is.

Sites go by pseudonyms.  Whoever knows the federation's secret can make them from the names; for
the others they only tell that two releases have a member in common.
"""

import hashlib
import hmac
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from fedtranslate.adapters.releases.canonical import (
    ReleaseId,
    Sha256,
    Strict,
    Text,
    Time,
    canonical,
    read_canonical,
)
from fedtranslate.adapters.store import Manifest
from fedtranslate.adapters.tensors import MAX_BYTES
from fedtranslate.config.federation import Name
from fedtranslate.errors import AdapterError

FORMAT = 1
_ID_DIGITS = 16
_PSEUDONYM_DIGITS = 12
_MIN_SECRET_BYTES = 16
_MAX_SITES = 4096
_MAX_ROUNDS = 10_001
Pseudonym = Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
TaskType = Literal["CAUSAL_LM", "SEQ_2_SEQ_LM"]
Version = Annotated[Text, Field(max_length=64)]
Loss = Annotated[float, Field(ge=0)]


class Contribution(Strict):
    """One site's part in a release."""

    site: Pseudonym
    weight: float = Field(ge=0)
    """In the last round; only the ratios count."""
    validation_loss: Loss | None = None
    """Per token, of this adapter, on the site's own validation pairs; None if not reported."""


class Privacy(Strict):
    """Differential privacy that the adapter was trained with."""

    epsilon: float = Field(ge=0)
    delta: float = Field(ge=0, le=1)
    protects: Literal["site", "pair"]
    """Whose presence cannot be told; the two cannot be compared."""


class Release(Strict):
    """The manifest of a release; its canonical form is what is signed."""

    id: ReleaseId
    """The first digits of the SHA-256 of all the rest."""
    federation: Name
    run: Name
    round: int = Field(ge=0, le=2**20)
    """Of the run, after which the adapter was taken."""
    created: Time
    parent: ReleaseId | None
    """The release that was in use before it at the coordinator, if there was one."""
    method: Text
    """How the sites' adapters were combined."""
    base: Text
    base_fingerprint: Text
    source_language: Name
    target_language: Name
    rank: int = Field(ge=1, le=2**20)
    alpha: float = Field(gt=0, le=1e12)
    rslora: bool
    settings: Text
    """Fingerprint of the settings of the run."""
    sites: tuple[Contribution, ...] = Field(max_length=_MAX_SITES)
    """In order of their pseudonyms."""
    validation: tuple[Loss | None, ...] = Field(max_length=_MAX_ROUNDS)
    """Loss per token over the sites, of the joint adapters of rounds 0, 1, ...; None if unknown."""
    privacy: Privacy | None
    """None: without differential privacy."""
    checksum: Sha256
    """Of the factors, as ``adapters.factors.checksum`` makes it."""
    weights_sha256: Sha256
    """Of the file of weights."""
    weights_bytes: int = Field(ge=1, le=MAX_BYTES)
    task_type: TaskType
    """peft's name for the kind of the base model."""
    versions: dict[Version, Version] = Field(max_length=32)
    """Of what made it."""
    format: Literal[1]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        names = [part.site for part in self.sites]
        if names != sorted(set(names)):
            raise ValueError("the sites are not in order, or one is named twice")
        if self.id != id_of(self.model_dump(mode="json")):
            raise ValueError("the id is not that of the content")
        return self

    @property
    def direction(self) -> str:
        """Return which languages it translates, such as ``java->csharp``."""
        return f"{self.source_language}->{self.target_language}"

    def manifest(self) -> Manifest:
        """Return what other modules need to know of the adapter."""
        return Manifest(
            base=self.base,
            base_fingerprint=self.base_fingerprint,
            source_language=self.source_language,
            target_language=self.target_language,
            rank=self.rank,
            alpha=self.alpha,
            rslora=self.rslora,
            run=self.run,
            round=self.round,
            settings=self.settings,
            checksum=self.checksum,
        )


@dataclass(frozen=True, slots=True)
class About:
    """What a release says that the manifest of the adapter does not."""

    federation: str
    method: str
    sites: Sequence[Contribution]
    """In any order."""
    validation: Sequence[float] = ()
    """Losses of rounds 0, 1, ...; what is not finite is not known."""
    privacy: Privacy | None = None
    parent: str | None = None
    """Id of a release; None takes the one in use at the store."""
    task_type: TaskType = "CAUSAL_LM"
    versions: Mapping[str, str] = field(default_factory=dict)


def pseudonym(secret: bytes, site: str) -> str:
    """Return the pseudonym of a site: 12 hex digits, the same for all releases of a federation.

    Raises:
        AdapterError: The secret is so short that names could be tried out.
    """
    if len(secret) < _MIN_SECRET_BYTES:
        raise AdapterError(
            f"A secret of {len(secret)} bytes does not hide the names of sites.",
            hint=f"Give {_MIN_SECRET_BYTES} random bytes or more.",
        )
    return hmac.new(secret, site.encode(), hashlib.sha256).hexdigest()[:_PSEUDONYM_DIGITS]


def id_of(values: Mapping[str, Any]) -> str:
    """Return the id that a release of these JSON values has; an id among them does not count."""
    rest = {name: value for name, value in values.items() if name != "id"}
    return hashlib.sha256(canonical(rest)).hexdigest()[:_ID_DIGITS]


def describe(
    manifest: Manifest, about: About, *, created: str, weights_sha256: str, weights_bytes: int
) -> Release:
    """Return the release of an adapter.

    Raises:
        AdapterError: What it would say is not allowed, such as a site's name for its pseudonym.
    """
    values = {
        "federation": about.federation,
        "run": manifest.run,
        "round": manifest.round,
        "created": created,
        "parent": about.parent,
        "method": about.method,
        "base": manifest.base,
        "base_fingerprint": manifest.base_fingerprint,
        "source_language": manifest.source_language,
        "target_language": manifest.target_language,
        "rank": manifest.rank,
        "alpha": float(manifest.alpha),
        "rslora": manifest.rslora,
        "settings": manifest.settings,
        "sites": [
            part.model_dump(mode="json") for part in sorted(about.sites, key=lambda one: one.site)
        ],
        "validation": [float(loss) if math.isfinite(loss) else None for loss in about.validation],
        "privacy": None if about.privacy is None else about.privacy.model_dump(mode="json"),
        "checksum": manifest.checksum,
        "weights_sha256": weights_sha256,
        "weights_bytes": weights_bytes,
        "task_type": about.task_type,
        "versions": dict(about.versions),
        "format": FORMAT,
    }
    return read_canonical(Release, canonical(values | {"id": id_of(values)}), "The release")
