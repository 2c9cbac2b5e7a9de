"""What stands where no translation passed.

A mark, the source in a comment, and a body that refuses to run, so that the rest compiles.
"""

from fedtranslate.languages.flushing import flush_left
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.skeletons.comments import as_comment
from fedtranslate.migration.carry import parted
from fedtranslate.migration.states import PlannedUnit

MARK = "NOT MIGRATED"
"""What people search the target for."""


def marked_stub(unit: PlannedUnit, stub: str, packs: tuple[LanguagePack, LanguagePack]) -> str:
    """Return the stub of a unit that failed.

    Args:
        unit: The unit; its reason says what was wrong.
        stub: What the rules made of its declaration; may be empty.
        packs: Of source and target.
    """
    why = unit.reason or "no translation passed the checks"
    said = f"{MARK} by fedtranslate: {' '.join(why.split())}\nThe {packs[0].title} source was:\n"
    comment = as_comment(f"{said}{flush_left(unit.text)}", packs[1])
    code = parted(stub, packs[1]).code  # its docs are in the comment already
    return f"{comment}\n{code}" if code else comment
