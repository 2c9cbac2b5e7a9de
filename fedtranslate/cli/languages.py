"""``fedtranslate languages``: what can be translated, what can be compiled here, what is wrong."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fedtranslate.cli import options

if TYPE_CHECKING:
    from fedtranslate.languages.packcheck import Finding


@click.group(invoke_without_command=True)
@options.as_json
@click.pass_context
def languages(ctx: click.Context, as_json: bool) -> None:
    """List the language packs, or check them.

    Without a command it lists.
    """
    if ctx.invoked_subcommand is None:
        _list(as_json=as_json)
    elif as_json:
        raise click.UsageError(
            f"--json belongs behind the command: {ctx.invoked_subcommand} --json."
        )


@languages.command("list")
@options.as_json
def list_packs(as_json: bool) -> None:
    """List the language packs, and whether a compiler for each is on this machine."""
    _list(as_json=as_json)


@languages.command("check")
@click.argument("folders", nargs=-1, metavar="[DIR]...", type=click.Path(path_type=Path))
@click.option(
    "--compile/--no-compile",
    "compiles",
    default=True,
    show_default=True,
    help="Ask the compilers that are found about the broken examples.",
)
@options.as_json
def check_packs(folders: tuple[Path, ...], compiles: bool, as_json: bool) -> None:
    """Check language packs: every key, query and example.

    DIR is the folder of a pack, or a folder of such folders; without one, all packs that are known
    are checked.  Exit code 1 means that something is wrong with one.
    """
    found: dict[Path, list[Finding]] = {}
    for folder in _pack_folders(folders):
        found[folder] = list(_findings(folder, compiles=compiles))
        if not as_json:
            _tell(folder, found[folder])
    count = sum(map(len, found.values()))
    if as_json:
        click.echo(json.dumps(_plain(found), indent=2))
    else:
        packs = f"{len(found)} pack{'s' * (len(found) != 1)} checked"
        click.echo(f"{packs}, {count or 'no'} finding{'s' * (count != 1)}")
    if count:
        raise SystemExit(1)


def _list(*, as_json: bool) -> None:
    rows = _rows()
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    table = [
        (row["name"], row["title"], " ".join(row["extensions"]), row["compile"]) for row in rows
    ]
    widths = [max(len(line[column]) for line in table) for column in range(3)]
    for row, line in zip(rows, table, strict=True):
        *cells, last = line
        padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        click.echo("  ".join((*padded, last)))
        if row["own"]:
            taken = f"; takes over {', '.join(row['taken_over'])}" if row["taken_over"] else ""
            click.echo(f"{'':{widths[0]}}  your own, in {row['folder']}{taken}")
    shipped = next((Path(row["folder"]).parent for row in rows if not row["own"]), None)
    if shipped:
        click.echo(f"\nThe packs that ship are in {shipped}.")
    click.echo(_containment())


def _containment() -> str:
    """Say what contains compilers and the programs that models write."""
    from fedtranslate.checks.sandbox import describe

    found = describe()
    if found.name == "none":
        return "Programs run without a sandbox, as FEDTRANSLATE_SANDBOX asks."
    if found.name:
        return f"Programs run in a sandbox: {found.name}."
    why = "; ".join(f"{name}: {reason}" for name, reason in found.passed_over.items())
    return f"No program is run here, for lack of a sandbox ({why})."


def _rows() -> list[dict[str, Any]]:
    from fedtranslate.checks.compilers import compiler_found
    from fedtranslate.languages.registry import known_languages, load_pack, taken_over

    own = taken_over()
    rows = []
    for name in known_languages():
        pack = load_pack(name)
        compiler = compiler_found(pack)
        rows.append(
            {
                "name": name,
                "title": pack.title,
                "extensions": list(pack.extensions),
                "parsed_by": "grammar" if pack.grammar else "rules",
                "compiler": compiler.name,
                "version": compiler.version,
                "compiles": compiler.path is not None,
                "help": compiler.help,
                "compile": _compile_words(compiler),
                "folder": str(pack.folder),
                "own": name in own,
                "taken_over": list(own.get(name, ())),
            }
        )
    return rows


def _compile_words(compiler: Any) -> str:  # noqa: ANN401
    if not compiler.name:
        return "no compile check"
    if compiler.path is None:
        return f"{compiler.name} is missing: {compiler.help}"
    version = compiler.version or "of unknown version"
    return version if compiler.name in version.lower() else f"{compiler.name}: {version}"


def _pack_folders(folders: tuple[Path, ...]) -> list[Path]:
    """Return the folders of packs at and directly below ``folders``; by default all known ones."""
    if not folders:
        from fedtranslate.resources import pack_folders

        folders = pack_folders()
    found = []
    for folder in folders:
        packs = [folder] if (folder / "pack.toml").is_file() else []
        packs += sorted(file.parent for file in folder.glob("*/pack.toml"))
        if not packs:
            raise click.UsageError(
                f"{folder} is no language pack, and no folder of packs: a pack has a pack.toml."
            )
        found += [pack.resolve() for pack in packs]
    return list(dict.fromkeys(found))


def _findings(folder: Path, *, compiles: bool) -> Iterator["Finding"]:
    from fedtranslate.checks.behave.tables import FILE, behaviour_of
    from fedtranslate.checks.packcheck import compile_findings
    from fedtranslate.errors import PackError
    from fedtranslate.languages.packcheck import Finding, pack_findings
    from fedtranslate.metrics.codebleu.flow_rules import flow_rules

    pack, findings = pack_findings(folder)
    yield from findings
    if pack is None:
        return
    for name, read in (("dataflow.toml", flow_rules), (FILE, behaviour_of)):
        try:
            read(pack)
        except PackError as error:
            yield Finding(folder / name, str(error))
    if compiles:
        yield from compile_findings(pack)


def _tell(folder: Path, findings: list["Finding"]) -> None:
    if not findings:
        click.echo(f"{folder.name}: nothing is wrong")
    for finding in findings:
        where = "" if str(finding.file) in finding.problem else f"{finding.file}: "
        hint = f" ({finding.hint})" if finding.hint else ""
        click.echo(f"{where}{finding.problem}{hint}")


def _plain(found: dict[Path, list["Finding"]]) -> list[dict[str, Any]]:
    return [
        {
            "pack": folder.name,
            "folder": str(folder),
            "findings": [
                {"file": str(one.file), "problem": one.problem, "hint": one.hint}
                for one in findings
            ],
        }
        for folder, findings in found.items()
    ]
