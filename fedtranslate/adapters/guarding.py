"""Around the code that joins adapters, which may be somebody else's plugin.

Whatever it raises is told as its failure, and adapters that it was to read only are as they were.
"""

import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from torch import OutOfMemoryError, Tensor

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.errors import AggregationError, FedTranslateError

_HINT = "The rounds before are kept. Mend it, or take another one."
_NO_MEMORY = "can't allocate memory"
"""What torch says in a RuntimeError where the machine has no memory left."""


@contextmanager
def guarded(what: str, adapters: Iterable[Adapter]) -> Iterator[None]:
    """Run the block as the work of ``what``, such as "The method fra".

    Args:
        what: Begins the sentences of errors.
        adapters: That the block may read.  Those that wait on disk cannot be changed.

    Raises:
        AggregationError: The block raised what is no error of ours, nor of the machine; or it
            changed one of the adapters in place.
    """
    before = [(one, _seen(one)) for one in adapters if isinstance(one, dict)]
    try:
        yield
    except (FedTranslateError, MemoryError, OutOfMemoryError, OSError):
        raise
    except Exception as error:
        if _NO_MEMORY in str(error):
            raise MemoryError(str(error)) from error
        told = f"{type(error).__name__}: {error}"[:200]
        raise AggregationError(f"{what} has failed ({told}).", hint=_HINT) from error
    if any(not isinstance(one, dict) or _seen(one) != seen for one, seen in before):
        raise AggregationError(
            f"{what} has changed in place what the sites sent or began with, so that the record of"
            " the round would be wrong.",
            hint=_HINT,
        )


def _seen(adapter: dict[str, Factors]) -> list[object]:
    """Return what tells whether an adapter was changed, by whatever way; light ones only are here.

    Torch counts changes in place of most tensors, but not those by way of numpy or ``data``.
    """
    return [(name, id(one), _crc(one.a), _crc(one.b)) for name, one in adapter.items()]


def _crc(tensor: Tensor) -> int:
    return zlib.crc32(tensor.detach().contiguous().numpy().data)
