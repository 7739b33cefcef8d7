"""What a message of an edge holds: each value in the form of its type, and the failures.

A message is an array: its values by place, and apart from them the failures by name. A value is
written and read by its type alone, as it is on the wire, so a layout that is too narrow or that has
no room for a failure shows in what the reader gets.

    msgpack   every value of the language
    json      no infinite number: it becomes the failure `not-finite`
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from xdsl.ir import Attribute

from kumeo.dialects.data import ListType, MapType, OptionType, RecordType
from kumeo.dialects.data.failures import DataFailure
from kumeo.dialects.messaging import EdgeOp
from kumeo.interp.values import Failure, Value
from kumeo.interp.wire import from_json, to_json

Converter = Callable[[Any], Any]


class Body(NamedTuple):
    """The values of a message on their way."""

    values: tuple[Any, ...]
    failed: Mapping[str, Failure]
    """Failures in place of values, by the name of the value."""


class Field(NamedTuple):
    """How one value travels."""

    name: str
    may_fail: bool
    write: Converter
    read: Converter


class Layout:
    """The body of the messages of an edge."""

    def __init__(self, edge: EdgeOp) -> None:
        self.name = edge.symbol
        is_json = edge.text("codec") == "json"
        convert = _as_json if is_json else _as_msgpack
        self._fields = [Field(f.name, f.may_fail, *convert(f.type)) for f in edge.fields]

    def write(self, values: Sequence[Value]) -> Body:
        """Return values as the body of a message."""
        failed: dict[str, Failure] = {}
        written = [
            self._written(field, value, failed)
            for field, value in zip(self._fields, values, strict=False)
        ]
        return Body(tuple(written), failed)

    def read(self, body: Body) -> list[Value]:
        """Return the values of a body, failures in their places."""
        read = [
            body.failed.get(field.name) or field.read(value)
            for field, value in zip(self._fields, body.values, strict=False)
        ]
        missing = Failure("invalid-message", f"a message of `@{self.name}` is too short")
        return read + [missing] * (len(self._fields) - len(read))

    def _written(self, field: Field, value: Value, failed: dict[str, Failure]) -> Any:
        if not isinstance(value, Failure):
            try:
                return field.write(value)
            except DataFailure as fault:
                value = Failure(fault.code, fault.message)
        if not field.may_fail:
            message = f"`@{self.name}` has no room for the failure of `{field.name}`"
            value = Failure("invalid-message", message)
        failed[field.name] = value
        return None


def _as_json(kind: Attribute) -> tuple[Converter, Converter]:
    return (lambda value: to_json(value, kind)), (lambda data: from_json(data, kind))


@cache
def _as_msgpack(kind: Attribute) -> tuple[Converter, Converter]:
    match kind:
        case RecordType():
            return _record(kind)
        case OptionType(inner=inner):
            write, read = _as_msgpack(inner)
            return (
                lambda value: None if value is None else write(value),
                lambda data: None if data is None else read(data),
            )
        case ListType(item=item):
            write, read = _as_msgpack(item)
            return (lambda items: tuple(map(write, items))), (lambda data: list(map(read, data)))
        case MapType(value=value):
            write, read = _as_msgpack(value)
            return (
                lambda entries: {key: write(entries[key]) for key in entries},
                lambda data: {key: read(data[key]) for key in data},
            )
        case _:
            return _same, _same


def _record(kind: RecordType) -> tuple[Converter, Converter]:
    parts = [(name, *_as_msgpack(field)) for name, field in kind.fields]
    if all(write is _same for _, write, _ in parts):
        names = kind.names
        return (
            lambda value: tuple([value[name] for name in names]),
            lambda data: dict(zip(names, data, strict=True)),
        )
    return (
        lambda value: tuple([write(value[name]) for name, write, _ in parts]),
        lambda data: {n: read(item) for (n, _, read), item in zip(parts, data, strict=True)},
    )


def _same(value: Any) -> Any:
    return value
