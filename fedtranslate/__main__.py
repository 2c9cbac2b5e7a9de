"""``python -m fedtranslate``: the same as the ``fedtranslate`` command."""

from fedtranslate.cli import main

main()
