"""The page of the methods tells what the registries do."""

from pathlib import Path

from fedtranslate.adapters.methods.registry import METHODS
from fedtranslate.adapters.robust.rules import RULES
from tools.methods_page import PAGE, page


def test_the_page_is_up_to_date() -> None:
    told = Path(PAGE).read_text("utf-8")
    assert told == page(), "run 'python tools/methods_page.py'"
    assert "| `fra` (default) |" in told
    assert all(f"| `{name}`" in told for name in (*METHODS, *RULES))


def test_the_page_tells_what_travels() -> None:
    rows = {line.split("`")[1]: line for line in page().splitlines() if line.startswith("| `")}
    assert "| r·(in + out) |" in page()
    assert "out·r and r·in in turn" in page()
    assert "r·(in + out) in the first round, then r·r" in page()
    assert set(METHODS) | set(RULES) <= set(rows)
