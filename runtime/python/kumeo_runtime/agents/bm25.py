"""Ranks texts by the words of a query: BM25 with its usual constants."""

import math
import re
from collections import Counter
from collections.abc import Sequence

_K1, _B = 1.5, 0.75
_WORD = re.compile(r"\w+")


class Ranking:
    """An index of texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._counts = [Counter(words_of(text)) for text in texts]
        lengths = [sum(counts.values()) for counts in self._counts]
        self._lengths = lengths
        self._mean = sum(lengths) / len(lengths) if lengths else 0.0
        self._holders = Counter(word for counts in self._counts for word in counts)

    def best(self, query: str, top: int) -> list[tuple[int, float]]:
        """Return places and scores of the best texts that have a word of the query, best first."""
        words = list(dict.fromkeys(words_of(query)))
        scores = [(self._score(place, words), place) for place in range(len(self._counts))]
        found = sorted((-score, place) for score, place in scores if score > 0.0)
        return [(place, -negative) for negative, place in found[:top]]

    def _score(self, place: int, words: Sequence[str]) -> float:
        counts, length = self._counts[place], self._lengths[place]
        score = 0.0
        for word in words:
            count = counts[word]
            if count:
                damped = count + _K1 * (1.0 - _B + _B * length / self._mean)
                score += self._rarity(word) * count * (_K1 + 1.0) / damped
        return score

    def _rarity(self, word: str) -> float:
        holders = self._holders[word]
        return math.log(1.0 + (len(self._counts) - holders + 0.5) / (holders + 0.5))


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case."""
    return [word.lower() for word in _WORD.findall(text)]
