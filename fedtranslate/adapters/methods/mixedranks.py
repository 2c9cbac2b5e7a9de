"""Methods on factors for sites with ranks of their own: row j of A belongs to row j of others."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from fedtranslate.adapters.cohort import Cohort
from fedtranslate.adapters.combine import finished
from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.methods.lowrank import Product
from fedtranslate.adapters.methods.method import Joint, Options, Phase


def hetlora(number: int, options: Options) -> Phase:  # noqa: ARG001 - of a Method
    """Fill up with zeros, and weigh by the norm of each update (Cho et al. 2024, arXiv:2401.06432).

    In the paper norms alone weigh; here they multiply the weights of the sites.  The paper also
    lets sites prune their rank as they train; here the rank is the site's setting.  A row that
    nobody has stays as it was, where the paper has zeros.
    """

    def combine(replies: Sequence[Adapter], weights: Sequence[float], joint: Joint) -> Joint:
        cohort = Cohort.of(replies, weights, like=joint.adapter)
        heavy = [w and w * update_norm(reply) for reply, w in zip(replies, weights, strict=True)]
        if any(heavy):
            cohort = Cohort.of(replies, heavy, like=joint.adapter)
        return _averaged(cohort, joint, is_diluted=True)

    return Phase(combine)


def rbla(number: int, options: Options) -> Phase:  # noqa: ARG001
    """Average each row of A and column of B over the sites that have it (arXiv:2408.08699)."""

    def combine(replies: Sequence[Adapter], weights: Sequence[float], joint: Joint) -> Joint:
        cohort = Cohort.of(replies, weights, like=joint.adapter)
        return _averaged(cohort, joint, is_diluted=False)

    return Phase(combine)


def update_norm(adapter: Adapter) -> float:
    """Return the Frobenius norm of all updates s B A together, without forming one."""
    return math.hypot(*(Product.of(one).norm() for one in adapter.values()))


def _averaged(cohort: Cohort, joint: Joint, *, is_diluted: bool) -> Joint:
    averaged = {}
    for name in cohort.modules:
        goal = joint.adapter[name]
        a = torch.zeros(goal.rank, goal.shape[1], dtype=torch.float64)
        b = torch.zeros(goal.rank, goal.shape[0], dtype=torch.float64)
        shares = torch.zeros(goal.rank, 1, dtype=torch.float64)
        for one, share in cohort.members(name):
            height = min(one.rank, goal.rank)
            a[:height] += share * one.a[:height].detach().double()
            b[:height] += share * (one.scaling / goal.scaling) * _columns(one, height)
            shares[:height] += share
        # A row that nobody has stays as it was.
        nobody = shares == 0
        whole = torch.ones_like(shares) if is_diluted else shares.masked_fill(nobody, 1.0)
        a = torch.where(nobody, goal.a.double(), a / whole)
        b = torch.where(nobody, goal.b.T.double(), b / whole)
        averaged[name] = Factors(a.float(), b.T.contiguous().float(), goal.scaling)
    return Joint(finished(averaged))


def _columns(one: Factors, height: int) -> Tensor:
    return one.b[:, :height].detach().double().T
