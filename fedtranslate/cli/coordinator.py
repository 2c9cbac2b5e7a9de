"""``fedtranslate coordinator``: run a federation of organisations.

The commands are in modules of their own, and join the group here.
"""

import click

from fedtranslate.cli.coordinatorinit import init
from fedtranslate.cli.coordinatorservice import down, status, up
from fedtranslate.cli.coordinatorsites import approve, invite, revoke, sites
from fedtranslate.cli.kits import coordinator_kit


@click.group()
def coordinator() -> None:
    """Run a federation of organisations: who may take part, and the programs that serve them.

    All that a coordinator has lies in one folder: --dir, or what FEDTRANSLATE_COORDINATOR names.

    \b
    Example:
        fedtranslate coordinator init coordinator --federation trade --organisation "Trade AG"
        fedtranslate coordinator up
        fedtranslate coordinator invite north --to north.invite
        fedtranslate coordinator approve north
    """


for command in (init, up, down, status, invite, approve, revoke, sites, coordinator_kit):
    coordinator.add_command(command)
