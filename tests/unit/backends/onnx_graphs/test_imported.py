"""Model files within an emitted graph: under names of their own, and with the same answers."""

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import ModelProto

from kumeo.backends.onnx.build import emit_infer
from kumeo.backends.onnx.errors import Unemitted
from kumeo.dialects.agent import InferOp
from kumeo.dialects.registry import make_context
from kumeo.dialects.text import KumeoParser

FILE = Path(__file__).parents[4] / "examples" / "models" / "fraud_anomaly.onnx"
TEXT = Path(__file__).with_name("imported.mlir").read_text(encoding="utf-8")


def program() -> InferOp:
    module = KumeoParser(make_context(), TEXT).parse_module()
    return next(op for op in module.walk() if isinstance(op, InferOp))


def read(path: str) -> bytes | None:
    return FILE.read_bytes() if path == "models/a.onnx" else None


def session(data: bytes) -> Any:
    return import_module("onnxruntime").InferenceSession(data)


def test_imported_model_twice_in_a_graph_answers_as_its_file() -> None:
    rows = np.random.default_rng(0).uniform(0.0, 30.0, (32, 3))
    file = session(FILE.read_bytes())
    (alone,) = file.run(None, {file.get_inputs()[0].name: rows.astype(np.float32)})
    feeds = dict(zip(("amount", "hour", "x"), rows.T.copy(), strict=True))
    (found,) = session(emit_infer(program(), read)).run(None, feeds)
    np.testing.assert_allclose(found, 2.0 * alone[:, 0], rtol=1e-6)


def test_imported_model_stands_under_its_name() -> None:
    model = ModelProto.FromString(emit_infer(program(), read))
    names = [node.name for node in model.graph.node if "TreeEnsemble" in node.op_type]
    assert [name.split("/")[:2] for name in names] == [["n", "anomaly"], ["n", "anomaly_2"]]


def test_imported_model_gives_the_same_bytes_each_time() -> None:
    assert emit_infer(program(), read) == emit_infer(program(), read)


def test_imported_model_that_is_missing_is_told() -> None:
    with pytest.raises(Unemitted) as raised:
        emit_infer(program(), lambda path: None)
    assert raised.value.diagnostic.help() == "put the file `models/a.onnx` beside the workflow"


def test_imported_model_that_is_damaged_is_told() -> None:
    with pytest.raises(Unemitted) as raised:
        emit_infer(program(), lambda path: b"no model")
    assert raised.value.diagnostic.code == "corrupt-model"
