"""What each op of the `infer` dialect computes from arrays. Batches may have any number of rows."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import IntegerAttr
from xdsl.ir import Operation

from kumeo.dialects import infer
from kumeo.dialects.infer.shapes import integers_of
from kumeo.dialects.infer.tensors import BATCH, element_of
from kumeo.interp.infer.models import MODEL_KERNELS
from kumeo.interp.infer.run import Files
from kumeo.models.emitting import array_of, dtype_of

Array: TypeAlias = NDArray[Any]
Kernel: TypeAlias = Callable[[Any, Sequence[Array], Files], Sequence[Array]]

_PREDICATES: Mapping[str, Callable[[Array, Array], Array]] = {
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "eq": np.equal,
    "ne": np.not_equal,
}


def _ufunc(function: Callable[..., Array]) -> Kernel:
    return lambda op, given, files: [function(*given)]


def _constant(op: infer.ConstantOp, given: Sequence[Array], files: Files) -> Sequence[Array]:
    return [array_of(op.value)]


def _compare(op: infer.CompareOp, given: Sequence[Array], files: Files) -> Sequence[Array]:
    return [_PREDICATES[op.predicate.data](*given)]


def _cast(op: infer.CastOp, given: Sequence[Array], files: Files) -> Sequence[Array]:
    return [given[0].astype(dtype_of(element_of(op.result.type)))]


def _logistic(x: Array) -> Array:
    return (1.0 / (1.0 + np.exp(-x))).astype(x.dtype)


def _axes(op: Operation) -> tuple[int, ...]:
    return integers_of(op.properties["axes"])


def _axis(op: Operation, name: str = "axis") -> int:
    value = op.properties[name]
    assert isinstance(value, IntegerAttr), "the verifier checks it"
    return value.value.data


def _expand_dims(op: infer.ExpandDimsOp, given: Sequence[Array], files: Files) -> Sequence[Array]:
    return [np.expand_dims(given[0], _axes(op))]


def _squeeze(op: infer.SqueezeOp, given: Sequence[Array], files: Files) -> Sequence[Array]:
    return [np.squeeze(given[0], _axes(op))]


def _transpose(op: infer.TransposeOp, given: Sequence[Array], files: Files) -> Sequence[Array]:
    return [np.transpose(given[0], _axes(op))]


def _reshape(op: infer.ReshapeOp, given: Sequence[Array], files: Files) -> Sequence[Array]:
    return [given[0].reshape([-1 if s in (-1, BATCH) else s for s in integers_of(op.shape)])]


def _concat(op: infer.ConcatOp, given: Sequence[Array], files: Files) -> Sequence[Array]:
    return [np.concatenate(given, axis=_axis(op))]


def _column(op: infer.ColumnOp, given: Sequence[Array], files: Files) -> Sequence[Array]:
    return [np.take(given[0], _axis(op, "index"), axis=_axis(op))]


def _gather(op: infer.GatherOp, given: Sequence[Array], files: Files) -> Sequence[Array]:
    return [np.take(given[0], given[1], axis=_axis(op), mode="clip")]


def _reduction(function: Callable[..., Array]) -> Kernel:
    def kernel(op: infer.ReduceSumOp, given: Sequence[Array], files: Files) -> Sequence[Array]:
        return [function(given[0], axis=_axes(op), keepdims=op.keepdims is not None)]

    return kernel


def _argmax(op: infer.ArgmaxOp, given: Sequence[Array], files: Files) -> Sequence[Array]:
    return [np.argmax(given[0], axis=_axis(op))]


def _softmax(op: infer.SoftmaxOp, given: Sequence[Array], files: Files) -> Sequence[Array]:
    axis = _axis(op)
    powers = np.exp(given[0] - np.max(given[0], axis=axis, keepdims=True))
    return [powers / np.sum(powers, axis=axis, keepdims=True)]


KERNELS: Mapping[type[Operation], Kernel] = {
    infer.ConstantOp: _constant,
    infer.AddOp: _ufunc(np.add),
    infer.SubOp: _ufunc(np.subtract),
    infer.MulOp: _ufunc(np.multiply),
    infer.DivOp: _ufunc(np.divide),
    infer.PowOp: _ufunc(np.power),
    infer.MinOp: _ufunc(np.minimum),
    infer.MaxOp: _ufunc(np.maximum),
    infer.NegOp: _ufunc(np.negative),
    infer.AbsOp: _ufunc(np.abs),
    infer.SqrtOp: _ufunc(np.sqrt),
    infer.ExpOp: _ufunc(np.exp),
    infer.LogOp: _ufunc(np.log),
    infer.LogisticOp: _ufunc(_logistic),
    infer.AndOp: _ufunc(np.logical_and),
    infer.OrOp: _ufunc(np.logical_or),
    infer.NotOp: _ufunc(np.logical_not),
    infer.IsNanOp: _ufunc(np.isnan),
    infer.SelectOp: _ufunc(np.where),
    infer.MatmulOp: _ufunc(np.matmul),
    infer.CompareOp: _compare,
    infer.CastOp: _cast,
    infer.ExpandDimsOp: _expand_dims,
    infer.SqueezeOp: _squeeze,
    infer.TransposeOp: _transpose,
    infer.ReshapeOp: _reshape,
    infer.ConcatOp: _concat,
    infer.ColumnOp: _column,
    infer.GatherOp: _gather,
    infer.ReduceSumOp: _reduction(np.sum),
    infer.ReduceMaxOp: _reduction(np.max),
    infer.ReduceMinOp: _reduction(np.min),
    infer.ArgmaxOp: _argmax,
    infer.SoftmaxOp: _softmax,
    **MODEL_KERNELS,
}
"""The rule of every op but `infer.yield`."""
