"""`infer.onnx`: the graph of a model file within the graph of its agent, under its own names."""

from typing import Literal, cast

from onnx import ModelProto
from xdsl.ir import Operation

from kumeo.backends.onnx.emitter import Emitter
from kumeo.backends.onnx.errors import no_model
from kumeo.diagnostics import Diagnostic
from kumeo.dialects import infer
from kumeo.dialects.workflow.declarations import Endpoint
from kumeo.models.importing import graph_of
from kumeo.models.onnx_file import inline


def imported(op: infer.OnnxOp, e: Emitter) -> None:
    """Add the nodes and weights of a file. Raises: Unemitted."""
    model = _opened(op, e)
    weights = {each.name for each in model.graph.initializer}
    given = [each.name for each in model.graph.input if each.name not in weights]
    origin = e.origin(op)
    prefix = f"{e.graph.fresh(f'{origin.agent}/{op.model.string_value()}')}/"
    parts = inline(model, prefix, dict(zip(given, e.inputs(op), strict=True)))
    for tensor in parts.initializers:
        e.graph.keep(tensor)
    for node in parts.nodes:
        node.doc_string = origin.line
        e.graph.add(node)
    for at, name in enumerate(parts.outputs[: len(op.results)]):
        e.graph.node("Identity", [name], [e.result(op, at)], origin)


def _opened(op: infer.OnnxOp, e: Emitter) -> ModelProto:
    found = declared(op, op.model.string_value())
    path = "" if found is None else found.address.data
    data = None if found is None else e.read_file(path)
    if found is None or data is None:
        raise no_model(op, None, path)
    kind = cast(Literal["onnx", "sklearn"], found.kind.data)
    graph = graph_of(data, kind, path)
    if isinstance(graph, Diagnostic):
        raise no_model(op, graph, path)
    return ModelProto.FromString(graph)


def declared(op: Operation, symbol: str) -> Endpoint | None:
    """Return the declaration of a model in the workflow around an op, or in its module."""
    around = op.parent_op()
    while around is not None:
        inner = (each for region in around.regions for block in region.blocks for each in block.ops)
        for each in inner:
            if isinstance(each, Endpoint) and each.symbol == symbol:
                return each
        around = around.parent_op()
    return None
