"""The tables of a pack.toml that stand in for a grammar, where a language has none.

What the keys mean is told in parsers/README.md.
"""

from typing import Literal, Self

from pydantic import BaseModel, Field, model_validator

from fedtranslate.languages.patterns import CLOSED, Names, Naming, Pattern


class _Table(BaseModel):
    model_config = CLOSED


class ColumnsTable(_Table):
    """Which columns hold code, in texts that are laid out like punched cards."""

    line: Pattern
    first: int = Field(default=1, ge=1)
    last: int = Field(default=80, ge=1)


class UnitRule(_Table):
    """How one kind of unit begins and ends."""

    kind: Literal["constructor", "function", "method", "property", "type"]
    begin: Naming = Field(min_length=1)
    end: Pattern = ""
    level: int = Field(ge=0)
    within: int | None = Field(default=None, ge=0)
    group: bool = False


class PairRule(_Table):
    """Words or brackets of which each that begins something must be ended."""

    begin: Names = Field(min_length=1)
    end: Names = Field(min_length=1)
    open_ended: bool = False


class RulesTable(_Table):
    """How to cut and to parse without a grammar."""

    units: tuple[UnitRule, ...] = Field(min_length=1)
    pairs: tuple[PairRule, ...] = ()
    sentence: Pattern = ""
    sentence_end: Pattern = ""
    calls: Naming = ""
    types: Naming = ""

    @model_validator(mode="after")
    def _has_unique_words(self) -> Self:
        words = [word for pair in self.pairs for word in (*pair.begin, *pair.end)]
        if twice := sorted({word for word in words if words.count(word) > 1}):
            raise ValueError(f"pairs: {twice[0]!r} stands in more than one place")
        return self
