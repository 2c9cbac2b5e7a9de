"""How every simulation of a federation begins: its sites are read, and its runtime is chosen."""

from typing import TYPE_CHECKING, Any

from fedtranslate.cli.progress import Stages

if TYPE_CHECKING:
    from fedtranslate.experiments.simulation import Runtime
    from fedtranslate.federation.site.lessons import Lessons


def read_sites(file: Any, shown: Stages) -> "list[Lessons]":  # noqa: ANN401 - a FederationFile
    """Return the sites of a federation with their pairs read, which is shown as a stage."""
    from fedtranslate.experiments.comparison import open_sites

    shown("read the sites' pairs", 0, 1)
    sites = open_sites(file)
    shown("read the sites' pairs", 1, 1)
    return sites


def runtime_of(*, deployed: bool) -> "Runtime":
    """Return what runs the rounds: separate processes on loopback, or this one."""
    if deployed:
        from fedtranslate.federation.flower.deployment import run_deployed

        return run_deployed
    from fedtranslate.federation.flower.local import run_local

    return run_local
