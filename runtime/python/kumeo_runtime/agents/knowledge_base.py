"""`KnowledgeBase`: the text of files, or the passages of them that fit a query.

Files are read when the service starts, in the order of their paths. A passage is one or more
paragraphs of one file, up to `chunk` characters; a longer paragraph is cut at white space.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any, NamedTuple, TypeVar

from kumeo_runtime.agents.base import AwaitedAgent, Call, Path, Policy
from kumeo_runtime.agents.bm25 import Ranking
from kumeo_runtime.agents.resources import AgentError, Resources
from kumeo_runtime.shapes import shape_of

T = TypeVar("T")
TOP, CHUNK = 5, 1_000
_PARAGRAPH = re.compile(r"\n\s*\n")


class Passage(NamedTuple):
    """A part of a file."""

    text: str
    source: str


class KnowledgeBase(AwaitedAgent[T]):
    """Files that agents read. Input: `query`, or none for the whole text."""

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
        shape = shape_of(result)
        self._passage: Any = shape.inner if shape.kind == "list" else None
        self._text = ""
        self._passages: list[Passage] = []
        self._ranking = Ranking(())

    async def start(self, resources: Resources) -> None:
        """Read the files. Raises: AgentError."""
        texts = [
            (name, read_text(path))
            for pattern in self.files
            for name, path in found_files(resources.root, pattern)
        ]
        self._text = "\n\n".join(text.strip("\n") for _, text in texts)
        self._passages = [
            Passage(part, name) for name, text in texts for part in passages_of(text, self.chunk)
        ]
        self._ranking = Ranking([passage.text for passage in self._passages])

    async def work(self, act: Call, path: Path, inputs: Mapping[str, Any]) -> Any:
        """Return the text, or the passages that fit the query, best first."""
        query = inputs.get("query")
        if query is None:
            return self._text
        return [
            self._made(self._passages[place], score)
            for place, score in self._ranking.best(query, self.top)
        ]

    def _made(self, passage: Passage, score: float) -> Any:
        return self._passage(text=passage.text, source=passage.source, score=score)


def found_files(root: FilePath, pattern: str) -> list[tuple[str, FilePath]]:
    """Return the files of a pattern with their names, in order. Raises: AgentError for none."""
    is_absolute = FilePath(pattern).is_absolute()
    base = FilePath(FilePath(pattern).anchor) if is_absolute else root
    relative = str(FilePath(pattern).relative_to(base)) if is_absolute else pattern
    found = sorted(path for path in base.glob(relative) if path.is_file())
    if not found:
        message = f"no file fits `{pattern}` in {root}"
        raise AgentError(
            "files-missing", message, "correct the path, or start in the folder that it begins in"
        )
    return [(path.relative_to(base).as_posix(), path) for path in found]


def read_text(path: FilePath) -> str:
    """Return the text of a file. Raises: AgentError."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"the file {path} cannot be read: {error}"
        raise AgentError("files-missing", message, "make it a readable text in UTF-8") from None


def passages_of(text: str, chunk: int) -> Iterator[str]:
    """Give paragraphs, joined while they are short together."""
    gathered = ""
    for paragraph in _PARAGRAPH.split(text.strip()):
        for part in _cut(paragraph.strip(), chunk):
            if gathered and len(gathered) + len(part) + 2 > chunk:
                yield gathered
                gathered = ""
            gathered = f"{gathered}\n\n{part}" if gathered else part
    if gathered:
        yield gathered


def _cut(paragraph: str, chunk: int) -> Iterator[str]:
    while len(paragraph) > chunk:
        at = paragraph.rfind(" ", 1, chunk + 1)
        at = chunk if at < 0 else at
        yield paragraph[:at].rstrip()
        paragraph = paragraph[at:].lstrip()
    if paragraph:
        yield paragraph
