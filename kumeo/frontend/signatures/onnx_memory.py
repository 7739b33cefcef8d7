"""What an ONNX model asks for when it runs: the size of every tensor, before any is made.

A file of a hundred bytes can ask for gigabytes (`ConstantOfShape`, `Expand`, `Tile`, `Range`). The
shapes follow from the inputs, for one event at a time; where they do not, an operator that can grow
is refused, since nothing bounds it. Loading this module imports `onnx` as a whole.
"""

import math
from collections.abc import Iterator

import onnx
from onnx import ModelProto, ValueInfoProto, shape_inference

from kumeo.frontend.errors.files import UnsafeModel
from kumeo.frontend.signatures.onnx_operators import GROWING
from kumeo.frontend.signatures.report import FileReport

MEMORY_MAX = 1 << 30
"""Bytes of all results of one event together."""

_UNKNOWN_DIM = 64
"""Stands for a dimension, other than the first, that the file leaves open."""

_WIDTHS: dict[int, int] = {
    **dict.fromkeys((onnx.TensorProto.DOUBLE, onnx.TensorProto.INT64, onnx.TensorProto.UINT64), 8),
    **dict.fromkeys((onnx.TensorProto.BOOL, onnx.TensorProto.INT8, onnx.TensorProto.UINT8), 1),
    onnx.TensorProto.STRING: 32,
}


def check_memory(model: ModelProto, report: FileReport) -> None:
    """Refuse a model whose results are too large. Raises: ReadError after a refusal."""
    fixed = ModelProto()
    fixed.CopyFrom(model)
    for value in fixed.graph.input:
        _fix_shape(value)
    del fixed.graph.value_info[:]  # What the file says about its results may be wrong.
    for value in fixed.graph.output:
        value.type.tensor_type.ClearField("shape")
    try:
        inferred = shape_inference.infer_shapes(fixed, data_prop=True)
    except (shape_inference.InferenceError, ValueError, RuntimeError) as error:
        text = str(error).strip().splitlines()
        detail = text[0][:120] if text else "unknown"
        raise report.fatal(f"the shapes of its tensors do not fit: {detail}") from None
    sizes = dict(_sizes(inferred))
    for node in model.graph.node:
        if node.op_type in GROWING and any(name not in sizes for name in node.output if name):
            reason = f"nothing tells how much memory its `{node.op_type}` asks for"
            fix = "export the model with fixed shapes, except for the batch"
            raise report.fatal(reason, fix=fix, kind=UnsafeModel)
    name, largest = max(sizes.items(), key=lambda pair: pair[1], default=("", 0))
    if largest > MEMORY_MAX or sum(sizes.values()) > 4 * MEMORY_MAX:
        reason = f"its `{name[:60]}` asks for {_shown(largest)} for a single event"
        fix = "the size of one result may be at most 1 GiB"
        raise report.fatal(reason, fix=fix, kind=UnsafeModel)


def _fix_shape(value: ValueInfoProto) -> None:
    """Give every open dimension of an input a number: one event, and some width."""
    for at, dim in enumerate(value.type.tensor_type.shape.dim):
        if not dim.HasField("dim_value"):
            dim.dim_value = 1 if at == 0 else _UNKNOWN_DIM


def _sizes(model: ModelProto) -> Iterator[tuple[str, int]]:
    """Give the bytes of every value whose shape is known."""
    for value in (*model.graph.value_info, *model.graph.output):
        tensor = value.type.tensor_type
        if value.type.WhichOneof("value") != "tensor_type" or not tensor.HasField("shape"):
            continue
        dims = tensor.shape.dim
        if all(dim.HasField("dim_value") for dim in dims):
            width = _WIDTHS.get(tensor.elem_type, 4)
            yield value.name, width * math.prod(max(dim.dim_value, 0) for dim in dims)


def _shown(size: int) -> str:
    return f"{size / (1 << 30):.1f} GiB" if size < 1 << 50 else "more than a PiB"
