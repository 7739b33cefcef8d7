"""`emit_infer`: the ONNX model of an `agent.infer`, and what is checked about it.

On entry the region holds elementary ops, trees, linear models and imported graphs; networks, rules
and scores have been lowered. On exit the model passes the checks of `onnx`, with the types of all
values known. The same op gives the same bytes.
"""

from collections.abc import Mapping
from typing import Any

import onnx
from onnx import ModelProto, shape_inference
from xdsl.ir import Operation

from kumeo.analysis.places import point_of
from kumeo.backends.onnx.elementary import EMITTERS
from kumeo.backends.onnx.emitter import Emit, Emitter, ReadFile, spec_of
from kumeo.backends.onnx.errors import not_emitted
from kumeo.backends.onnx.graph import GraphBuilder, Origin
from kumeo.backends.onnx.imported import imported
from kumeo.diagnostics import Point
from kumeo.dialects import infer
from kumeo.dialects.agent import AgentOp, InferOp
from kumeo.dialects.settings import strings_of

TABLE: Mapping[type[Operation], Emit] = {**EMITTERS, infer.OnnxOp: imported}


def emit_infer(op: InferOp, read_file: ReadFile) -> bytes:
    """Return the model of an op as a file. `read_file` gives imported models by their path.

    Raises: Unemitted.
    """
    return infer_model(op, read_file).SerializeToString(deterministic=True)


def infer_model(op: InferOp, read_file: ReadFile) -> ModelProto:
    """Return the model of an op. Raises: Unemitted."""
    graph = GraphBuilder(op.site)
    emitter = Emitter(graph, op.site, read_file, _agents_near(op))
    _take(op, emitter)
    names = _name_outputs(op, emitter)
    for inner in op.body.block.ops:
        if isinstance(inner, infer.YieldOp):
            continue
        emit = TABLE.get(type(inner))
        if emit is None:
            raise not_emitted(inner)
        emitter.ranges.learn(inner)
        emit(inner, emitter)
    _give(op, emitter, names)
    model = graph.model({"kumeo.agent": op.agent_id})
    checker: Any = onnx.checker
    checker.check_model(model, full_check=True)
    shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
    return model


def input_names(op: InferOp) -> tuple[str, ...]:
    """Return the names of the inputs: those of the operands."""
    return strings_of(op.names)


def _agents_near(op: InferOp) -> dict[Point, str]:
    """Return the other agents of the activation by their places."""
    around: Operation = op
    while (parent := around.parent_op()) is not None:
        around = parent
    found: dict[Point, str] = {}
    for each in around.walk():
        point = point_of(each) if isinstance(each, AgentOp) and each is not op else None
        if point is not None and isinstance(each, AgentOp):
            found.setdefault(point, each.agent_id)
    return found


def _take(op: InferOp, emitter: Emitter) -> None:
    for name, argument in zip(input_names(op), op.body.block.args, strict=True):
        emitter.graph.reserve(name)
        emitter.graph.input(name, spec_of(argument.type))
        emitter.names[argument] = name


def _name_outputs(op: InferOp, emitter: Emitter) -> list[str]:
    """Return the names of the outputs: those of the fields, unless an input has it.

    A value that is yielded gets the name of its output at once, where it is made by a node.
    """
    names: list[str] = []
    for (field, _), value in zip(op.record.fields, op.outputs.inputs, strict=True):
        name = emitter.graph.fresh(field)
        names.append(name)
        if isinstance(value.owner, Operation) and not isinstance(value.owner, infer.ConstantOp):
            emitter.wanted.setdefault(value, name)
    return names


def _give(op: InferOp, emitter: Emitter, names: list[str]) -> None:
    for name, value in zip(names, op.outputs.inputs, strict=True):
        made = emitter.of(value)
        if made != name:
            emitter.graph.node("Identity", [made], [name], Origin(op.site))
        emitter.graph.output(name, spec_of(value.type))
