"""The table of a pack.toml that says where code of the language lies.

What the keys mean is told in parsers/README.md.
"""

from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, model_validator

from fedtranslate.languages.naming import CONVENTIONS
from fedtranslate.languages.patterns import CLOSED, Naming, Pattern


def _is_convention(text: str) -> str:
    if text and text not in CONVENTIONS:
        raise ValueError(f"unknown; known are {', '.join(CONVENTIONS)}")
    return text


Convention = Annotated[str, AfterValidator(_is_convention)]


class LayoutTable(BaseModel):
    """How files, folders and packages hang together."""

    model_config = CLOSED

    file: Convention = ""
    type_per_file: bool = False
    package: Naming = ""
    package_behind: Pattern = ""
    package_before: str = ""
    package_after: str = ""
    package_separator: str = "."
    package_naming: Convention = ""
    package_folders: bool = False
    main_folder: str = ""
    test_folder: str = ""
    folder: Convention = ""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if not self.package_separator:
            raise ValueError("package_separator must not be empty")
        placed = "{name}" in self.package_before or "{last}" in self.package_before
        if self.package_before and not placed:
            raise ValueError("package_before must hold {name} or {last}")
        return self
