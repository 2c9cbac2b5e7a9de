"""``fedtranslate migrate`` that is stopped by whoever started it."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from fedtranslate.cli import main


def test_control_c_says_that_the_same_command_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "shop").mkdir()
    monkeypatch.setattr("fedtranslate.cli.migration.start", stopped)
    result = CliRunner().invoke(
        main, ["migrate", str(tmp_path / "shop"), "--out", str(tmp_path / "out")]
    )
    assert result.exit_code == 130
    assert result.stderr == (
        "Error: Stopped. What is done is kept; the same command goes on where it was.\n"
    )
