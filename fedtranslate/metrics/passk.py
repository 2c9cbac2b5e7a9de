"""pass@k: how likely it is that one of k samples of a task is right."""

import math
from collections.abc import Sequence


def pass_at_k(samples: int, correct: int, k: int) -> float:
    """Return the unbiased estimate for one task, 0 to 1.

    It is 1 - C(n - c, k) / C(n, k), as a product of factors that are each below 1, so that no
    number grows beyond what a float holds.

    Args:
        samples: How many were drawn for the task, at least ``k``.
        correct: How many of them passed.
        k: How many a user would draw, at least 1.

    Raises:
        ValueError: The numbers cannot be true.

    Reference:
        Chen et al. 2021, arXiv:2107.03374.
    """
    if not 0 <= correct <= samples or not 1 <= k <= samples:
        raise ValueError(f"pass@{k} of {samples} samples, {correct} of them correct, is undefined.")
    if samples - correct < k:
        return 1.0
    wrong = samples - correct
    return 1.0 - math.prod((wrong - drawn) / (samples - drawn) for drawn in range(k))


def mean_pass_at_k(tasks: Sequence[tuple[int, int]], k: int) -> float:
    """Return pass@k over tasks, each given by its samples and how many of them passed.

    Raises:
        ValueError: There are no tasks, or one has fewer than ``k`` samples.
    """
    if not tasks:
        raise ValueError("There is no pass@k of no tasks.")
    return math.fsum(pass_at_k(samples, correct, k) for samples, correct in tasks) / len(tasks)
