"""The command line, called in this process, and code to translate by it."""

from click.testing import CliRunner, Result

from fedtranslate.cli import main

CODE = "class A { int size() { return items; } void old() { x.y(); } }\n"


def run(*arguments: object, stdin: str | bytes = "") -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)], input=stdin)
