"""The model writes: batched, length-sorted, with bounded memory."""
