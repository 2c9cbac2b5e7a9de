"""Which units that failed people have written themselves, in the output as it is now."""

from pathlib import Path

from fedtranslate.languages.worker import ParseWorker
from fedtranslate.migration.assembly import is_edited
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.review.accepting import judged
from fedtranslate.migration.settings import MigrationSettings
from fedtranslate.migration.states import UnitState


def mended(journal: Journal, settings: MigrationSettings, out: Path) -> frozenset[str]:
    """Return the ids of the failed units in whose place people have put code of their own.

    Their state stays *failed*, since no candidate passed; but they need nobody any more.
    """
    failed = list(journal.units("state = ?", (UnitState.FAILED,)))
    files = [journal.file(path) for path in dict.fromkeys(unit.path for unit in failed)]
    # Files that nobody has changed hold what was written, and are not worth parsing.
    changed = {
        file.path
        for file in files
        if file is not None and file.written and is_edited(out / file.target, file.written)
    }
    asked = [unit.id for unit in failed if unit.path in changed]
    if not asked:
        return frozenset()
    with ParseWorker() as worker:
        found = judged(journal, settings, out, worker, asked)
        return frozenset(one.unit for one in found if one.corrected)
