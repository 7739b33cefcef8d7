"""Tensor types with a batch dimension: making them, reading them, and NumPy's rules for shapes."""

from collections.abc import Sequence
from typing import Any, TypeAlias, cast

from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    DenseIntOrFPElementsAttr,
    Float32Type,
    Float64Type,
    TensorType,
    f32,
    f64,
    i1,
    i64,
)
from xdsl.ir import Attribute
from xdsl.utils.exceptions import VerifyException

BATCH = DYNAMIC_INDEX
"""The size that stands for the number of rows of a batch, `?` in text."""
ELEMENTS = (f32, f64, i64, i1)
Tensor: TypeAlias = TensorType[Attribute]
Shape: TypeAlias = tuple[int, ...]


def tensor(element: Attribute, *shape: int) -> Tensor:
    """Return the type of a tensor."""
    return TensorType(element, shape)


def batched(element: Attribute, *shape: int) -> Tensor:
    """Return the type of one tensor of `shape` for each row, the batch first."""
    return TensorType(element, (BATCH, *shape))


def type_of(value: Attribute | None) -> Tensor:
    """Return the type of a constant tensor. Raises: VerifyException."""
    if not isinstance(value, DenseIntOrFPElementsAttr):
        raise VerifyException("a constant tensor is missing")
    kind: Attribute = cast(Any, value).type
    if not isinstance(kind, TensorType):
        raise VerifyException(f"{kind} is no tensor")
    return cast(Tensor, kind)


def shape_of(kind: Attribute) -> Shape:
    """Return the shape of a tensor type; `BATCH` is the batch."""
    return tuple(cast(Tensor, kind).get_shape())


def element_of(kind: Attribute) -> Attribute:
    """Return the element type of a tensor type."""
    return cast(Tensor, kind).get_element_type()


def is_float(element: Attribute) -> bool:
    """Say whether elements are floating point numbers."""
    return isinstance(element, Float32Type | Float64Type)


def is_bool(element: Attribute) -> bool:
    """Say whether elements are truth values."""
    return element == i1


def fault_of(kind: Attribute) -> str | None:
    """Return why a type is no type of the dialect, or None."""
    if not isinstance(kind, TensorType):
        return f"{kind} is no tensor"
    if element_of(cast(Attribute, kind)) not in ELEMENTS:
        return f"{kind}: the elements are f32, f64, i64 or i1"
    if shape_of(cast(Attribute, kind)).count(BATCH) > 1:
        return f"{kind} has two dynamic dimensions: only the batch is dynamic"
    if 0 in shape_of(cast(Attribute, kind)):
        return f"{kind} has no elements"
    return None


def broadcast(*shapes: Shape) -> Shape:
    """Return the shape that NumPy gives to an operation on all of them. Raises: VerifyException."""
    rank = max(map(len, shapes))
    padded = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    result: list[int] = []
    for sizes in zip(*padded, strict=True):
        wide = {size for size in sizes if size != 1}
        if len(wide) > 1:
            shown = ", ".join(map(shape_text, shapes))
            raise VerifyException(f"the shapes {shown} do not fit each other")
        result.append(wide.pop() if wide else 1)
    if result.count(BATCH) > 1:
        raise VerifyException("the batch stands at two places")
    return tuple(result)


def shape_text(shape: Shape) -> str:
    """Return a shape as it is written in a type."""
    return "[" + "x".join("?" if size == BATCH else str(size) for size in shape) + "]"


def axes_fault(axes: Sequence[int], rank: int) -> str | None:
    """Return what is wrong with axes of a tensor of this rank, or None."""
    if any(not 0 <= axis < rank for axis in axes):
        return f"an axis of {list(axes)} is outside of rank {rank}"
    return "an axis stands twice" if len(set(axes)) < len(axes) else None
