"""`KnowledgeBase`: the text of files, or the passages of them that fit a query.

Files are read when the service starts. All agents of a process that read the same files in the same
way share one index.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from kumeo_runtime.agents.base import AwaitedAgent, Call, Path, Policy
from kumeo_runtime.agents.resources import AgentError, Resources
from kumeo_runtime.knowledge.index import Index, open_index
from kumeo_runtime.knowledge.passages import Passage
from kumeo_runtime.shapes import shape_of
from kumeo_runtime.values import Fault

T = TypeVar("T")
TOP, CHUNK = 5, 1_000


class KnowledgeBase(AwaitedAgent[T]):
    """Files that agents read. Input: `query`, or none for the whole text.

    settings: `top`, passages for a query; `chunk`, characters in a passage; `embedder`, an ONNX
    model with a `tokenizer.json` beside it, which ranks by meaning instead of words.
    """

    def __init__(
        self,
        *,
        site: str,
        path: str | Sequence[str],
        result: Any,
        settings: Mapping[str, Any] | None = None,
        id: str = "",
        policy: Policy | None = None,
        acts: bool = False,
    ) -> None:
        super().__init__(site=site, id=id, result=result, policy=policy, acts=acts)
        self.files = (path,) if isinstance(path, str) else tuple(path)
        """Paths with `*`."""
        given = settings or {}
        self.top: int = given.get("top", TOP)
        self.chunk: int = given.get("chunk", CHUNK)
        self.embedder: str | None = given.get("embedder")
        shape = shape_of(result)
        self._passage: Any = shape.inner if shape.kind == "list" else None
        self.index: Index | None = None
        """While it runs."""

    async def start(self, resources: Resources) -> None:
        """Read the files, and index them if there are queries. Raises: AgentError."""
        if self.top < 1 or self.chunk < 1:
            message = f"`top` is {self.top} and `chunk` is {self.chunk}"
            raise AgentError("invalid-setting", message, "write numbers above 0")
        self.index = open_index(resources.root, self.files, self.chunk, self.embedder)
        if self._passage is not None:
            self.index.prepare()

    async def stop(self) -> None:
        """Forget the files."""
        self.index = None

    async def work(self, act: Call, path: Path, inputs: Mapping[str, Any]) -> Any:
        """Return the text, or the passages that fit the query, best first. Raises: Fault."""
        index, query = self.index, inputs.get("query")
        if index is None:
            raise Fault("attempt-failed", f"agent `{self.id}` is not started")
        if query is None:
            return index.text
        return [self._made(*found) for found in await index.best(query, self.top)]

    def _made(self, passage: Passage, score: float) -> Any:
        return self._passage(text=passage.text, source=passage.source, score=score)
