"""Passages: texts of files, cut where a reader would cut them.

A passage is one or more paragraphs of one file, up to `chunk` characters; a longer paragraph is
cut at white space.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from kumeo_runtime.agents.resources import AgentError

_PARAGRAPH = re.compile(r"\n\s*\n")


class Passage(NamedTuple):
    """A part of a file."""

    text: str
    source: str


def texts_of(root: Path, patterns: Sequence[str]) -> list[tuple[str, str]]:
    """Return names and texts of the files that fit, in the order of their paths.

    Raises: AgentError.
    """
    return [
        (name, read_text(path)) for pattern in patterns for name, path in found_files(root, pattern)
    ]


def found_files(root: Path, pattern: str) -> list[tuple[str, Path]]:
    """Return the files of a pattern with their names, in order. Raises: AgentError for none."""
    is_absolute = Path(pattern).is_absolute()
    base = Path(Path(pattern).anchor) if is_absolute else root
    relative = str(Path(pattern).relative_to(base)) if is_absolute else pattern
    found = sorted(path for path in base.glob(relative) if path.is_file())
    if not found:
        message = f"no file fits `{pattern}` in {root}"
        raise AgentError(
            "files-missing", message, "correct the path, or start in the folder that it begins in"
        )
    return [(path.relative_to(base).as_posix(), path) for path in found]


def read_text(path: Path) -> str:
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
