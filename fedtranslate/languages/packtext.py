"""Read the files of a language pack, which may be anything where a user has packs of others."""

import tomllib
from pathlib import Path
from typing import Any

from fedtranslate.config.files import open_plain
from fedtranslate.errors import PackError

_MOST_BYTES = 4 << 20


def pack_text(file: Path) -> str:
    """Return the text of a file.

    Raises:
        PackError: It is no plain file, cannot be read, is no UTF-8 or larger than any such file.
    """
    try:
        with open_plain(file) as stream:
            data = stream.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise PackError(f"{file} cannot be read: it has more than {_MOST_BYTES >> 20} MiB.")
        return data.decode().replace("\r\n", "\n")
    except OSError as error:
        raise PackError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise PackError(f"{file} cannot be read: {error}.") from None


def pack_table(file: Path) -> dict[str, Any]:
    """Return the content of a TOML file.

    Raises:
        PackError: As of ``pack_text``, or it is not TOML.
    """
    try:
        return tomllib.loads(pack_text(file))
    except tomllib.TOMLDecodeError as error:
        raise PackError(f"{file} cannot be read: {error}.") from None
    except RecursionError:
        raise PackError(f"{file} cannot be read: it is nested too deep.") from None
