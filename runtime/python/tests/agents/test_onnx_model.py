"""`OnnxModel` in ONNX Runtime gives what the interpreter gives; odd files are refused."""

import asyncio
import hashlib
import random
from pathlib import Path
from typing import Any

import onnx
import pytest
from kumeo_runtime.agents import AgentError, OnnxModel, Resources
from kumeo_runtime.testing.calls import MemoryCall
from kumeo_runtime.values import Failure, Int, Record
from onnx import TensorProto, helper, numpy_helper

from kumeo.dialects.data import FLOAT, RecordType
from kumeo.interp.features import output_value
from kumeo.interp.onnx_models import open_onnx

EXAMPLES = Path(__file__).parents[4] / "examples" / "models"


class Score(Record):
    score: float


class Two(Record):
    left: float
    both: list[float]


class Features(Record):
    a: float
    b: Int
    c: bool | None = None


def tensor(name: str, kind: int, *shape: Any) -> Any:
    return helper.make_tensor_value_info(name, kind, list(shape))


def file_of(nodes: list[Any], inputs: list[Any], outputs: list[Any], weights: Any = ()) -> bytes:
    graph = helper.make_graph(nodes, "g", inputs, outputs, list(weights))
    opset = helper.make_opsetid("", 17)
    return helper.make_model(graph, opset_imports=[opset], ir_version=8).SerializeToString()


AXES = helper.make_tensor("axes", TensorProto.INT64, [1], [1])
SUM = file_of(
    [helper.make_node("ReduceSum", ["x", "axes"], ["score"], keepdims=1)],
    [tensor("x", TensorProto.FLOAT, "N", 3)],
    [tensor("score", TensorProto.FLOAT, "N", 1)],
    [AXES],
)
MINUS = file_of(
    [
        helper.make_node("Sub", ["a", "b"], ["left"]),
        helper.make_node("Concat", ["a", "b"], ["both"], axis=1),
    ],
    [tensor("a", TensorProto.FLOAT, "N", 1), tensor("b", TensorProto.FLOAT, "N", 1)],
    [tensor("left", TensorProto.FLOAT, "N", 1), tensor("both", TensorProto.FLOAT, "N", 2)],
)


def started(folder: Path, data: bytes, result: Any, **options: Any) -> OnnxModel[Any]:
    (folder / "artifacts").mkdir(exist_ok=True)
    (folder / "artifacts" / "m.onnx").write_bytes(data)
    agent: OnnxModel[Any] = OnnxModel(site="m", artifact="m.onnx", result=result, **options)
    artifacts = {"m.onnx": hashlib.sha256(data).hexdigest()}
    asyncio.run(agent.start(Resources(package=folder, artifacts=artifacts)))
    return agent


def test_model_of_the_example_agrees_with_the_interpreter(tmp_path: Path) -> None:
    data = (EXAMPLES / "fraud_anomaly.onnx").read_bytes()
    agent, rng = started(tmp_path, data, Score), random.Random(7)
    runner, kind = open_onnx(data), RecordType.of({"score": FLOAT})
    for _ in range(200):
        named = {
            "amount": rng.expovariate(0.01),
            "hour": float(rng.randrange(24)),
            "foreign": float(rng.random() < 0.3),
        }
        expected = output_value(runner(list(named.items()), kind)["score"], FLOAT)
        assert agent(MemoryCall(), **named) == Score(score=expected)


def test_model_takes_a_record_apart(tmp_path: Path) -> None:
    agent = started(tmp_path, SUM, Score)
    assert agent(MemoryCall(), input=Features(a=1.5, b=2, c=True)) == Score(score=4.5)


def test_model_flattens_lists_into_the_row(tmp_path: Path) -> None:
    agent = started(tmp_path, SUM, Score)
    assert agent(MemoryCall(), a=[1.0, 2.0], b=4.0) == Score(score=7.0)


def test_model_null_is_not_a_number(tmp_path: Path) -> None:
    found = started(tmp_path, SUM, Score)(MemoryCall(), input=Features(a=1.0, b=1))
    assert isinstance(found, Score)
    assert found.score != found.score


def test_model_with_two_inputs_takes_them_by_name(tmp_path: Path) -> None:
    agent = started(tmp_path, MINUS, Two)
    assert agent(MemoryCall(), b=1.0, a=3.0) == Two(left=2.0, both=[3.0, 1.0])


def test_model_inputs_may_be_named_when_it_is_made(tmp_path: Path) -> None:
    agent = started(tmp_path, MINUS, Two, inputs=("b", "a"))
    assert agent(MemoryCall(), x=1.0, y=3.0) == Two(left=2.0, both=[3.0, 1.0])


def test_model_of_fewer_fields_picks_outputs_by_name(tmp_path: Path) -> None:
    class Both(Record):
        both: list[float]

    agent = started(tmp_path, MINUS, Both)
    assert agent(MemoryCall(), a=3.0, b=1.0) == Both(both=[3.0, 1.0])


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"a": 1.0, "b": 2.0}, "Got invalid dimensions"),
        ({"a": "x", "b": 2.0, "c": 3.0}, "input `x`: could not convert string to float"),
    ],
)
def test_model_inputs_that_do_not_fit_fail(
    tmp_path: Path, inputs: dict[str, Any], said: str
) -> None:
    found = started(tmp_path, SUM, Score)(MemoryCall(), **inputs)
    assert isinstance(found, Failure)
    assert (found.code, found.agent) == ("model-failed", "m")
    assert said in found.message


def test_model_missing_input_fails(tmp_path: Path) -> None:
    found = started(tmp_path, MINUS, Two)(MemoryCall(), a=1.0)
    assert found == Failure("model-failed", "the model's input `b` is not given", "m")


def test_model_failed_input_cancels_it(tmp_path: Path) -> None:
    failure, act = Failure("overflow", "x"), MemoryCall()
    assert started(tmp_path, SUM, Score)(act, a=failure) is failure
    assert act.observed == []


def test_start_with_another_file_than_was_built_refuses(tmp_path: Path) -> None:
    started(tmp_path, SUM, Score)
    agent: OnnxModel[Any] = OnnxModel(site="m", artifact="m.onnx", result=Score)
    with pytest.raises(AgentError) as caught:
        asyncio.run(agent.start(Resources(package=tmp_path, artifacts={"m.onnx": "0" * 64})))
    assert caught.value.code == "artifact-changed"


def test_start_without_the_file_refuses(tmp_path: Path) -> None:
    agent: OnnxModel[Any] = OnnxModel(site="m", artifact="m.onnx", result=Score)
    with pytest.raises(AgentError) as caught:
        asyncio.run(agent.start(Resources(package=tmp_path)))
    assert caught.value.code == "artifact-missing"


def test_start_with_a_damaged_file_refuses(tmp_path: Path) -> None:
    with pytest.raises(AgentError) as caught:
        started(tmp_path, SUM[:-20], Score)
    assert caught.value.code == "model-failed"


def external(values: Any) -> Any:
    weight = numpy_helper.from_array(values, "w")
    onnx.external_data_helper.set_external_data(weight, "weights.bin")
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    return weight


def test_start_with_data_in_other_files_refuses(tmp_path: Path) -> None:
    import numpy

    weight = external(numpy.ones((3,), dtype=numpy.float32))
    data = file_of(
        [helper.make_node("Add", ["x", "w"], ["score"])],
        [tensor("x", TensorProto.FLOAT, "N", 3)],
        [tensor("score", TensorProto.FLOAT, "N", 3)],
        [weight],
    )
    with pytest.raises(AgentError, match="keeps data in other files"):
        started(tmp_path, data, Score)


def test_start_with_external_data_in_a_node_refuses(tmp_path: Path) -> None:
    import numpy

    weight = external(numpy.ones((3,), dtype=numpy.float32))
    data = file_of(
        [
            helper.make_node("Constant", [], ["w"], value=weight),
            helper.make_node("Add", ["x", "w"], ["score"]),
        ],
        [tensor("x", TensorProto.FLOAT, "N", 3)],
        [tensor("score", TensorProto.FLOAT, "N", 3)],
    )
    with pytest.raises(AgentError, match="keeps data in other files"):
        started(tmp_path, data, Score)
