"""A translation task that trains in seconds and whose answers are known exactly.

A source token, read with the one before it, has one target token: what a teacher network answers,
which differs from the frozen base network by updates of low rank.  So an adapter can learn the
task fully, and the loss on pairs of tokens that no site has is exact.  Sites are unlike each
other: each has its own mixture of target tokens (Dirichlet, 0.5), and the largest has ten times
the examples of the smallest.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from fedtranslate.adapters.factors import Adapter, Factors

SITES = tuple(f"site-{number:02d}" for number in range(1, 12))
TOKENS, TARGETS, WIDTH, HIDDEN = 60, 12, 16, 32
SHAPES = {"layer.down": (TARGETS * 2, HIDDEN), "layer.up": (HIDDEN, 2 * WIDTH)}
RANK, SCALING, STEPS, BATCH, RATE = 6, 2.0, 12, 32, 0.01
_TEACHER_RANK = 4
_HELD_OUT = 1_200
_LEAST, _MOST = 60, 600


@dataclass(frozen=True, eq=False)
class World:
    """The base network, the sites' examples, and the held-out ones."""

    base: dict[str, Tensor]
    head: Tensor
    x: tuple[Tensor, ...]
    """Of each site, shape (examples, 2 * WIDTH)."""
    y: tuple[Tensor, ...]
    held_x: Tensor
    held_y: Tensor

    def loss(self, adapter: Adapter) -> float:
        """Return the cross entropy on the held-out pairs of tokens."""
        a = {name: factors.a[None] for name, factors in adapter.items()}
        b = {name: factors.b[None] * factors.scaling for name, factors in adapter.items()}
        logits = self._logits(a, b, self.held_x[None])
        return float(functional.cross_entropy(logits[0], self.held_y))

    def trained(
        self, joint: Adapter, seed: int, flipped: Sequence[int] = ()
    ) -> list[dict[str, Factors]]:
        """Return what each site has learned from ``joint`` in one round, all at once.

        Args:
            joint: What they begin with.
            seed: Of the order of their examples.
            flipped: Sites that learn wrong targets.
        """
        count, rng = len(self.x), torch.Generator().manual_seed(seed)
        a = {n: f.a.repeat(count, 1, 1).requires_grad_() for n, f in joint.items()}
        b = {n: f.b.repeat(count, 1, 1).requires_grad_() for n, f in joint.items()}
        optimiser = torch.optim.Adam([*a.values(), *b.values()], lr=RATE)
        for _ in range(STEPS):
            rows = [torch.randint(len(own), (BATCH,), generator=rng) for own in self.y]
            x = torch.stack([own[row] for own, row in zip(self.x, rows, strict=True)])
            y = torch.stack([own[row] for own, row in zip(self.y, rows, strict=True)])
            for site in flipped:
                y[site] = (y[site] + TARGETS // 2) % TARGETS
            scaled = {name: b[name] * joint[name].scaling for name in b}
            logits = self._logits(a, scaled, x)
            loss = functional.cross_entropy(logits.flatten(0, 1), y.flatten()) * count
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        return [
            {n: Factors(a[n][k].detach(), b[n][k].detach(), joint[n].scaling) for n in joint}
            for k in range(count)
        ]

    def _logits(self, a: dict[str, Tensor], b: dict[str, Tensor], x: Tensor) -> Tensor:
        inner = torch.tanh(_layer(self.base["layer.up"], a["layer.up"], b["layer.up"], x))
        return _layer(self.base["layer.down"], a["layer.down"], b["layer.down"], inner) @ self.head


def make_world(seed: int, count: int = len(SITES), *, alike: bool = False) -> World:
    """Return the world of a seed.

    Args:
        seed: Of everything random.
        count: Of sites, 2 or more.
        alike: Give all sites the same mixture of target tokens, and as many examples.
    """
    rng = torch.Generator().manual_seed(seed)
    base = {
        name: torch.randn(shape, generator=rng) / shape[1] ** 0.5 for name, shape in SHAPES.items()
    }
    change = {
        name: torch.randn(out, _TEACHER_RANK, generator=rng)
        @ torch.randn(_TEACHER_RANK, n_in, generator=rng)
        / (_TEACHER_RANK * n_in) ** 0.5
        for name, (out, n_in) in SHAPES.items()
    }
    head = torch.randn(TARGETS * 2, TARGETS, generator=rng) * 1.5
    tokens = torch.randn(TOKENS, WIDTH, generator=rng)
    pairs = torch.cartesian_prod(torch.arange(TOKENS), torch.arange(TOKENS))
    x = tokens[pairs].flatten(1)
    x = x[torch.randperm(len(x), generator=rng)]
    up, down = base["layer.up"] + change["layer.up"], base["layer.down"] + change["layer.down"]
    y = (torch.tanh(x @ up.T) @ down.T @ head).argmax(dim=1)
    own_x, own_y = _shared_out(x[_HELD_OUT:], y[_HELD_OUT:], rng, count, alike=alike)
    return World(base, head, own_x, own_y, x[:_HELD_OUT], y[:_HELD_OUT])


def _shared_out(
    x: Tensor, y: Tensor, rng: torch.Generator, count: int, *, alike: bool
) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
    own_x, own_y = [], []
    for number in range(count):
        size = round(_LEAST * (_MOST / _LEAST) ** (0.5 if alike else number / (count - 1)))
        # Gamma(1/2) is half a squared normal; normalised gammas are a Dirichlet.
        mixture = torch.randn(TARGETS, generator=rng).square() + 1e-3
        mixture = torch.ones(TARGETS) if alike else mixture
        chosen = torch.multinomial(mixture[y], size, generator=rng)
        own_x.append(x[chosen])
        own_y.append(y[chosen])
    order = torch.randperm(count, generator=rng).tolist()
    return tuple(own_x[k] for k in order), tuple(own_y[k] for k in order)


def _layer(base: Tensor, a: Tensor, b: Tensor, x: Tensor) -> Tensor:
    """Return x (K, n, in) through base (out, in) plus b (K, out, r) @ a (K, r, in)."""
    return x @ base.T + (x @ a.transpose(1, 2)) @ b.transpose(1, 2)
