"""Settings of the screening of replies against each other."""

from pydantic import Field

from fedtranslate.config.reading import Settings


class ScreeningSettings(Settings):
    """Bounds that a reply must keep, each against the others of its round."""

    enabled: bool = True
    """Whether replies are compared with each other at all."""
    norm_factor: float = Field(default=4.0, gt=1)
    """Longest change of the update B A, of A and of B, in medians of the round."""
    least_cosine: float = Field(default=-0.1, ge=-1, le=0)
    """Least cosine of a change to the centre of all, if it is an outlier, too."""
    likeness: float = Field(default=0.05, ge=0, lt=1)
    """Replies nearer to each other than this part of the median distance count as one."""
    weight_factor: float = Field(default=5.0, ge=1)
    """Largest weight of a site, in medians of the round; more is cut to it."""
