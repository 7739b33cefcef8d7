"""Which names a body defines and which names each of them reads, before anything is typed.

Used to explain a name that is not visible (it stands later, or agents form a circle), and to leave
out of the IR what a branch binds and nothing outside of the branch reads.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from kumeo.diagnostics import Span
from kumeo.frontend import tree

_HOLE = re.compile(r"\{[{%#](.*?)[}%]\}", re.S)
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass
class Outline:
    """Names that a body defines, with their places, and the names that each one reads."""

    places: dict[str, Span] = field(default_factory=dict[str, Span])
    reads: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    totals: Counter[str] = field(default_factory=Counter[str])
    """How often each name is read in the whole body."""
    told: set[str] = field(default_factory=set[str])
    """The names of circles that were reported."""

    def is_read_outside(self, name: str, inside: Counter[str]) -> bool:
        """Return whether a name is read anywhere but where `inside` counted."""
        return self.totals[name] > inside[name]

    @cached_property
    def circular(self) -> frozenset[str]:
        """The names that may be part of a circle: each reads another one of them."""
        reads = {name: (read & self.places.keys()) - {name} for name, read in self.reads.items()}
        readers: dict[str, list[str]] = {name: [] for name in self.places}
        for name, read in reads.items():
            for each in read:
                readers[each].append(name)
        ready = [name for name in self.places if not reads[name]]
        left = set(self.places)
        while ready:
            done = ready.pop()
            left.discard(done)
            for reader in readers[done]:
                reads[reader].discard(done)
                if not reads[reader]:
                    ready.append(reader)
        return frozenset(left)

    def circle(self, start: str, goal: str) -> list[str] | None:
        """Return `goal, start, …, goal` when `start` reads `goal`, directly or through others.

        A circle is returned once: the other places where it is closed say nothing new.
        """
        if start not in self.circular or {start, goal} <= self.told:
            return None
        before: dict[str, str] = {}
        names = [start]
        while names and goal not in before:
            current = names.pop()
            for name in sorted(self.reads[current] & self.circular):
                if name not in before:
                    before[name] = current
                    names.append(name)
        return self._told(before, start, goal) if goal in before else None

    def _told(self, before: Mapping[str, str], start: str, goal: str) -> list[str]:
        path = [goal]
        current = before[goal]
        while current != start:
            path.append(current)
            current = before[current]
        self.told.update(path, (start,))
        return [goal, start, *reversed(path[1:]), goal]


def outline_of(statements: Sequence[tree.Statement], others: Sequence[tree.Node] = ()) -> Outline:
    """Return what the statements of a body define and read, nested ones included.

    `others` are further parts of the body that read names, such as its `output` section.
    """
    outline = Outline(totals=count_reads([*statements, *others]))
    for statement in _all_statements(statements):
        name = defined_name(statement)
        if name is not None:
            outline.places.setdefault(name.text, name.span)
            outline.reads.setdefault(name.text, set()).update(names_read(statement))
    return outline


def defined_name(statement: tree.Statement) -> tree.Name | None:
    """Return the name that a statement itself defines: `x = …` or `id: "x"`."""
    if isinstance(statement, tree.Bind):
        return statement.name
    if not isinstance(statement, tree.Call):
        return None
    for argument in statement.arguments:
        if argument.name is not None and argument.name.text == "id":
            value = argument.value
            return tree.Name(value.span, value.value) if isinstance(value, tree.String) else None
    return None


def names_read(node: object) -> set[str]:
    """Return every name that occurs below a node, in prompts and quoted conditions too."""
    return set(count_reads([node]))


def count_reads(nodes: Sequence[object]) -> Counter[str]:
    """Return how often each name occurs below some nodes."""
    found: Counter[str] = Counter()
    stack: list[object] = list(nodes)
    while stack:
        current = stack.pop()
        if isinstance(current, tree.Variable):
            found[current.name] += 1
        elif isinstance(current, tree.String):
            found.update(_names_in_text(current.value))
        elif isinstance(current, tree.Node):
            stack += children(current)
    return found


def children(node: tree.Node) -> Iterator[object]:
    """Return the nodes directly below a node, in the order of its fields."""
    for base in type(node).__mro__:
        for slot in getattr(base, "__slots__", ()):
            value: object = getattr(node, slot)
            if isinstance(value, tree.Node):
                yield value
            elif slot != "span" and isinstance(value, tuple):
                yield from value


def _names_in_text(text: str) -> list[str]:
    """Return the words of a prompt's holes; a text without holes may be a reference itself."""
    holes = _HOLE.findall(text)
    texts: list[str] = holes or [text]
    return [word for each in texts for word in _WORD.findall(each)]


def _all_statements(statements: Sequence[tree.Statement]) -> Iterator[tree.Statement]:
    stack = list(reversed(statements))
    while stack:
        statement = stack.pop()
        yield statement
        stack += reversed(list(_inner(statement)))


def _inner(statement: tree.Statement) -> Iterator[tree.Statement]:
    match statement:
        case tree.Bind(value=tree.For(body=body)) | tree.For(body=body) | tree.Parallel(body=body):
            yield from body.statements
        case tree.If(then=then, otherwise=otherwise):
            yield from then.statements
            yield from _otherwise(otherwise)
        case tree.Match(cases=cases):
            for case in cases:
                yield from case.body.statements
        case tree.Try(body=body, handler=handler):
            yield from (*body.statements, *handler.statements)
        case _:
            return


def _otherwise(node: tree.Block | tree.If | None) -> Iterator[tree.Statement]:
    if isinstance(node, tree.If):
        yield node
    elif node is not None:
        yield from node.statements
