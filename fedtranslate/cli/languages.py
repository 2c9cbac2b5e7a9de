"""``fedtranslate languages``: what can be translated, and what can be compiled here."""

import json

import click

from fedtranslate.cli import options


@click.command()
@options.as_json
def languages(as_json: bool) -> None:
    """List the language packs, and whether a compiler for each is on this machine."""
    from fedtranslate.checks.compile import CompileContext, compile_units
    from fedtranslate.languages.registry import known_languages, load_pack
    from fedtranslate.records import CompileState

    rows = []
    for name in known_languages():
        pack = load_pack(name)
        said = compile_units(["int f() { return 1; }"], name, CompileContext())[0]
        checked = said.compile_state is not CompileState.NOT_CHECKED
        rows.append(
            {
                "name": name,
                "title": pack.title,
                "extensions": list(pack.extensions),
                "compiles": checked,
                "reason": said.reason,
            }
        )
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        state = "compile check works" if row["compiles"] else f"no compile check: {row['reason']}"
        extensions = " ".join(str(end) for end in row["extensions"])  # type: ignore[attr-defined]
        click.echo(f"{row['name']:<10} {row['title']:<8} {extensions:<14} {state}")
