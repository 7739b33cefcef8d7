"""`agent.infer` in the interpreter: the border, failing operands, batches, and no call."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.builder import ImplicitBuilder
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Block, Region, SSAValue

from kumeo.analysis.text import parse_module
from kumeo.analysis.walk import walk_ops
from kumeo.dialects import infer
from kumeo.dialects.agent import InferOp
from kumeo.dialects.data.failures import DataFailure
from kumeo.dialects.data.types import BOOL, FLOAT, EnumType, RecordType, option_of
from kumeo.dialects.infer.encoding import operand_tensor
from kumeo.dialects.registry import make_context
from kumeo.interp.infer import run_batch
from kumeo.interp.infer.run import decode, encode
from kumeo.interp.run import run
from kumeo.interp.world import Event, World
from kumeo.models.network import Network

TEXT = """
builtin.module {
  workflow.workflow @W {
    workflow.source @source nats("a")
      : !data.record<{x: f64, s: !data.option<!data.enum<"a", "b">>}>
    workflow.target @t nats("b")
    workflow.on @source (%source: !data.record<{x: f64, s: !data.option<!data.enum<"a", "b">>}>) {
      %v = data.get %source["x"] : f64
      %s = data.get %source["s"] : !data.option<!data.enum<"a", "b">>
      %one = data.constant 1.0 : f64
      %q = data.div %one, %v : f64
      %n = agent.infer (q = %q, s = %s) do (%x: tensor<?xf64>, %i: tensor<?xi64>) {
        %twice = infer.add (%x, %x) : (tensor<?xf64>, tensor<?xf64>) -> (tensor<?xf64>)
        infer.yield (%twice, %i) : (tensor<?xf64>, tensor<?xi64>) -> ()
      } id "n" site "n" : (f64, !data.option<!data.enum<"a", "b">>)
        -> !data.record<{twice: f64, index: i64}>
      workflow.emit %n : !data.record<{twice: f64, index: i64}> to @t site "t"
      workflow.return
    }
  }
}
"""


@pytest.fixture
def module() -> ModuleOp:
    parsed, found = parse_module(TEXT, "t.mlir", make_context())
    assert parsed is not None, found
    parsed.verify()
    return parsed


def test_event_is_a_batch_of_one_row(module: ModuleOp) -> None:
    ran = run(module, "W", [Event("1", "source", {"x": 4.0, "s": "b"})], World())
    assert [emitted.payload for emitted in ran.emitted] == [{"twice": 0.5, "index": 1}]


def test_program_is_no_call(module: ModuleOp) -> None:
    ran = run(module, "W", [Event("1", "source", {"x": 4.0, "s": None})], World())
    assert ran.calls == []
    assert ran.emitted[0].payload["index"] == -1


def test_failing_operand_is_the_result(module: ModuleOp) -> None:
    ran = run(module, "W", [Event("1", "source", {"x": 0.0, "s": None})], World())
    assert ran.emitted == []
    (report,) = ran.reports
    assert "division-by-zero" in str(report)


def test_batch_equals_its_rows(module: ModuleOp) -> None:
    op = next(op for op in walk_ops(module) if isinstance(op, InferOp))
    columns = {"q": np.array([1.0, 2.0, 3.0]), "s": np.array([0, -1, 1])}
    together = run_batch(op, columns, files=None)  # pyright: ignore[reportArgumentType]
    assert together["twice"].tolist() == [2.0, 4.0, 6.0]
    assert together["index"].tolist() == [0, -1, 1]


ENUM = EnumType.of("a", "b")


def test_encode_of_null_is_nan_or_minus_one() -> None:
    assert np.isnan(encode(None, option_of(FLOAT)))
    assert encode(None, option_of(ENUM)) == encode(None, option_of(BOOL)) == -1


def test_encode_of_names_is_their_index() -> None:
    assert [encode("a", ENUM), encode("b", option_of(ENUM)), encode(True, option_of(BOOL))] == [
        0,
        1,
        1,
    ]


def test_decode_of_index_is_its_name() -> None:
    assert decode(np.int64(1), ENUM) == "b"


@pytest.mark.parametrize("index", [-1, 2])
def test_decode_of_index_without_name_fails(index: int) -> None:
    with pytest.raises(DataFailure, match=f"output `level`: there is no state {index}"):
        decode(np.int64(index), ENUM, "level")


def numeric(
    operands: Sequence[Attribute], build: Callable[[Sequence[SSAValue]], Sequence[SSAValue]]
) -> InferOp:
    """Return a program with these operands that yields floats."""
    given = xdsl_test.TestOp(result_types=list(operands)).results
    names = [f"x{i}" for i in range(len(given))]
    types = [kind for kind in map(operand_tensor, operands) if kind is not None]
    block = Block(arg_types=types)
    with ImplicitBuilder(block):
        found = build(block.args)
        infer.YieldOp(found)
    result = RecordType.of({f"y{i}": FLOAT for i in range(len(found))})
    op = InferOp("n", "n", given, names, result, Region(block))
    op.verify()
    return op


class Coin:
    """Files with one network."""

    def network(self, symbol: str) -> Network:
        return Network({"Heavy": ("yes", "no")}, {"Heavy": ()}, {"Heavy": np.array([0.1, 0.9])})

    def onnx(self, symbol: str) -> Any:
        raise AssertionError("no model is needed here")


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_batch_fills_what_no_row_decides(rows: int) -> None:
    def build(given: Sequence[SSAValue]) -> Sequence[SSAValue]:
        share = infer.BayesOp("coin", [], [], "Heavy", 2).results[0]
        return [infer.ColumnOp(share, 1, 0).result]

    found = run_batch(numeric([FLOAT], build), {"x0": np.zeros(rows)}, Coin())
    assert found["y0"].tolist() == [0.1] * rows


@pytest.mark.parametrize("name", ["weighted_sum", "topsis"])
def test_batch_without_rows_has_columns_without_rows(name: str) -> None:
    def build(given: Sequence[SSAValue]) -> Sequence[SSAValue]:
        column = infer.ExpandDimsOp(given[0], [1])
        pair = infer.ConcatOp([column, column], 1)
        near = infer.ScoreOp("topsis", [pair, pair], [1.0, 1.0])
        score = infer.ScoreOp(name, given, [1.0])
        return [infer.ReduceMaxOp(near, [1]).result, score.result]

    found = run_batch(numeric([FLOAT], build), {"x0": np.zeros(0)}, Coin())
    assert [column.shape for column in found.values()] == [(0,), (0,)]


UNARY = (infer.NegOp, infer.AbsOp, infer.SqrtOp, infer.ExpOp, infer.LogOp, infer.LogisticOp)
BINARY = (infer.AddOp, infer.SubOp, infer.MulOp, infer.DivOp, infer.MinOp, infer.MaxOp)
STEPS = st.lists(st.tuples(st.integers(0, 11), st.integers(0), st.integers(0)), max_size=8)
NUMBERS = st.floats(-1e3, 1e3) | st.sampled_from([0.0, float("nan"), float("inf")])


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, rows=st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=4))
def test_row_of_random_program_depends_on_its_row_alone(
    steps: list[tuple[int, int, int]], rows: list[tuple[float, float]]
) -> None:
    def build(given: Sequence[SSAValue]) -> Sequence[SSAValue]:
        known = list(given)
        for kind, left, right in steps:
            a, b = known[left % len(known)], known[right % len(known)]
            op = UNARY[kind](a) if kind < 6 else BINARY[kind - 6](a, b)
            known.append(op.result)
        return known

    op = numeric([FLOAT, FLOAT], build)
    together = run_batch(op, dict(zip(("x0", "x1"), np.array(rows).T, strict=True)), Coin())
    for i, row in enumerate(rows):
        alone = run_batch(op, {"x0": np.array([row[0]]), "x1": np.array([row[1]])}, Coin())
        for name, column in alone.items():
            np.testing.assert_allclose(together[name][i], column[0], rtol=1e-12)
