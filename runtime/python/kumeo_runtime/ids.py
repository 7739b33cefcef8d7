"""Identities: what makes a message, a call or a task the same one after a fault.

Every id follows from what led to it and never from where or when it was computed, so a second run
of an activation makes the same ids and the store refuses what it has already.
"""

from hashlib import blake2b
from zlib import crc32

Path = tuple[int, ...]
"""Indexes of the `for` elements that are being handled, outermost first."""


def activation_id(workflow: str, source: str, source_id: str) -> str:
    """Return the id of the activation that an event of a source starts.

    >>> activation_id("fraud", "transactions", "t-1")[:8]
    'ca564996'
    """
    return _hash(f"{workflow}\0{source}\0{source_id}")


def child_id(activation: str, site: str, path: Path = ()) -> str:
    """Return the id of an emission, an edge message, a journal entry or a task of an activation."""
    if not path:
        return _hash(f"{activation}\0{site}\0")
    return _hash(f"{activation}\0{site}\0{','.join(map(str, path))}")


def stored_id(created: str, sequence: int) -> str:
    """Return the id of an event without one: where it is stored identifies it for ever."""
    return f"{created}#{sequence}"


def partition_of(key: str, partitions: int) -> int:
    """Return the partition that holds the messages of a key, in order."""
    return crc32(key.encode("utf-8", "surrogatepass")) % partitions


_EMPTY = blake2b(digest_size=16)


def _hash(text: str) -> str:
    found = _EMPTY.copy()  # Three times as fast as a new one.
    found.update(text.encode("utf-8", "surrogatepass"))
    return found.digest().hex()
