"""Reads the signature of an ONNX model: what it is fed and what it gives.

Only the message is decoded; no operator runs and no weight is copied. The generated message module
of the `onnx` package is loaded alone, because that takes a sixth of the time of `import onnx`,
which imports NumPy. Refused: weights outside the file, operators that are not known to end
(`onnx_operators`), memory that no event can need (`onnx_memory`), element types without a meaning
in the language.
"""

import importlib.util
import math
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from xdsl.ir import Attribute

from kumeo.diagnostics import Diagnostic, Place
from kumeo.dialects.data.types import FLOAT, JSON, ListType, MapType, option_of
from kumeo.frontend.errors.files import CorruptModel, UnsafeModel
from kumeo.frontend.signatures.onnx_operators import check_operators
from kumeo.frontend.signatures.report import (
    FileReport,
    ReadError,
    name_at,
    reject_pickle,
    reject_unfetched,
)
from kumeo.frontend.signatures.specs import ModelSignature, TensorSpec
from kumeo.frontend.signatures.tensors import element_type, result_record, tensor_type

if TYPE_CHECKING:
    from onnx.onnx_ml_pb2 import (
        GraphProto,
        ModelProto,
        NodeProto,
        TensorProto,
        TypeProto,
        ValueInfoProto,
    )

MAX_DIM = 1 << 24
"""No event has a longer axis; a model that asks for one is damaged or hostile."""

MAX_ELEMENTS = 1 << 28
MAX_FILE = 1 << 30
MAX_RANK = 8

_ELEMENTS = {"float": "float32", "double": "float64"}


def read_onnx(
    data: bytes, place: Place | None, name: str | None = None
) -> tuple[ModelSignature | None, list[Diagnostic]]:
    """Return the signature of an ONNX file. All faults are placed at `place`.

    `name` is shown to the user; it defaults to the string at `place`.
    """
    report = FileReport(CorruptModel, name or name_at(place, "model.onnx"), place)
    try:
        signature = _signature(read_message(data, report), report)
    except ReadError:
        return None, report.found
    return (None if report.found else signature), report.found


def read_message(data: bytes, report: FileReport) -> "ModelProto":
    """Return the message of a file that is safe to run: nothing outside, nothing endless.

    Raises: ReadError after a fault was added.
    """
    reject_unfetched(data, report)
    reject_pickle(data, report, UnsafeModel)
    if len(data) > MAX_FILE:
        raise report.fatal("the file is larger than 1 GiB", kind=UnsafeModel)
    model = _decode(data, report)
    _refuse_outside_weights(model.graph, report)
    if check_operators(model, report):
        _check_memory(data, report)
    return model


def _check_memory(data: bytes, report: FileReport) -> None:
    """Compute what a model asks for. It takes the whole `onnx`, so only few models come here."""
    from onnx import ModelProto

    from kumeo.frontend.signatures.onnx_memory import check_memory

    model = ModelProto()
    model.ParseFromString(data)
    check_memory(model, report)


@cache
def _messages() -> Any:
    """Return the module of ONNX messages, without the rest of the package where possible."""
    name = "onnx.onnx_ml_pb2"
    package = importlib.util.find_spec("onnx")
    folders = package.submodule_search_locations if package else None
    path = Path(folders[0], "onnx_ml_pb2.py") if folders else None
    if name in sys.modules or path is None or not path.is_file():
        return importlib.import_module(name)
    return _load_alone("kumeo_onnx_messages", path)


def _load_alone(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None, path
    assert spec.loader is not None, path
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _decode(data: bytes, report: FileReport) -> "ModelProto":
    from google.protobuf.message import DecodeError

    model = cast("ModelProto", _messages().ModelProto())
    try:
        model.ParseFromString(data)
    except DecodeError:
        raise report.fatal("it is not an ONNX file, or it is cut off") from None
    if not model.ir_version or not model.HasField("graph"):
        raise report.fatal("it is not an ONNX file")
    return model


def _signature(model: "ModelProto", report: FileReport) -> ModelSignature:
    graph = model.graph
    _refuse_odd_names(graph, report)
    weights = {t.name for t in graph.initializer} | {
        t.values.name for t in graph.sparse_initializer
    }
    fed = [value for value in graph.input if value.name not in weights]
    if not fed:
        raise report.fatal("it has no inputs")
    if not graph.output:
        raise report.fatal("it has no outputs")
    inputs = tuple(_spec(value, report) for value in fed)
    outputs = tuple(_spec(value, report) for value in graph.output)
    for kind, specs in (("input", inputs), ("output", outputs)):
        _check_names(kind, [spec.name for spec in specs], report)
    result = result_record((v.name, _value_type(v.type, v.name, report)) for v in graph.output)
    return ModelSignature("onnx", inputs, outputs, _width(inputs), result)


def _refuse_odd_names(graph: "GraphProto", report: FileReport) -> None:
    """Refuse names that are not UTF-8: protobuf gives them as bytes."""
    for value in (*graph.input, *graph.output):
        dims = value.type.tensor_type.shape.dim
        names: list[object] = [value.name, *(d.dim_param for d in dims)]
        if not all(isinstance(name, str) for name in names):
            raise report.fatal("it holds a name that is not UTF-8 text")


def _check_names(kind: str, names: list[str], report: FileReport) -> None:
    if "" in names:
        report.add(f"an {kind} has no name")
    for name in sorted({n for n in names if names.count(n) > 1}):
        report.add(f"two {kind}s are named `{name}`")


def _width(inputs: tuple[TensorSpec, ...]) -> int | None:
    """Return the number of columns when the only input is a matrix."""
    shape = inputs[0].shape
    if len(inputs) != 1 or shape is None or len(shape) != 2:
        return None
    return shape[1] if isinstance(shape[1], int) else None


def _refuse_outside_weights(graph: "GraphProto", report: FileReport) -> None:
    for tensor in _tensors(graph):
        if tensor.data_location == tensor.EXTERNAL or tensor.external_data:
            fix = "save the model with `save_as_external_data=False`"
            reason = f"its weights `{tensor.name[:60]}` are in another file"
            raise report.fatal(reason, fix=fix, kind=UnsafeModel)
        _check_sizes(f"weights `{tensor.name[:60]}`", tensor.dims, report)


def _tensors(graph: "GraphProto") -> Iterator["TensorProto"]:
    """Give every tensor that is stored in the graph, its nodes and their inner graphs."""
    pending = [graph]
    while pending:
        current = pending.pop()
        yield from current.initializer
        for sparse in current.sparse_initializer:
            yield from (sparse.values, sparse.indices)
        for node in current.node:
            yield from _node_tensors(node)
            pending += _inner_graphs(node)


def _node_tensors(node: "NodeProto") -> Iterator["TensorProto"]:
    for attribute in node.attribute:
        if attribute.HasField("t"):
            yield attribute.t
        yield from attribute.tensors


def _inner_graphs(node: "NodeProto") -> Iterator["GraphProto"]:
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs


def _check_sizes(what: str, dims: Iterable[int], report: FileReport) -> None:
    sizes = list(dims)
    if any(size < 0 for size in sizes):
        raise report.fatal(f"{what} has a negative size")
    too_large = any(size > MAX_DIM for size in sizes) or math.prod(sizes) > MAX_ELEMENTS
    if too_large or len(sizes) > MAX_RANK:
        raise report.fatal(f"the size of {what} is beyond any real model")


def _spec(value: "ValueInfoProto", report: FileReport) -> TensorSpec:
    return TensorSpec(value.name, _spelling(value.type), _shape(value.type, value.name, report))


def _spelling(type_: "TypeProto") -> str:
    """Return the element type as text: `float32`, `sequence(map(string,float32))`."""
    kind = type_.WhichOneof("value")
    if kind == "tensor_type":
        return _element(type_.tensor_type.elem_type)
    if kind == "map_type":
        key = _element(type_.map_type.key_type)
        return f"map({key},{_spelling(type_.map_type.value_type)})"
    if kind == "sequence_type":
        return f"sequence({_spelling(type_.sequence_type.elem_type)})"
    if kind == "optional_type":
        return f"optional({_spelling(type_.optional_type.elem_type)})"
    return kind or "undefined"


def _element(code: int) -> str:
    values = _messages().TensorProto.DataType.DESCRIPTOR.values_by_number
    if code not in values:
        return "undefined"
    name = str(values[code].name).lower()
    return _ELEMENTS.get(name, name)


def _shape(
    type_: "TypeProto", name: str, report: FileReport
) -> tuple[int | str | None, ...] | None:
    tensor = type_.tensor_type
    if type_.WhichOneof("value") != "tensor_type" or not tensor.HasField("shape"):
        return None
    dims = tensor.shape.dim
    _check_sizes(f"`{name[:60]}`", (d.dim_value for d in dims), report)
    return tuple(d.dim_value or d.dim_param or None for d in dims)


def _value_type(type_: "TypeProto", name: str, report: FileReport) -> Attribute:
    """Return the type of one event's part of an output."""
    kind = type_.WhichOneof("value")
    if kind == "tensor_type":
        scalar = element_type(_element(type_.tensor_type.elem_type))
        if scalar is None:
            raise report.fatal(f"output `{name}` has element type `{_spelling(type_)}`")
        return tensor_type(scalar, _shape(type_, name, report))
    if kind == "sequence_type":
        item = type_.sequence_type.elem_type
        inner = _value_type(item, name, report)
        is_zipmap = item.WhichOneof("value") == "map_type"
        return inner if is_zipmap else ListType(inner)
    if kind == "map_type":
        return MapType(_map_value(type_.map_type.value_type, name, report))
    if kind == "optional_type":
        return option_of(_value_type(type_.optional_type.elem_type, name, report))
    raise report.fatal(f"output `{name}` has type `{_spelling(type_)}`")


def _map_value(type_: "TypeProto", name: str, report: FileReport) -> Attribute:
    """Return the value type of a map. Converters often leave the shape of its scalars out."""
    value = _value_type(type_, name, report)
    if value != JSON:
        return value
    return element_type(_element(type_.tensor_type.elem_type)) or FLOAT
