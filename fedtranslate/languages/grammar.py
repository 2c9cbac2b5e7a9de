"""Load a grammar by the names that a pack gives for it."""

from importlib import import_module
from typing import TypeAlias

from tree_sitter import Language

Source: TypeAlias = tuple[str, str]
"""A Python module, and its function that gives the grammar."""


def grammar_of(source: Source) -> Language:
    """Return the grammar that a module has.

    Raises:
        ImportError: There is no such module.
        AttributeError, TypeError, ValueError: It gives no grammar that this tree-sitter can use.
    """
    module, function = source
    return Language(getattr(import_module(module), function)())
