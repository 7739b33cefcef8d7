"""An ONNX model as text: one line for each input, constant, node and output, for people and tests.

    model "infer.risk" ir 10, opset 21, ai.onnx.ml 3
      in   night : int64[batch]
      let  table : float64[2,3] = 0.1 0.9 0.5 0.5 0.3 0.7
      node risk/gather_night : Gather(table, night) -> p {axis=0}  // flow.kumeo:4:9
      out  risk.Fraud : float64[batch,2]

Long lists show how many entries they have and a digest of all.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from onnx import AttributeProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper
from onnx.onnx_ml_pb2 import ValueInfoProto

SHOWN_MAX = 8
"""Entries of a list that are written out."""


def list_model(model: ModelProto) -> str:
    """Return the lines of a model."""
    return "".join(f"{line}\n" for line in _lines(model))


def _lines(model: ModelProto) -> Iterator[str]:
    opsets = ", ".join(f"{each.domain or 'opset'} {each.version}" for each in model.opset_import)
    yield f'model "{model.graph.name}" ir {model.ir_version}, {opsets}'
    for each in model.graph.input:
        yield f"  in   {each.name} : {_type(each)}"
    for tensor in model.graph.initializer:
        yield f"  let  {tensor.name} : {_tensor(tensor)}"
    for node in model.graph.node:
        yield f"  node {_node(node)}"
    for each in model.graph.output:
        yield f"  out  {each.name} : {_type(each)}"


def _type(value: ValueInfoProto) -> str:
    tensor = value.type.tensor_type
    sizes = ",".join(each.dim_param or str(each.dim_value) for each in tensor.shape.dim)
    return f"{_element(tensor.elem_type)}[{sizes}]"


def _element(kind: int) -> str:
    return str(helper.tensor_dtype_to_np_dtype(kind))


def _tensor(tensor: TensorProto) -> str:
    sizes = ",".join(str(size) for size in tensor.dims)
    values: list[Any] = numpy_helper.to_array(tensor).ravel().tolist()
    return f"{_element(tensor.data_type)}[{sizes}] = {_shown(values)}"


def _node(node: NodeProto) -> str:
    settings = ", ".join(f"{each.name}={_setting(each)}" for each in node.attribute)
    text = f"{node.name} : {node.op_type}({', '.join(node.input)}) -> {', '.join(node.output)}"
    text += f" {{{settings}}}" if settings else ""
    return f"{text}  // {node.doc_string}" if node.doc_string else text


def _setting(attribute: AttributeProto) -> str:
    value: Any = helper.get_attribute_value(attribute)
    if isinstance(value, TensorProto):
        return _shown(numpy_helper.to_array(value).ravel().tolist())
    if isinstance(value, bytes | str | int | float):
        return _word(value)
    items: list[Any] = list(value)
    return f"[{_shown(items)}]"


def _shown(values: Sequence[Any]) -> str:
    if len(values) <= SHOWN_MAX:
        return " ".join(_word(value) for value in values)
    digest = hashlib.sha256(" ".join(_word(value) for value in values).encode()).hexdigest()[:12]
    first = " ".join(_word(value) for value in values[:4])
    return f"{first} … {len(values)} entries, digest {digest}"


def _word(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.9g}" if isinstance(value, float) else str(value)
