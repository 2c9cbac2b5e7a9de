"""The SuperLink's database: who writes waits for others, and connections keep little."""

import subprocess
import sys
from pathlib import Path

ASK = """
import sys
from flwr.supercore.object_store.sql_object_store import SqlObjectStore
from fedtranslate.federation.flower import compat
if sys.argv[2] == "ours":
    compat.set_patience()
store = SqlObjectStore(sys.argv[1])
store.initialize()
names = ("busy_timeout", "cache_size", "mmap_size", "journal_mode")
print(*(list(store.query(f"PRAGMA {name}")[0].values())[0] for name in names))
"""


def told(database: Path, whose: str) -> list[str]:
    argv = [sys.executable, "-c", ASK, str(database), whose]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.split()


def test_a_write_waits_almost_as_long_as_those_who_ask(tmp_path: Path) -> None:
    waits, kept, mapped, journal = told(tmp_path / "link.db", "ours")
    assert 20_000 <= int(waits) < 30_000
    assert (int(kept), int(mapped), journal) == (-8_000, 0, "wal")


def test_flower_still_gives_up_after_seconds(tmp_path: Path) -> None:
    """Fails when Flower waits by itself: then ``set_patience`` can go."""
    assert int(told(tmp_path / "link.db", "stock")[0]) == 5_000
