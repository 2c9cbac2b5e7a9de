"""What sites that are wrong on purpose may send in the place of what they have learned.

The attackers know what the honest sites send in the same round (the strongest case), and may keep
what came before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from benchmarks.robustness.task import SITES
from fedtranslate.adapters.factors import Adapter, Factors

ATTACKERS = (3, 8)
"""Their numbers: two of eleven, which is what Bulyan bears among as many."""
CLAIM = 10**9
_STALE = 2
_FLIP, _HUGE, _NOISE = -3.0, 1e3, 0.01


@dataclass(frozen=True, eq=False)
class Seen:
    """What an attacker knows in a round."""

    number: int
    own: Adapter
    """What it has learned, of wrong targets if the attack says so."""
    honest: Sequence[Adapter]
    """What the honest sites send."""
    past: Sequence[Adapter]
    """The joint adapters so far; the last is that of this round."""
    rng: torch.Generator


@dataclass(frozen=True, slots=True)
class Attack:
    """One way to attack."""

    name: str
    title: str
    craft: Callable[[Seen], Adapter] | None = None
    """Makes the reply; None sends what was learned."""
    flips_targets: bool = False
    claims: int = 0
    """Pairs that it claims to have; 0 tells the truth."""


def _each(adapter: Adapter, change: Callable[[str, Factors], Factors]) -> dict[str, Factors]:
    return {name: change(name, factors) for name, factors in adapter.items()}


def _nan(seen: Seen) -> Adapter:
    return _each(seen.own, lambda _, f: replace(f, b=torch.full_like(f.b, torch.nan)))


def _huge(seen: Seen) -> Adapter:
    return _each(seen.own, lambda _, f: replace(f, b=f.b * _HUGE))


def _long(seen: Seen) -> Adapter:
    """A change 25 times too long, with factors whose own norms are below the absolute bound."""
    return _moved(seen, lambda now, own: now + 25.0 * (own - now))


def _sign_flip(seen: Seen) -> Adapter:
    return _moved(seen, lambda now, own: now + _FLIP * (own - now))


def _moved(seen: Seen, move: Callable[[Tensor, Tensor], Tensor]) -> Adapter:
    joint = seen.past[-1]
    return _each(
        seen.own,
        lambda n, f: Factors(move(joint[n].a, f.a), move(joint[n].b, f.b), f.scaling),
    )


def _turned(seen: Seen) -> Adapter:
    """The very update it has learned, by factors of which both have the other sign."""
    return _each(seen.own, lambda _, f: Factors(-f.a, -f.b, f.scaling))


def _stale(seen: Seen) -> Adapter:
    return seen.past[max(0, len(seen.past) - 1 - _STALE)]


def _free_rider(seen: Seen) -> Adapter:
    return seen.past[-1]


def _colluding(seen: Seen) -> Adapter:
    """One wrong direction for all attackers and rounds, as long as an honest change, and noise."""
    shared, joint = torch.Generator().manual_seed(7), seen.past[-1]

    def along(name: str, part: str) -> Tensor:
        old = getattr(joint[name], part)
        changes = torch.stack([getattr(one[name], part) - old for one in seen.honest])
        length = changes.flatten(1).norm(dim=1).median()
        way = torch.randn(old.shape, generator=shared)
        way = way / way.norm() + _NOISE * torch.randn(old.shape, generator=seen.rng) / way.norm()
        moved: Tensor = old + length * way
        return moved

    return _each(joint, lambda n, f: Factors(along(n, "a"), along(n, "b"), f.scaling))


def _little(seen: Seen) -> Adapter:
    """The honest mean less one standard deviation, entry by entry: within what is usual."""

    def drifted(name: str, part: str) -> Tensor:
        values = torch.stack([getattr(one[name], part) for one in seen.honest])
        noise = _NOISE * torch.randn(values.shape[1:], generator=seen.rng)
        low: Tensor = values.mean(dim=0) - (1 + noise) * values.std(dim=0)
        return low

    return _each(seen.own, lambda n, f: Factors(drifted(n, "a"), drifted(n, "b"), f.scaling))


ATTACKS = (
    Attack("none", "undisturbed"),
    Attack("nan", "NaN in B", _nan),
    Attack("huge", "B times 1,000", _huge),
    Attack("long", "the change times 25", _long),
    Attack("sign-flip", "the change times -3", _sign_flip),
    Attack("label-flip", "wrong targets", flips_targets=True),
    Attack("stale", "the joint adapter of two rounds before", _stale),
    Attack("free-rider", "the joint adapter as it came", _free_rider),
    Attack("claim", "wrong targets, and a claim of 10⁹ pairs", flips_targets=True, claims=CLAIM),
    Attack("collusion", "one wrong direction for both, of usual length", _colluding),
    Attack("little", "honest mean less one standard deviation (Baruch 2019)", _little),
    Attack("turned", "its update by factors of the other sign", _turned),
)


def replies(
    attack: Attack,
    number: int,
    learned: Sequence[Adapter],
    past: Sequence[Adapter],
    seed: int,
) -> list[Adapter]:
    """Return what all sites send in a round, in order of ``SITES``.

    Args:
        attack: What the attackers do.
        number: Of the round.
        learned: What each site has learned from the last joint adapter.
        past: The joint adapters so far.
        seed: Of the attackers' noise.
    """
    if attack.craft is None:
        return list(learned)
    rng = torch.Generator().manual_seed(seed)
    honest = [one for site, one in enumerate(learned) if site not in ATTACKERS]
    return [
        attack.craft(Seen(number, learned[site], honest, past, rng))
        if site in ATTACKERS
        else learned[site]
        for site in range(len(SITES))
    ]
