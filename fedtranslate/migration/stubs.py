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


def told_of_stubs(number: int, in_all: int, *, is_edit: bool) -> str:
    """Return how many complaints of a build are about units that have no translation.

    Args:
        number: Of those.
        in_all: Of all complaints.
        is_edit: Whether code stays in its language, so that units are left as they were.

    Returns:
        A sentence; "" where there is none.
    """
    if not number:
        return ""
    if number < in_all:
        where = "In units that were left as they were" if is_edit else "In stubs"
        return f"{where}: {number:,} of {in_all:,} complaints."
    where = "units that were left as they were" if is_edit else "stubs"
    return f"All complaints are in {where}: what was translated has none."
