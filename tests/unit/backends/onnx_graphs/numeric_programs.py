"""Numeric programs for tests, and what they give in NumPy and in ONNX Runtime."""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, TensorType
from xdsl.dialects.test import TestOp
from xdsl.ir import Attribute, Operation, SSAValue

from kumeo.backends.onnx.build import emit_infer
from kumeo.dialects import infer
from kumeo.dialects.agent import InferOp
from kumeo.dialects.data import BOOL, FLOAT, INT, ListType, RecordType
from kumeo.dialects.infer.tensors import element_of, shape_of
from kumeo.interp.infer import run_batch

Columns = Mapping[str, NDArray[Any]]
Body = Callable[["Program", Sequence[SSAValue]], Sequence[SSAValue]]


class Program:
    """Adds ops to the region of an `agent.infer`."""

    def __init__(self, op: InferOp) -> None:
        self.op = op

    def add(self, op: Operation) -> SSAValue:
        """Add an op; return its first result."""
        self.op.body.block.add_op(op)
        return op.results[0]

    def table(self, element: Attribute, values: Any) -> SSAValue:
        """Add a constant."""
        array = np.asarray(values)
        kind: Any = TensorType(element, array.shape)
        flat = array.ravel().tolist()
        return self.add(infer.ConstantOp(DenseIntOrFPElementsAttr.from_list(kind, flat)))


def program(operands: Mapping[str, Attribute], body: Body) -> InferOp:
    """Return the op with the outputs `r0`, `r1`, …"""
    sources = TestOp(result_types=list(operands.values())).results
    draft = InferOp("n", "n", list(sources), list(operands), RecordType.of({"r0": FLOAT}))
    found = body(Program(draft), draft.body.block.args)
    draft.body.block.add_op(infer.YieldOp(found))
    fields = {f"r{i}": _data_type(value.type) for i, value in enumerate(found)}
    region = draft.detach_region(draft.body)
    op = InferOp("n", "n", list(sources), list(operands), RecordType.of(fields), region)
    op.verify()
    return op


def _data_type(kind: Attribute) -> Attribute:
    if len(shape_of(kind)) == 2:
        return ListType(FLOAT)
    words = {"f64": FLOAT, "i64": INT, "i1": BOOL}
    return words[str(element_of(kind))]


def in_numpy(op: InferOp, columns: Columns) -> list[NDArray[Any]]:
    """Return the outputs by the reference."""
    return list(run_batch(op, columns, NO_FILES).values())


def in_onnx(op: InferOp, columns: Columns) -> list[NDArray[Any]]:
    """Return the outputs of the emitted graph."""
    onnxruntime: Any = import_module("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(emit_infer(op, lambda path: None), options)
    return session.run(None, {each.name: columns[each.name] for each in session.get_inputs()})


class _NoFiles:
    def network(self, symbol: str) -> Any:
        raise AssertionError(symbol)

    def onnx(self, symbol: str) -> Any:
        raise AssertionError(symbol)


NO_FILES = _NoFiles()
