"""The command line: the only floor that prints.

Results go to standard output, progress to standard error.  Exit codes: 0 done, 1 done with
failures, 2 wrong request.  Heavy modules are imported inside the commands that need them, so
that ``--help`` answers at once.
"""

import sys
from pathlib import Path
from typing import Any

import click

from fedtranslate import __version__
from fedtranslate.errors import FedTranslateError

_COMMANDS = {
    "adapters": ("fedtranslate.cli.adapters", "adapters"),
    "behave": ("fedtranslate.cli.behave", "behave"),
    "check": ("fedtranslate.cli.check", "check"),
    "coordinator": ("fedtranslate.cli.coordinator", "coordinator"),
    "demo": ("fedtranslate.cli.demo", "demo"),
    "evaluate": ("fedtranslate.cli.evaluate", "evaluate"),
    "federate": ("fedtranslate.cli.federate", "federate"),
    "languages": ("fedtranslate.cli.languages", "languages"),
    "migrate": ("fedtranslate.cli.migrate", "migrate"),
    "pairs": ("fedtranslate.cli.pairs", "pairs"),
    "review": ("fedtranslate.cli.review", "review"),
    "score": ("fedtranslate.cli.score", "score"),
    "site": ("fedtranslate.cli.site", "site"),
    "train": ("fedtranslate.cli.train", "train"),
    "translate": ("fedtranslate.cli.translate", "translate"),
}


class _Refused(click.ClickException):
    """A request that fedtranslate refused; the message tells why."""

    exit_code = 2


class _Cli(click.Group):
    """Loads commands when they are asked for, and turns our errors into messages."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        from importlib import import_module

        module, name = _COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401
        try:
            return super().invoke(ctx)
        except FedTranslateError as error:
            raise _Refused(str(error)) from error
        except BrokenPipeError:
            sys.stderr.close()
            raise SystemExit(1) from None
        except OSError as error:
            # Disks fill up and folders are protected anywhere; the system says what and where.
            place = f"{error.filename}: " if error.filename else ""
            raise _Refused(f"{place}{error.strerror or error}.") from error


@click.group(cls=_Cli, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="fedtranslate")
@click.option(
    "--packs",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    metavar="DIR",
    help="Folder of language packs of your own; may be given more than once.",
)
def main(packs: tuple[Path, ...]) -> None:
    """Train code translators together without sharing code.

    \b
    Start here:
        fedtranslate demo
    """
    from fedtranslate.resources import add_pack_folders

    add_pack_folders(packs)
