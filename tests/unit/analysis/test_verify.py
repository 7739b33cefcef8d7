"""The verifier finds every fault in one run, in order, and never raises."""

from time import process_time

from xdsl.dialects.builtin import ModuleOp, f64, i1
from xdsl.dialects.test import Test
from xdsl.ir import Block, Dialect, Region
from xdsl.irdl import IRDLOperation, irdl_op_definition

from kumeo.analysis.text import parse_module
from kumeo.analysis.verify import verify_module
from kumeo.dialects.agent import ModelOp
from kumeo.dialects.registry import make_context
from kumeo.dialects.workflow import (
    EmitOp,
    IfOp,
    OnOp,
    ReturnOp,
    SourceOp,
    SubworkflowOp,
    TargetOp,
    WorkflowOp,
    YieldOp,
)
from kumeo.dialects.workflow import ModelOp as ModelFileOp


def faults(text: str) -> list[tuple[str, int]]:
    module, found = parse_module(text, "x.mlir", make_context())
    assert module is not None, found
    diagnostics = verify_module(module)
    return [(d.code, d.place.line if d.place else 0) for d in diagnostics]


def chain(count: int) -> ModuleOp:
    """A workflow of `count` agents, each with a model file of its own."""
    event = Block(arg_types=[f64])
    value = event.args[0]
    for i in range(count):
        agent = ModelOp(f"a{i}", f"a{i}", f"m{i}", [value], ["x"], f64)
        event.add_op(agent)
        value = agent.result
    event.add_ops([EmitOp(value, "t", "t"), ReturnOp()])
    models = [ModelFileOp(f"m{i}", "onnx", "m.onnx") for i in range(count)]
    declared = [SourceOp("s", "nats", "s", f64), TargetOp("t", "nats", "t"), *models]
    return ModuleOp([WorkflowOp("W", Region(Block([*declared, OnOp(["s"], None, Region(event))])))])


def test_verify_several_faults_reports_all_in_order() -> None:
    text = """workflow.workflow @W {
  workflow.source @s pigeon("a") : f64
  workflow.on @s (%x: f64) {
    workflow.emit %x : f64 to @s site "a"
    %l = "data.add"(%late, %late) : (f64, f64) -> f64
    %late = data.constant 1.0 : f64
    workflow.return
  }
}"""
    assert faults(text) == [("ir-invalid", 2), ("ir-symbol", 4), ("ir-dominance", 5)]


def test_verify_op_without_location_points_to_the_op_around() -> None:
    text = """workflow.workflow @W {
  workflow.source @s nats("a") : f64
  workflow.on @s (%x: f64) {
    workflow.emit %x : f64 to @nowhere site "a" loc(unknown)
    workflow.return
  } loc("flow.kumeo":7:1)
}"""
    assert faults(text) == [("ir-symbol", 7)]


def test_verify_exclusive_branches_may_share_an_id() -> None:
    text = """workflow.model @m onnx("m")
workflow.subworkflow @f (%x: f64, %e: !data.enum<"a", "b">) {
  workflow.match %e : !data.enum<"a", "b"> case "a" {
    %a = agent.model @m (x = %x) id "a" site "1" : (f64) -> f64
    workflow.yield
  } case "b" {
    %a = agent.model @m (x = %x) id "a" site "2" : (f64) -> f64
    workflow.yield
  }
  workflow.return
}"""
    assert faults(text) == []


def test_verify_two_bodies_may_share_an_id() -> None:
    text = """workflow.model @m onnx("m")
workflow.workflow @W {
  workflow.source @s nats("a") : f64
  workflow.on @s (%x: f64) {
    %a = agent.model @m (x = %x) id "a" site "1" : (f64) -> f64
    workflow.return
  }
  workflow.on @s (%x: f64) {
    %a = agent.model @m (x = %x) id "a" site "2" : (f64) -> f64
    workflow.return
  }
}"""
    assert faults(text) == []


def test_verify_deep_nesting_made_in_memory_is_a_diagnostic() -> None:
    body = Block(arg_types=[i1])
    inner = body
    for _ in range(300):
        region = Region(Block())
        inner.add_ops([IfOp(body.args[0], [], region), YieldOp()])
        inner = region.block
    inner.add_op(YieldOp())
    module = ModuleOp([SubworkflowOp("f", [i1], [], Region(body))])
    assert [d.code for d in verify_module(module)] == ["nesting-too-deep"]


@irdl_op_definition
class BrokenOp(IRDLOperation):
    """An op of another package, whose verifier crashes."""

    name = "broken.op"

    def verify_(self) -> None:
        raise KeyError("oops")


def test_verify_crash_of_a_foreign_verifier_is_a_diagnostic() -> None:
    ctx = make_context()
    ctx.load_dialect(Dialect("broken", [BrokenOp], []))
    module, _ = parse_module('"broken.op"() : () -> ()', "x.mlir", ctx)
    assert module is not None
    (found,) = verify_module(module)
    assert found.headline == "`broken.op`: cannot be verified: KeyError: 'oops'"


def test_verify_op_in_a_malformed_op_is_not_blamed() -> None:
    text = """"workflow.subworkflow"() <{function_type = () -> (i64), arg_names = []}> ({
  workflow.return
}) : () -> ()"""
    assert faults(text) == [("ir-invalid", 1)]


def test_verify_use_of_an_erased_value_is_a_diagnostic() -> None:
    module = chain(2)
    first = next(op for op in module.walk() if isinstance(op, ModelOp))
    first.detach()
    first.erase(safe_erase=False)
    assert "reads a value whose op was erased" in verify_module(module)[0].headline


def test_verify_dialects_of_others_pass() -> None:
    ctx = make_context()
    ctx.load_dialect(Test)
    module, _ = parse_module('%0 = "test.op"() : () -> i32', "x.mlir", ctx)
    assert module is not None
    assert verify_module(module) == []


def test_verify_five_thousand_agents_is_quick() -> None:
    module = chain(5_000)
    start = process_time()
    assert verify_module(module) == []
    assert process_time() - start < 3
