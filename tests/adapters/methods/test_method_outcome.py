"""What methods hand on is looked at before it is kept."""

from collections.abc import Callable

import pytest
import torch

from fedtranslate.adapters.factors import Factors
from fedtranslate.adapters.methods.method import Joint
from fedtranslate.adapters.methods.outcome import checked
from fedtranslate.errors import AggregationError

ONE = Factors(torch.ones(2, 5), torch.ones(6, 2), 2.0)
BEFORE = Joint({"m": ONE})
NAN = torch.full((6, 2), float("nan"))
Made = Callable[[], Joint]


def adapter(a: torch.Tensor = ONE.a, b: torch.Tensor = ONE.b, scaling: float = 2.0) -> Joint:
    return Joint({"m": Factors(a, b, scaling)})


def test_what_fits_is_handed_on() -> None:
    new = Joint({"m": ONE}, {"m": Factors(torch.ones(7, 5), torch.ones(6, 7), 1.0)})
    assert checked(new, BEFORE, "mine") is new


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        (lambda: Joint({}), "adapts other modules"),
        (lambda: Joint({"n": ONE}), "adapts other modules"),
        (lambda: adapter(torch.ones(3, 5), torch.ones(6, 3)), "shapes"),
        (lambda: adapter(a=torch.ones(2, 4)), "shapes"),
        (lambda: adapter(scaling=6.0), "scaling 6 instead of 2"),
        (lambda: adapter(b=NAN), "NaN"),
        (lambda: adapter(b=torch.ones(6, 2).double()), "float64 instead of"),
        (lambda: Joint({"m": ONE}, {"n": ONE}), "folded of n"),
        (lambda: Joint({"m": ONE}, {"m": Factors(ONE.a, NAN, 1.0)}), "folded of m holds NaN"),
        (lambda: Joint({"m": ONE}, memory={"v": NAN}), "memory of v is not finite"),
    ],
)
def test_what_cannot_be_gone_on_with_is_refused_with_the_name_of_the_method(
    made: Made, problem: str
) -> None:
    with pytest.raises(AggregationError, match=f"The method mine .*{problem}"):
        checked(made(), BEFORE, "mine")
