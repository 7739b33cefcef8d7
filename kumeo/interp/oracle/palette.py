"""What a module compares with: constants and names that make good test values.

A random number hits the branch `amount > 1000` on both sides by luck only. So the numbers, texts
and keys that stand in a module are collected, and payloads are made of them and their neighbours.
"""

from dataclasses import dataclass, field
from typing import TypeVar

from xdsl.dialects.builtin import (
    ArrayAttr,
    DictionaryAttr,
    FloatAttr,
    IntegerAttr,
    ModuleOp,
    StringAttr,
    i64,
)
from xdsl.ir import Attribute, Operation

from kumeo.analysis.walk import walk_ops
from kumeo.dialects.agent import DecideOp
from kumeo.dialects.data import ConstantOp, GetOp, MapOp, SetOp
from kumeo.dialects.workflow import ConfigOp, MatchOp

VALUES_MAX = 64
"""Values of one kind that are kept; a large module has more than events can try."""


@dataclass
class Palette:
    """The values of a module by kind, in program order."""

    integers: dict[int, None] = field(default_factory=dict[int, None])
    floats: dict[float, None] = field(default_factory=dict[float, None])
    texts: dict[str, None] = field(default_factory=dict[str, None])
    keys: dict[str, None] = field(default_factory=dict[str, None])
    """Names of fields and of map entries."""

    def add(self, attribute: Attribute) -> None:
        """Add the values in a constant."""
        todo = [attribute]
        while todo:
            match todo.pop():
                case IntegerAttr(type=kind, value=number) if kind == i64:
                    _keep(self.integers, number.data)
                case FloatAttr() as number:
                    _keep(self.floats, number.value.data)
                case StringAttr() as text:
                    _keep(self.texts, text.data)
                case ArrayAttr() as items:
                    todo.extend(items.data)
                case DictionaryAttr() as entries:
                    for key in entries.data:
                        _keep(self.keys, key)
                    todo.extend(entries.data.values())
                case _:
                    continue


def palette_of(module: ModuleOp) -> Palette:
    """Return the values that stand in a module."""
    palette = Palette()
    for op in walk_ops(module):
        _look_at(op, palette)
    return palette


def _look_at(op: Operation, palette: Palette) -> None:
    match op:
        case ConstantOp() | ConfigOp():
            palette.add(op.value)
        case MatchOp():
            palette.add(op.cases)
        case GetOp() | SetOp():
            _keep(palette.keys, op.field.data)
        case MapOp():
            for key in op.names:
                _keep(palette.keys, key)
        case DecideOp() if op.thresholds is not None:
            palette.add(op.thresholds)
        case _:
            return


_T = TypeVar("_T")


def _keep(values: dict[_T, None], value: _T) -> None:
    if len(values) < VALUES_MAX:
        values[value] = None
