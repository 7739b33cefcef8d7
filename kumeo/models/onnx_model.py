"""An ONNX file as one op `infer.onnx`: casts and shapes at its border, one field for each output.

The op works on a batch while the file may have been made for single rows, so two things are
checked: every input and output has an open first dimension, and a few random rows give the same
alone and together. A file that mixes rows is not compiled.
"""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto, ValueInfoProto, shape_inference
from xdsl.builder import Builder
from xdsl.dialects.builtin import f32, f64, i1, i64
from xdsl.ir import Attribute, SSAValue

from kumeo.dialects import infer
from kumeo.dialects.data import BOOL, FLOAT, INT, ListType
from kumeo.dialects.infer.tensors import batched, element_of, shape_of
from kumeo.models.building import Built, BuiltField, class_field
from kumeo.models.emitting import Emit
from kumeo.models.faults import BadModelError
from kumeo.models.onnx_file import open_graph
from kumeo.models.recipe import Classes

_ELEMENTS: Mapping[int, Attribute] = {
    TensorProto.FLOAT: f32,
    TensorProto.DOUBLE: f64,
    TensorProto.INT64: i64,
    TensorProto.BOOL: i1,
}
_DTYPES: Mapping[Attribute, str] = {f32: "float32", f64: "float64", i64: "int64", i1: "bool"}
_OPEN = "export the model with an open first dimension, for the batch"


@dataclass(frozen=True)
class Port:
    """An input or output: `width` columns, or None for one number without an axis."""

    name: str
    element: Attribute
    width: int | None

    @property
    def kind(self) -> Attribute:
        """The type of the tensor, the batch in front."""
        return batched(self.element) if self.width is None else batched(self.element, self.width)


@dataclass(frozen=True)
class GraphModel:
    """An ONNX file in pinned versions. `roles` says for each output which field it is, if known.

    With `classes` the first field `label` is the place of the largest probability.
    """

    graph: bytes
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    maps: Mapping[str, tuple[str, ...]]
    roles: tuple[str, ...] = ()
    classes: Classes = ()

    def build(
        self,
        builder: Builder,
        symbol: str,
        inputs: Sequence[SSAValue],
        names: Sequence[str],
        fields: Sequence[str],
    ) -> Built:
        """Write the op and its border. Raises: BadModelError if the inputs do not fit."""
        emit = Emit(builder)
        fed = self._fed(emit, inputs, names)
        types = [port.kind for port in self.outputs]
        op = builder.insert(infer.OnnxOp(symbol, fed, types))
        found = self.roles or fields
        if len(found) != len(op.results):
            raise BadModelError(f"it has {len(op.results)} outputs for {len(found)} fields")
        built = {
            name: self._field(emit, port, value)
            for name, port, value in zip(found, self.outputs, op.results, strict=True)
        }
        if self.classes:
            index = emit.add(infer.ArgmaxOp(built["probabilities"].value, 1))
            built["label"] = class_field(emit, index, self.classes)
        return Built(built, None)

    def _fed(self, emit: Emit, values: Sequence[SSAValue], names: Sequence[str]) -> list[SSAValue]:
        if len(self.inputs) == 1:
            return [_shaped(emit, emit.matrix(values), self.inputs[0])]
        by_name = dict(zip(names, values, strict=True))
        missing = [port.name for port in self.inputs if port.name not in by_name]
        if missing:
            raise BadModelError(f"its input `{missing[0]}` is not given")
        return [_shaped(emit, emit.matrix([by_name[p.name]]), p) for p in self.inputs]

    def _field(self, emit: Emit, port: Port, value: SSAValue) -> BuiltField:
        keys = self.maps.get(port.name, ())
        if port.width == 1 and not keys:
            value = emit.column(value)
        if port.element in (i64, i1) and len(shape_of(value.type)) == 1:
            return BuiltField(value, INT if port.element == i64 else BOOL)
        number = emit.cast(value, f64)
        kind = FLOAT if len(shape_of(number.type)) == 1 else ListType(FLOAT)
        return BuiltField(number, kind, keys)


def _shaped(emit: Emit, matrix: SSAValue, port: Port) -> SSAValue:
    """Return the features in the type of an input."""
    width = shape_of(matrix.type)[1]
    if width != (port.width or 1):
        raise BadModelError(f"its input `{port.name}` takes {port.width or 1} numbers, not {width}")
    cast = emit.cast(matrix, port.element)
    assert element_of(cast.type) == port.element
    return emit.column(cast) if port.width is None else cast


def open_model(data: bytes, name: str) -> GraphModel:
    """Return the model of an ONNX file. Raises: BadModelError."""
    opened = open_graph(data)
    model = _with_shapes(opened.model)
    weights = {tensor.name for tensor in model.graph.initializer}
    inputs = tuple(_port(v) for v in model.graph.input if v.name not in weights)
    outputs = tuple(_port(v) for v in model.graph.output)
    graph = GraphModel(opened.model.SerializeToString(), inputs, outputs, opened.maps)
    check_rows(graph)
    return graph


def _with_shapes(model: ModelProto) -> ModelProto:
    """Return the model with all shapes that follow. Raises: BadModelError for a contradiction."""
    try:
        return shape_inference.infer_shapes(
            model, check_type=True, strict_mode=True, data_prop=True
        )
    except shape_inference.InferenceError as error:
        said = " ".join(str(error).split())[-120:]
        fix = "correct the shapes that it declares, or export it again"
        raise BadModelError(f"its shapes contradict: …{said}", fix=fix, unknown=True) from None


def _port(value: ValueInfoProto) -> Port:
    """Return an input or output that has a batch in front and at most one other axis."""
    tensor = value.type.tensor_type
    element = _ELEMENTS.get(tensor.elem_type)
    if element is None:
        kind = TensorProto.DataType.Name(tensor.elem_type).lower()
        fix = "export it with float32, float64, int64 or bool"
        raise BadModelError(f"`{value.name}` has elements of type {kind}", fix=fix, unknown=True)
    dims = tensor.shape.dim
    if not tensor.HasField("shape") or len(dims) not in (1, 2) or dims[0].HasField("dim_value"):
        raise BadModelError(f"`{value.name}` has no open batch", fix=_OPEN, unknown=True)
    if len(dims) == 1:
        return Port(value.name, element, None)
    if not dims[1].dim_value:
        reason = f"the width of `{value.name}` is not known"
        raise BadModelError(reason, fix="export it with fixed widths", unknown=True)
    return Port(value.name, element, dims[1].dim_value)


# Rows alone and together.


def check_rows(graph: GraphModel) -> None:
    """Refuse a model whose rows depend on each other. Raises: BadModelError."""
    rng = np.random.default_rng(0)
    rows = {port.name: _random(port, rng) for port in graph.inputs}
    names = [port.name for port in graph.outputs]
    try:
        session = open_session(graph.graph)
        together = session.run(names, rows)
        alone = [session.run(names, {k: v[i : i + 1] for k, v in rows.items()}) for i in range(3)]
    except Exception as error:  # The errors of ONNX Runtime have no common base.
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise BadModelError(f"it does not run: {lines[0][:120]}", fix=_OPEN, unknown=True) from None
    for at, name in enumerate(names):
        single = np.concatenate([part[at] for part in alone])
        if single.shape != together[at].shape or not np.allclose(
            single, together[at], rtol=1e-4, atol=1e-6, equal_nan=True
        ):
            raise BadModelError(
                f"the rows of its output `{name}` depend on each other", unknown=True
            )


def _random(port: Port, rng: np.random.Generator) -> Any:
    shape = (3,) if port.width is None else (3, port.width)
    if port.element in (i64, i1):
        return rng.integers(0, 2, size=shape).astype(_DTYPES[port.element])
    return rng.normal(size=shape).astype(_DTYPES[port.element])


def open_session(data: bytes) -> Any:
    """Return a session of ONNX Runtime with one thread. Raises: BadModelError without it."""
    try:
        ort: Any = importlib.import_module("onnxruntime")
    except ImportError:
        fix = 'install it: `pip install "kumeo[models]"`'
        raise BadModelError("it needs onnxruntime to be checked", fix=fix, unknown=True) from None
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def keep_outputs(model: ModelProto, names: Sequence[str]) -> None:
    """Remove outputs other than `names`, and all that only they need."""
    graph = model.graph
    kept = [output for output in graph.output if output.name in names]
    del graph.output[:]
    graph.output.extend(kept)
    needed = set(names)
    nodes = list(graph.node)
    used: list[Any] = []
    for node in reversed(nodes):
        if needed & set(node.output):
            used.append(node)
            needed.update(node.input)
    del graph.node[:]
    graph.node.extend(reversed(used))
    weights = [tensor for tensor in graph.initializer if tensor.name in needed]
    del graph.initializer[:]
    graph.initializer.extend(weights)
