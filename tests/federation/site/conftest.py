from collections.abc import Iterator
from pathlib import Path

import pytest
from small_door import PROXIES, SmallDoor, small_door


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallDoor]:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
    with small_door(tmp_path / "door") as found:
        yield found
