"""Two of Flower's ways with messages that keep them in memory twice.

Everything of a message that is sent is written out before the first piece has left; and an array
that comes is put together from its pieces while these are kept.  For an adapter of a large model,
either is hundreds of megabytes.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from flwr.app import Array
from flwr.app.message.arraychunk import ArrayChunk
from flwr.supercore.inflatable import inflatable_utils
from flwr.supercore.inflatable.inflatable_object import InflatableObject, get_object_body
from flwr.supernode import start_client_internal

_WORKERS = 2
_AHEAD = 4
"""Pieces that are written out, and have not left yet."""
_whole = Array.inflate
"""Flower's own way."""


def be_thrifty() -> None:
    """Let this process keep what it sends and receives in memory once."""
    inflatable_utils.push_object_contents_from_iterable = push_contents
    start_client_internal.push_object_contents_from_iterable = push_contents
    Array.inflate = classmethod(inflated)


def push_contents(
    object_contents: Iterable[tuple[str, bytes]],
    push_object_fn: Callable[[str, bytes], None],
    **_: object,
) -> None:
    """Push objects that are written out one by one, as those before have left.

    Args:
        object_contents: Numbers of objects, and what is to be sent of them.
        push_object_fn: Sends one; several are called at a time.

    Raises:
        Exception: Whatever sending has raised first; what is not under way is not sent any more.
    """
    under_way: set[Future[None]] = set()
    with ThreadPoolExecutor(_WORKERS) as pool:
        try:
            for name, content in object_contents:
                under_way.add(pool.submit(push_object_fn, name, content))
                if len(under_way) >= _AHEAD:
                    under_way = _first_done(under_way)
            while under_way:
                under_way = _first_done(under_way)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _first_done(under_way: set[Future[None]]) -> set[Future[None]]:
    done, left = wait(under_way, return_when=FIRST_COMPLETED)
    for one in done:
        one.result()
    return left


def inflated(
    cls: type[Array], object_content: bytes, children: Mapping[str, InflatableObject] | None = None
) -> Array:
    """Return the array in ``object_content``; one of a single piece has the bytes of that piece.

    Args:
        cls: Flower's.
        object_content: Of the array.
        children: Its pieces by their numbers.

    Raises:
        ValueError: A piece is named more than once, or something is malformed.
    """
    pieces = dict(children or {})
    piece = next(iter(pieces.values())) if len(pieces) == 1 else None
    content = piece.data.obj if isinstance(piece, ArrayChunk) else None
    about = json.loads(get_object_body(object_content, cls).decode("utf-8"))
    if len(about["arraychunk_ids"]) != len(pieces):
        # A small piece, named often, would be any number of gigabytes.
        raise ValueError("The array names a piece of it more than once.")
    if not isinstance(content, bytes):
        return _whole(object_content, pieces)
    return cls(about["dtype"], tuple(about["shape"]), about["stype"], content)
