"""Runs the region of `agent.infer` on columns of numbers, and on the values of one event."""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import Attribute, Operation, SSAValue

from kumeo.dialects.agent import InferOp
from kumeo.dialects.data.failures import DataFailure
from kumeo.dialects.data.types import BOOL, FLOAT, EnumType, ListType, OptionType
from kumeo.dialects.infer import InferOpBase, YieldOp
from kumeo.dialects.infer.tensors import BATCH, element_of, shape_of
from kumeo.models.emitting import dtype_of
from kumeo.models.network import Network

Array = NDArray[Any]


class Files(Protocol):
    """The files of the workflow, opened."""

    def network(self, symbol: str) -> Network:
        """Return the network that a symbol names."""
        ...

    def onnx(self, symbol: str) -> Any:
        """Return an ONNX Runtime session of the model that a symbol names."""
        ...


def run_batch(op: InferOp, columns: Mapping[str, Array], files: Files) -> dict[str, Array]:
    """Return a column for each field of the result; rows stand along the first axis.

    `columns` has an array for each operand, by its name, or by its number where it has none.
    """
    block = op.body.block
    names = op.operand_names() or tuple(str(i) for i in range(len(op.inputs)))
    values: dict[SSAValue, Array] = {}
    for name, argument in zip(names, block.args, strict=True):
        values[argument] = np.asarray(columns[name], dtype_of(element_of(argument.type)))
    rows = len(next(iter(columns.values()))) if columns else 1
    for inner in block.ops:
        if isinstance(inner, YieldOp):
            found = [values[value] for value in inner.inputs]
            return dict(zip(op.record.names, found, strict=True))
        values.update(zip(inner.results, _evaluate(inner, values, files, rows), strict=True))
    raise TypeError("the region of `agent.infer` has no end")


def _evaluate(
    op: Operation, values: Mapping[SSAValue, Array], files: Files, rows: int
) -> Sequence[Array]:
    from kumeo.interp.infer.kernels import KERNELS

    kernel = KERNELS.get(type(op))
    if kernel is None:
        raise TypeError(f"`{op.name}` has no meaning in NumPy")
    given = [values[value] for value in op.operands]
    with np.errstate(all="ignore"):
        found = kernel(cast(InferOpBase, op), given, files)
    return [
        _filled(np.asarray(array), result.type, rows)
        for array, result in zip(found, op.results, strict=True)
    ]


def _filled(array: Array, kind: Attribute, rows: int) -> Array:
    """Return a result in its type. What follows from no row is the same in all rows.

    Raises: DataFailure if a model file gives another shape than the type says.
    """
    shape = tuple(rows if size == BATCH else size for size in shape_of(kind))
    array = array.astype(dtype_of(element_of(kind)))
    if array.size == prod(shape):
        return array.reshape(shape)
    try:
        return np.broadcast_to(array, shape)
    except ValueError:
        text = f"the model gives a tensor of shape {array.shape}, not {shape}"
        raise DataFailure("model-failed", text) from None


def event_row(op: InferOp, values: Sequence[Any], files: Files) -> dict[str, Any]:
    """Return the result record of one event."""
    names = op.operand_names() or tuple(str(i) for i in range(len(values)))
    types = [value.type for value in op.inputs]
    coded = [encode(value, kind) for value, kind in zip(values, types, strict=True)]
    columns = {name: np.array([code]) for name, code in zip(names, coded, strict=True)}
    outputs = run_batch(op, columns, files)
    return {name: decode(outputs[name][0], kind, name) for name, kind in op.record.fields}


def encode(value: Any, kind: Attribute) -> Any:
    """Return the number that stands for a value; see `kumeo.dialects.infer.encoding`."""
    if isinstance(kind, OptionType):
        if value is None:
            return float("nan") if kind.inner == FLOAT else -1
        return int(value) if kind.inner == BOOL else encode(value, kind.inner)
    return kind.names.index(value) if isinstance(kind, EnumType) else value


def decode(number: Any, kind: Attribute, field: str = "") -> Any:
    """Return the value that an entry of a result column stands for. Raises: DataFailure."""
    if isinstance(kind, EnumType):
        index = int(number)
        if not 0 <= index < len(kind.names):
            raise DataFailure("model-failed", f"output `{field}`: there is no state {index}")
        return kind.names[index]
    return number.tolist() if isinstance(kind, ListType) else number.item()
