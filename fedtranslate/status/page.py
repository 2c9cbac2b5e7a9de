"""The page itself: an empty frame, which its script fills from the interface beside it."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from fedtranslate import __version__
from fedtranslate.config.coordinator import CoordinatorSettings


def render(settings: CoordinatorSettings | None) -> str:
    """Return the HTML; None stands for settings that cannot be read."""
    return (
        _templates()
        .get_template("page.html.j2")
        .render(
            federation=settings.federation if settings else "A federation",
            organisation=settings.organisation if settings else "",
            version=__version__,
        )
    )


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("fedtranslate.status"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
