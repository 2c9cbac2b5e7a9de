"""Run a whole federation in this process."""

import threading
from collections.abc import Callable
from pathlib import Path

from fedtranslate.config.federation import FederationFile
from fedtranslate.federation.coordinator.journal import Event
from fedtranslate.federation.coordinator.result import RunResult, read_result
from fedtranslate.federation.flower import client_app, compat, server_app
from fedtranslate.federation.flower.following import Follower
from fedtranslate.federation.flower.grid import LocalGrid
from fedtranslate.federation.flower.sitefiles import node_config
from fedtranslate.federation.settings import flatten


def run_local(
    federation: FederationFile,
    run_folder: Path,
    *,
    on_event: Callable[[Event], None] | None = None,
    trainer: str | None = None,
) -> RunResult:
    """Run the rounds that ``run_folder`` does not have yet, and return the outcome.

    Args:
        federation: The run and its sites, all on this machine.
        run_folder: Of this run; what an earlier, perhaps killed, process did there counts.
        on_event: Is told what happens, in the calling thread.
        trainer: Another trade for all sites, written ``package.module:function``.

    Raises:
        FederationError: Too few sites can take part, or the folder holds another run.
    """
    compat.check_version()
    names = tuple(site.name for site in federation.sites)
    run_config = flatten(federation.run, names)
    configs = [node_config(run_folder, site, trainer, federation.run) for site in federation.sites]
    grid = LocalGrid(client_app.app, configs, run_config)
    context = grid.server_context({"run-folder": str(run_folder)}, run_config)
    errors: list[BaseException] = []

    def coordinate() -> None:
        try:
            server_app.app(grid=grid, context=context)
        except BaseException as error:
            # Carried to the calling thread, and raised there.
            errors.append(error)

    follower = Follower(run_folder, on_event)
    coordinator = threading.Thread(target=coordinate, name="coordinator", daemon=True)
    coordinator.start()
    try:
        follower.until(lambda: not coordinator.is_alive())
    except BaseException:
        grid.stop()
        raise
    if errors:
        raise errors[0]
    return read_result(run_folder, federation.run.rounds)
