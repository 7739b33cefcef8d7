"""CSV rows as events: the type of the source says what a cell is."""

import json
from collections.abc import Callable
from typing import Any

from kumeo_runtime.shapes import Shape, fields_of, shape_of

Convert = Callable[[dict[str, str]], bytes]
_TRUTH = {"true": True, "false": False}


def converter_of(type: Any) -> Convert:
    """Return what makes JSON of a row for a source of this type.

    A cell that is not what its field wants stays text: the check of the event says what is wrong.
    """
    shape = shape_of(type)
    fields = fields_of(shape.type) if shape.kind == "record" else ()
    shapes = {field.json_name: shape_of(field.type) for field in fields}

    def convert(row: dict[str, str]) -> bytes:
        values = {name: _value(cell, shapes.get(name)) for name, cell in row.items()}
        return json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogateescape")

    return convert


def oversized(number: int, cells: list[str], columns: int) -> bytes:
    """Return what is sent for a row with more cells than columns: a text that no schema takes.

    >>> oversized(3, ["a", "b"], 1)
    b'row 3 has 2 cells, and there is 1 column: a,b'
    """
    wanted = "is 1 column" if columns == 1 else f"are {columns} columns"
    text = f"row {number} has {len(cells)} cells, and there {wanted}: {','.join(cells)}"
    return text.encode("utf-8", "surrogateescape")


def _value(cell: str, shape: Shape | None) -> Any:
    if shape is None:
        return cell
    if shape.kind == "option":
        return None if cell == "" else _value(cell, shape_of(shape.inner))
    if shape.kind in ("list", "map", "record", "json"):
        return _parsed(cell)
    return _scalar(cell, shape.type)


def _scalar(cell: str, wanted: Any) -> Any:
    if wanted is bool:
        return _TRUTH.get(cell.strip().lower(), cell)
    if wanted not in (int, float):
        return cell
    try:
        return wanted(cell)
    except ValueError:
        return cell


def _parsed(cell: str) -> Any:
    try:
        return json.loads(cell)
    except ValueError:
        return cell
