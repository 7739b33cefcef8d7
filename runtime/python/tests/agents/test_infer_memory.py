"""The memory of models is limited for a whole process, so this is tried in one of its own."""

import subprocess
import sys

PROGRAM = """
import numpy
from kumeo_runtime.agents.infer_session import InferSession, isolated
from kumeo_runtime.values import Failure
from onnx import TensorProto, helper

def tensor(name, kind, *shape):
    return helper.make_tensor_value_info(name, kind, ["batch", *shape])

weights = [helper.make_tensor("one", TensorProto.INT64, [1], [1]),
           helper.make_tensor("shape", TensorProto.INT64, [2], [1, 1 << 20])]
nodes = [helper.make_node("Unsqueeze", ["x", "one"], ["c"]),
         helper.make_node("Expand", ["c", "shape"], ["wide"]),
         helper.make_node("ReduceMax", ["wide", "one"], ["y"], keepdims=0)]
graph = helper.make_graph(nodes, "g", [tensor("x", TensorProto.DOUBLE)],
                          [tensor("y", TensorProto.DOUBLE)], weights)
data = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
session = InferSession(data.SerializeToString(), "m.onnx", memory_max=64 << 20)
sizes = []

def run(rows):
    sizes.append(len(rows))
    return session.run({"x": numpy.array(rows)})[0].tolist()

found = isolated(run, [float(i) for i in range(16)])
found = [number for part in found for number in part.found]
print(found == [float(i) for i in range(16)], sizes[0], min(sizes) < 16)
"""


def test_infer_session_batch_beyond_the_memory_limit_runs_in_parts() -> None:
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60
    )
    assert found.stdout.split() == ["True", "16", "True"], found.stderr
