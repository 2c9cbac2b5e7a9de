"""The page that lists the methods is that of the registries."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from fedtranslate.adapters.methods.registry import METHODS
from fedtranslate.adapters.robust.rules import RULES
from tools import methods_page


def test_the_page_is_up_to_date() -> None:
    result = CliRunner().invoke(methods_page.main, ["--check"])
    assert result.exit_code == 0, result.output


def test_a_stale_page_is_told_and_rewritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = tmp_path / "README.md"
    stale.write_text("old", "utf-8")
    monkeypatch.setattr(methods_page, "PAGE", stale)
    result = CliRunner().invoke(methods_page.main, ["--check"])
    assert result.exit_code == 1
    assert "out of date" in result.output
    assert stale.read_text("utf-8") == "old"
    assert CliRunner().invoke(methods_page.main, []).exit_code == 0
    assert CliRunner().invoke(methods_page.main, ["--check"]).exit_code == 0


def test_every_method_and_rule_has_a_row() -> None:
    lines = methods_page.page().splitlines()
    for name in [*METHODS, *RULES]:
        assert sum(line.startswith(f"| `{name}` |") for line in lines) == 1


@pytest.mark.parametrize(
    ("name", "up"),
    [
        ("fedit", "r (in + out)"),
        ("ffa", "r out"),
        ("fedsa", "r in"),
        ("rolora", "r out and r in in turns"),
        ("fra-then-ffa", "r (in + out), then r out"),
        ("fed-sb", "r (in + out), then r r"),
    ],
)
def test_what_travels_up_is_told_by_the_rounds(name: str, up: str) -> None:
    assert methods_page.traffic_up(METHODS[name]) == up
