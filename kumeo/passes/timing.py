"""How long each part of a run takes, as a tree.

    ===- timing: 0.120 s -===
      0.050 s   41.7%  parse
      0.060 s   50.0%  pipeline
      0.040 s   33.3%    canonicalize
      0.020 s   16.7%    verify

The clock comes from outside, because compiler code reads none.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Clock = Callable[[], float]
"""Seconds; only differences mean something."""


@dataclass
class Node:
    """The time of one activity, all its runs together, and of the activities inside it."""

    name: str
    seconds_s: float = 0.0
    inner: dict[str, "Node"] = field(default_factory=dict[str, "Node"])


class Timer:
    """Measures nested activities. The timer owns its tree."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: list[Node] = [Node("total")]
        self._start = clock()

    @contextmanager
    def measure(self, name: str) -> Generator[None]:
        """Add the time of the `with` block to the activity `name` of the one that is open."""
        node = self._open[-1].inner.setdefault(name, Node(name))
        self._open.append(node)
        start = self._clock()
        try:
            yield
        finally:
            node.seconds_s += self._clock() - start
            self._open.pop()

    def report(self) -> str:
        """Return the tree as text; shares are of the time since the timer was made."""
        root = self._open[0]
        total_s = self._clock() - self._start
        known_s = sum(node.seconds_s for node in root.inner.values())
        rest = Node("other", max(total_s - known_s, 0.0))
        lines = [f"===- timing: {total_s:.3f} s -==="]
        for node in (*root.inner.values(), rest):
            lines += _lines(node, total_s, "")
        return "\n".join(lines) + "\n"


def _lines(node: Node, total_s: float, margin: str) -> Iterator[str]:
    share = node.seconds_s / total_s if total_s else 0.0
    yield f"{node.seconds_s:>7.3f} s  {share:>6.1%}  {margin}{node.name}"
    for inner in node.inner.values():
        yield from _lines(inner, total_s, margin + "  ")
