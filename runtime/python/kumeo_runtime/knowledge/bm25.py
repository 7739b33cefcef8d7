"""Ranks texts by the words of a query: BM25 (Robertson and Zaragoza, 2009), usual constants.

What a word adds to the score of a text does not depend on the query. So it is computed once, when
the index is made, and a query adds up the columns of its words.
"""

import math
import re
from array import array
from collections import Counter
from collections.abc import Sequence
from typing import Any

from kumeo_runtime.agents.resources import library

_K1, _B = 1.5, 0.75
_WORD = re.compile(r"\w+")


class Ranking:
    """An index of texts. Raises: AgentError without NumPy."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._numpy = library("numpy", "knowledge")
        self._size = len(texts)
        places, counts, lengths = _counted(texts)
        numpy = self._numpy
        long = numpy.asarray(lengths, dtype=numpy.float64)
        mean = long.mean() if self._size else 1.0
        self._damping = _K1 * (1.0 - _B + _B * long / (mean or 1.0))
        self._columns = {word: self._column(places[word], counts[word]) for word in places}

    def _column(self, places: "array[int]", counts: "array[int]") -> tuple[Any, Any]:
        """Return which texts hold a word, and what it adds to the score of each."""
        numpy = self._numpy
        where = numpy.frombuffer(places, dtype=numpy.uint32)
        count = numpy.frombuffer(counts, dtype=numpy.uint32).astype(numpy.float64)
        rarity = math.log(1.0 + (self._size - len(where) + 0.5) / (len(where) + 0.5))
        added = rarity * count * (_K1 + 1.0) / (count + self._damping[where])
        return where.astype(numpy.intp), added.astype(numpy.float32)

    def best(self, query: str, top: int) -> list[tuple[int, float]]:
        """Return places and scores of the best texts that have a word of the query, best first.

        Of equal texts the first one comes first.
        """
        numpy = self._numpy
        found = [self._columns[w] for w in dict.fromkeys(words_of(query)) if w in self._columns]
        if not found or top < 1:
            return []
        scores = numpy.zeros(self._size, dtype=numpy.float32)
        for where, added in found:
            scores[where] += added
        least = 0.0
        if self._size > top:
            least = numpy.partition(scores, self._size - top)[self._size - top]
        held = numpy.flatnonzero(scores >= least if least > 0.0 else scores)
        order = held[numpy.argsort(-scores[held], kind="stable")][:top]
        return [(int(place), float(scores[place])) for place in order]


def _counted(
    texts: Sequence[str],
) -> tuple[dict[str, "array[int]"], dict[str, "array[int]"], "array[int]"]:
    """Return for each word the texts that hold it and how often, and the lengths of the texts."""
    places: dict[str, array[int]] = {}
    counts: dict[str, array[int]] = {}
    lengths: array[int] = array("I")
    for place, text in enumerate(texts):
        words = words_of(text)
        lengths.append(len(words))
        for word, count in Counter(words).items():
            if word not in places:
                places[word], counts[word] = array("I"), array("I")
            places[word].append(place)
            counts[word].append(count)
    return places, counts, lengths


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case."""
    return _WORD.findall(text.lower())
