from collections.abc import Iterator
from pathlib import Path

import pytest

from fedtranslate.federation.coordinator.members import Members


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of a register that nobody has begun."""
    return tmp_path / "coordinator" / "members.db"


@pytest.fixture
def members(file: Path) -> Iterator[Members]:
    with Members(file, begins=True) as opened:
        yield opened
