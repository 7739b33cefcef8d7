"""`agent.infer` in the interpreter: the border, failing operands, batches, and no call."""

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp

from kumeo.analysis.text import parse_module
from kumeo.analysis.walk import walk_ops
from kumeo.dialects.agent import InferOp
from kumeo.dialects.data.types import BOOL, FLOAT, EnumType, option_of
from kumeo.dialects.registry import make_context
from kumeo.interp.infer import run_batch
from kumeo.interp.infer.run import decode, encode
from kumeo.interp.run import run
from kumeo.interp.world import Event, World

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
