"""What has been read from an answer, before it is fitted to a type: text keeps its spelling.

A word is everything without quotes: `12`, `1,234`, `None`, `refund`. What it means depends on the
type that is wanted. `is_cut` says that the text ended, or left something out, inside of the node.
"""

from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast


@dataclass(slots=True)
class Text:
    """Text in quotes."""

    value: str
    is_cut: bool = False


@dataclass(slots=True)
class Word:
    """What stands without quotes."""

    text: str
    is_cut: bool = False


@dataclass(slots=True)
class Items:
    """An array."""

    items: list["Node"] = field(default_factory=list["Node"])
    is_cut: bool = False


@dataclass(slots=True)
class Entries:
    """An object, with all its entries in order."""

    entries: list[tuple[str, "Node"]] = field(default_factory=list[tuple[str, "Node"]])
    is_cut: bool = False


Node: TypeAlias = Text | Word | Items | Entries
_WORDS: dict[Any, str] = {None: "null", True: "true", False: "false"}


def node_of(data: Any) -> Node:
    """Return plain JSON data as a tree; what is a node already stays it."""
    if isinstance(data, Text | Word | Items | Entries):
        return data
    if isinstance(data, str):
        return Text(data)
    if isinstance(data, list):
        return Items([node_of(item) for item in cast(list[Any], data)])
    if isinstance(data, dict):
        entries = cast(dict[Any, Any], data)
        return Entries([(str(key), node_of(item)) for key, item in entries.items()])
    return Word(_WORDS[data] if data is None or isinstance(data, bool) else repr(data))


def shown(node: Node) -> str:
    """Return a node for a message."""
    match node:
        case Text(value):
            return f'"{_short(value)}"'
        case Word(text):
            return f"`{_short(text)}`" if text else "nothing"
        case Items():
            return "an array"
        case Entries():
            return "an object"


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
