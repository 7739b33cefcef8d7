"""Every op of `infer` computes what its page says; results are written out by hand."""

from typing import Any

import numpy as np
import pytest
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, f32, f64, i1, i64
from xdsl.ir import Attribute, SSAValue

from kumeo.dialects import infer
from kumeo.dialects.data.failures import DataFailure
from kumeo.dialects.infer import InferOpBase, batched, tensor
from kumeo.interp.infer.kernels import KERNELS
from kumeo.models.network import Network

NAN = float("nan")


class OneNetwork:
    """A coin that is rarely heavy, and what a weighing says. A light coin is never called heavy."""

    def network(self, symbol: str) -> Network:
        return Network(
            states={"Heavy": ("yes", "no"), "Called": ("yes", "no")},
            parents={"Heavy": (), "Called": ("Heavy",)},
            tables={"Heavy": np.array([0.1, 0.9]), "Called": np.array([[0.8, 0.2], [0.0, 1.0]])},
        )

    def onnx(self, symbol: str) -> Any:
        raise AssertionError("no model is needed here")


def values(*types: Attribute) -> tuple[SSAValue, ...]:
    """Return values of these types, made by nobody."""
    return tuple(xdsl_test.TestOp(result_types=list(types)).results)


def dense(kind: Any, numbers: list[float]) -> Any:
    """Return a constant."""
    return DenseIntOrFPElementsAttr.from_list(kind, numbers)


def computed(op: InferOpBase, *arrays: Any) -> list[Any]:
    """Return the results of an op for arrays, as lists."""
    op.verify()
    with np.errstate(all="ignore"):
        found = KERNELS[type(op)](op, [np.array(array) for array in arrays], OneNetwork())
    return [np.asarray(array).tolist() for array in found]


X, Y = values(batched(f64), batched(f64))
A, B = values(batched(i1), batched(i1))
(INDEX,) = values(batched(i64))
(PAIRS,) = values(batched(f64, 2))
(TABLE,) = values(tensor(f64, 2, 3))
TABLE_ROWS = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        (infer.AddOp(X, Y), [5.0, 1.0]),
        (infer.SubOp(X, Y), [3.0, -3.0]),
        (infer.MulOp(X, Y), [4.0, -2.0]),
        (infer.DivOp(X, Y), [4.0, -0.5]),
        (infer.PowOp(X, Y), [4.0, 1.0]),
        (infer.MinOp(X, Y), [1.0, -1.0]),
        (infer.MaxOp(X, Y), [4.0, 2.0]),
        (infer.CompareOp("lt", X, Y), [False, True]),
        (infer.CompareOp("ge", X, Y), [True, False]),
        (infer.CompareOp("ne", X, Y), [True, True]),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_kernel_of_two_numbers_gives_numbers(op: InferOpBase, expected: list[Any]) -> None:
    assert computed(op, [4.0, -1.0], [1.0, 2.0]) == [expected]


@pytest.mark.parametrize(
    ("op", "given", "expected"),
    [
        (infer.NegOp(X), [1.5, -2.0], [-1.5, 2.0]),
        (infer.AbsOp(X), [1.5, -2.0], [1.5, 2.0]),
        (infer.SqrtOp(X), [4.0, 9.0], [2.0, 3.0]),
        (infer.ExpOp(X), [0.0], [1.0]),
        (infer.LogOp(X), [1.0, 0.0], [0.0, float("-inf")]),
        (infer.LogisticOp(X), [0.0, 1000.0], [0.5, 1.0]),
        (infer.IsNanOp(X), [NAN, 1.0], [True, False]),
        (infer.NotOp(A), [True, False], [False, True]),
        (infer.CastOp(X, i64), [1.9, -1.9], [1, -1]),
        (infer.CastOp(A, f32), [True, False], [1.0, 0.0]),
        (infer.ExpandDimsOp(X, [1]), [1.0, 2.0], [[1.0], [2.0]]),
        (infer.ReshapeOp(PAIRS, [-1, 1, 2]), [[1.0, 2.0]], [[[1.0, 2.0]]]),
        (infer.TransposeOp(PAIRS, [1, 0]), [[1.0, 2.0]], [[1.0], [2.0]]),
        (infer.ColumnOp(PAIRS, 1, 1), [[1.0, 2.0], [3.0, 4.0]], [2.0, 4.0]),
        (infer.ReduceSumOp(PAIRS, [1]), [[1.0, 2.0]], [3.0]),
        (infer.ReduceSumOp(PAIRS, [1], keepdims=True), [[1.0, 2.0]], [[3.0]]),
        (infer.ReduceMaxOp(PAIRS, [1]), [[1.0, 2.0]], [2.0]),
        (infer.ReduceMinOp(PAIRS, [1]), [[1.0, 2.0]], [1.0]),
        (infer.ArgmaxOp(PAIRS, 1), [[2.0, 2.0], [1.0, 3.0]], [0, 1]),
        (infer.SoftmaxOp(PAIRS, 1), [[900.0, 900.0]], [[0.5, 0.5]]),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_kernel_of_one_tensor_gives_tensor(
    op: InferOpBase, given: list[Any], expected: list[Any]
) -> None:
    assert computed(op, given) == [expected]


def test_logic_of_two_flags_gives_flags() -> None:
    flags = [True, True, False], [True, False, False]
    assert computed(infer.AndOp(A, B), *flags) == [[True, False, False]]
    assert computed(infer.OrOp(A, B), *flags) == [[True, True, False]]


def test_select_takes_each_element_from_its_side() -> None:
    assert computed(infer.SelectOp(A, X, Y), [True, False], [1.0, 2.0], [3.0, 4.0]) == [[1.0, 4.0]]


def test_constant_of_one_number_fills_its_shape() -> None:
    value = dense(tensor(f64, 2, 2), [0.5])
    assert computed(infer.ConstantOp(value)) == [[[0.5, 0.5], [0.5, 0.5]]]


def test_concat_joins_columns() -> None:
    op = infer.ConcatOp([PAIRS, PAIRS], 1)
    assert computed(op, [[1.0, 2.0]], [[3.0, 4.0]]) == [[[1.0, 2.0, 3.0, 4.0]]]


def test_squeeze_drops_axis_of_one() -> None:
    (column,) = values(batched(f64, 1))
    assert computed(infer.SqueezeOp(column, [1]), [[1.0], [2.0]]) == [[1.0, 2.0]]


def test_gather_puts_batch_in_place_of_axis() -> None:
    found = computed(infer.GatherOp(TABLE, INDEX, 1), TABLE_ROWS, [2, 0])
    assert found == [[[3.0, 1.0], [6.0, 4.0]]]


def test_gather_outside_of_table_takes_nearest_end() -> None:
    found = computed(infer.GatherOp(TABLE, INDEX, 1), TABLE_ROWS, [-7, 99])
    assert found == [[[1.0, 3.0], [4.0, 6.0]]]


def test_matmul_multiplies_rows_by_table() -> None:
    assert computed(infer.MatmulOp(PAIRS, TABLE), [[1.0, 2.0]], TABLE_ROWS) == [[[9.0, 12.0, 15.0]]]


def test_linear_adds_bias() -> None:
    weights = dense(tensor(f64, 2, 1), [1.0, 10.0])
    bias = dense(tensor(f64, 1), [0.5])
    op = infer.LinearOp(PAIRS, weights, bias)
    assert computed(op, [[1.0, 2.0], [0.0, 0.0]]) == [[[21.5], [0.5]]]


def trees(mode: str, missing: int) -> infer.TreesOp:
    """Return `x[1] ? 0.5: 1 or 10`, and a tree that is one leaf of 100, and a base of 0.25."""
    leaves = dense(tensor(f64, 4, 1), [0.0, 1.0, 10.0, 100.0])
    return infer.TreesOp(
        PAIRS,
        mode=mode,
        roots=[0, 3],
        feature=[1, 0, 0, 0],
        threshold=[0.5, 0.0, 0.0, 0.0],
        true_child=[1, -1, -1, -1],
        false_child=[2, -1, -1, -1],
        missing_true=[missing, 0, 0, 0],
        values=leaves,
        base=[0.25],
    )


@pytest.mark.parametrize(
    ("mode", "missing", "expected"),
    [("leq", 1, [101.25, 110.25, 101.25]), ("lt", 0, [110.25, 110.25, 110.25])],
)
def test_trees_add_leaves_and_base(mode: str, missing: int, expected: list[float]) -> None:
    found = computed(trees(mode, missing), [[0.0, 0.5], [0.0, 0.6], [0.0, NAN]])
    assert found == [[[number] for number in expected]]


def test_bayes_weighs_evidence_and_finds_impossible_one() -> None:
    called, heavy = values(batched(i64), batched(i64))
    op = infer.BayesOp("coin", [called], ["Called"], "Heavy", 2, optional=["Called"])
    shares, possible = computed(op, [0, 1, -1])
    assert np.allclose(shares, [[1.0, 0.0], [0.02 / 0.92, 0.9 / 0.92], [0.1, 0.9]])
    assert possible == [True, True, True]
    both = infer.BayesOp("coin", [heavy], ["Heavy"], "Called", 2)
    assert np.allclose(computed(both, [1])[0], [[0.0, 1.0]])


def test_bayes_with_excluded_evidence_has_zeros_and_no() -> None:
    class Certain(OneNetwork):
        def network(self, symbol: str) -> Network:
            known = super().network(symbol)
            return Network(
                known.states, known.parents, {**known.tables, "Heavy": np.array([0.0, 1.0])}
            )

    (called,) = values(batched(i64))
    op = infer.BayesOp("coin", [called], ["Called"], "Heavy", 2)
    shares, possible = KERNELS[type(op)](op, [np.array([0, 1])], Certain())
    assert shares[0].tolist() == [0.0, 0.0]
    assert shares[1].tolist() == [0.0, 1.0]
    assert possible.tolist() == [False, True]


def test_rules_give_first_that_holds() -> None:
    found = computed(infer.RulesOp([A, B]), [True, False, False], [True, True, False])
    assert found == [[0, 1, -1]]


def test_score_weighs_criteria() -> None:
    op = infer.ScoreOp("weighted_sum", [X, Y], [1.0, 0.5])
    assert computed(op, [1.0, 2.0], [4.0, 0.0]) == [[3.0, 2.0]]


def test_score_of_negative_criteria_is_nan() -> None:
    op = infer.ScoreOp("weighted_product", [X, Y], [1.0, 0.5])
    found = computed(op, [-1.0, 2.0], [4.0, 4.0])[0]
    assert np.isnan(found[0])
    assert found[1] == 4.0


def test_score_of_alternatives_is_their_closeness() -> None:
    first, second = values(batched(f64, 2), batched(f64, 2))
    op = infer.ScoreOp("topsis", [first, second], [1.0, 1.0])
    found = computed(op, [[3.0, 1.0], [2.0, 2.0]], [[3.0, 1.0], [2.0, 2.0]])
    assert found == [[[1.0, 0.0], [0.5, 0.5]]]


def test_every_op_but_the_end_has_a_kernel() -> None:
    assert set(infer.OPS) - set(KERNELS) == {infer.YieldOp}


def test_bayes_with_index_outside_takes_nearest_state() -> None:
    (called,) = values(batched(i64))
    shares, _ = computed(infer.BayesOp("coin", [called], ["Called"], "Heavy", 2), [-1, 0, 1, 9])
    assert shares[0] == shares[1]
    assert shares[2] == shares[3]


class BrokenModel(OneNetwork):
    """A model file with two outputs, which stops at negative numbers."""

    def onnx(self, symbol: str) -> "BrokenModel":
        return self

    def get_inputs(self) -> list[Any]:
        return [type("Input", (), {"name": "x"})]

    def run(self, names: None, feeds: dict[str, Any]) -> list[Any]:
        if feeds["x"].min() < 0:
            raise RuntimeError("negative\nat node 7")
        return [feeds["x"], feeds["x"]]


@pytest.mark.parametrize(
    ("inputs", "outputs", "number", "message"),
    [
        (1, 2, -1.0, "negative"),
        (2, 2, 1.0, "the model has 1 inputs, not 2"),
        (1, 1, 1.0, "the model has 2 outputs, not 1"),
    ],
)
def test_onnx_that_does_not_fit_fails(
    inputs: int, outputs: int, number: float, message: str
) -> None:
    op = infer.OnnxOp("m", values(*[batched(f64)] * inputs), [batched(f64)] * outputs)
    with pytest.raises(DataFailure) as caught:
        KERNELS[type(op)](op, [np.array([number])] * inputs, BrokenModel())
    assert (caught.value.code, caught.value.message) == ("model-failed", message)
