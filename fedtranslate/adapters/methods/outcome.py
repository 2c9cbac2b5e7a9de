"""What a method hands on, looked at before it is kept: methods may be somebody else's plugins."""

from torch import Tensor, float32

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.methods.method import Joint
from fedtranslate.errors import AggregationError


def checked(new: Joint, before: Joint, method: str) -> Joint:
    """Return ``new`` if a round can be kept and gone on from with it.

    Args:
        new: What the method made of the replies.
        before: What the sites trained from.
        method: Its name.

    Raises:
        AggregationError: It adapts other modules, or its factors have other shapes, ranks, scaling
            or types than those before, or hold NaN or infinity; likewise what is folded and
            remembered.
    """
    problem = _problem(new, before.adapter)
    if problem:
        raise AggregationError(
            f"The method {method} made an adapter that cannot be gone on with: {problem}.",
            hint="The rounds before are kept. Mend the method, or take another one.",
        )
    return new


def _problem(new: Joint, before: Adapter) -> str:
    if new.adapter.keys() != before.keys():
        return f"it adapts other modules ({sorted(new.adapter.keys() ^ before.keys())[:3]})"
    for name, old in before.items():
        one = new.adapter[name]
        if (one.a.shape, one.b.shape) != (old.a.shape, old.b.shape):
            return (
                f"{name} has the shapes {tuple(one.a.shape)} and {tuple(one.b.shape)} instead of"
                f" {tuple(old.a.shape)} and {tuple(old.b.shape)}"
            )
        if not abs(one.scaling - old.scaling) <= 1e-9 * old.scaling:  # nor where it is NaN
            return f"{name} has the scaling {one.scaling:g} instead of {old.scaling:g}"
        if found := _unfit(one):
            return f"{name} {found}"
    for name, one in new.folded.items():
        if name not in before or one.shape != before[name].shape:
            return f"what is folded of {name} is of no module of this shape"
        if found := _unfit(one):
            return f"what is folded of {name} {found}"
    wrong = [name for name, kept in new.memory.items() if not _is_finite(kept)]
    return f"its memory of {wrong[0]} is not finite" if wrong else ""


def _unfit(factors: Factors) -> str:
    for matrix in (factors.a, factors.b):
        if matrix.dtype != float32:
            return f"is of {matrix.dtype} instead of float32"
        if not _is_finite(matrix):
            return "holds NaN or infinity"
    return ""


def _is_finite(values: Tensor) -> bool:
    return bool(values.isfinite().all())
