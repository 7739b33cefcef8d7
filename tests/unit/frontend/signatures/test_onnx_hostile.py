"""ONNX files that are refused: endless operators, memory that no event needs, foreign code."""

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.defs import get_all_schemas_with_history

from kumeo.frontend.signatures import read_onnx
from kumeo.frontend.signatures.onnx_operators import GROWING, refusal_of

FLOAT, INT = TensorProto.FLOAT, TensorProto.INT64


def model(nodes, weights=(), shape=("N", 3), functions=()):
    graph = helper.make_graph(
        list(nodes),
        "g",
        [helper.make_tensor_value_info("x", FLOAT, list(shape))],
        [helper.make_tensor_value_info("y", FLOAT, None)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in weights],
    )
    opsets = [helper.make_opsetid("", 21)]
    made = helper.make_model(graph, opset_imports=opsets, functions=list(functions))
    return made.SerializeToString()


def headline(data):
    signature, found = read_onnx(data, None)
    assert signature is None
    return found[0].code, found[0].headline


def growing(kind, *inputs, **weights):
    node = helper.make_node(kind, list(inputs), ["y"])
    return headline(model([node], [(k, np.asarray(v)) for k, v in weights.items()]))


def test_onnx_small_file_that_asks_for_gigabytes_is_unsafe():
    node = helper.make_node("ConstantOfShape", ["s"], ["y"])
    data = model([node], [("s", np.array([1 << 31]))])
    assert len(data) < 150
    code, text = headline(data)
    assert code == "unsafe-model"
    assert "`y` asks for 8.0 GiB" in text


def test_onnx_expand_beyond_memory_is_unsafe():
    assert growing("Expand", "x", "s", s=[1 << 30, 1])[0] == "unsafe-model"


def test_onnx_tile_beyond_memory_is_unsafe():
    assert growing("Tile", "x", "s", s=[1 << 15, 1 << 15])[0] == "unsafe-model"


def test_onnx_range_beyond_memory_is_unsafe():
    assert growing("Range", "a", "b", "c", a=0, b=1 << 33, c=1)[0] == "unsafe-model"


def test_onnx_growing_operator_of_unknown_size_is_unsafe():
    cast = helper.make_node("Cast", ["x"], ["s"], to=INT)
    flat = helper.make_node("Reshape", ["s", "one"], ["t"])
    fill = helper.make_node("ConstantOfShape", ["t"], ["y"])
    code, text = headline(model([cast, flat, fill], [("one", np.array([-1]))]))
    assert code == "unsafe-model"
    assert "nothing tells how much memory its `ConstantOfShape` asks for" in text


def test_onnx_outer_product_through_growing_operator_is_unsafe():
    expand = helper.make_node("Expand", ["x", "s"], ["wide"])
    turned = helper.make_node("Transpose", ["wide"], ["long"])
    product = helper.make_node("MatMul", ["long", "wide"], ["y"])
    data = model([expand, turned, product], [("s", np.array([1, 1 << 20]))], ("N", 1))
    assert headline(data)[0] == "unsafe-model"


def test_onnx_expand_by_the_size_of_the_input_is_accepted():
    shape = helper.make_node("Shape", ["x"], ["s"])
    expand = helper.make_node("Expand", ["w", "s"], ["y"])
    data = model([shape, expand], [("w", np.float32([1.0]))])
    signature, found = read_onnx(data, None)
    assert found == []
    assert signature is not None


@pytest.mark.parametrize("kind", ["Loop", "If", "Scan"])
def test_onnx_inner_graph_is_unsafe(kind):
    inner = helper.make_graph([], "inner", [], [])
    code, text = headline(model([helper.make_node(kind, ["x"], ["y"], body=inner)]))
    assert code == "unsafe-model"
    assert f"operator `{kind}` runs an inner graph" in text


def test_onnx_inner_graph_of_known_operator_is_unsafe():
    inner = helper.make_graph([], "inner", [], [])
    assert headline(model([helper.make_node("Add", ["x", "x"], ["y"], body=inner)]))[0] == (
        "unsafe-model"
    )


def test_onnx_foreign_domain_is_unsafe():
    node = helper.make_node("Trick", ["x"], ["y"], domain="com.evil")
    assert "domain `com.evil` needs code" in headline(model([node]))[1]


def test_onnx_random_numbers_are_unsafe():
    assert "other numbers on every run" in growing("RandomNormalLike", "x")[1]


def test_onnx_own_function_is_unsafe():
    made = helper.make_function(
        "own", "F", ["a"], ["b"], [helper.make_node("Neg", ["a"], ["b"])], []
    )
    node = helper.make_node("F", ["x"], ["y"], domain="own")
    assert "defines the operator `F`" in headline(model([node], functions=[made]))[1]


@pytest.mark.parametrize("place", ["../w.bin", "/etc/passwd", "link", "hard"])
def test_onnx_weights_elsewhere_are_unsafe_wherever_they_are(place):
    weight = TensorProto(name="w", data_type=FLOAT, dims=[1])
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value=place)
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "w"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", FLOAT, ["N", 1])],
        [helper.make_tensor_value_info("y", FLOAT, ["N", 1])],
        [weight],
    )
    code, text = headline(helper.make_model(graph).SerializeToString())
    assert code == "unsafe-model"
    assert "are in another file" in text


def test_onnx_operators_every_standard_one_is_known_or_refused_with_reason():
    silent = []
    for schema in get_all_schemas_with_history():
        if schema.domain in ("", "ai.onnx.ml") and schema.since_version <= 23:
            reason = refusal_of(helper.make_node(schema.name, [], [], domain=schema.domain))
            if reason is not None and reason.endswith("is not known"):
                silent.append(schema.name)
    assert silent == []


def test_onnx_growing_operators_exist():
    names = {schema.name for schema in get_all_schemas_with_history()}
    assert names >= GROWING
