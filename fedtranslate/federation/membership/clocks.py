"""How far two clocks are apart, told so that both ends can see whose is wrong."""

from datetime import UTC, datetime


def moment(second: int) -> str:
    """Return a time to the second, in UTC; whoever told it may have told anything."""
    try:
        return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):
        return "an impossible time"


def told_apart(here: int, there: int) -> str:
    """Return what two clocks say, and how far they are apart.

    Args:
        here: By this machine's clock, in seconds since 1970.
        there: By the coordinator's.
    """
    apart = here - there
    way = "ahead of" if apart > 0 else "behind"
    return (
        f"this machine's clock is {abs(apart)} s {way} the coordinator's:"
        f" {moment(here)} here, {moment(there)} there"
    )
