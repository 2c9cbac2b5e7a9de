"""What the options of ``fedtranslate migrate`` ask for."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from fedtranslate.errors import ConfigError

if TYPE_CHECKING:
    from fedtranslate.migration.settings import MigrationSettings

_MOST_JOBS = 8


@dataclass(frozen=True, slots=True)
class Endpoint:
    """How an endpoint is asked; not part of what a translation depends on."""

    workers: int = 8
    requests_per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is done with a finished migration."""

    branch: str | None = None
    """New branch of the repository; None to leave the repository alone."""
    shard_by: Literal["package", "size"] = "package"
    shard_size: int = 400
    patch: Path | None = None


def settings_from(repository: Path, given: dict[str, Any]) -> "tuple[MigrationSettings, Endpoint]":
    """Return the settings that options ask for.

    Raises:
        ConfigError: They do not go together, or a file that they name is wrong.
    """
    from fedtranslate.config.reading import validate
    from fedtranslate.languages.registry import load_pack
    from fedtranslate.migration.settings import MigrationSettings

    out = _output(repository, given)
    values = {
        "repository": repository.resolve(),
        "out": out.resolve(),
        "source": load_pack(given["source"]).name,
        "target": load_pack(given["target"]).name,
        "model": given["base_name"],
        "adapter": given["adapter"] and given["adapter"].resolve(),
        "class_path": tuple(path.resolve() for path in given["class_path"]),
        "jobs": given["jobs"] or min(_MOST_JOBS, os.cpu_count() or 1),
    }
    same = (
        *("include", "exclude", "select", "references", "instruction", "pairs", "usings"),
        *(
            "candidates",
            "repairs",
            "build",
            "tests",
            "behave",
            "seed",
            "endpoint",
            "endpoint_model",
        ),
    )
    values |= {name: given[name] for name in same}
    values |= _names(given["names"], values)
    values = _with_site(values, given["site"])
    settings = validate(MigrationSettings, values, "migrate")
    _check_places(settings)
    return settings, Endpoint(given["workers"], given["requests_per_minute"])


def _output(repository: Path, given: dict[str, Any]) -> Path:
    """Return the folder that the result goes to; of --in-place, one that git keeps to itself."""
    from fedtranslate.migration.delivery.worktree import check_work_tree, migration_folder
    from fedtranslate.migration.publishing import refused_output

    if given["in_place"]:
        if given["out"] is not None:
            raise ConfigError(
                "--in-place and --out exclude each other.",
                hint="Leave --out away to have the result on a branch.",
            )
        if not given["dry_run"]:
            check_work_tree(repository)
        return migration_folder(repository)
    out: Path | None = given["out"]
    if out is None:
        raise ConfigError(
            "--out is missing.", hint="Name the folder that the result goes to, or --in-place."
        )
    if refused := refused_output(repository, out):
        raise ConfigError(f"--out: {out} cannot be written: {refused[0]}.", refused[1])
    return out


def delivery_from(given: dict[str, Any]) -> Delivery:
    """Return what is to be done with the result, besides the output folder."""
    return Delivery(
        branch=(given["branch"] or f"{given['source']}-to-{given['target']}")
        if given["in_place"]
        else None,
        shard_by=given["shard_by"],
        shard_size=given["shard_size"],
        patch=given["patch"],
    )


def _names(file: Path | None, values: dict[str, Any]) -> dict[str, Any]:
    from fedtranslate.migration.names import read_names

    if file is None:
        return {}
    if values["source"] == values["target"]:
        raise ConfigError(
            "--names: within one language nothing gets another name by itself.",
            hint="Leave it away, and say what to do with --instruction.",
        )
    return dict(read_names(file))


def _with_site(values: dict[str, Any], place: Path | None) -> dict[str, Any]:
    """Return the values with what the settings of a site say of its target code and pairs."""
    if place is None:
        return values
    from fedtranslate.config.federation import read_site

    site = read_site(place / "site.toml" if place.is_dir() else place)
    pairs = values["pairs"]
    if not pairs and site.pairs is not None:
        pairs = (site.pairs,)
    return values | {
        "pairs": pairs,
        "class_path": (*values["class_path"], *site.class_path),
        "usings": (*values["usings"], *site.usings),
    }


def _check_places(settings: "MigrationSettings") -> None:
    for path in settings.class_path:
        if not path.exists():
            raise ConfigError(f"class path: there is no {path}.")
