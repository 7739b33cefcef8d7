"""An index of the passages of some files, shared by the agents of a process that read them."""

import asyncio
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol
from weakref import WeakValueDictionary

from kumeo_runtime.knowledge.passages import Passage, parts_of, texts_of


class Ranker(Protocol):
    """Ranks texts for a query."""

    def best(self, query: str, top: int) -> list[tuple[int, float]]:
        """Return places and scores of the best texts, best first."""
        ...


class Index:
    """Some files: their text, and their passages by how well they fit a query."""

    def __init__(self, root: Path, files: Sequence[str], chunk: int, embedder: str | None) -> None:
        self._root = root
        self._embedder = embedder
        self._chunk = chunk
        self._texts = texts_of(root, files)

    @cached_property
    def text(self) -> str:
        """All files, one after the other."""
        return "\n\n".join(text.strip("\n") for _, text in self._texts)

    @cached_property
    def passages(self) -> list[Passage]:
        """The parts of the files that a query finds."""
        texts = self._texts
        return [
            Passage(part, name)
            for name, text in texts
            for part in parts_of(name, text, self._chunk)
        ]

    @cached_property
    def _ranker(self) -> Ranker:
        texts = [passage.text for passage in self.passages]
        if self._embedder is None:
            from kumeo_runtime.knowledge.bm25 import Ranking

            return Ranking(texts)
        from kumeo_runtime.knowledge.embedding import Embedded, Embedder

        return Embedded(Embedder(self._root / self._embedder), texts, self._root)

    def prepare(self) -> None:
        """Make what queries need. Raises: AgentError."""
        self._ranker.best("", 1)

    async def best(self, query: str, top: int) -> list[tuple[Passage, float]]:
        """Return passages and scores, best first. A model runs beside the event loop."""
        if self._embedder is None:
            found = self._ranker.best(query, top)
        else:
            found = await asyncio.to_thread(self._ranker.best, query, top)
        return [(self.passages[place], score) for place, score in found]


_OPEN: WeakValueDictionary[tuple[Path, tuple[str, ...], int, str | None], Index] = (
    WeakValueDictionary()
)


def open_index(root: Path, files: Sequence[str], chunk: int, embedder: str | None) -> Index:
    """Return the index of some files; one that is in use is shared. Raises: AgentError."""
    key = (root.resolve(), tuple(files), chunk, embedder)
    found = _OPEN.get(key)
    if found is None:
        found = _OPEN[key] = Index(root, files, chunk, embedder)
    return found
