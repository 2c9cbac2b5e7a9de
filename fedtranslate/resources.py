"""Where the data folders that ship with fedtranslate are on this machine.

The only module that knows about installation layouts.  In a checkout (and so in an editable
install) ``parsers/`` and ``clients/`` lie beside this package; in a wheel they lie inside
it, in ``_shipped/``, put there by ``tools/ship_data.py``.
"""

from pathlib import Path

from fedtranslate.errors import InstallError

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent


def shipped(name: str) -> Path:
    """Return the folder ``name`` ("parsers" or "clients") that came with this installation.

    Raises:
        InstallError: The folder is neither in the package nor in a checkout around it.
    """
    inside = _PACKAGE / "_shipped" / name
    if inside.is_dir():
        return inside
    beside = _CHECKOUT / name
    if beside.is_dir() and (_CHECKOUT / "pyproject.toml").is_file():
        return beside
    raise InstallError(
        f"The folder {name!r} that ships with fedtranslate is missing from {_PACKAGE}.",
        hint="Install it again: pip install --force-reinstall fedtranslate.",
    )
