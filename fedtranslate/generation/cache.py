"""Keys and values of a batch, with room for what is to come.

The library's are copied whole for every token.
"""

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

    def batch_select_indices(self, indices: Tensor) -> None:
        """Keep the rows ``indices``."""
        super().batch_select_indices(indices)
        self._store = None

    def batch_repeat_interleave(self, repeats: int) -> None:
        """Have every row ``repeats`` times, side by side."""
        super().batch_repeat_interleave(repeats)
        self._store = None

    @staticmethod
    def _grown(states: Tensor, length: int) -> Tensor:
        rows, heads, _, width = states.shape
        return states.new_empty(rows, heads, length + _ROOM, width)
