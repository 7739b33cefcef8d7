"""Every op that is emitted gives in ONNX Runtime what the reference gives in NumPy."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numeric_programs import Body, Program, in_numpy, in_onnx, program
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, TensorType, f32, f64, i1, i64
from xdsl.ir import SSAValue

from kumeo.backends.onnx.build import infer_model
from kumeo.backends.onnx.elementary import EMITTERS
from kumeo.dialects import infer
from kumeo.dialects.data import BOOL, FLOAT, INT, EnumType, OptionType
from kumeo.dialects.infer.tensors import BATCH

ROWS = 64
STATES = EnumType.of("a", "b", "c")
OPERANDS = {
    "x": FLOAT,
    "y": OptionType(FLOAT),
    "i": INT,
    "s": STATES,
    "t": OptionType(STATES),
    "p": BOOL,
    "q": BOOL,
}


def columns(seed: int = 3) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=ROWS) * 3, rng.normal(size=ROWS) * 3
    y[::7] = np.nan
    x[3], x[4], x[5], y[5] = np.inf, -np.inf, 0.0, 0.0
    return {
        "x": x,
        "y": y,
        "i": rng.integers(-9, 9, ROWS),
        "s": rng.integers(0, 3, ROWS),
        "t": rng.integers(-1, 3, ROWS),
        "p": rng.random(ROWS) < 0.5,
        "q": rng.random(ROWS) < 0.5,
    }


def wide(p: Program, *values: SSAValue) -> SSAValue:
    """Return numbers side by side, one row for each event."""
    parts = [p.add(infer.ExpandDimsOp(value, [1])) for value in values]
    return p.add(infer.ConcatOp(parts, 1))


def trees(x: SSAValue, element: Any, mode: str = "leq", outputs: int = 1) -> infer.TreesOp:
    """Return three trees of one, two and no comparisons."""
    rng = np.random.default_rng(outputs)
    values = rng.normal(size=(9, outputs)).ravel().tolist()
    return infer.TreesOp(
        x,
        roots=[0, 3, 8],
        feature=[0, 0, 0, 1, 0, 0, 0, 0, 0],
        threshold=[0.25, 0, 0, 0.0, 0, 0.1, 0, 0, 0],
        true_child=[1, -1, -1, 4, -1, 6, -1, -1, -1],
        false_child=[2, -1, -1, 5, -1, 7, -1, -1, -1],
        missing_true=[0, 0, 0, 1, 0, 0, 0, 0, 0],
        values=DenseIntOrFPElementsAttr.from_list(TensorType(element, [9, outputs]), values),
        base=[0.5] * outputs,
        mode=mode,
    )


def compared(predicate: str, left: str, right: str) -> Body:
    def body(p: Program, v: Sequence[SSAValue]) -> list[SSAValue]:
        named = dict(zip(OPERANDS, v, strict=True))
        return [p.add(infer.CompareOp(predicate, named[left], named[right]))]

    return body


def both(kind: Any, first: int, second: int) -> Body:
    def body(p: Program, v: Sequence[SSAValue]) -> list[SSAValue]:
        return [p.add(kind(v[first], v[second]))]

    return body


def one(kind: Any, place: int) -> Body:
    def body(p: Program, v: Sequence[SSAValue]) -> list[SSAValue]:
        return [p.add(kind(v[place]))]

    return body


def looked_up(p: Program, v: Sequence[SSAValue]) -> list[SSAValue]:
    table = p.table(f64, [[1.0, 2.0, 4.0], [8.0, 16.0, 32.0]])
    found = [p.add(infer.GatherOp(table, v[place], 1)) for place in (2, 3, 4)]
    rows = [p.add(infer.TransposeOp(each, [1, 0])) for each in found]
    joined = p.add(infer.ConcatOp(rows, 1))
    flags = p.table(i1, [True, False, True])
    return [joined, p.add(infer.GatherOp(flags, v[3], 0))]


def reduced(kind: Any) -> Body:
    def body(p: Program, v: Sequence[SSAValue]) -> list[SSAValue]:
        table = wide(p, v[0], v[1], v[0])
        kept = p.add(kind(table, [1], keepdims=True))
        integers = p.add(kind(wide(p, v[2], v[3]), [1]))
        return [p.add(kind(table, [1])), kept, integers]

    return body


def chosen(p: Program, v: Sequence[SSAValue]) -> list[SSAValue]:
    truth = p.add(infer.SelectOp(v[5], v[6], v[5]))
    return [p.add(infer.SelectOp(v[5], v[0], v[1])), truth]


def converted(p: Program, v: Sequence[SSAValue]) -> list[SSAValue]:
    half = p.add(infer.CastOp(v[0], f32))
    whole = p.add(infer.CastOp(p.add(infer.MinOp(v[2], v[3])), f64))
    return [p.add(infer.CastOp(half, f64)), whole, p.add(infer.CastOp(v[5], i64))]


def multiplied(p: Program, v: Sequence[SSAValue]) -> list[SSAValue]:
    x = wide(p, v[0], v[2] if v[2].type == v[0].type else v[0])
    plain = p.add(infer.MatmulOp(x, p.table(f64, [[1.0, 2.0, 0.5], [3.0, -1.0, 0.25]])))
    row = infer.LinearOp(
        x,
        DenseIntOrFPElementsAttr.from_list(TensorType(f64, [2, 2]), [1.0, 2.0, 3.0, 4.0]),
        DenseIntOrFPElementsAttr.from_list(TensorType(f64, [2]), [0.5, -0.5]),
    )
    return [plain, p.add(row)]


def shaped(p: Program, v: Sequence[SSAValue]) -> list[SSAValue]:
    table = wide(p, v[0], v[1], v[0], v[1])
    cube = p.add(infer.ReshapeOp(table, [BATCH, 2, 2]))
    back = p.add(infer.ReshapeOp(p.add(infer.TransposeOp(cube, [0, 2, 1])), [BATCH, 4]))
    return [back, p.add(infer.ColumnOp(table, 1, 2)), p.add(infer.SqueezeOp(wide(p, v[0]), [1]))]


def ranked(p: Program, v: Sequence[SSAValue]) -> list[SSAValue]:
    table = wide(p, v[2], v[3], v[2])
    numbers = wide(p, v[0], v[1], v[0])
    return [p.add(infer.ArgmaxOp(table, 1)), p.add(infer.ArgmaxOp(numbers, 1))]


def spread(p: Program, v: Sequence[SSAValue]) -> list[SSAValue]:
    numbers = [p.add(infer.CastOp(each, f64)) for each in (v[2], v[3], v[4])]
    return [p.add(infer.SoftmaxOp(wide(p, *numbers), 1))]


def broadcast(p: Program, v: Sequence[SSAValue]) -> list[SSAValue]:
    table = p.table(f64, [[1.0], [2.0]])
    late = p.add(infer.MulOp(table, v[0]))
    total = p.add(infer.ReduceSumOp(late, [0]))
    return [total, p.add(infer.TransposeOp(late, [1, 0]))]


def forest(mode: str, outputs: int) -> Body:
    def body(p: Program, v: Sequence[SSAValue]) -> list[SSAValue]:
        return [p.add(trees(wide(p, v[0], v[1]), f64, mode, outputs))]

    return body


def forest32(p: Program, v: Sequence[SSAValue]) -> list[SSAValue]:
    small = p.add(infer.CastOp(wide(p, v[0], v[1]), f32))
    return [p.add(infer.CastOp(p.add(trees(small, f32, "leq", 2)), f64))]


CASES: dict[str, Body] = {
    "add": both(infer.AddOp, 0, 1),
    "add integers": both(infer.AddOp, 2, 3),
    "sub": both(infer.SubOp, 0, 1),
    "mul": both(infer.MulOp, 0, 1),
    "div": both(infer.DivOp, 0, 1),
    "pow": both(infer.PowOp, 0, 1),
    "min": both(infer.MinOp, 0, 1),
    "max": both(infer.MaxOp, 0, 1),
    "max of integers": both(infer.MaxOp, 2, 3),
    "neg": one(infer.NegOp, 0),
    "neg of integers": one(infer.NegOp, 2),
    "abs": one(infer.AbsOp, 1),
    "sqrt": one(infer.SqrtOp, 0),
    "exp": one(infer.ExpOp, 0),
    "log": one(infer.LogOp, 0),
    "logistic": one(infer.LogisticOp, 0),
    "and": both(infer.AndOp, 5, 6),
    "or": both(infer.OrOp, 5, 6),
    "not": one(infer.NotOp, 5),
    "is_nan": one(infer.IsNanOp, 1),
    **{f"compare {word}": compared(word, "x", "y") for word in infer.PREDICATES},
    **{f"compare integers {word}": compared(word, "i", "s") for word in infer.PREDICATES},
    "compare truth values": compared("ne", "p", "q"),
    "gather": looked_up,
    "reduce_sum": reduced(infer.ReduceSumOp),
    "reduce_max": reduced(infer.ReduceMaxOp),
    "reduce_min": reduced(infer.ReduceMinOp),
    "select": chosen,
    "cast": converted,
    "matmul and linear": multiplied,
    "shapes": shaped,
    "argmax": ranked,
    "softmax": spread,
    "broadcast": broadcast,
    "trees leq": forest("leq", 1),
    "trees lt": forest("lt", 1),
    "trees with several outputs": forest("leq", 3),
}


def check(body: Body, tolerance: float) -> None:
    op = program(OPERANDS, body)
    for rows in (1, 2, ROWS):
        given = {name: column[:rows] for name, column in columns().items()}
        expected, found = in_numpy(op, given), in_onnx(op, given)
        for left, right in zip(expected, found, strict=True):
            assert left.dtype == right.dtype
            assert left.shape == right.shape
            np.testing.assert_allclose(right, left, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", CASES)
def test_emitted_op_of_float64_is_exact(name: str) -> None:
    check(CASES[name], 1e-12)


def test_emitted_trees_of_float32_agree() -> None:
    check(forest32, 1e-6)


def test_cases_cover_every_op_that_is_emitted() -> None:
    bodies = [*CASES.values(), forest32]
    used = {type(op) for body in bodies for op in program(OPERANDS, body).body.block.ops}
    assert set(EMITTERS) <= used


def test_emitted_gather_of_an_enum_is_not_clipped() -> None:
    def body(p: Program, v: Sequence[SSAValue]) -> list[SSAValue]:
        return [p.add(infer.GatherOp(p.table(f64, [1.0, 2.0, 4.0]), v[3], 0))]

    assert kinds(body) == ["Gather"]


def test_emitted_gather_of_an_integer_is_clipped_once() -> None:
    def body(p: Program, v: Sequence[SSAValue]) -> list[SSAValue]:
        table = p.table(f64, [1.0, 2.0, 4.0])
        return [p.add(infer.GatherOp(table, v[2], 0)), p.add(infer.GatherOp(table, v[2], 0))]

    assert kinds(body) == ["Clip", "Gather", "Gather"]


def kinds(body: Body) -> list[str]:
    model = infer_model(program(OPERANDS, body), lambda path: None)
    return [node.op_type for node in model.graph.node]


def test_emitted_column_of_a_widened_tensor_is_that_tensor() -> None:
    def body(p: Program, v: Sequence[SSAValue]) -> list[SSAValue]:
        return [p.add(infer.ColumnOp(p.add(infer.ExpandDimsOp(v[0], [1])), 1, 0))]

    assert kinds(body) == ["Identity"]
    check(body, 0.0)


def test_emitted_graph_leaves_out_what_no_output_needs() -> None:
    def body(p: Program, v: Sequence[SSAValue]) -> list[SSAValue]:
        p.add(infer.ExpOp(v[0]))
        return [p.add(infer.NegOp(v[0]))]

    assert kinds(body) == ["Neg"]


def shares(least: float) -> Body:
    """Return what divides three numbers from a table by their sum, where that is above zero."""

    def body(p: Program, v: Sequence[SSAValue]) -> list[SSAValue]:
        table = p.table(f64, [[0.0, 0.2, 5.0], [0.0, 0.3, least], [0.0, 0.5, 1.0]])
        weights = p.add(infer.GatherOp(table, v[3], 1))
        total = p.add(infer.ReduceSumOp(weights, [0]))
        zero, one = p.table(f64, 0.0), p.table(f64, 1.0)
        is_possible = p.add(infer.CompareOp("gt", total, zero))
        divisor = p.add(infer.SelectOp(is_possible, total, one))
        return [is_possible, p.add(infer.TransposeOp(p.add(infer.DivOp(weights, divisor)), [1, 0]))]

    return body


def test_emitted_shares_of_a_sum_are_a_normalization() -> None:
    assert kinds(shares(0.0))[-3:] == ["Greater", "LpNormalization", "Transpose"]
    check(shares(0.0), 1e-15)


def test_emitted_shares_of_numbers_below_zero_are_divided() -> None:
    assert kinds(shares(-0.5))[-3:] == ["Where", "Div", "Transpose"]
    check(shares(-0.5), 1e-15)


def test_emitted_columns_are_joined_before_they_are_columns() -> None:
    def body(p: Program, v: Sequence[SSAValue]) -> list[SSAValue]:
        return [wide(p, v[0], v[1], v[0], v[1], v[1])]

    assert kinds(body) == ["Concat", "Reshape", "Transpose"]
    check(body, 0.0)


def test_emitted_columns_beside_a_row_stay_columns() -> None:
    def body(p: Program, v: Sequence[SSAValue]) -> list[SSAValue]:
        row, column = wide(p, v[0], v[1]), p.add(infer.ExpandDimsOp(v[0], [1]))
        return [p.add(infer.ConcatOp([column, column, column, row], 1))]

    check(body, 0.0)
