"""The rule of `agent.model`: feeds an event's values to a model file and reads its outputs.

ONNX models run in ONNX Runtime with one thread per operator, so that sums are done in one order.
scikit-learn models are not run here: their files are opened only to read their signature. Without
the file or without ONNX Runtime the work cannot be run, and a stub that depends on the inputs
stands in.

Inputs: one record is its fields, in field order; other values have the names of the op. A model
with one input tensor takes all numbers as one row; a model with several takes them by name.
"""

import importlib
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import Attribute

from kumeo.dialects.agent import ModelOp
from kumeo.dialects.data import FLOAT, ListType, MapType, RecordType
from kumeo.dialects.data.casting import decode
from kumeo.dialects.data.failures import DataFailure
from kumeo.dialects.settings import strings_of
from kumeo.interp.session import Session, file_of
from kumeo.interp.values import CannotRunError

Named = list[tuple[str, Any]]
Tensor = NDArray[Any]

_DTYPES = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(int16)": np.int16,
    "tensor(int8)": np.int8,
    "tensor(uint8)": np.uint8,
    "tensor(bool)": np.bool_,
    "tensor(string)": np.object_,
}


def predict(op: ModelOp, session: Session, values: Sequence[Any]) -> dict[str, Any]:
    """Return the result record of a model.

    Raises: DataFailure with code `model-failed`, and CannotRunError.
    """
    path = file_of(session, op.model_name)
    model = session.once(("onnx", path), lambda: _load(op, session, path))
    if model is None:
        raise CannotRunError
    if isinstance(model, DataFailure):
        raise DataFailure(model.code, model.message)
    feeds = _feeds(model.get_inputs(), _named(op, values))
    try:
        outputs = cast(list[Any], model.run(None, feeds))
    except Exception as error:  # ONNX Runtime raises its own classes, one per status code.
        raise _failed(path, error) from None
    names = [output.name for output in model.get_outputs()]
    return read_outputs(op.result.type, names, outputs)


def _load(op: ModelOp, session: Session, path: str) -> Any:
    data = session.world.read_file(path)
    if data is None or session.kind_of(op.model_name) != "onnx":
        return None
    try:
        ort: Any = importlib.import_module("onnxruntime")
    except ImportError:
        return None
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # as above
        return _failed(path, error)


def _failed(path: str, error: Exception) -> DataFailure:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return DataFailure("model-failed", f"`{path}`: {lines[0]}")


def _named(op: ModelOp, values: Sequence[Any]) -> Named:
    """Return the inputs as names and values; a single record is taken apart."""
    kind = op.inputs[0].type
    if len(values) == 1 and isinstance(kind, RecordType):
        return [(name, values[0][name]) for name in kind.names]
    names = strings_of(op.names) or tuple(str(i) for i in range(len(values)))
    return list(zip(names, values, strict=True))


def _feeds(inputs: Sequence[Any], named: Named) -> dict[str, Tensor]:
    if len(inputs) == 1:
        spec = inputs[0]
        row = [number for _, value in named for number in _numbers(value)]
        return {spec.name: _tensor(spec, row)}
    values = dict(named)
    missing = [spec.name for spec in inputs if spec.name not in values]
    if missing:
        raise DataFailure("model-failed", f"the model's input `{missing[0]}` is not given")
    return {spec.name: _tensor(spec, _numbers(values[spec.name])) for spec in inputs}


def _numbers(value: Any) -> list[Any]:
    """Return the entries of a list, or one entry; null is "not a number"."""
    items = cast(list[Any], value) if isinstance(value, list) else [value]
    return [float("nan") if item is None else item for item in items]


def _tensor(spec: Any, row: list[Any]) -> Tensor:
    """Return one event's input: a batch of one row, or the row alone where the rank is one."""
    try:
        flat = np.asarray(row, dtype=_DTYPES.get(spec.type, np.float32))
    except (TypeError, ValueError, OverflowError) as error:
        raise DataFailure("model-failed", f"input `{spec.name}`: {error}") from None
    return flat if len(spec.shape) == 1 else flat.reshape(1, -1)


def read_outputs(kind: Attribute, names: Sequence[str], outputs: Sequence[Any]) -> dict[str, Any]:
    """Return a record of outputs. Fields follow the order of the outputs, or have their names."""
    assert isinstance(kind, RecordType), "the verifier checks the result"
    if len(kind.names) == len(outputs):
        chosen = list(outputs)
    else:
        by_name = dict(zip(names, outputs, strict=True))
        chosen = [by_name.get(name) for name in kind.names]
    fields = zip(kind.fields, chosen, strict=True)
    return {name: _value(output, field) for (name, field), output in fields}


def _value(output: Any, kind: Attribute) -> Any:
    """Return an output as a value of its field; a float may be infinite or not a number."""
    data = output.tolist() if hasattr(output, "tolist") else output
    while isinstance(data, list) and len(cast(list[Any], data)) == 1 and _is_deeper(data, kind):
        data = cast(list[Any], data)[0]
    if isinstance(data, dict):
        data = {str(key): value for key, value in cast(dict[Any, Any], data).items()}
    return _plain(data, kind)


def _is_deeper(data: Any, kind: Attribute) -> bool:
    """Return whether data has more list levels than its type: then the outermost is the batch."""
    while isinstance(data, list) and isinstance(kind, ListType):
        items = cast(list[Any], data)
        data, kind = (items[0] if items else None), kind.item
    return isinstance(data, list)


def _plain(data: Any, kind: Attribute) -> Any:
    if isinstance(kind, ListType) and isinstance(data, list):
        return [_plain(item, kind.item) for item in cast(list[Any], data)]
    if isinstance(kind, MapType) and isinstance(data, dict):
        return {key: _plain(item, kind.value) for key, item in cast(dict[str, Any], data).items()}
    if kind == FLOAT and isinstance(data, int | float):
        return float(data)
    return decode(data, kind)
