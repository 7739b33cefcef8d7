"""`agent.model` on small ONNX files made here."""

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto as T
from onnx import helper

from kumeo.dialects.data import FLOAT, INT, JSON, STR, ListType, MapType, RecordType
from kumeo.interp import Run, World
from kumeo.interp.features import output_value
from kumeo.interp.onnx_models import by_field
from kumeo.testing.small_workflows import play


def model_file(nodes: list[Any], inputs: list[Any], outputs: list[Any], weights: Any = ()) -> bytes:
    graph = helper.make_graph(nodes, "g", inputs, outputs, list(weights))
    opset = helper.make_opsetid("", 17)
    return helper.make_model(graph, opset_imports=[opset], ir_version=8).SerializeToString()


def tensor(name: str, kind: int, *shape: Any) -> Any:
    return helper.make_tensor_value_info(name, kind, list(shape))


SUM = model_file(
    [helper.make_node("ReduceSum", ["x", "axes"], ["score"], keepdims=1)],
    [tensor("x", T.FLOAT, "N", 3)],
    [tensor("score", T.FLOAT, "N", 1)],
    [helper.make_tensor("axes", T.INT64, [1], [1])],
)
"""The sum of three features."""

MINUS = model_file(
    [
        helper.make_node("Sub", ["a", "b"], ["left"]),
        helper.make_node("Concat", ["a", "b"], ["both"], axis=1),
    ],
    [tensor("a", T.FLOAT, "N", 1), tensor("b", T.FLOAT, "N", 1)],
    [tensor("left", T.FLOAT, "N", 1), tensor("both", T.FLOAT, "N", 2)],
)
"""Two inputs by name, two outputs."""


def predict(
    file: bytes | None, operands: str, types: str, result: str, source: str, payload: Any
) -> Run:
    body = f"""%r = agent.model @m ({operands}) id "m" site "m" : ({types}) -> {result}
    workflow.emit %r : {result} to @t site "t" """
    world = World(read_file=lambda path: file)
    declared = 'workflow.model @m onnx("m.onnx")'
    return play(body, [payload], world, source=source, declarations=declared)


FEATURES = "!data.record<{a: f64, b: i64, c: i1}>"
SCORE = "!data.record<{score: f64}>"


def test_model_takes_the_fields_of_a_record_in_their_order() -> None:
    payload = {"c": True, "a": 0.5, "b": 2}
    run = predict(SUM, "%e", FEATURES, SCORE, FEATURES, payload)
    assert run.payloads("t") == [{"score": 3.5}]
    assert run.calls[0].given is False


def test_model_takes_a_list_as_its_features() -> None:
    run = predict(SUM, "x = %e", "!data.list<f64>", SCORE, "!data.list<f64>", [1.0, 2.0, 4.0])
    assert run.payloads("t") == [{"score": 7.0}]


def test_model_with_two_inputs_takes_them_by_name() -> None:
    kind = "!data.record<{b: f64, a: f64}>"
    result = "!data.record<{left: f64, both: !data.list<f64>}>"
    run = predict(MINUS, "%e", kind, result, kind, {"a": 3.0, "b": 1.0})
    assert run.payloads("t") == [{"left": 2.0, "both": [3.0, 1.0]}]


def test_model_with_a_missing_input_fails() -> None:
    kind = "!data.record<{a: f64}>"
    result = "!data.record<{left: f64, both: !data.list<f64>}>"
    run = predict(MINUS, "%e", kind, result, kind, {"a": 3.0})
    assert "`b` is not given" in run.reports[0].failure.message


def test_model_with_the_wrong_number_of_features_fails() -> None:
    run = predict(SUM, "x = %e", "!data.list<f64>", SCORE, "!data.list<f64>", [1.0])
    assert (run.reports[0].failure.code, run.reports[0].failure.agent) == ("model-failed", "m")


def test_model_with_a_corrupt_file_fails() -> None:
    run = predict(b"nonsense", "%e", FEATURES, SCORE, FEATURES, {"a": 1.0, "b": 1, "c": False})
    assert run.reports[0].failure.code == "model-failed"


def test_model_without_its_file_answers_with_its_type() -> None:
    run = predict(None, "%e", FEATURES, SCORE, FEATURES, {"a": 1.0, "b": 1, "c": False})
    assert list(run.payloads("t")[0]) == ["score"]


@pytest.mark.parametrize(
    ("output", "kind", "expected"),
    [
        (np.array([[0.5]], np.float32), FLOAT, 0.5),
        (np.array([0.5], np.float32), FLOAT, 0.5),
        (np.array([3]), INT, 3),
        (np.array([[1.0, 2.0]]), ListType(FLOAT), [1.0, 2.0]),
        (np.array([[1.0]]), ListType(FLOAT), [1.0]),
        (np.array([[1, 2]]), ListType(FLOAT), [1.0, 2.0]),
        (np.array(["yes"], object), STR, "yes"),
        ([{"a": 0.25, 1: 0.75}], MapType(FLOAT), {"a": 0.25, "1": 0.75}),
        (np.array([[1.5]]), JSON, 1.5),
        (np.array([[float("inf")]]), FLOAT, float("inf")),
    ],
)
def test_output_becomes_a_value_of_its_field(output: Any, kind: Any, expected: Any) -> None:
    assert output_value(output, kind) == expected


def test_outputs_are_chosen_by_name_when_the_record_has_fewer() -> None:
    outputs = [np.array([1.0]), np.array([2.0])]
    assert by_field(RecordType.of({"b": FLOAT}), ["a", "b"], outputs) == {"b": outputs[1]}


def test_files_of_these_tests_are_valid_models() -> None:
    for file in (SUM, MINUS):
        onnx.checker.check_model(onnx.load_from_string(file))
