"""`infer.onnx`: the graph of a model file within the graph of its agent, under its own names."""

from kumeo.analysis.places import point_of
from kumeo.backends.onnx.emitter import Emitter
from kumeo.backends.onnx.errors import no_model
from kumeo.dialects import infer
from kumeo.dialects.workflow.declarations import Endpoint
from kumeo.models.faults import BadModelError
from kumeo.models.onnx_file import inline, open_graph


def imported(op: infer.OnnxOp, e: Emitter) -> None:
    """Add the nodes and weights of a file. Raises: Unemitted."""
    path = address_of(op)
    data = e.read_file(path)
    if data is None:
        raise no_model(op, None, path)
    try:
        model = open_graph(data).model
    except BadModelError as error:
        raise no_model(op, error.diagnostic(path, point_of(op)), path) from None
    prefix = f"{e.graph.fresh(e.origin(op).agent)}/"
    weights = {each.name for each in model.graph.initializer}
    given = [each.name for each in model.graph.input if each.name not in weights]
    parts = inline(model, prefix, dict(zip(given, e.inputs(op), strict=True)))
    for tensor in parts.initializers:
        e.graph.keep(tensor)
    for node in parts.nodes:
        node.doc_string = e.origin(op).line
        e.graph.add(node)
    for at, name in enumerate(parts.outputs[: len(op.results)]):
        e.graph.node("Identity", [name], [e.result(op, at)], e.origin(op))


def address_of(op: infer.OnnxOp) -> str:
    """Return the path of the file of a model, as the workflow names it."""
    symbol = op.model.string_value()
    around = op.parent_op()
    while around is not None:
        for region in around.regions:
            for block in region.blocks:
                for found in block.ops:
                    if isinstance(found, Endpoint) and found.symbol == symbol:
                        return found.address.data
        around = around.parent_op()
    return symbol
