"""The folder of a coordinator as a whole, and what the page loads to read it."""

import json
import subprocess
import sys
from pathlib import Path

from example_place import NOW, example, put_round, put_run
from watching import look

from fedtranslate.federation.coordinator import journal, orders
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.status import files
from fedtranslate.status.documents import snapshot_document
from fedtranslate.status.snapshot import Watched

LOADED = """
import sys
import fedtranslate.status.serving
print(*sorted(name.split(".")[0] for name in sys.modules if "." not in name))
print(*sorted(name.split(".")[1] for name in sys.modules if name.startswith("fedtranslate.")))
"""


def test_names_are_those_of_the_journal_and_the_orders() -> None:
    assert files.EVENTS_FILE == journal.EVENTS_FILE
    assert files.RUN_FILE == journal.RUN_FILE
    assert files.STATUS_FILE == journal.STATUS_FILE
    assert files.ORDER_FILE == orders.ORDER_FILE
    assert files.STOP_FILE == orders.STOP_FILE


def test_an_empty_folder_is_a_coordinator_without_anything(place: CoordinatorPlace) -> None:
    found = look(Watched(place))
    assert (found.sites, found.runs, found.releases) == ((), (), ())
    assert found.problems == ("coordinator.toml is missing or wrong.",)
    assert not place.members.exists()


def test_nothing_changes_between_two_looks_at_the_same(tmp_path: Path) -> None:
    watched = Watched(example(tmp_path))
    assert watched.look(NOW) == watched.look(NOW)
    put_round(tmp_path / "runs" / "elm", 4)
    assert watched.look(NOW)[0] == 2


def test_without_the_token_texts_are_brief(place: CoordinatorPlace) -> None:
    reason = "No route to 10.1.2.3:9443. Ask eve@acme.example."
    put_run(place, "elm", 1, "failed", reason=reason)
    watched = Watched(place)
    found = look(watched)
    events = watched.events_before(10**9, 10)
    whole, part = (
        json.dumps(snapshot_document(found, events, NOW, start="s", whole=whole))
        for whole in (True, False)
    )
    assert whole.count("10.1.2.3") == 2
    assert "10.1.2.3" not in part
    assert "eve@" not in part
    assert "No route to" in part


def test_the_page_loads_neither_arithmetic_nor_what_can_hold_code() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    )
    packages, rooms = (set(line.split()) for line in done.stdout.splitlines())
    assert "fastapi" in packages
    assert not packages & {"torch", "flwr", "numpy", "transformers"}
    assert "status" in rooms
    assert not rooms & {"corpus", "languages", "prompts", "records", "evaluation", "adapters"}
