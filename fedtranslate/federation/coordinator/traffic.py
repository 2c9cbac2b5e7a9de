"""The joint adapter on its way down: as all ends will have it, and as the step that leads to it.

Where numbers are rounded on the way, what the sites can have is the joint adapter: it is what they
get, what the next round builds on, and what is kept and released in the end.  What was left over
waits in the round's folder for the next step.
"""

from collections.abc import Mapping

from torch import Tensor

from fedtranslate.adapters.factors import Adapter, checksum
from fedtranslate.adapters.wire.alignment import aligned
from fedtranslate.adapters.wire.coding import Base, Coded, as_received, coded_with_feedback
from fedtranslate.adapters.wire.formats import find_format
from fedtranslate.config.federation import RunSettings
from fedtranslate.federation.exchange import seed_of


class Downlink:
    """The steps of one run from joint adapter to joint adapter.

    Args:
        settings: Of the run.
        left_over: Of the last step.
    """

    def __init__(
        self, settings: RunSettings, left_over: Mapping[str, Tensor] | None = None
    ) -> None:
        self._settings = settings
        self._format = find_format(settings.traffic.down)
        self.left_over: Mapping[str, Tensor] = left_over or {}
        """Of the last step; empty if nothing is rounded."""
        self.step: Coded | None = None
        """How the last joint adapter travels to those who have the one before; None if all of it
        does, as after a restart."""

    def taken(self, number: int, joint: Adapter, new: Adapter) -> Adapter:
        """Return the joint adapter of round ``number``, as all ends will have it.

        Args:
            number: Of the round.
            joint: The one before.
            new: What the replies were combined to.

        Raises:
            AggregationError: It is not finite.
        """
        if self._settings.traffic.is_exact:
            return new
        turned = aligned(new, joint)
        if self._format.is_exact:
            return turned
        base = Base(checksum(joint), joint)
        seed = seed_of(self._settings.seed, number, "down")
        self.step, self.left_over = coded_with_feedback(
            turned, self._format, base, self.left_over, seed
        )
        scaling = next(iter(new.values())).scaling
        return as_received(self.step, self._format, base, scaling)
