"""How long a knowledge base looks for passages: 100,000 of them, BM25.

    python -m benchmarks knowledge

The words of the passages are drawn like those of a language (Zipf), 80 in each; queries are eight
words drawn in the same way, so most of them hold very common ones. The peer is `bm25s` on the same
texts, with words split by the same rule. Both return the five best; times are those of one query in
one thread. The texts are made up, so this says nothing about how good the passages are.
"""

import time
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Any

import numpy as np
from kumeo_runtime.knowledge.bm25 import Ranking, words_of

from benchmarks.tables import Options, Table

TEXTS, WORDS, QUERIES, TOP = 100_000, 80, 400, 5
GOAL_MS = 20.0


def made_up() -> tuple[list[str], list[str]]:
    """Return texts and queries."""
    dice = np.random.default_rng(1)
    drawn = dice.zipf(1.15, size=2 * TEXTS * WORDS)
    drawn = drawn[drawn < 50_000]
    texts = [_text(drawn[i * WORDS : (i + 1) * WORDS]) for i in range(TEXTS)]
    return texts, [_text(dice.choice(drawn, 8)) for _ in range(QUERIES)]


def _text(numbers: Any) -> str:
    return " ".join(f"w{number}" for number in numbers)


def times_ms(best: Callable[[str], object], queries: Sequence[str]) -> list[float]:
    """Return the time of each query, shortest first."""
    found: list[float] = []
    for query in queries:
        begun = time.perf_counter()
        best(query)
        found.append((time.perf_counter() - begun) * 1e3)
    return sorted(found)


def measure(options: Options) -> Table:
    """Return the times of Kumeo and of the peer."""
    texts, queries = made_up()
    begun = time.perf_counter()
    ranking = Ranking(texts)
    built = time.perf_counter() - begun
    bm25s: Any = import_module("bm25s")
    begun = time.perf_counter()
    peer = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
    peer.index([words_of(text) for text in texts], show_progress=False)
    peer_built = time.perf_counter() - begun

    def ask_peer(query: str) -> object:
        return peer.retrieve([words_of(query)], k=TOP, show_progress=False, n_threads=1)

    ours = times_ms(lambda query: ranking.best(query, TOP), queries)
    theirs = times_ms(ask_peer, queries)
    rows = [_row("Kumeo", ours, built), _row(f"bm25s {version('bm25s')}", theirs, peer_built)]
    p95 = ours[int(len(ours) * 0.95)]
    verdict = "met" if p95 <= GOAL_MS else "missed"
    ratio = theirs[len(theirs) // 2] / ours[len(ours) // 2]
    note = (
        f"p95 {p95:.1f} ms, goal {GOAL_MS:g} ms: {verdict}; median against the peer {ratio:.2f} x"
    )
    return Table(
        f"knowledge: {TEXTS:,} passages of {WORDS} words, BM25, {QUERIES} queries of 8 words",
        ("index", "p50 ms", "p95 ms", "largest ms", "built in s"),
        rows,
        (note,),
    )


def _row(name: str, times: Sequence[float], built: float) -> list[str | float]:
    return [name, times[len(times) // 2], times[int(len(times) * 0.95)], times[-1], built]
