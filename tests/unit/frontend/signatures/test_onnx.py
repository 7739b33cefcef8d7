"""ONNX signatures: names, element types, ranks, result records, refused files."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from kumeo.frontend.signatures import TensorSpec, read_onnx

FLOAT = TensorProto.FLOAT


def tensor(name, element=FLOAT, shape=("N", 3)):
    return helper.make_tensor_value_info(name, element, shape)


def model(inputs, outputs, nodes=(), weights=()):
    graph = helper.make_graph(list(nodes), "g", inputs, outputs, list(weights))
    return helper.make_model(graph).SerializeToString()


def typed(name, type_):
    return helper.make_value_info(name, type_)


def result_of(*outputs):
    signature, found = read_onnx(model([tensor("x")], list(outputs)), None)
    assert signature is not None, [d.headline for d in found]
    return str(signature.result)


def test_onnx_one_matrix_gives_names_shapes_width():
    data = model([tensor("x", FLOAT, [None, 4])], [tensor("y", FLOAT, ["N", 1])])
    signature, _ = read_onnx(data, None)
    assert signature is not None
    assert signature.inputs == (TensorSpec("x", "float32", (None, 4)),)
    assert signature.outputs == (TensorSpec("y", "float32", ("N", 1)),)
    assert signature.features == 4


def test_onnx_initializer_is_no_input():
    weight = helper.make_tensor("w", FLOAT, [1], [2.0])
    data = model([tensor("x"), tensor("w", FLOAT, [1])], [tensor("y")], weights=[weight])
    signature, _ = read_onnx(data, None)
    assert signature is not None
    assert [spec.name for spec in signature.inputs] == ["x"]


def test_onnx_several_inputs_have_no_width():
    data = model([tensor("a"), tensor("b")], [tensor("y")])
    signature, _ = read_onnx(data, None)
    assert signature is not None
    assert signature.features is None


@pytest.mark.parametrize(
    ("element", "shape", "expected"),
    [
        (FLOAT, ["N", 1], "f64"),
        (FLOAT, ["N"], "f64"),
        (FLOAT, [1], "f64"),
        (FLOAT, [], "f64"),
        (FLOAT, [3], "!data.list<f64>"),
        (FLOAT, ["N", 3], "!data.list<f64>"),
        (FLOAT, [1, 3], "!data.list<f64>"),
        (FLOAT, ["N", None], "!data.list<f64>"),
        (FLOAT, ["N", 2, 2], "!data.list<!data.list<f64>>"),
        (FLOAT, None, "!data.json"),
        (TensorProto.DOUBLE, ["N"], "f64"),
        (TensorProto.INT64, ["N"], "i64"),
        (TensorProto.UINT8, ["N"], "i64"),
        (TensorProto.STRING, ["N"], "!data.str"),
        (TensorProto.BOOL, ["N"], "i1"),
    ],
)
def test_onnx_output_tensor_gives_type(element, shape, expected):
    assert result_of(tensor("y", element, shape)) == f"!data.record<{{y: {expected}}}>"


def test_onnx_zipmap_output_gives_map():
    scalar = helper.make_tensor_type_proto(FLOAT, None)
    zipmap = helper.make_sequence_type_proto(helper.make_map_type_proto(TensorProto.STRING, scalar))
    assert result_of(typed("p", zipmap)) == "!data.record<{p: !data.map<f64>}>"


def test_onnx_sequence_and_optional_outputs_give_list_and_option():
    inner = helper.make_tensor_type_proto(TensorProto.INT64, ["N"])
    sequence = typed("s", helper.make_sequence_type_proto(inner))
    optional = typed("o", helper.make_optional_type_proto(inner))
    expected = "!data.record<{s: !data.list<i64>, o: !data.option<i64>}>"
    assert result_of(sequence, optional) == expected


def test_onnx_output_names_become_distinct_identifiers():
    record = result_of(
        tensor("a/b", shape=["N"]), tensor("a:b", shape=["N"]), tensor("1", shape=["N"])
    )
    assert record == "!data.record<{a_b: f64, a_b_2: f64, _1: f64}>"


def outside_weights():
    weight = helper.make_tensor("w", FLOAT, [1], [2.0])
    weight.data_location = TensorProto.EXTERNAL
    constant = helper.make_node("Constant", [], ["c"], value=weight)
    branch = helper.make_graph([constant], "inner", [], [tensor("c")])
    node = helper.make_node("If", ["x"], ["y"], then_branch=branch, else_branch=branch)
    return model([tensor("x")], [tensor("y")], [node])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "corrupt-model 3:9 it is empty"),
        (b"hello", "corrupt-model 3:9 it is not an ONNX file, or it is cut off"),
        (b"\x08\x07", "corrupt-model 3:9 it is not an ONNX file"),
        (
            b"version https://git-lfs.github.com/spec/v1\n",
            "corrupt-model 3:9 it is a Git LFS pointer, not the file itself",
        ),
        (b"\x80\x04\x95..", "unsafe-model 3:9 it is a Python pickle, which runs code"),
        (model([], [tensor("y")]), "corrupt-model 3:9 it has no inputs"),
        (model([tensor("x")], []), "corrupt-model 3:9 it has no outputs"),
        (
            model([tensor("x"), tensor("x")], [tensor("y")]),
            "corrupt-model 3:9 two inputs are named `x`",
        ),
        (
            model([tensor("x")], [tensor("", shape=["N"])]),
            "corrupt-model 3:9 an output has no name",
        ),
        (
            model([tensor("x", FLOAT, ["N", 1 << 40])], [tensor("y")]),
            "corrupt-model 3:9 the size of `x` is beyond any real model",
        ),
        (
            model([tensor("x", FLOAT, [-1, 2])], [tensor("y")]),
            "corrupt-model 3:9 `x` has a negative size",
        ),
        (
            model([tensor("x", FLOAT, [1] * 9)], [tensor("y")]),
            "corrupt-model 3:9 the size of `x` is beyond any real model",
        ),
        (
            model([tensor("x")], [tensor("y", TensorProto.COMPLEX64)]),
            "corrupt-model 3:9 output `y` has element type `complex64`",
        ),
        (outside_weights(), "unsafe-model 3:9 its weights `w` are in another file"),
    ],
)
def test_onnx_bad_file_is_reported(data, expected, messages, here):
    signature, found = read_onnx(data, here)
    assert signature is None
    assert messages(found) == [expected]


def test_onnx_reader_does_not_import_numpy():
    code = (
        "import sys\n"
        "from kumeo.frontend.signatures import read_onnx\n"
        "data = sys.stdin.buffer.read()\n"
        "assert read_onnx(data, None)[0] is not None\n"
        "assert 'numpy' not in sys.modules\n"
        "assert 'onnx' not in sys.modules\n"
    )
    data = model([tensor("x")], [tensor("y")])
    result = subprocess.run([sys.executable, "-c", code], input=data, capture_output=True)
    assert result.returncode == 0, result.stderr


GOOD = model([tensor("x")], [tensor("y")], [helper.make_node("Relu", ["x"], ["y"])])


@given(st.integers(0, len(GOOD) - 1), st.binary(max_size=3))
@settings(max_examples=200, deadline=None)
def test_onnx_mutated_file_never_raises(at, insert):
    signature, found = read_onnx(GOOD[:at] + insert + GOOD[at + 1 :], None)
    assert (signature is None) == bool(found)


@given(st.binary(max_size=60))
@settings(max_examples=100, deadline=None)
def test_onnx_random_bytes_never_raise(data):
    signature, found = read_onnx(data, None)
    assert (signature is None) == bool(found)
