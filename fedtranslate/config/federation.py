"""Settings of a federated run and of its sites."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from fedtranslate.config.reading import Settings, read_toml, validate
from fedtranslate.config.training import LoraSettings, TrainingSettings
from fedtranslate.errors import ConfigError

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Method = Literal["fedit", "flora", "fra", "ffa", "fra-then-ffa"]


class RunSettings(Settings):
    """One federated run, as the coordinator and all sites see it."""

    name: Name
    source: str
    target: str
    rounds: int = Field(default=8, ge=1, le=10_000)
    method: str = "fra"
    """Aggregation: fedit, flora, fra, ffa, fra-then-ffa, or a plugin's name."""
    fra_rounds: int = Field(default=4, ge=1)
    """With fra-then-ffa: rounds of full-rank aggregation before A is frozen."""
    base: str = "builtin"
    """Name or path of the base model, the same at every site."""
    steps: int = Field(default=20, ge=1)
    """Optimiser steps of each site in each round."""
    round_decay: float = Field(default=1.0, gt=0, le=1)
    """The learning rate of a round is that of the round before times this."""
    personal_from: int = Field(default=0, ge=0)
    """Round whose joint adapter each site finishes alone; 0 takes half of the rounds."""
    quorum: int = Field(default=0, ge=0)
    """Fewest valid replies for a round to count; 0 asks for more than half of the sites."""
    round_seconds: float = Field(default=3600, gt=0)
    """Deadline of a round, and the life time of its messages."""
    join_seconds: float = Field(default=300, gt=0)
    """How long a round waits for sites that are not there; then a quorum is enough."""
    threads: int = Field(default=2, ge=1, le=1024)
    """CPU threads of the arithmetic; part of the result, since sums depend on their order."""
    max_weight: float = Field(default=100_000, gt=0)
    """Cap on the number of pairs a site may claim as its weight."""
    max_update_norm: float = Field(default=1_000, gt=0)
    """Largest L2 norm of a site's factors; a reply above it is refused."""
    weighting: Literal["pairs", "equal"] = "pairs"
    """Whether a site's update weighs by its training pairs or like every other site's."""
    seed: int = Field(default=0, ge=0)
    lora: LoraSettings = LoraSettings()
    training: TrainingSettings = TrainingSettings()

    @model_validator(mode="after")
    def _personal_round_exists(self) -> Self:
        if self.personal_from > self.rounds:
            raise ValueError(
                f"personal_from ({self.personal_from}) is beyond rounds ({self.rounds})"
            )
        return self

    @property
    def personal_round(self) -> int:
        """The round whose joint adapter each site finishes alone."""
        return self.personal_from or max(1, self.rounds // 2)

    def quorum_of(self, sites: int) -> int:
        """Return the fewest valid replies among ``sites`` for a round to count."""
        return min(self.quorum, sites) if self.quorum else sites // 2 + 1


class SiteSettings(Settings):
    """What one site lets fedtranslate read, and how its pairs are split.

    Either ``pairs`` (a file or data source of pairs) or both folders; all paths are relative
    to the file they are written in.
    """

    name: Name
    pairs: str | None = None
    source_folder: Path | None = None
    target_folder: Path | None = None
    validation_pairs: str | None = None
    held_out_pairs: str | None = None
    validation: tuple[str, ...] = ()
    """Globs of source files whose units choose the round and drive the gate."""
    held_out: tuple[str, ...] = ()
    """Globs of source files whose units are never trained on."""
    class_path: tuple[Path, ...] = ()
    """Folders of target-language sources that translations are compiled against."""
    usings: tuple[str, ...] = ()
    """Namespaces that the site's target files import."""
    minimum_confidence: float = Field(default=0.6, ge=0, le=1)
    limit: int = Field(default=0, ge=0)
    """Use so many training pairs only; 0 uses all."""

    @model_validator(mode="after")
    def _one_source_of_pairs(self) -> Self:
        folders = self.source_folder is not None and self.target_folder is not None
        if (self.pairs is not None) == folders:
            raise ValueError("give either pairs, or both source_folder and target_folder")
        return self


class FederationFile(Settings):
    """A whole federation on one machine: the run and its sites."""

    run: RunSettings
    sites: tuple[SiteSettings, ...] = Field(min_length=1)


_PATHS = ("source_folder", "target_folder")


def read_site(
    path: Path, name: str | None = None, overrides: Mapping[str, object] | None = None
) -> SiteSettings:
    """Read a site's TOML file; its paths become absolute.

    ``name`` and ``overrides`` replace what the file says.

    Raises:
        ConfigError: The file is missing or wrong; all mistakes are listed.
    """
    values = {**read_toml(path), **(overrides or {})}
    if name is not None:
        values["name"] = name
    return _anchored(validate(SiteSettings, values, str(path)), path.parent)


def read_federation(path: Path, **overrides: Any) -> FederationFile:  # noqa: ANN401
    """Read a federation's TOML file: ``[federation]`` and one ``[site.NAME]`` per site.

    A site either names a ``folder`` that holds a ``site.toml``, or has the site's settings
    written out.  ``overrides`` replace values of ``[federation]``.

    Raises:
        ConfigError: The file is missing or wrong; all mistakes are listed.
    """
    values = read_toml(path)
    mistakes: list[str] = []
    if unknown := set(values) - {"federation", "site"}:
        mistakes += [f"  {key}: unknown table" for key in sorted(unknown)]
    table = values.get("federation", {})
    if not isinstance(table, dict):
        mistakes.append("  federation: must be a table")
        table = {}
    given = {key: value for key, value in overrides.items() if value is not None}
    run = _collect(mistakes, lambda: validate(RunSettings, {**table, **given}, "[federation]"))
    sites = values.get("site", {})
    if not isinstance(sites, dict) or not sites:
        mistakes.append("  site: at least one [site.NAME] table is needed")
        sites = {}
    read = [_collect(mistakes, lambda n=n, t=t: _site(n, t, path)) for n, t in sites.items()]
    names = Counter(site.name for site in read if site is not None)
    mistakes += [f"  {name}: two sites have this name" for name in names if names[name] > 1]
    if mistakes or run is None:
        raise ConfigError(f"{path} has wrong settings:\n" + "\n".join(mistakes))
    return FederationFile(run=run, sites=tuple(site for site in read if site is not None))


def _site(name: str, table: object, path: Path) -> SiteSettings:
    if not isinstance(table, dict):
        raise ConfigError(f"[site.{name}] must be a table.")
    if "folder" in table:
        rest = {key: value for key, value in table.items() if key != "folder"}
        return read_site(path.parent / str(table["folder"]) / "site.toml", name, rest)
    settings = validate(SiteSettings, {"name": name, **table}, f"[site.{name}]")
    return _anchored(settings, path.parent)


def _collect(mistakes: list[str], read: Any) -> Any:  # noqa: ANN401
    try:
        return read()
    except ConfigError as error:
        mistakes += [f"  {line}" for line in str(error).splitlines()]
        return None


def _anchored(site: SiteSettings, root: Path) -> SiteSettings:
    """Make the paths of ``site`` absolute, seen from the folder ``root`` of its file."""
    root = root.resolve()
    changes: dict[str, Any] = {"class_path": tuple(root / path for path in site.class_path)}
    for key in _PATHS:
        if (folder := getattr(site, key)) is not None:
            changes[key] = root / folder
    for key in ("pairs", "validation_pairs", "held_out_pairs"):
        location = getattr(site, key)
        if location is not None and not location.startswith("hub:"):
            changes[key] = str(root / location)
    return site.model_copy(update=changes)
