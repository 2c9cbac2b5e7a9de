"""``fedtranslate migrate``: translate a whole repository, and look at how it went."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from fedtranslate.cli import options
from fedtranslate.cli.progress import quiet_libraries, stages


class _RunByDefault(click.Group):
    """A group whose first argument may be a repository: then it is ``migrate run``."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            args = ["run", *args]
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # Options of a run may come before the repository; only help is the group's own.
        if args and args[0].startswith("-") and args[0] not in ("-h", "--help"):
            args = ["run", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_RunByDefault, context_settings={"ignore_unknown_options": True})
def migrate() -> None:
    """Migrate a repository; or look at a migration that was begun.

    'fedtranslate migrate REPO ...' is short for 'fedtranslate migrate run REPO ...'.

    \b
    Example:
        fedtranslate migrate shop --from java --to csharp --adapter my-adapter --out shop-cs
        fedtranslate migrate status shop-cs
        fedtranslate migrate explain shop-cs Account.deposit
        fedtranslate migrate retry shop-cs
    """


class _Stopped(click.ClickException):
    """Somebody pressed Ctrl-C; the exit code is that of a shell's own."""

    exit_code = 130

    def __init__(self) -> None:
        super().__init__("Stopped. What is done is kept; the same command goes on where it was.")


@contextmanager
def _stoppable() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise _Stopped from None


_PATH = click.Path(path_type=Path)
_OPTIONS = (
    click.option("--out", type=_PATH, help="Folder to write; the repository is never written to."),
    click.option("--dry-run", is_flag=True, help="Plan, print the plan, and write no output."),
    click.option(
        "--in-place",
        is_flag=True,
        help="Commit the result to a new branch of REPOSITORY, a clean git work tree.",
    ),
    click.option("--branch", metavar="NAME", help="Of --in-place; FROM-to-TO if not said."),
    click.option(
        "--shard-by",
        type=click.Choice(["package", "size"]),
        default="package",
        show_default=True,
        help="What is one commit of --in-place.",
    ),
    click.option(
        "--shard-size",
        type=click.IntRange(1),
        default=400,
        show_default=True,
        help="Most changed lines of a commit, with --shard-by size.",
    ),
    click.option("--patch", type=_PATH, metavar="FILE", help="Write what changes as one patch."),
    click.option("--include", multiple=True, metavar="PATTERN", help="Migrate only these files."),
    click.option("--exclude", multiple=True, metavar="PATTERN", help="Leave these files out."),
    click.option(
        "--select", multiple=True, metavar="REGEX", help="Within one language: edit what has this."
    ),
    click.option(
        "--references",
        multiple=True,
        metavar="NAME",
        help="Within one language: edit what refers to this name; * stands for any letters.",
    ),
    click.option("--instruction", default="", help="Within one language: what is to be done."),
    click.option(
        "--pairs",
        multiple=True,
        metavar="SOURCE",
        help="Pairs of your own, to learn from as it goes.",
    ),
    click.option(
        "--class-path", type=_PATH, multiple=True, help="What the target compiles against."
    ),
    click.option("--using", "usings", multiple=True, help="What lone units import."),
    click.option(
        "--names", type=_PATH, help="TOML file with tables [packages] and [types]: old = new."
    ),
    click.option("--site", type=_PATH, help="site.toml, or its folder: pairs, class path, usings."),
    click.option(
        "--candidates",
        type=click.IntRange(1, 64),
        default=1,
        show_default=True,
        help="Answers to ask for at a time.",
    ),
    click.option(
        "--repairs",
        type=click.IntRange(0, 20),
        default=2,
        show_default=True,
        help="Further attempts for a unit, each told what was wrong before.",
    ),
    click.option("--build/--no-build", default=True, help="Compile the target.", show_default=True),
    click.option(
        "--tests/--no-tests", default=True, show_default=True, help="Run the target's tests."
    ),
    click.option(
        "--behave/--no-behave",
        default=True,
        show_default=True,
        help="Run pure functions beside their sources.",
    ),
    click.option(
        "--jobs", type=click.IntRange(1, 64), help="Checks at a time; one a core if not said."
    ),
    click.option(
        "--seed", type=click.IntRange(0), default=0, show_default=True, help="Of what is drawn."
    ),
    click.option("--endpoint", default="", metavar="URL", help="OpenAI-compatible server to ask."),
    click.option("--endpoint-model", default="", metavar="NAME", help="Name of its model."),
    click.option(
        "--requests-per-minute",
        type=click.IntRange(1),
        help="Of the endpoint; no bound if not said.",
    ),
    click.option(
        "--workers",
        type=click.IntRange(1, 256),
        default=8,
        show_default=True,
        help="Questions to the endpoint at a time.",
    ),
)


def _run_options(command: Any) -> Any:  # noqa: ANN401
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@migrate.command()
@click.argument("repository", type=click.Path(exists=True, file_okay=False, path_type=Path))
@options.languages
@options.model
@_run_options
@options.as_json
def run(repository: Path, **given: Any) -> None:  # noqa: ANN401
    """Translate all code of REPOSITORY into --out.

    Killed or stopped, the same command goes on where it was; run again, it does what has changed.
    What people have changed in --out is never written over.  With --in-place the result is
    committed to a new branch, a commit for each shard, and --out is not needed.

    Exit code 0: every unit passed the checks that could be made, and the target builds as far as
    it could be built.  1: units are left as stubs, or the target does not build; the report says
    which and why.
    """
    quiet_libraries()
    from fedtranslate.cli.migration import dry_run, start
    from fedtranslate.cli.migrationoptions import delivery_from, settings_from
    from fedtranslate.cli.migrationtext import (
        outcome_document,
        outcome_text,
        plan_document,
        plan_text,
    )

    settings, endpoint = settings_from(repository, given)
    with _stoppable(), stages() as shown:
        if given["dry_run"]:
            plan = dry_run(settings, endpoint, shown)
            click.echo(
                json.dumps(plan_document(plan), indent=2) if given["as_json"] else plan_text(plan)
            )
            return
        result = start(settings, endpoint, shown, delivery_from(given))
    if given["as_json"]:
        click.echo(json.dumps(outcome_document(result), indent=2))
    else:
        click.echo(outcome_text(result))
    raise SystemExit(result.exit_code)


@migrate.command()
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@options.as_json
def status(out: Path, as_json: bool) -> None:
    """Tell how far the migration into OUT is."""
    from fedtranslate.cli.migrationtext import status_document, status_text
    from fedtranslate.migration.journal import Journal

    with Journal(out, writable=False) as journal:
        click.echo(
            json.dumps(status_document(journal, out), indent=2)
            if as_json
            else status_text(journal, out)
        )


@migrate.command()
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("unit")
@options.as_json
def explain(out: Path, unit: str, as_json: bool) -> None:
    """Tell all that is known of UNIT: what was tried, and what spoke against it.

    UNIT is an id as 'status' prints it, or the end of one, such as Account.deposit.
    """
    from fedtranslate.cli.migration import find_unit
    from fedtranslate.cli.migrationunit import explain_document, explain_text
    from fedtranslate.migration.journal import Journal

    with Journal(out, writable=False) as journal:
        found = find_unit(journal, unit)
        click.echo(
            json.dumps(explain_document(journal, found), indent=2)
            if as_json
            else explain_text(journal, found)
        )


@migrate.command()
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("units", nargs=-1)
@options.as_json
def retry(out: Path, units: tuple[str, ...], as_json: bool) -> None:
    """Try again the UNITS of the migration into OUT; all that failed if none is named.

    Those that people have written in OUT in the meantime are not among all.
    The settings are those of the last run.  Attempts are numbered on, so the model has other
    chances than before.
    """
    quiet_libraries()
    from fedtranslate.cli.migration import start_again
    from fedtranslate.cli.migrationtext import outcome_document, outcome_text

    with _stoppable(), stages() as shown:
        result = start_again(out, units, shown)
    click.echo(json.dumps(outcome_document(result), indent=2) if as_json else outcome_text(result))
    raise SystemExit(result.exit_code)
