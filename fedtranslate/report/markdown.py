"""A table as Markdown, for READMEs."""

from fedtranslate.experiments.table import Table
from fedtranslate.report.text import table_rows


def markdown_table(table: Table) -> str:
    """Return ``table`` in the Markdown of GitHub, with a line feed at the end."""
    header, rows = table_rows(table)
    rule = ("---", *("---:" for _ in header[1:]))
    return "".join(_line(cells) for cells in ([_cell(text) for text in header], rule)) + "".join(
        _line([_cell(text) for text in row]) for row in rows
    )


def _line(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _cell(text: str) -> str:
    """Keep names from breaking out of their cell."""
    plain = " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|")
    return plain.replace("<", "&lt;")
