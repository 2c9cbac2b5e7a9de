"""What a site keeps to itself of its adapter in one run, round by round.

With a method that shares a part only, the rest is each site's own: it is trained on, judged with,
and never leaves.
"""

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.methods.method import Part
from fedtranslate.adapters.tensors import read_tensors, tensor_pieces
from fedtranslate.config.files import write_durably
from fedtranslate.errors import AdapterError, FederationError

FOLDER = "personal"
"""Below the folder of a site."""


class PersonalBook:
    """The parts of one site in one run; each round's stay, since any may be the best one.

    Args:
        site_folder: Of the site.
        run: Name of the run.
    """

    def __init__(self, site_folder: Path, run: str) -> None:
        self._folder = site_folder / FOLDER / run

    def before(self, number: int) -> dict[str, Tensor]:
        """Return the parts as they were when round ``number`` began; nothing at first.

        Raises:
            FederationError: They are damaged.
        """
        earlier = [found for found in self._rounds() if found < number]
        if not earlier:
            return {}
        path = self._path(max(earlier))
        try:
            return read_tensors(path)
        except AdapterError as error:
            hint = f"Delete {path}: the site then goes on with its part of the round before."
            raise FederationError(str(error), hint=hint) from None

    def keep(self, number: int, adapter: Adapter, parts: frozenset[Part]) -> None:
        """Keep the ``parts`` of what came of round ``number``."""
        tensors = {
            f"{name}.{part}": getattr(one, part)
            for name, one in adapter.items()
            for part in sorted(parts)
        }
        self._folder.mkdir(parents=True, exist_ok=True)
        write_durably(self._path(number), tensor_pieces(tensors))

    def _path(self, number: int) -> Path:
        return self._folder / f"round-{number:05d}.safetensors"

    def _rounds(self) -> list[int]:
        names = (path.stem.rpartition("-")[2] for path in self._folder.glob("round-*.safetensors"))
        return [int(name) for name in names if name.isdecimal()]


def own_joint(adapter: Adapter, site_folder: Path, run: str, number: int) -> Adapter:
    """Return the joint adapter of round ``number`` as a site uses it: with the parts of its own.

    Args:
        adapter: The joint adapter.
        site_folder: Of the site.
        run: Name of the run.
        number: Of the round.

    Raises:
        FederationError: What the site kept is damaged.
    """
    return with_own(adapter, PersonalBook(site_folder, run).before(number + 1))


def with_own(adapter: Adapter, own: Mapping[str, Tensor]) -> Adapter:
    """Return ``adapter`` with the site's own parts in it, as far as they fit."""
    if not own:
        return adapter
    return {
        name: Factors(
            _fitting(own.get(f"{name}.{Part.A}"), one.a),
            _fitting(own.get(f"{name}.{Part.B}"), one.b),
            one.scaling,
        )
        for name, one in adapter.items()
    }


def without_own(adapter: Adapter, joint: Adapter, parts: frozenset[Part]) -> Adapter:
    """Return ``adapter`` with the ``parts`` of the joint one instead of its own."""
    if not parts:
        return adapter
    return {
        name: Factors(
            joint[name].a if Part.A in parts else one.a,
            joint[name].b if Part.B in parts else one.b,
            one.scaling,
        )
        for name, one in adapter.items()
    }


def _fitting(own: Tensor | None, joint: Tensor) -> Tensor:
    return own if own is not None and own.shape == joint.shape else joint
