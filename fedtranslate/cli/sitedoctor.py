"""``fedtranslate site doctor``: what a site needs to take part, and what is missing."""

import json
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fedtranslate.cli import options
from fedtranslate.cli.folders import SITE
from fedtranslate.cli.progress import quiet_libraries
from fedtranslate.cli.siteoptions import clock

if TYPE_CHECKING:
    from fedtranslate.federation.site.doctor.check import Check


@click.command()
@SITE.option
@options.languages
@click.option("--quick", is_flag=True, help="Leave out the round on made-up pairs.")
@click.option("--strict", is_flag=True, help="Take warnings for failures.")
@options.as_json
def doctor(
    folder: Path, source: str, target: str, quick: bool, strict: bool, as_json: bool
) -> None:
    """Check all that this site needs to take part, and say how to fix what it lacks.

    The network to the coordinator, the identity, the clock, the machine, the policy and the pairs;
    last, a round on made-up pairs, of which nothing leaves.  --from and --to count where the
    policy allows all languages.  Exit code 1 means that something has failed.
    """
    quiet_libraries()
    from fedtranslate.federation.site.doctor.check import CheckState
    from fedtranslate.federation.site.doctor.examine import examine
    from fedtranslate.federation.site.place import SitePlace

    found: list[Check] = []
    for check in examine(SitePlace(folder), clock, direction=(source, target), is_quick=quick):
        check = replace(check, fix=SITE.completed(check.fix, folder))
        found.append(check)
        if not as_json:
            click.echo(_line(check))
    counts = Counter(check.state for check in found)
    told = {str(state): counts[state] for state in CheckState}
    if as_json:
        checks = [asdict(check) for check in found]
        click.echo(json.dumps({"checks": checks, "counts": told}, indent=2))
    else:
        click.echo(f"\n{told['ok']} in order, {told['warn']} warnings, {told['fail']} failures")
    if counts[CheckState.FAIL] or (strict and counts[CheckState.WARN]):
        raise SystemExit(1)


def _line(check: "Check") -> str:
    line = f"{check.state:<5} {check.name:<18} {_indented(check.found)}"
    return f"{line}\n{'':<5} {'fix':<18} {_indented(check.fix)}" if check.fix else line


def _indented(text: str) -> str:
    return text.replace("\n", f"\n{'':<25}")
