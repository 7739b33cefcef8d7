"""The place in the source that an op stands for."""

from collections.abc import Sequence
from typing import cast

from xdsl.dialects.builtin import ArrayAttr, CallSiteLoc, FileLineColLoc, FusedLoc, NameLoc
from xdsl.ir import Attribute, Operation

from kumeo.diagnostics import Point


def point_of(op: Operation) -> Point | None:
    """Return the place of `op`, or of the nearest op around it that has one."""
    around: Operation | None = op
    while around is not None:
        point = point_of_location(around.location)
        if point is not None:
            return point
        around = around.parent_op()
    return None


def point_of_location(location: Attribute) -> Point | None:
    """Return the first file position in a location."""
    todo: list[Attribute] = [location]
    while todo:
        match todo.pop():
            case FileLineColLoc(filename=path, line=line, column=column):
                return Point(path.data, line.data, column.data)
            case NameLoc(location=inner):
                todo.append(inner)
            case CallSiteLoc(callee=callee, caller=caller):
                todo += [caller, callee]
            case FusedLoc(locations=ArrayAttr() as parts):
                todo += reversed(cast(Sequence[Attribute], parts.data))
            case _:
                continue
    return None
