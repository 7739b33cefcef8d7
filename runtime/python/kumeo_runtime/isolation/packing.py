"""Values between a worker and a process of the user's code: MessagePack that tells its records.

The process does not know the types of a workflow. A record therefore goes with the place of its
class and the names of its fields; the class is imported where that can be done, and made anew from
its fields where it cannot. What comes back is plain data, which the worker checks against the type.
"""

import importlib
import json
from functools import lru_cache
from typing import Any, Final, cast

import msgspec
from msgspec import Raw, Struct
from msgspec.msgpack import Ext

from kumeo_runtime.values import Duration, Record, Time

RECORD: Final = 1
TIME: Final = 2
DURATION: Final = 3
HEADER: Final = 4
"""Bytes of the length in front of a message."""
MESSAGE_MAX: Final = 64 * 2**20
"""Longest message."""
_encode = msgspec.msgpack.Encoder().encode


def packed(message: Any) -> bytes:
    """Return a message with its length. Raises: ValueError, TypeError, OverflowError."""
    body = _encode(_marked(message))
    if len(body) > MESSAGE_MAX:
        raise ValueError(f"{len(body):,} bytes are more than {MESSAGE_MAX:,}")
    return len(body).to_bytes(HEADER, "big") + body


def unpacked(body: bytes) -> Any:
    """Return a message. Raises: ValueError."""
    return _DECODER.decode(body)


def _marked(value: Any) -> Any:
    """Return a value with its records, times and durations marked."""
    match value:
        case Time():
            return Ext(TIME, _encode(int(value)))
        case Duration():
            return Ext(DURATION, _encode(int(value)))
        case Struct():
            kind = value.__class__
            names = kind.__struct_fields__
            fields = [_marked(getattr(value, name)) for name in names]
            return Ext(RECORD, _encode([kind.__module__, kind.__qualname__, names, fields]))
        case Raw():
            return json.loads(bytes(value))
        case dict():
            entries = cast(dict[Any, Any], value)
            return {key: _marked(inner) for key, inner in entries.items()}
        case list() | tuple():
            return [_marked(inner) for inner in cast(list[Any], value)]
        case _:
            return value


def _unmarked(code: int, data: memoryview) -> Any:
    content = _DECODER.decode(data)
    if code == TIME:
        return Time(content)
    if code == DURATION:
        return Duration(content)
    module, name, names, fields = content
    kind = _record(module, name, tuple(names))
    return kind(**dict(zip(names, fields, strict=True)))


_DECODER: Final = msgspec.msgpack.Decoder(ext_hook=_unmarked)


@lru_cache(maxsize=1024)
def _record(module: str, name: str, names: tuple[str, ...]) -> Any:
    """Return the class of a record, or one with the same name and fields."""
    found = None if module == "__main__" else _imported(module, name)
    if getattr(found, "__struct_fields__", None) == names:
        return found
    fields = [(field, Any, None) for field in names]
    return msgspec.defstruct(name.rpartition(".")[2], fields, bases=(Record,), kw_only=True)


def _imported(module: str, name: str) -> Any:
    try:
        found: Any = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError):
        return None
    return found
