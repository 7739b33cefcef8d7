"""Reads all of a skops file as plain data; no object of scikit-learn is made and no code runs.

A skops file is a zip: `schema.json` is a tree of objects, and each array is a `.npy` file. An
object becomes an `Obj`, its class as a text. What has no plain form (random states, functions)
becomes an `Opaque`, which no reader of a model accepts.

Raises only `BadModelError`. Sizes are checked before memory is asked for: the parts of the archive
announce their sizes, and so does the head of each array.
"""

import io
import json
import math
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from kumeo.models.faults import BadModelError

MAX_CONTENT = 1 << 30
"""Bytes of all parts together; a forest of a thousand deep trees stays below a tenth of it."""

MAX_DEPTH = 100

Json = dict[str, Any]


@dataclass(frozen=True)
class Opaque:
    """Something that has no plain form; `kind` is its class or function."""

    kind: str


@dataclass(frozen=True)
class Obj:
    """An object: `kind` is `module.Class`, `state` its attributes by name."""

    kind: str
    state: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def name(self) -> str:
        """The class without its module."""
        return self.kind.rpartition(".")[2]

    def get(self, key: str) -> Any:
        """Return an attribute, None if the object has none of this name."""
        return self.state.get(key)

    def need(self, key: str) -> Any:
        """Return an attribute. Raises: BadModelError if it is absent."""
        if key not in self.state:
            raise BadModelError(f"its `{self.name}` has no `{key}`; is it fitted?")
        return self.state[key]

    def array(self, key: str) -> NDArray[np.float64]:
        """Return a numeric attribute as an array of float64. Raises: BadModelError."""
        return numbers(self.need(key), f"`{self.name}.{key}`")


def numbers(value: Any, what: str) -> NDArray[np.float64]:
    """Return `value` as an array of float64. Raises: BadModelError if it holds no numbers."""
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise BadModelError(f"{what} does not hold numbers") from None


def read_state(data: bytes) -> Obj:
    """Return the object that a skops file holds. Raises: BadModelError."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MAX_CONTENT:
                raise BadModelError("its content is larger than 1 GiB", is_unsafe=True)
            schema: Any = json.loads(_member(archive, "schema.json"))
            value = _Reader(archive).value(schema, 0)
    except (ValueError, RecursionError, zlib.error):
        raise BadModelError("it is a damaged skops file") from None
    except (zipfile.BadZipFile, KeyError, RuntimeError, EOFError, OSError, NotImplementedError):
        raise BadModelError("it is not a skops file") from None
    if not isinstance(value, Obj):
        raise BadModelError("it holds no scikit-learn model")
    return value


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return a part, never more of it than it announces."""
    size = archive.getinfo(name).file_size
    with archive.open(name) as stream:
        return stream.read(size)


class _Reader:
    """Turns nodes of the schema into values; equal ids are one value."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.known: dict[object, Any] = {}

    def value(self, node: Any, depth: int) -> Any:
        if not isinstance(node, dict) or depth > MAX_DEPTH:
            raise BadModelError("it is a damaged skops file")
        entry = cast("Json", node)
        if entry.get("__loader__") == "CachedNode":
            return self.known.get(entry.get("__id__"), Opaque("cached"))
        value = self.read(entry, depth + 1)
        self.known[entry.get("__id__")] = value
        return value

    def read(self, node: Json, depth: int) -> Any:
        kind = f"{node.get('__module__')}.{node.get('__class__')}"
        loader, content = node.get("__loader__"), node.get("content")
        match loader:
            case "JsonNode":
                return json.loads(content) if isinstance(content, str) else Opaque(kind)
            case "ListNode" | "TupleNode" | "SetNode":
                return [self.value(item, depth) for item in _items(content)]
            case "DictNode" | "DefaultDictNode":
                return {k: self.value(v, depth) for k, v in _pairs(content)}
            case "NdArrayNode":
                return self.array(node, depth)
            case "SliceNode":
                return Obj("builtins.slice", dict(_pairs(content)))
            case "ObjectNode" | "TreeNode" | "LossNode" | "ReduceNode":
                return self.obj(kind, content, depth)
            case _:
                return Opaque(kind)

    def obj(self, kind: str, content: object, depth: int) -> Obj:
        state = self.value(content, depth) if isinstance(content, dict) else None
        return Obj(kind, cast("Json", state) if isinstance(state, dict) else {})

    def array(self, node: Json, depth: int) -> Any:
        if node.get("type") == "numpy":
            array = array_of(_member(self.archive, str(node.get("file"))))
            return array.item() if array.ndim == 0 and array.dtype.names is None else array
        return [self.value(item, depth) for item in _items(node.get("content"))]


def array_of(data: bytes) -> NDArray[Any]:
    """Return the array of a `.npy` file, whose head must agree with its size."""
    stream = io.BytesIO(data)
    version = np.lib.format.read_magic(stream)
    if version not in ((1, 0), (2, 0)):
        raise BadModelError("an array has an unknown format")
    read = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    shape, is_fortran, dtype = read[version](stream)
    count, start = math.prod(shape), stream.tell()
    if dtype.hasobject or dtype.itemsize == 0 or count < 0:
        raise BadModelError("an array holds objects", is_unsafe=True)
    if count * dtype.itemsize != len(data) - start:
        raise BadModelError("the size of an array differs from what it announces")
    flat = np.frombuffer(data, dtype=dtype, count=count, offset=start)
    return flat.reshape(shape, order="F" if is_fortran else "C")


def _items(content: object) -> list[Any]:
    return cast("list[Any]", content) if isinstance(content, list) else []


def _pairs(content: object) -> list[tuple[str, Any]]:
    return list(cast("Json", content).items()) if isinstance(content, dict) else []
