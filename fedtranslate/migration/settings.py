"""What a migration is asked to do; part of the journal, so that it can be continued."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from fedtranslate.config.reading import Settings


class MigrationSettings(Settings):
    """The request; paths are absolute."""

    repository: Path
    out: Path
    source: str
    target: str
    model: str = "builtin"
    adapter: Path | None = None
    endpoint: str = ""
    """URL of an OpenAI-compatible server; empty to use the local model."""
    endpoint_model: str = ""
    instruction: str = ""
    """What to do, in a migration within one language."""
    include: tuple[str, ...] = ()
    """Patterns as in .gitignore; where there are any, only files that match are migrated."""
    exclude: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    """Regular expressions; within one language, units in which one is found are edited."""
    references: tuple[str, ...] = ()
    """Names, with ``*`` for any letters; units that refer to one are edited, likewise."""
    pairs: tuple[str, ...] = ()
    """Sources of the site's pairs, to retrieve examples from."""
    class_path: tuple[Path, ...] = ()
    usings: tuple[str, ...] = ()
    packages: dict[str, str] = Field(default_factory=dict)
    """Packages of the source with their names in the target, where the rule is not enough."""
    types: dict[str, str] = Field(default_factory=dict)
    """Types likewise."""
    candidates: int = Field(default=1, ge=1, le=64)
    repairs: int = Field(default=2, ge=0, le=20)
    build: bool = True
    """Whether the target is compiled."""
    tests: bool = True
    """Whether the tests of the target are run in the end."""
    behave: bool = True
    """Whether functions are compared with their sources on generated inputs."""
    jobs: int = Field(default=1, ge=1, le=64)
    wave_units: int = Field(default=256, ge=1)
    """Units that are written before the target is built again."""
    seed: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.is_edit and not (self.select or self.references):
            raise ValueError(
                "a migration within one language edits the units that refer to the old API:"
                " say which, with select or references"
            )
        if self.endpoint and not self.endpoint_model:
            raise ValueError("an endpoint needs the name of its model")
        return self

    @property
    def is_edit(self) -> bool:
        """Whether code stays in its language, so that only selected units are edited."""
        return self.source == self.target

    @property
    def translation_options(self) -> dict[str, object]:
        """What a unit's translation depends on, besides its text and the engine."""
        return self.model_dump(
            mode="json",
            include={"source", "target", "instruction", "candidates", "seed"},
        )
