"""Settings of what travels in a run: ``[federation.traffic]``."""

from typing import Literal

from pydantic import Field

from fedtranslate.config.reading import Settings

NumberFormat = Literal["float32", "float16", "bfloat16", "int8", "int4"]


class TrafficSettings(Settings):
    """How numbers are written on the network; what a format leaves over follows in later rounds."""

    up: NumberFormat = "float32"
    """Of what sites send."""
    down: NumberFormat = "float32"
    """Of what the coordinator sends."""
    top_k: float = Field(default=0.0, ge=0, lt=1)
    """Share of the entries of each factor that sites send, the largest; 0 sends all."""

    @property
    def is_exact(self) -> bool:
        """Whether nothing is rounded or left out, either way."""
        return (self.up, self.down, self.top_k) == ("float32", "float32", 0)
