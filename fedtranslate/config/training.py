"""Settings of fine-tuning and of decoding."""

from typing import Literal, Self

from pydantic import Field

from fedtranslate.config.reading import Settings


class LoraSettings(Settings):
    """Shape of the adapter."""

    rank: int = Field(default=16, ge=1, le=512)
    alpha: float = Field(default=32.0, gt=0, le=1e12)
    """The update is scaled by alpha / rank, or by alpha / sqrt(rank) with ``rslora``."""
    targets: tuple[str, ...] | Literal["all-linear"] = "all-linear"
    """Names of the modules to adapt; all linear layers but the output head by default."""
    dropout: float = Field(default=0.0, ge=0, lt=1)
    rslora: bool = False

    @property
    def scaling(self) -> float:
        """The factor on B A."""
        return self.alpha / (self.rank**0.5 if self.rslora else self.rank)

    def of_rank(self, rank: int) -> Self:
        """Return the same with another rank, and the scaling that it had."""
        if rank == self.rank:
            return self
        alpha = self.scaling * (rank**0.5 if self.rslora else rank)
        return self.model_copy(update={"rank": rank, "alpha": alpha})


class TrainingSettings(Settings):
    """How one site learns."""

    learning_rate: float = Field(default=2e-3, gt=0, lt=1)
    warmup_steps: int = Field(default=5, ge=0)
    """Optimiser steps over which the rate rises from 0."""
    schedule: Literal["constant", "cosine", "linear"] = "cosine"
    """Of a training that knows its end; within a federated round the rate stays as it is, and
    falls from round to round by ``round_decay``."""
    weight_decay: float = Field(default=0.0, ge=0, lt=1)
    clip_norm: float = Field(default=1.0, gt=0)
    """Largest L2 norm of the gradient of one step, over all factors together."""
    batch_tokens: int = Field(default=2048, ge=16)
    """Tokens of one forward pass, padding included; a longer pair has a batch to itself."""
    accumulate: int = Field(default=1, ge=1)
    """Forward passes per optimiser step."""
    max_tokens: int = Field(default=768, ge=16)
    """Longest pair (prompt and answer) in tokens; longer ones are left out and counted."""
    proximal: float = Field(default=0.0, ge=0)
    """FedProx: half of this times the squared distance to the incoming factors joins the loss."""
    patience: int = Field(default=0, ge=0)
    """Stop after so many validations without a better one; 0 never stops early."""
    validate_every: int = Field(default=0, ge=0)
    """Optimiser steps between validations, the first before any step; 0 never validates."""
    precision: Literal["f32", "bf16"] = "bf16"
    """Arithmetic of the forward pass; factors and optimiser stay in float32."""
    renamed: int = Field(default=0, ge=0, le=16)
    """Copies of each training pair with other names, alike on both sides; more of few pairs."""
    both_directions: bool = False
    """Learn each pair from source to target and from target to source."""


class DecodingSettings(Settings):
    """How translations are written."""

    candidates: int = Field(default=1, ge=1, le=64)
    strategy: Literal["greedy", "beam", "sample"] = "greedy"
    well_formed: bool = True
    """Tokens that break brackets or strings, or go in circles, are passed over, but by beams."""
    beams: int = Field(default=4, ge=1, le=32)
    temperature: float = Field(default=0.7, gt=0, le=5)
    top_p: float = Field(default=0.95, gt=0, le=1)
    max_new_tokens: int = Field(default=384, ge=1)
    batch_tokens: int = Field(default=16384, ge=64)
    """Upper bound on rows times (prompt + answer) tokens held at once: it bounds memory."""
    seed: int = 0
