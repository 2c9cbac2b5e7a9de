"""Around the code that joins adapters, which may be somebody else's plugin.

Whatever it raises is told as its failure, and adapters that it was to read only are as they were.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from torch import Tensor

from fedtranslate.adapters.factors import Adapter
from fedtranslate.errors import AggregationError, FedTranslateError

_HINT = "The rounds before are kept. Mend it, or take another one."


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
    before = [(one, one._version) for one in _in_memory(adapters)]
    try:
        yield
    except (FedTranslateError, MemoryError, OSError):
        raise
    except Exception as error:
        told = f"{type(error).__name__}: {error}"[:200]
        raise AggregationError(f"{what} has failed ({told}).", hint=_HINT) from error
    if any(tensor._version != version for tensor, version in before):
        raise AggregationError(
            f"{what} has changed in place what the sites sent or began with, so that the record of"
            " the round would be wrong.",
            hint=_HINT,
        )


def _in_memory(adapters: Iterable[Adapter]) -> Iterator[Tensor]:
    for adapter in adapters:
        if isinstance(adapter, dict):
            for factors in adapter.values():
                yield from (factors.a, factors.b)
