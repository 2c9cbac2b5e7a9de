"""Which comments belong to a piece of code: those that stand directly above it."""

from collections.abc import Collection, Mapping

_WHITE = " \t\r\n\f\v"


def start_with_comments(
    start: int,
    code: str,
    comments: Mapping[int, int],
    attributes: Collection[int] = frozenset(),
) -> int:
    """Return where the comments and attributes begin that belong to ``start``; or ``start``.

    Args:
        start: Where the piece begins.
        code: The file, with one character for each place; it may be bytes read as Latin-1.
        comments: The start of every comment and attribute, by its end without white space.
        attributes: Ends of the attributes among them: they belong to what follows, wherever they
            stand; a comment only when it stands directly above.
    """
    while True:
        end = start
        while end > 0 and code[end - 1] in _WHITE:
            end -= 1
        above = comments.get(end)
        if above is None:
            return start
        if end not in attributes:
            line_start = code.rfind("\n", 0, above) + 1
            if code.count("\n", end, start) > 1 or code[line_start:above].strip(_WHITE):
                return start  # it stands apart, or behind code and speaks of that
        start = above
