"""Embeddings that a program can check: words become directions, the same on each run."""

import hashlib
import math


def vector_of(text: str, size: int) -> list[float]:
    """Return a vector of length 1; texts that share words point the same way.

    >>> len(vector_of("a b", 4))
    4
    """
    vector = [0.0] * size
    for word in text.lower().split() or [""]:
        digest = hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=8).digest()
        number = int.from_bytes(digest, "big")
        vector[number % size] += 1.0 if number >> 32 & 1 else -1.0
    length = math.sqrt(sum(part * part for part in vector))
    if length == 0.0:
        return [1.0] + [0.0] * (size - 1)
    return [part / length for part in vector]
