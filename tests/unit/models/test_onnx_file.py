"""Tests of `kumeo.models.onnx_file`: versions, maps, names, refused files."""

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from kumeo.models.faults import BadModelError
from kumeo.models.onnx_file import inline, open_graph, to_opset
from kumeo.models.onnx_model import open_model

X, Y = make_classification(60, 4, random_state=0)
X = X.astype(np.float32)
FLOAT = TensorProto.FLOAT


def graph(nodes, opset, weights=(), domain=""):
    made = helper.make_graph(
        list(nodes),
        "g",
        [helper.make_tensor_value_info("x", FLOAT, ["N", 4])],
        [helper.make_tensor_value_info("y", FLOAT, ["N", None])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in weights],
    )
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", 1)]
    return helper.make_model(made, opset_imports=opsets, ir_version=8)


def run(model, x=X):
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: x})


@pytest.mark.parametrize("opset", [11, 13, 15, 18, 21])
@pytest.mark.parametrize(
    "model",
    [
        RandomForestClassifier(3, random_state=0),
        make_pipeline(StandardScaler(), LogisticRegression()),
        MLPClassifier(3, max_iter=900, random_state=0),
    ],
    ids=["forest", "linear", "network"],
)
def test_open_graph_converted_model_gives_the_same_numbers(model, opset):
    model.fit(X, Y)
    made = to_onnx(model, X, target_opset={"": opset, "ai.onnx.ml": 3}, options={"zipmap": False})
    opened = open_graph(made.SerializeToString()).model
    assert {e.domain: e.version for e in opened.opset_import} == {"": 21, "ai.onnx.ml": 3}
    for one, other in zip(run(made), run(opened), strict=True):
        assert np.array_equal(one, other)


def test_open_graph_reduction_of_old_opset_is_converted():
    node = helper.make_node("ReduceMax", ["x"], ["y"], axes=[1], keepdims=1)
    opened = open_graph(graph([node], 13).SerializeToString()).model
    assert np.array_equal(run(opened)[0], X.max(axis=1, keepdims=True))


def test_to_opset_converter_that_stops_is_noticed(monkeypatch):
    monkeypatch.setattr("onnx.version_converter.convert_version", lambda model, _: model)
    node = helper.make_node("ReduceMax", ["x"], ["y"], axes=[1])
    with pytest.raises(BadModelError, match="the converter stops at 13") as raised:
        to_opset(graph([node], 13))
    assert raised.value.is_unknown


def test_open_graph_newer_opset_with_new_operator_is_not_compiled():
    node = helper.make_node("RMSNormalization", ["x", "w"], ["y"])
    data = graph([node], 23, [("w", np.ones(4, np.float32))]).SerializeToString()
    with pytest.raises(BadModelError, match="opset 23 cannot become 21"):
        open_graph(data)


def test_open_graph_map_of_classes_becomes_a_tensor_with_keys():
    model = LogisticRegression().fit(X, np.array(["no", "yes"])[Y])
    made = to_onnx(model, X, target_opset=18, options={"output_class_labels": False})
    with pytest.raises(BadModelError, match="texts"):
        open_graph(made.SerializeToString())
    opened = open_graph(to_onnx(LogisticRegression().fit(X, Y), X).SerializeToString())
    assert opened.maps == {"output_probability": ("0", "1")}
    assert run(opened.model)[1].shape == (60, 2)


def test_open_graph_hostile_file_is_unsafe():
    node = helper.make_node("ConstantOfShape", ["s"], ["y"])
    data = graph([node], 21, [("s", np.array([1 << 31]))]).SerializeToString()
    with pytest.raises(BadModelError, match=r"8\.0 GiB") as raised:
        open_graph(data)
    assert raised.value.is_unsafe


def test_open_graph_node_without_its_value_is_invalid():
    with pytest.raises(BadModelError, match="not a valid model"):
        open_graph(graph([helper.make_node("Neg", ["nothing"], ["y"])], 21).SerializeToString())


def test_inline_two_copies_in_one_graph_run():
    made = to_onnx(
        make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y),
        X,
        options={"zipmap": False},
    )
    model = open_graph(made.SerializeToString()).model
    name = model.graph.input[0].name
    left, right = (inline(model, f"{p}/", {name: "features"}) for p in ("a", "b"))
    outer = helper.make_graph(
        [*left.nodes, *right.nodes],
        "g",
        [helper.make_tensor_value_info("features", FLOAT, ["N", 4])],
        [
            helper.make_tensor_value_info(n, FLOAT, ["N", 2])
            for n in (left.outputs[1], right.outputs[1])
        ],
        [*left.initializers, *right.initializers],
    )
    both = helper.make_model(outer, opset_imports=model.opset_import, ir_version=10)
    onnx.checker.check_model(both)
    one, other = run(both)
    assert np.array_equal(one, other)
    assert np.array_equal(one, run(made)[1])


def test_open_model_shapes_that_contradict_are_not_compiled():
    model = graph([helper.make_node("Identity", ["x"], ["y"])], 18)
    model.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 7
    with pytest.raises(BadModelError, match="its shapes contradict") as refused:
        open_model(model.SerializeToString(), "m.onnx")
    assert refused.value.is_unknown
