"""Prompts and string templates: the meaning of a template with holes.

A template is Jinja2. Only its holes are visible: dotted names, each with a value of a known type.
There are no globals but `range`, no attributes and no methods of values. Strings go in as they are,
everything else as JSON; inserted text is never read as a template again.

Templates that only insert holes are filled in here; Jinja2 is loaded for the others.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, cast

from kumeo_runtime.values import Failure, Fault, Json
from kumeo_runtime.writing import write

Tree: TypeAlias = dict[str, Any]
Fill: TypeAlias = Callable[[Sequence[Json]], str]
"""Fills in the JSON data of the holes. Raises: Fault."""

_HOLE = re.compile(r"\{\{ *([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*) *\}\}", re.ASCII)


class Template:
    """A template, its holes in the order of the arguments, and their types."""

    __slots__ = ("_fill", "_types")

    def __init__(self, text: str, holes: Mapping[str, Any]) -> None:
        self._types = tuple(holes.values())
        names = tuple(holes)
        self._fill = _simple(text, names) or _jinja(text, names)

    def __call__(self, *values: Any) -> str | Failure:
        """Return the text for the values of the holes."""
        try:
            return self._fill([write(v, t) for v, t in zip(values, self._types, strict=True)])
        except Fault as fault:
            return fault.failure()


def shown(value: Json) -> str:
    """Return JSON data as text: strings as they are, the rest as JSON."""
    if isinstance(value, str):
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return repr(value) if is_number else json.dumps(value, ensure_ascii=False)


def _simple(text: str, names: Sequence[str]) -> Fill | None:
    """Return how to fill in a template that only inserts holes, or None for any other."""
    parts = _HOLE.split(text)
    literals, used = parts[::2], parts[1::2]
    if any(mark in literal for literal in literals for mark in ("{{", "{%", "{#", "\r")):
        return None
    if not set(used) <= set(names) or _overlap(names):
        return None
    places = [names.index(name) for name in used]

    def fill(values: Sequence[Json]) -> str:
        pieces = [literals[0]]
        for place, literal in zip(places, literals[1:], strict=True):
            pieces += (shown(values[place]), literal)
        return "".join(pieces)

    return fill


def _overlap(names: Sequence[str]) -> bool:
    """Say whether a hole is a part of another one: then it replaces this part."""
    return any(name.startswith(other + ".") for name in names for other in names)


def _jinja(text: str, names: Sequence[str]) -> Fill:
    compiled: list[Callable[[Tree], str]] = []

    def fill(values: Sequence[Json]) -> str:
        from kumeo_runtime.templates import compiled_template

        if not compiled:
            compiled.append(compiled_template(text))
        return compiled[0](namespace(names, values))

    return fill


def namespace(names: Sequence[str], values: Sequence[Json]) -> Tree:
    """Return nested dictionaries in which each dotted name leads to its value.

    A shorter name comes first: `assess.level` then replaces a part of (a copy of) `assess`.
    """
    tree: Tree = {}
    for name, value in sorted(zip(names, values, strict=True), key=lambda pair: pair[0].count(".")):
        *outer, last = name.split(".")
        inner = tree
        for part in outer:
            below = inner.get(part)
            inner[part] = dict(cast(Tree, below)) if isinstance(below, dict) else {}
            inner = inner[part]
        inner[last] = value
    return tree
