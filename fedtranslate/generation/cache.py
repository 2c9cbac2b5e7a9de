"""Keys and values of a batch, with room for what is to come.

The library's are copied whole for every token.
"""

from collections.abc import Sequence

from torch import Tensor
from transformers.cache_utils import DynamicLayer

_ROOM = 64
"""Tokens by which a full cache grows."""


class RoomyLayer(DynamicLayer):  # type: ignore[misc]
    """The keys and values of one layer, at the head of a store that is longer than they are."""

    keys: Tensor
    values: Tensor
    _store: tuple[Tensor, Tensor] | None = None

    def update(
        self,
        key_states: Tensor,
        value_states: Tensor,
        *_args: object,
        **_kwargs: object,
    ) -> tuple[Tensor, Tensor]:
        """Take in new keys and values, shape (rows, heads, new, width); return all."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        length = self.get_seq_length()
        end = length + key_states.shape[-2]
        if self._store is None or end > self._store[0].shape[-2]:
            self._store = (self._grown(key_states, end), self._grown(value_states, end))
            if length:
                self._store[0][..., :length, :] = self.keys
                self._store[1][..., :length, :] = self.values
        for store, states in zip(self._store, (key_states, value_states), strict=True):
            store[..., length:end, :] = states
        self.keys, self.values = (store[..., :end, :] for store in self._store)
        return self.keys, self.values

    def batch_repeat_interleave(self, repeats: int) -> None:
        """Have every row ``repeats`` times, side by side."""
        super().batch_repeat_interleave(repeats)
        self._store = None

    @staticmethod
    def _grown(states: Tensor, length: int) -> Tensor:
        rows, heads, _, width = states.shape
        return states.new_empty(rows, heads, length + _ROOM, width)


def packed(parts: Sequence[tuple[RoomyLayer, Tensor]], length: int) -> RoomyLayer:
    """Return a layer with some rows of others, and of each row its last ``length`` places.

    Where a row has not as many, zeros stand before them: what a mask hides must be numbers all the
    same.

    Args:
        parts: Layers, not empty, and the numbers of their rows that are kept.
        length: Places of each row.
    """
    made = RoomyLayer()
    made.lazy_initialization(parts[0][0].keys, parts[0][0].values)
    stores = (
        _packed([(layer.keys, kept) for layer, kept in parts], length),
        _packed([(layer.values, kept) for layer, kept in parts], length),
    )
    made._store = stores
    made.keys, made.values = (store[..., :length, :] for store in stores)
    return made


def _packed(parts: Sequence[tuple[Tensor, Tensor]], length: int) -> Tensor:
    """Return the store of keys, or of values, with room for what is to come."""
    _, heads, _, width = parts[0][0].shape
    rows = sum(len(kept) for _, kept in parts)
    store = parts[0][0].new_zeros(rows, heads, length + _ROOM, width)
    first = 0
    for states, kept in parts:
        known = min(length, states.shape[-2])
        place = store[first : first + len(kept), :, length - known : length]
        place[:] = states[..., states.shape[-2] - known :, :][kept]
        first += len(kept)
    return store
