"""Fits a tree to a type: returns JSON data of the type and notes what each repair costs.

A node that does not fit as it is may fit as what it wraps: the only entry `answer`, the only item
of an array, the arguments of a call, JSON inside of text. Nothing is added: what a node does not
say is a problem with its place.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from kumeo_runtime.answers.candidates import candidates_in
from kumeo_runtime.answers.notes import Notes
from kumeo_runtime.answers.scalars import (
    EXPECTED,
    is_null_text,
    read_name,
    read_scalar,
    says_nothing,
)
from kumeo_runtime.answers.scanning import Budget, Exhausted
from kumeo_runtime.answers.tree import Entries, Items, Node, Text, Word, shown
from kumeo_runtime.shapes import Field, Shape, fields_of, shape_of

WRAPPERS: Final = frozenset(
    {"answer", "result", "response", "output", "value", "data", "json", "object", "item", "items"}
    | {"list", "array", "results", "values", "entries", "elements", "finalanswer", "final"}
    | {"return", "content", "payload", "record"}
)
"""Keys that say nothing about what they hold."""
WRONG: Final = object()
_MARKS = re.compile(r"[\W_]+")


def fit(node: Node, type: Any, path: str, notes: Notes) -> Any:
    """Return the JSON data that a node says, or `WRONG`; problems are noted."""
    shape = shape_of(type)
    if shape.kind == "json":
        return _plain(node, path, notes)
    if shape.kind == "option":
        return _option(node, shape, path, notes)
    direct = Notes()
    data = _direct(node, shape, path, direct)
    if not direct.problems:
        notes.take(direct)
        return data
    inside: Notes | None = None
    for cost, flag, inner in _wrapped(node, shape):
        attempt = Notes()
        attempt.repair(cost, flag)
        data = fit(inner, type, path, attempt)
        if not attempt.problems:
            notes.take(attempt)
            return data
        inside = inside or attempt
    notes.take(inside or direct)
    return WRONG


def _direct(node: Node, shape: Shape, path: str, notes: Notes) -> Any:
    match shape.kind:
        case "record":
            return _record(node, shape, path, notes)
        case "list":
            return _list(node, shape, path, notes)
        case "map":
            return _map(node, shape, path, notes)
        case "enum":
            data: Any = read_name(shape.names, node, notes)
            expected = "one of " + ", ".join(f'"{name}"' for name in shape.names)
        case _:
            data, expected = read_scalar(shape.type, node, notes), EXPECTED[shape.type]
    if data is None:
        notes.wrong(path, expected, node)
        return WRONG
    return data


def _option(node: Node, shape: Shape, path: str, notes: Notes) -> Any:
    if says_nothing(node) and not node.is_cut:
        is_proper = isinstance(node, Word) and node.text == "null"
        notes.repair(0, "") if is_proper else notes.repair(1, "spelling of null")
        return None
    attempt = Notes()
    data = fit(node, shape.inner, path, attempt)
    if attempt.problems and is_null_text(node) and not node.is_cut:
        notes.repair(3, "spelling of null")
        return None
    notes.take(attempt)
    return data


# -- what a node may wrap


def _wrapped(node: Node, shape: Shape) -> Iterator[tuple[int, str, Node]]:
    """Give the nodes that may be meant, with their costs."""
    match node:
        case Entries(entries) if len(entries) == 1 and not node.is_cut:
            key, inner = entries[0]
            if _name(key) in WRAPPERS or _name(key) in _names_of(shape):
                yield 3, f"wrapped in `{key}`", inner
        case Entries(entries) if shape.kind == "record" and not node.is_cut:
            yield from _called(dict(entries))
        case Items([only]) if shape.kind != "list" and not node.is_cut:
            yield 5, "list of one", only
        case Text(value) if shape.kind in ("record", "list", "map") and not node.is_cut:
            yield from _inside(value)
        case _:
            return


def _called(entries: dict[str, Node]) -> Iterator[tuple[int, str, Node]]:
    """Give the arguments of a call, and the values of a schema that was filled in."""
    names = {"name", "arguments", "parameters", "input", "type", "function", "id"}
    for key in ("arguments", "parameters", "input", "function"):
        if key in entries and set(entries) <= names:
            yield 4, "arguments of a call", entries[key]
    if "properties" in entries and set(entries) <= {"type", "properties", "required", "title"}:
        yield 5, "filled-in schema", entries["properties"]


def _inside(text: str) -> Iterator[tuple[int, str, Node]]:
    if text.strip()[:1] not in ("{", "["):
        return
    try:
        found = candidates_in(text, Budget(len(text) * 2 + 1000))
    except Exhausted:
        return
    if len(found) == 1 and found[0].start == 0 and found[0].cost < 5:
        yield 4 + found[0].cost, "JSON inside of text", found[0].node


def _names_of(shape: Shape) -> tuple[str, ...]:
    """Return the names that a wrapper of a record, or of a list of records, may have."""
    if shape.kind == "record":
        return (_name(shape.type.__name__),)
    inner = shape_of(shape.inner) if shape.kind == "list" else None
    if inner is None or inner.kind != "record":
        return ()
    name = _name(inner.type.__name__)
    return (name, name + "s")


def _name(key: str) -> str:
    return _MARKS.sub("", key).casefold()


# -- parts


def _record(node: Node, shape: Shape, path: str, notes: Notes) -> Any:
    fields = fields_of(shape.type)
    if not isinstance(node, Entries):
        return _lone_field(node, fields, path, notes)
    found = _matched(node, fields, path, notes)
    data: dict[str, Any] = {}
    for field in fields:
        place = f"{path}.{field.json_name}"
        if field.json_name in found:
            data[field.json_name] = fit(found[field.json_name], field.type, place, notes)
        elif node.is_cut:
            notes.is_cut = True
            notes.problem(path, f'the answer is cut off before the field "{field.json_name}"')
        elif not shape_of(field.type).is_nullable:
            notes.problem(path, f'the field "{field.json_name}" is missing')
    if node.is_cut:
        notes.repair(4, "end of the answer is missing")
    return data


def _lone_field(node: Node, fields: tuple[Field, ...], path: str, notes: Notes) -> Any:
    is_lone = len(fields) == 1 and shape_of(fields[0].type).kind in ("enum", "scalar")
    if not is_lone or not isinstance(node, Text | Word) or fields[0].type is str:
        notes.wrong(path, "an object", node)
        return WRONG
    notes.repair(6, "value without its field")
    name = fields[0].json_name
    return {name: fit(node, fields[0].type, f"{path}.{name}", notes)}


def _matched(node: Entries, fields: tuple[Field, ...], path: str, notes: Notes) -> dict[str, Node]:
    """Return the nodes of the fields by their names in JSON."""
    proper = {field.json_name for field in fields}
    by_name = {_name(name): field.json_name for field in fields for name in field[:2]}
    found: dict[str, Node] = {}
    others: list[tuple[str, Node]] = []
    for key, value in node.entries:
        if key in proper:
            _put(found, key, value, path, notes)
        else:
            others.append((key, value))
    spelled: dict[str, Node] = {}
    for key, value in others:
        name = by_name.get(_name(key))
        if name is None or name in found:
            notes.repair(1, "key too many")
        else:
            notes.repair(1, "spelling of a key")
            _put(spelled, name, value, path, notes)
    return found | spelled


def _put(found: dict[str, Node], key: str, value: Node, path: str, notes: Notes) -> None:
    if key in found and found[key] != value:
        notes.problem(path, f'the field "{key}" is given twice')
    found[key] = value


def _list(node: Node, shape: Shape, path: str, notes: Notes) -> Any:
    if isinstance(node, Items):
        items = node.items
        if node.is_cut:
            notes.is_cut = True
            notes.problem(path, "the array is cut off")
    else:
        items = _as_items(node, shape, notes)
    if items is None:
        notes.wrong(path, "an array", node)
        return WRONG
    return [fit(item, shape.inner, f"{path}[{i}]", notes) for i, item in enumerate(items)]


def _as_items(node: Node, shape: Shape, notes: Notes) -> list[Node] | None:
    """Return the items that something else than an array stands for."""
    if node.is_cut or says_nothing(node):
        return None
    inner = shape_of(shape.inner)
    match node:
        case Entries(entries):
            keys = [key for key, _ in entries]
            if keys and keys in (
                [str(i) for i in range(len(keys))],
                [str(i + 1) for i in range(len(keys))],
            ):
                notes.repair(5, "numbered entries for a list")
                return [value for _, value in entries]
            notes.repair(5, "one value for a list")
            return [node] if inner.kind in ("record", "map") else None
        case Text(value) if inner.kind == "enum" or inner.type in (int, str):
            return _split(value, inner, notes)
        case Text() | Word() if inner.kind in ("enum", "scalar"):
            notes.repair(5, "one value for a list")
            return [node]
        case _:
            return None


def _split(text: str, inner: Shape, notes: Notes) -> list[Node] | None:
    parts = [part for part in re.split(r"\s*[,;\n]\s*", text.strip())]
    if len(parts) == 1 and parts[0]:
        notes.repair(5, "one value for a list")
        return [Text(text)]
    is_unclear = inner.type is str or re.search(r"\d,\d{3}\b", text)
    if is_unclear or not all(parts):
        return None
    notes.repair(6, "text for a list")
    return [Text(part) for part in parts]


def _map(node: Node, shape: Shape, path: str, notes: Notes) -> Any:
    entries = node.entries if isinstance(node, Entries) else _as_entries(node, notes)
    if entries is None or node.is_cut:
        notes.wrong(path, "an object", node)
        return WRONG
    nodes: dict[str, Node] = {}
    for key, value in entries:
        if key in nodes and nodes[key] != value:
            notes.problem(path, f'the key "{key}" is given twice')
        nodes[key] = value
    return {key: fit(value, shape.inner, f"{path}.{key}", notes) for key, value in nodes.items()}


def _as_entries(node: Node, notes: Notes) -> list[tuple[str, Node]] | None:
    """Return the entries of a list of pairs."""
    if not isinstance(node, Items) or not node.items:
        return None
    found: list[tuple[str, Node]] = []
    for item in node.items:
        match item:
            case Items([Text(key), value]):
                found.append((key, value))
            case Entries([("key" | "name", Text(key)), ("value", value)]):
                found.append((key, value))
            case _:
                return None
    notes.repair(5, "pairs for an object")
    return found


def _plain(node: Node, path: str, notes: Notes) -> Any:
    """Return a node as plain JSON data, when it says all of it."""
    if node.is_cut:
        notes.wrong(path, "JSON", node)
        return WRONG
    match node:
        case Text(value):
            return value
        case Entries(entries):
            keys = [key for key, _ in entries]
            if len(set(keys)) < len(keys):
                notes.problem(path, "a key is given twice")
            return {key: _plain(value, f"{path}.{key}", notes) for key, value in entries}
        case Items(items):
            return [_plain(item, f"{path}[{i}]", notes) for i, item in enumerate(items)]
        case Word(text):
            return _plain_word(text, path, node, notes)


def _plain_word(text: str, path: str, node: Node, notes: Notes) -> Any:
    if says_nothing(node):
        return None
    if text in ("true", "True", "false", "False"):
        return text.lower() == "true"
    for kind in (int, float):
        number = read_scalar(kind, node, attempt := Notes())
        if (
            number is not None
            and not attempt.cost
            and (kind is float or text.lstrip("-").isdigit())
        ):
            return number
    if not text or text[0] in "+-.0123456789":
        notes.problem(path, f"expected JSON, not {shown(node)}")
        return WRONG
    notes.repair(3, "text without quotes")
    return text
