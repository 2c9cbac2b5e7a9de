"""Lay lines and braces out, on one line or on many.

The compact layout is that of the CodeXGLUE corpus: Java has a space in front of an opening brace,
C# has none, and neither has one behind it.
"""

from dataclasses import dataclass
from typing import Final

INDENT: Final = "    "


@dataclass(frozen=True, slots=True)
class Layout:
    """How a page looks: all on one line, and where an opening brace stands."""

    compact: bool
    brace_gap: str = " "
    allman: bool = False


class Page:
    """Collect the text of one program."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.lines: list[str] = []
        self.depth = 0

    def line(self, text: str) -> None:
        """Add a line."""
        self.lines.append(text if self.layout.compact else INDENT * self.depth + text)

    def comment(self, text: str) -> None:
        """Add a line comment, which a compact page cannot hold."""
        if not self.layout.compact:
            self.line("// " + text)

    def blank(self) -> None:
        """Add an empty line between members."""
        if not self.layout.compact:
            self.lines.append("")

    def deeper(self) -> None:
        """Indent what follows by one step more."""
        self.depth += 1

    def shallower(self) -> None:
        """Indent what follows by one step less."""
        self.depth -= 1

    def open(self, head: str) -> None:
        """Begin a block."""
        if self.layout.allman and not self.layout.compact:
            self.line(head)
            self.line("{")
        else:
            self.line(head + self.layout.brace_gap + "{")
        self.depth += 1

    def reopen(self, head: str) -> None:
        """End a block and begin the next one of the same statement."""
        self.depth -= 1
        if self.layout.allman and not self.layout.compact:
            self.line("}")
            self.line(head)
            self.line("{")
        else:
            gap = self.layout.brace_gap
            self.line("}" + gap + head + gap + "{")
        self.depth += 1

    def close(self, tail: str = "") -> None:
        """End a block; the tail of a `do` statement stands behind the brace."""
        self.depth -= 1
        self.line("}" + (self.layout.brace_gap + tail if tail else ""))

    def text(self) -> str:
        """Give all that was collected."""
        return ("" if self.layout.compact else "\n").join(self.lines)
