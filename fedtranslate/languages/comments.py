"""Which comments belong to a piece of code: those that stand directly above it."""

from collections.abc import Mapping

_WHITE = " \t\r\n\f\v"


def start_with_comments(start: int, code: str, comments: Mapping[int, int]) -> int:
    """Return where the comments begin that stand directly above ``start``; or ``start``.

    Args:
        start: Where the piece begins.
        code: The file, with one character for each place; it may be bytes read as Latin-1.
        comments: The start of every comment, by its end without white space.
    """
    while True:
        end = start
        while end > 0 and code[end - 1] in _WHITE:
            end -= 1
        above = comments.get(end)
        if above is None or code.count("\n", end, start) > 1:
            return start
        line_start = code.rfind("\n", 0, above) + 1
        if code[line_start:above].strip(_WHITE):
            return start  # it stands behind code, and speaks of that
        start = above
