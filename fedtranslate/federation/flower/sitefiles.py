"""The files of sites that all live on this machine, below the folder of a run.

Each gets a folder with its ``site.toml``, which the ClientApp reads as on a machine of its own,
and with its ledger.
"""

from pathlib import Path

from fedtranslate.config.federation import RunSettings, SiteSettings
from fedtranslate.config.files import write_durably
from fedtranslate.config.policy import Policy
from fedtranslate.config.writing import toml_lines
from fedtranslate.federation.settings import Scalar


def node_config(
    run_folder: Path, site: SiteSettings, trainer: str | None, run: RunSettings | None = None
) -> dict[str, Scalar]:
    """Write a site's file, and return the node configuration that points to it.

    Args:
        run_folder: Of the run.
        site: The site.
        trainer: Another trade, written ``package.module:function``.
        run: Its settings, where whoever starts it speaks for the site, too: a site that says
            nothing of a policy then allows this run.
    """
    path = site_folder(run_folder, site.name) / "site.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    if run is not None and "policy" not in site.model_fields_set:
        site = site.model_copy(update={"policy": allowing(run)})
    values = site.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    write_durably(path, toml_lines(values).encode())
    config: dict[str, Scalar] = {"site": site.name, "site-file": str(path.resolve())}
    return config if trainer is None else {**config, "trainer": trainer}


def allowing(run: RunSettings) -> Policy:
    """Return a policy that allows ``run`` and all that is not up to its settings."""
    return Policy(
        bases=(run.base,),
        minimum_sites=1,
        maximum_rank=max(256, run.lora.rank),
        rounds=max(100, run.rounds),
        epochs=1e9,
        shows_replies=True,
        shows_signature=True,
        trials=run.coalitions,
        report_digits=15,
    )


def site_folder(run_folder: Path, name: str) -> Path:
    """Return where a site of a run on this machine keeps its file and its ledger."""
    return run_folder / "sites" / name
