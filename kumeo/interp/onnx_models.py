"""Runs ONNX models in ONNX Runtime, with one thread per operator: sums are done in one order.

A model with one input tensor takes all numbers of the event as one row; a model with several takes
them by name.
"""

import importlib
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import Attribute

from kumeo.dialects.data import RecordType
from kumeo.dialects.data.failures import DataFailure
from kumeo.frontend.errors.files import CorruptModel
from kumeo.frontend.signatures.onnx import read_message
from kumeo.frontend.signatures.report import FileReport, ReadError
from kumeo.interp.features import Named, library_call, numbers_of, row_of
from kumeo.interp.models import Runner

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


def open_onnx(data: bytes) -> Runner:
    """Return the runner of an ONNX file. Raises: DataFailure; ImportError without the runtime."""
    _refuse_hostile(data)
    model = session_of(data)
    names = [output.name for output in model.get_outputs()]

    def run(named: Named, kind: Attribute) -> dict[str, Any]:
        feeds = _feeds(model.get_inputs(), named)
        with library_call():
            outputs = cast(list[Any], model.run(None, feeds))
        return by_field(kind, names, outputs)

    return run


def _refuse_hostile(data: bytes) -> None:
    """Refuse a file that reads others, may not end, or asks for too much memory."""
    report = FileReport(CorruptModel, "model.onnx", None)
    try:
        read_message(data, report)
    except ReadError:
        reason = getattr(report.found[0], "reason", "it cannot be read")
        raise DataFailure("model-failed", reason) from None


def session_of(data: bytes) -> Any:
    """Return a session of ONNX Runtime. Raises: DataFailure; ImportError without the runtime."""
    ort: Any = importlib.import_module("onnxruntime")
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    with library_call():
        return ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def by_field(kind: Attribute, names: Sequence[str], outputs: Sequence[Any]) -> dict[str, Any]:
    """Return outputs by field. Fields follow the order of the outputs, or have their names."""
    assert isinstance(kind, RecordType), "the verifier checks the result"
    if len(kind.names) == len(outputs):
        return dict(zip(kind.names, outputs, strict=True))
    by_name = dict(zip(names, outputs, strict=True))
    return {name: by_name.get(name) for name in kind.names}


def _feeds(inputs: Sequence[Any], named: Named) -> dict[str, Tensor]:
    if len(inputs) == 1:
        return {inputs[0].name: _tensor(inputs[0], row_of(named))}
    values = dict(named)
    missing = [spec.name for spec in inputs if spec.name not in values]
    if missing:
        raise DataFailure("model-failed", f"the model's input `{missing[0]}` is not given")
    return {spec.name: _tensor(spec, numbers_of(values[spec.name])) for spec in inputs}


def _tensor(spec: Any, row: list[Any]) -> Tensor:
    """Return one event's input: a batch of one row, or the row alone where the rank is one."""
    try:
        with np.errstate(over="ignore"):  # what is too large is infinite, as in the compiled form
            flat = np.asarray(row, dtype=_DTYPES.get(spec.type, np.float32))
    except (TypeError, ValueError, OverflowError) as error:
        raise DataFailure("model-failed", f"input `{spec.name}`: {error}") from None
    return flat if len(spec.shape) == 1 else flat.reshape(1, -1)
