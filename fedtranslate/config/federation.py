"""Settings of a federated run and of its sites."""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from fedtranslate.config.places import FOLDERS, PAIRS, missing_places
from fedtranslate.config.policy import Policy
from fedtranslate.config.reading import Settings, read_toml, validate
from fedtranslate.config.screening import ScreeningSettings
from fedtranslate.config.traffic import TrafficSettings
from fedtranslate.config.training import LoraSettings, TrainingSettings
from fedtranslate.errors import ConfigError


def _fit_for_a_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name):
        raise ValueError(
            "a name has 1 to 64 characters, which may be the letters A to Z and a to z, digits,"
            " '.', '_' and '-', and begins with a letter or a digit"
        )
    return name


def fit_for_a_namespace(name: str) -> str:
    """Return ``name`` if it can be imported; else raise ValueError."""
    if not re.fullmatch(r"(?:static )?[^\W\d]\w*(?:\.[^\W\d]\w*)*(?:\.\*)?", name):
        raise ValueError("a namespace is names with dots between, such as System.Text")
    return name


def _fit_for_a_beginning(text: str) -> str:
    if text and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}(?:@[0-9]{1,5})?", text):
        raise ValueError("a run to begin with is the name of a run, such as cairn, or cairn@8")
    return text


Name = Annotated[str, AfterValidator(_fit_for_a_name)]
Namespace = Annotated[str, AfterValidator(fit_for_a_namespace)]


class RunSettings(Settings):
    """One federated run, as the coordinator and all sites see it."""

    name: Name
    source: str
    target: str
    rounds: int = Field(default=8, ge=1, le=10_000)
    method: str = "fra"
    """Aggregation; 'fedtranslate federate methods' lists what there is."""
    method_options: dict[str, float] = Field(default_factory=dict)
    """Numbers that the method takes, such as ``fra_rounds`` of fra-then-ffa."""
    base: str = "builtin"
    """Name or path of the base model, the same at every site."""
    begins_with: Annotated[str, AfterValidator(_fit_for_a_beginning)] = ""
    """Run at the same place from whose best joint adapter this one begins; ``NAME@ROUND`` takes
    that of a round."""
    begins_checksum: str = Field(default="", pattern="^([0-9a-f]{64})?$")
    """The checksum that this adapter must have, where it is given."""
    released_to: tuple[Name, ...] = ()
    """Sites of the run that its release is offered to; empty offers it to all of them."""
    steps: int = Field(default=20, ge=1, le=1_000_000_000)
    """Optimiser steps of each site in each round."""
    round_decay: float = Field(default=1.0, gt=0, le=1)
    """The learning rate of a round is that of the round before times this."""
    personal_from: int = Field(default=0, ge=0, le=10_000)
    """Round whose joint adapter each site finishes alone; 0 takes half of the rounds."""
    quorum: int = Field(default=0, ge=0, le=100_000)
    """Fewest valid replies for a round to count; 0 asks for more than half of the sites."""
    round_seconds: float = Field(default=3600, gt=0)
    """Deadline of a round, and the life time of its messages."""
    join_seconds: float = Field(default=300, gt=0)
    """How long a round waits for sites that are not there; then a quorum is enough."""
    rejoin_seconds: float = Field(default=120, ge=0)
    """How long of a round to wait for a site that was lost in it; it is asked again when it is
    back."""
    threads: int = Field(default=2, ge=1, le=1024)
    """CPU threads of the arithmetic; part of the result, since sums depend on their order."""
    max_weight: float = Field(default=100_000, gt=0)
    """Cap on the number of pairs a site may claim as its weight."""
    max_update_norm: float = Field(default=1_000, gt=0)
    """Largest L2 norm of a site's factors; a reply above it is refused."""
    weighting: Literal["pairs", "equal"] = "pairs"
    """Whether a site's update weighs by its training pairs or like every other site's."""
    robust: str = "none"
    """Rule that stands before the method against replies that are wrong on purpose: none, bulyan,
    geometric-median, krum, median, multi-krum, trimmed-mean, or a plugin's name."""
    byzantine: int = Field(default=0, ge=0, le=100_000)
    """Bad replies that ``robust`` is to bear; 0 takes what it bears, at most a third of the
    sites."""
    seed: int = Field(default=0, ge=0, le=2**53)
    contribution: Literal["none", "leave-one-out", "shapley"] = "none"
    """What each site's reply to the last round is worth, on the sites' validation pairs.  Sites are
    then shown joint adapters of few replies, with shapley down to a single one."""
    coalitions: int = Field(default=64, ge=2, le=4_096)
    """Joint adapters that are evaluated for that at most; at least one more than there are sites.
    Shapley values are exact if all coalitions are that few, and estimated if not."""
    signature: Literal["none", "apis"] = "none"
    """What sites show by which they can be grouped, besides their updates: with apis, a salted
    sketch of the names that their training pairs use."""
    screening: ScreeningSettings = ScreeningSettings()
    lora: LoraSettings = LoraSettings()
    training: TrainingSettings = TrainingSettings()
    traffic: TrafficSettings = TrafficSettings()

    @property
    def personal_round(self) -> int:
        """The round whose joint adapter each site finishes alone."""
        return min(self.personal_from or max(1, self.rounds // 2), self.rounds)

    def receivers(self, sites: Iterable[str]) -> tuple[str, ...]:
        """Return those of the ``sites`` of the run that its release is for."""
        return tuple(name for name in sites if not self.released_to or name in self.released_to)

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
    """Folders of target-language sources, and libraries, that translations are compiled against."""
    usings: tuple[Namespace, ...] = ()
    """Namespaces that the site's target files import."""
    minimum_confidence: float = Field(default=0.6, ge=0, le=1)
    rank: int = Field(default=0, ge=0, le=512)
    """Of the site's own adapter, for methods of mixed ranks; at most the run's, which 0 takes."""
    limit: int = Field(default=0, ge=0)
    """Use so many training pairs only; 0 uses all."""
    policy: Policy = Policy()
    """What the site allows a federation to do with it."""

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


def read_site(path: Path, name: str | None = None) -> SiteSettings:
    """Read a site's TOML file; its paths become absolute.

    ``name`` replaces what the file says.

    Raises:
        ConfigError: The file is missing or wrong; all mistakes are listed.
    """
    values = read_toml(path)
    if name is not None:
        values["name"] = name
    return _anchored(validate(SiteSettings, values, str(path)), path.parent)


def read_federation(
    path: Path,
    *,
    wrong_names: Callable[[Mapping[str, object]], Iterable[str]] | None = None,
    **overrides: Any,  # noqa: ANN401
) -> FederationFile:
    """Read a federation's TOML file: ``[federation]`` and one ``[site.NAME]`` per site.

    A site either names a ``folder`` that holds a ``site.toml``, or has the site's settings
    written out.  ``overrides`` replace values of ``[federation]``.

    Args:
        path: The file.
        wrong_names: Returns what else is wrong with the values of ``[federation]``, a line each.
        overrides: Replace values of ``[federation]`` where they are not None.

    Raises:
        ConfigError: The file is missing or wrong, or pairs or folders of a site are not there;
            all mistakes are listed.
    """
    values = read_toml(path)
    mistakes = _wrong_tables(values)
    table = values.get("federation", {})
    if not isinstance(table, dict):
        mistakes.append("  federation: must be a table")
        table = {}
    table = _overridden(table, overrides)
    run = _collect(mistakes, lambda: validate(RunSettings, table, "[federation]"))
    if wrong_names is not None:
        mistakes += [f"  [federation] {line}" for line in wrong_names(table)]
    tables = values.get("site", {})
    if not isinstance(tables, dict) or not tables:
        mistakes.append("  site: at least one [site.NAME] table is needed")
        tables = {}
    sites = [_site(mistakes, name, entry, path) for name, entry in tables.items()]
    names = Counter(site.name for site in sites if site is not None)
    mistakes += [f"  {name}: two sites have this name" for name in names if names[name] > 1]
    if mistakes or run is None:
        raise ConfigError(f"{path} has wrong settings:\n" + "\n".join(mistakes))
    return FederationFile(run=run, sites=tuple(site for site in sites if site is not None))


def _overridden(table: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``table`` with values in the place of its own; another method has other options."""
    given = {key: value for key, value in overrides.items() if value is not None}
    method = table.get("method", RunSettings.model_fields["method"].default)
    kept = dict(table)
    if given.get("method", method) != method:
        kept.pop("method_options", None)
    return kept | given


def read_run(
    path: Path,
    *,
    wrong_names: Callable[[Mapping[str, object]], Iterable[str]] | None = None,
    **overrides: Any,  # noqa: ANN401
) -> tuple[RunSettings, tuple[str, ...]]:
    """Read the TOML file of a run between organisations, and return it with its sites' names.

    It has one table, ``[federation]``, with the settings of a run and optionally ``sites``, the
    names of the members that take part; none means all.

    Args:
        path: The file.
        wrong_names: As for ``read_federation``.
        overrides: Replace values of ``[federation]`` where they are not None.

    Raises:
        ConfigError: The file is missing or wrong; all mistakes are listed.
    """
    values = read_toml(path)
    table = values.get("federation", {})
    if "site" in values:
        raise ConfigError(
            f"{path} has [site.NAME] tables, which are for a federation on one machine.",
            hint="The sites of a real one are its members: take these tables out, or write"
            ' sites = ["NAME", ...] below [federation].',
        )
    mistakes = _wrong_tables(values)
    if not isinstance(table, dict):
        mistakes.append("  federation: must be a table")
        table = {}
    sites = _collect(mistakes, lambda: validate(_Sites, {"sites": table.pop("sites", [])}, "sites"))
    table = _overridden(table, overrides)
    run = _collect(mistakes, lambda: validate(RunSettings, table, "[federation]"))
    if wrong_names is not None:
        mistakes += [f"  [federation] {line}" for line in wrong_names(table)]
    if mistakes or run is None or sites is None:
        raise ConfigError(f"{path} has wrong settings:\n" + "\n".join(mistakes))
    return run, sites.sites


class _Sites(Settings):
    sites: tuple[Name, ...]


def _wrong_tables(values: Mapping[str, object]) -> list[str]:
    """Return a line for each entry of a federation's file that does not belong at its top."""
    lines = []
    for key in sorted(set(values) - {"federation", "site"}):
        if key not in RunSettings.model_fields:
            of_site = key in SiteSettings.model_fields
            what = "belongs to a site; write it below [site.NAME]" if of_site else "unknown table"
            lines.append(f"  {key}: {what}")
        elif isinstance(values[key], dict):
            lines.append(f"  [{key}]: belongs to the federation; write [federation.{key}]")
        else:
            lines.append(f"  {key}: belongs to the federation; write it below [federation]")
    return lines


def _site(mistakes: list[str], name: str, table: object, path: Path) -> SiteSettings | None:
    """Return the site of a ``[site.NAME]`` table; what is wrong with it joins ``mistakes``."""
    if not isinstance(table, dict):
        mistakes.append(f"  [site.{name}] must be a table.")
        return None
    values: dict[str, Any] = {"name": name, **table}
    where, root = f"[site.{name}]", path.parent
    if "folder" in table:
        root = path.parent / str(values.pop("folder"))
        try:
            values = {**read_toml(root / "site.toml"), **values, "name": name}
        except ConfigError as error:
            mistakes.append(f"  {where} folder: {error}")
            return None
        where += f" in {root / 'site.toml'}"
    site: SiteSettings | None = _collect(
        mistakes, lambda: _anchored(validate(SiteSettings, values, where), root)
    )
    mistakes += [f"  {where} {line}" for line in missing_places(values, root)]
    return site


def _collect(mistakes: list[str], read: Any) -> Any:  # noqa: ANN401
    try:
        return read()
    except ConfigError as error:
        mistakes += [f"  {line}" for line in str(error).splitlines()]
        return None


def _anchored_glob(glob: str, root: Path) -> str:
    """Return ``glob`` as seen from the top; what is special in the name of ``root`` is escaped."""
    sign, pattern = ("!", glob[1:]) if glob.startswith("!") else ("", glob)
    if pattern.startswith(("/", "hub:")):
        return glob
    prefix = re.sub(r"([\\\[\]*?!# ])", r"\\\1", str(root))
    joined = os.path.normpath(f"{prefix}/{pattern}")
    return f"{sign}{joined}{'/' if pattern.endswith('/') else ''}"


def _anchored(site: SiteSettings, root: Path) -> SiteSettings:
    """Make the paths of ``site`` absolute, seen from the folder ``root`` of its file."""
    root = root.resolve()
    changes: dict[str, Any] = {"class_path": tuple(root / path for path in site.class_path)}
    for key in FOLDERS:
        if (folder := getattr(site, key)) is not None:
            changes[key] = root / folder
    for key in PAIRS:
        location = getattr(site, key)
        if location is not None and not location.startswith("hub:"):
            changes[key] = str(root / location)
    globs = tuple(_anchored_glob(glob, root) for glob in site.policy.repositories)
    if globs != site.policy.repositories:
        changes["policy"] = site.policy.model_copy(update={"repositories": globs})
    return site.model_copy(update=changes)
