"""Helps tests: types written as in the tables of `tests/data` become annotations.

int   [string]   {string: float}   int?   !data.enum<"a", "b">   !data.record<{a: i64}>
"""

import re
from typing import Any, Literal, cast

import msgspec

from kumeo_runtime.values import Duration, Int, Record, Time

_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[!\w.]+|[\[\]{}<>:,?])')
_NAMED: dict[str, Any] = {
    "string": str,
    "!data.str": str,
    "int": Int,
    "i64": Int,
    "float": float,
    "f64": float,
    "bool": bool,
    "i1": bool,
    "timestamp": Time,
    "!data.time": Time,
    "duration": Duration,
    "!data.duration": Duration,
    "bytes": bytes,
    "!data.bytes": bytes,
    "json": Any,
    "!data.json": Any,
}


def type_of(text: str) -> Any:
    """Return the annotation for a type, with a class of its own for each kind of record."""
    return _Types(_TOKEN.findall(text)).type()


class _Types:
    """Reads a type from its tokens."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens

    def type(self) -> Any:
        found = self._without_option()
        while self._has("?"):
            found = _optional(found)
        return found

    def _without_option(self) -> Any:
        match self._next():
            case "[":
                return list[self._until_closed("]")]
            case "{":
                self._expect("string", ":")
                return dict[str, self._until_closed("}")]
            case "!data.option":
                return _optional(self._angled())
            case "!data.list":
                return list[self._angled()]
            case "!data.map":
                return dict[str, self._angled()]
            case "!data.enum":
                return self._enum()
            case "!data.record":
                return self._record()
            case name:
                return _NAMED[name]

    def _angled(self) -> Any:
        self._expect("<")
        return self._until_closed(">")

    def _until_closed(self, closing: str) -> Any:
        found = self.type()
        self._expect(closing)
        return found

    def _enum(self) -> Any:
        self._expect("<")
        names = [_unquoted(self._next())]
        while self._has(","):
            names.append(_unquoted(self._next()))
        self._expect(">")
        return Literal[tuple(names)]

    def _record(self) -> Any:
        self._expect("<", "{")
        fields: dict[str, Any] = {}
        while not self._has("}"):
            name = _unquoted(self._next())
            self._expect(":")
            fields[name] = self.type()
            self._has(",")
        self._expect(">")
        return record_of(fields)

    def _next(self) -> str:
        return self._tokens.pop(0)

    def _has(self, token: str) -> bool:
        found = self._tokens[:1] == [token]
        if found:
            self._next()
        return found

    def _expect(self, *tokens: str) -> None:
        for token in tokens:
            found = self._next()
            if found != token:
                raise ValueError(f"expected {token}, found {found}")


_RECORDS: dict[Any, Any] = {}


def record_of(fields: dict[str, Any]) -> Any:
    """Return the record class for fields; equal fields give the same class."""
    key = tuple(fields.items())
    if key not in _RECORDS:
        _RECORDS[key] = _new_record(fields)
    return _RECORDS[key]


def _new_record(fields: dict[str, Any]) -> Any:
    names = {name: f"f{i}" if not name.isidentifier() else name for i, name in enumerate(fields)}
    annotations = {names[name]: kind for name, kind in fields.items()}
    defaults = {names[name]: None for name, kind in fields.items() if _is_nullable(kind)}
    renamed = {python: name for name, python in names.items() if python != name}
    namespace = {"__annotations__": annotations, "__module__": __name__, **defaults}
    make = cast(Any, type(Record))
    return make("Made", (Record,), namespace, rename=renamed or None, kw_only=True)


def _is_nullable(kind: Any) -> bool:
    return kind is Any or type(None) in getattr(kind, "__args__", ())


def _optional(kind: Any) -> Any:
    return kind if kind is Any else kind | None


def _unquoted(token: str) -> str:
    return msgspec.json.decode(token) if token.startswith('"') else token
