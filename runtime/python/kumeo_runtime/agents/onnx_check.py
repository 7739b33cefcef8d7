"""Looks whether an ONNX file refers to other files, without a library for the format.

An ONNX file is one protocol buffer message. Tensors are in the initializers of graphs and in the
attributes of nodes, which may hold graphs again.
"""

from collections.abc import Iterator
from typing import Final

_MODEL, _GRAPH, _NODE, _ATTRIBUTE, _SPARSE, _FUNCTION, _TENSOR = range(7)
_PARTS: Final[dict[int, dict[int, int]]] = {
    _MODEL: {7: _GRAPH, 25: _FUNCTION},
    _GRAPH: {1: _NODE, 5: _TENSOR, 15: _SPARSE},
    _NODE: {5: _ATTRIBUTE},
    _ATTRIBUTE: {5: _TENSOR, 6: _GRAPH, 10: _TENSOR, 11: _GRAPH, 22: _SPARSE, 23: _SPARSE},
    _SPARSE: {1: _TENSOR, 2: _TENSOR},
    _FUNCTION: {7: _NODE, 11: _ATTRIBUTE},
}
"""Fields of each kind of message that hold other messages."""
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14


def has_external_data(data: bytes) -> bool:
    """Say whether a tensor of the file lies elsewhere. A damaged file is left to its reader."""
    todo = [(_MODEL, memoryview(data))]
    try:
        while todo:
            kind, message = todo.pop()
            if kind == _TENSOR:
                if any(_is_elsewhere(number, value) for number, value in _fields(message)):
                    return True
                continue
            parts = _PARTS[kind]
            for number, value in _fields(message):
                if number in parts and isinstance(value, memoryview):
                    todo.append((parts[number], value))
    except (IndexError, ValueError):
        return False
    return False


def _is_elsewhere(number: int, value: "int | memoryview") -> bool:
    return number == _EXTERNAL_DATA or (number == _DATA_LOCATION and value == 1)


def _fields(message: memoryview) -> "Iterator[tuple[int, int | memoryview]]":
    """Give the number and the value of each field: an integer, or the bytes of a longer value."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        match tag & 7:
            case 0:
                value, at = _varint(message, at)
                yield tag >> 3, value
            case 1:
                at += 8
            case 2:
                size, at = _varint(message, at)
                if at + size > len(message):
                    raise ValueError("the file ends too early")
                yield tag >> 3, message[at : at + size]
                at += size
            case 5:
                at += 4
            case _:
                raise ValueError("not a protocol buffer")


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    result = shift = 0
    while True:
        byte = message[at]
        at += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result, at
        shift += 7
