"""``python -m fedtranslate.status DIR``: serve the status page of the coordinator in DIR."""

import sys
from pathlib import Path

from fedtranslate.errors import FedTranslateError
from fedtranslate.status.serving import serve


def main(arguments: list[str]) -> None:
    """Serve until told to end."""
    if len(arguments) != 1:
        sys.exit("Usage: python -m fedtranslate.status DIR")
    try:
        serve(Path(arguments[0]))
    except FedTranslateError as error:
        sys.exit(f"Error: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
