"""The fenced blocks of Markdown pages, and the parts of pages that are made from the code.

A block starts with three backquotes, a language and perhaps `title=FILE`. A generated part stands
between `<!-- made: NAME -->` and `<!-- end -->`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_FENCE = re.compile(
    r"^```(?P<language>[\w-]+)?(?: title=(?P<title>\S+))?\n(?P<text>.*?)^```$", re.M | re.S
)
_MADE = re.compile(r"(?<=<!-- made: )(?P<name>[\w .-]+) -->\n(?P<text>.*?)(?=<!-- end -->)", re.S)
_COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.M)


@dataclass(frozen=True)
class CodeBlock:
    """One fenced block of a page."""

    language: str
    title: str | None
    text: str
    line: int
    """The line of its fence, from 1."""


def blocks_of(page: str) -> list[CodeBlock]:
    """Return the fenced blocks of a page in order."""
    return [
        CodeBlock(
            match["language"] or "",
            match["title"],
            match["text"],
            page.count("\n", 0, match.start()) + 1,
        )
        for match in _FENCE.finditer(page)
    ]


def commands_of(text: str) -> list[tuple[str, str]]:
    """Return the commands of a `console` block, each with the output written below it."""
    return _COMMAND.findall(text)


def output_fits(expected: str, actual: str) -> bool:
    """Return whether an output is what a page says; a line `…` stands for any lines."""
    lines = [r"(?:.*\n)*?" if line == "…\n" else _line(line) for line in expected.splitlines(True)]
    return re.fullmatch("".join(lines), actual) is not None


def _line(line: str) -> str:
    return ".*".join(map(re.escape, line.split("…")))


def remade(page: str, make: Callable[[str], str]) -> str:
    """Return a page with each generated part made again by its name."""
    return _MADE.sub(lambda match: f"{match['name']} -->\n\n{make(match['name'])}\n", page)


def made_names(page: str) -> Iterator[str]:
    """Yield the names of the generated parts of a page."""
    return (match["name"] for match in _MADE.finditer(page))
