"""fedtranslate: train code translators together without sharing code.

The command line is the main way in (``fedtranslate --help``).  Library users import the
folders directly; ARCHITECTURE.md lists them floor by floor.
"""

__version__ = "0.1.0"
