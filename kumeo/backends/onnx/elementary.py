"""Elementary `infer` ops as ONNX nodes. Most are one node; the others make up for a difference:

- ONNX has no `ne`, and no `Where` for truth values in ONNX Runtime;
- `Gather` fails on an index outside of its axis, where `infer.gather` takes the nearest end;
- `ReduceMax`, `ReduceMin` and `ArgMax` find NaN or pass it over, as it happens.
"""

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr
from xdsl.ir import Operation, SSAValue

from kumeo.backends.onnx.emitter import Emit, Emitter
from kumeo.backends.onnx.graph import TYPES
from kumeo.backends.onnx.patterns import concat, div
from kumeo.backends.onnx.trees import Ensemble, emit_trees
from kumeo.dialects import infer
from kumeo.dialects.infer.shapes import integers_of
from kumeo.dialects.infer.tensors import element_of, is_bool, is_float, shape_of
from kumeo.models.emitting import array_of, dtype_of

ONE_NODE: Mapping[type[Operation], str] = {
    infer.AddOp: "Add",
    infer.SubOp: "Sub",
    infer.MulOp: "Mul",
    infer.PowOp: "Pow",
    infer.MinOp: "Min",
    infer.MaxOp: "Max",
    infer.NegOp: "Neg",
    infer.AbsOp: "Abs",
    infer.SqrtOp: "Sqrt",
    infer.ExpOp: "Exp",
    infer.LogOp: "Log",
    infer.LogisticOp: "Sigmoid",
    infer.AndOp: "And",
    infer.OrOp: "Or",
    infer.NotOp: "Not",
    infer.IsNanOp: "IsNaN",
    infer.MatmulOp: "MatMul",
}
PREDICATES = {
    "lt": "Less",
    "le": "LessOrEqual",
    "gt": "Greater",
    "ge": "GreaterOrEqual",
    "eq": "Equal",
}


def one_node(op: Operation, e: Emitter) -> None:
    """Add the node that means the same."""
    e.node(op, ONE_NODE[type(op)])


def constant(op: infer.ConstantOp, e: Emitter) -> None:
    """Add a constant; equal ones share a name."""
    hint = op.result.name_hint or "table"
    e.names[op.result] = e.graph.constant(array_of(op.value), hint)


def compare(op: infer.CompareOp, e: Emitter) -> None:
    """Add a comparison."""
    kind = PREDICATES.get(op.predicate.data)
    if kind is not None:
        e.node(op, kind)
        return
    equal = e.temporary(op, "equal")
    e.node(op, "Equal", output=equal)
    e.node(op, "Not", [equal])


def select(op: infer.SelectOp, e: Emitter) -> None:
    """Add a choice; between truth values it is made of `And` and `Or`."""
    condition, then, otherwise = e.inputs(op)
    if not is_bool(element_of(op.result.type)):
        e.node(op, "Where")
        return
    negated, left, right = (e.temporary(op, part) for part in ("else", "left", "right"))
    e.node(op, "Not", [condition], negated)
    e.node(op, "And", [condition, then], left)
    e.node(op, "And", [negated, otherwise], right)
    e.node(op, "Or", [left, right])


def cast_op(op: infer.CastOp, e: Emitter) -> None:
    """Add a conversion."""
    e.node(op, "Cast", to=TYPES[dtype_of(element_of(op.result.type))])


def column(op: infer.ColumnOp, e: Emitter) -> None:
    """Add a look-up of one fixed place; the only column of a widened tensor is that tensor."""
    made, axis = op.inputs[0].owner, op.axis.value.data
    if isinstance(made, infer.ExpandDimsOp) and integers_of(made.axes) == (axis,):
        e.names[op.result] = e.of(made.inputs[0])
        return
    place = e.graph.constant(np.array(op.index.value.data, np.int64), "index")
    e.node(op, "Gather", [*e.inputs(op), place], axis=op.axis.value.data)


def gather(op: infer.GatherOp, e: Emitter) -> None:
    """Add a look-up; indices that may be outside of the axis are clipped first."""
    table, indices = op.inputs
    axis = op.axis.value.data
    size = shape_of(table.type)[axis]
    e.node(op, "Gather", [e.of(table), _inside(op, indices, size, e)], axis=axis)


def _inside(op: Operation, indices: SSAValue, size: int, e: Emitter) -> str:
    """Return indices that are places of an axis."""
    low, high = e.ranges.ends(indices)
    if low >= 0 and high < size:
        return e.of(indices)
    known = e.clipped.get((indices, size))
    if known is None:
        known = e.graph.fresh(f"{e.of(indices)}_inside")
        ends = [e.graph.constant(np.array(end, np.int64), "end") for end in (0, size - 1)]
        e.node(op, "Clip", [e.of(indices), *ends], known)
        e.clipped[indices, size] = known
    return known


def with_axes(kind: str) -> Emit:
    """Return what adds a node with axes as its second input."""

    def emit(op: Any, e: Emitter) -> None:
        axes = e.integers(integers_of(op.axes), "axes")
        keep: dict[str, Any] = (
            {"keepdims": int(op.keepdims is not None)} if hasattr(op, "keepdims") else {}
        )
        e.node(op, kind, [*e.inputs(op), axes], **keep)

    return emit


def with_axis(kind: str, **more: Any) -> Emit:
    """Return what adds a node with the attribute `axis`."""

    def emit(op: Any, e: Emitter) -> None:
        e.node(op, kind, axis=op.axis.value.data, **more)

    return emit


def extreme(kind: str) -> Emit:
    """Return what adds the largest or smallest element; NaN if one is NaN."""

    def emit(op: infer.ReduceMaxOp, e: Emitter) -> None:
        value, axes = op.inputs[0], e.integers(integers_of(op.axes), "axes")
        keep = int(op.keepdims is not None)
        if not is_float(element_of(value.type)) or e.ranges.is_number(value):
            e.node(op, kind, [e.of(value), axes], keepdims=keep)
            return
        is_nan, flag, some, any_nan, found = (
            e.temporary(op, part) for part in ("is_nan", "flag", "some", "any_nan", "found")
        )
        e.node(op, "IsNaN", [e.of(value)], is_nan)
        e.node(op, "Cast", [is_nan], flag, to=TYPES["float32"])
        e.node(op, "ReduceMax", [flag, axes], some, keepdims=keep)
        e.node(op, "Cast", [some], any_nan, to=TYPES["bool"])
        e.node(op, kind, [e.of(value), axes], found, keepdims=keep)
        e.node(op, "Where", [any_nan, _number(float("nan"), value, e), found])

    return emit


def argmax(op: infer.ArgmaxOp, e: Emitter) -> None:
    """Add the place of the largest element; NaN counts as larger than all."""
    value, axis = op.inputs[0], op.axis.value.data
    given = e.of(value)
    if is_float(element_of(value.type)) and not e.ranges.is_number(value):
        is_nan, given = e.temporary(op, "is_nan"), e.temporary(op, "ranked")
        e.node(op, "IsNaN", [e.of(value)], is_nan)
        e.node(op, "Where", [is_nan, _number(float("inf"), value, e), e.of(value)], given)
    e.node(op, "ArgMax", [given], axis=axis, keepdims=0)


def _number(number: float, like: SSAValue, e: Emitter) -> str:
    return e.graph.constant(np.array(number, dtype_of(element_of(like.type))), "number")


def transpose(op: infer.TransposeOp, e: Emitter) -> None:
    """Add a permutation of axes."""
    e.node(op, "Transpose", perm=list(integers_of(op.axes)))


def reshape(op: infer.ReshapeOp, e: Emitter) -> None:
    """Add another shape; -1 is the batch."""
    e.node(op, "Reshape", [*e.inputs(op), e.integers(integers_of(op.shape), "shape")])


def linear(op: infer.LinearOp, e: Emitter) -> None:
    """Add a product and a sum."""
    weights = e.graph.constant(array_of(op.weights), "weights")
    product = e.temporary(op, "product")
    e.node(op, "MatMul", [*e.inputs(op), weights], product)
    e.node(op, "Add", [product, e.graph.constant(array_of(op.bias), "bias")])


def trees(op: infer.TreesOp, e: Emitter) -> None:
    """Add an ensemble of trees."""
    kind = dtype_of(element_of(op.result.type))
    values = cast("DenseIntOrFPElementsAttr[Any]", op.values)

    def numbers(values: Any, dtype: str) -> Any:
        return np.array(list(values.get_values()), dtype)

    ensemble = Ensemble(
        numbers(op.roots, "int64"),
        numbers(op.feature, "int64"),
        numbers(op.threshold, kind),
        op.mode.data,
        numbers(op.true_child, "int64"),
        numbers(op.false_child, "int64"),
        numbers(op.missing_true, "bool"),
        array_of(values).astype(kind),
        numbers(op.base, kind),
    )
    features = e.inputs(op)[0]
    emit_trees(e.graph, ensemble, features, e.result(op), e.origin(op))


EMITTERS: Mapping[type[Operation], Emit] = {
    **dict.fromkeys(ONE_NODE, one_node),
    infer.ConstantOp: constant,
    infer.CompareOp: compare,
    infer.SelectOp: select,
    infer.CastOp: cast_op,
    infer.ConcatOp: concat,
    infer.DivOp: div,
    infer.ColumnOp: column,
    infer.GatherOp: gather,
    infer.ExpandDimsOp: with_axes("Unsqueeze"),
    infer.SqueezeOp: with_axes("Squeeze"),
    infer.ReduceSumOp: with_axes("ReduceSum"),
    infer.ReduceMaxOp: extreme("ReduceMax"),
    infer.ReduceMinOp: extreme("ReduceMin"),
    infer.ArgmaxOp: argmax,
    infer.SoftmaxOp: with_axis("Softmax"),
    infer.TransposeOp: transpose,
    infer.ReshapeOp: reshape,
    infer.LinearOp: linear,
    infer.TreesOp: trees,
}
"""What adds the nodes of an op, by its class."""
