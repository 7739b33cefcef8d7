"""Builds an `agent.infer` around an imported model and runs it in the reference interpreter."""

from typing import Any

import numpy as np
from xdsl.builder import Builder
from xdsl.dialects.builtin import i1
from xdsl.dialects.test import TestOp
from xdsl.rewriter import InsertPoint

from kumeo.diagnostics import Diagnostic
from kumeo.dialects import infer
from kumeo.dialects.agent import InferOp
from kumeo.dialects.data import FLOAT, RecordType
from kumeo.interp.infer import run_batch
from kumeo.models.building import Built
from kumeo.models.importing import graph_of, import_model
from kumeo.models.onnx_model import open_session


class Files:
    """Gives the model's own ONNX form for any symbol."""

    def __init__(self, data: bytes, kind: Any) -> None:
        self.data, self.kind = data, kind

    def onnx(self, symbol: str) -> Any:
        graph = graph_of(self.data, self.kind, symbol)
        assert not isinstance(graph, Diagnostic), graph.headline
        return open_session(graph)

    def network(self, symbol: str) -> Any:
        raise AssertionError(symbol)


def program(data: bytes, kind: Any, names: list[str], fields: list[str]) -> tuple[InferOp, Built]:
    """Return the op for a model of float features, and what was built in it."""
    model = import_model(data, kind, "m")
    assert not isinstance(model, Diagnostic), model.headline
    sources = TestOp(result_types=[FLOAT] * len(names)).results
    record = RecordType.of({"x": FLOAT})
    op = InferOp("m", "m", list(sources), names, record)
    block = op.body.block
    built = model.build(Builder(InsertPoint.at_end(block)), "m", block.args, names, fields)
    outputs = {name: (field.value, field.kind) for name, field in built.fields.items()}
    if built.accepted is not None:
        outputs["accepted"] = (built.accepted, i1)
    block.add_op(infer.YieldOp([value for value, _ in outputs.values()]))
    kind_ = RecordType.of({name: kind for name, (_, kind) in outputs.items()})
    final = InferOp("m", "m", list(sources), names, kind_, op.detach_region(0))
    final.verify()
    return final, built


def answers(data: bytes, kind: Any, rows: Any, fields: list[str], names: Any = None) -> Any:
    """Return the columns of the fields, and of `accepted`, for a matrix of features."""
    table = np.asarray(rows, np.float64)
    given = list(names or [f"f{i}" for i in range(table.shape[1])])
    op, _ = program(data, kind, given, fields)
    columns = {name: table[:, i] for i, name in enumerate(given)}
    return run_batch(op, columns, Files(data, kind))
