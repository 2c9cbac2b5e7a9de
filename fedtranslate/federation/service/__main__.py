"""A service as a process of its own.

python -m fedtranslate.federation.service coordinator DIR
python -m fedtranslate.federation.service site DIR PART PORT
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from fedtranslate.errors import FedTranslateError


def main(arguments: list[str]) -> None:
    """Serve until told to end."""
    kind, root = arguments[0], Path(arguments[1])
    if kind == "coordinator":
        from fedtranslate.federation.service.coordinator import coordinator_place, serve

        serve(coordinator_place(root), _say)
        return
    from fedtranslate.federation.service.site import Part
    from fedtranslate.federation.service.site import serve as serve_site
    from fedtranslate.federation.site.enrolment.joining import joined
    from fedtranslate.federation.site.place import SitePlace

    place = SitePlace(root.resolve())
    serve_site(place, joined(place), Part(arguments[2]), int(arguments[3]))


def _say(sentence: str) -> None:
    sys.stderr.write(f"{datetime.now(UTC).isoformat(timespec='seconds')} {sentence}\n")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except FedTranslateError as error:
        sys.exit(f"Error: {error}")
